// Why an expression has the value it has.

import Bytes

/// An evaluator that keeps the value of another one.
final class WatchedEvaluator: Evaluator, @unchecked Sendable {
  let inner: Evaluator

  init(_ inner: Evaluator) {
    self.inner = inner
    super.init(inner.id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    do throws(CELEvaluationError) {
      let value = try inner.evaluate(&frame)
      frame.trace[Int(id)] = .success(value)
      return value
    } catch {
      frame.trace[Int(id)] = .failure(error)
      throw error
    }
  }

  override var constant: CELValue? { inner.constant }
}

/// The values of an expression and of its parts, from one evaluation.
package struct CELExplanation: Sendable {
  let tree: CELTree
  let trace: [Result<CELValue, CELEvaluationError>?]
  /// The value of the whole, or why it has none.
  package let outcome: Result<CELValue, CELError>

  /// A part of the expression with what came of it.
  package struct Part: Sendable {
    /// The part as an expression.
    package let text: String
    /// Its value, or why it has none; of a part in a loop from the last turn.
    package let outcome: Result<CELValue, CELEvaluationError>
  }

  /// Every part that was evaluated and is no constant, inner ones first.
  package var parts: [Part] {
    tree.nodes.indices.compactMap { index in
      guard let outcome = trace[index] else { return nil }
      let id = CELTree.Node.ID(truncatingIfNeeded: index)
      if case .literal = tree.kind(id) { return nil }
      return Part(text: tree.printed(id), outcome: outcome)
    }
  }

  /// One line: the value, and what decided it, such as
  /// `false: body.ref is "refs/heads/docs"`.
  package var summary: String {
    switch outcome {
    case .failure(let error): return "error: \(error.message)"
    case .success(let value):
      let reason = reason(tree.root)
      return reason.isEmpty ? short(value) : "\(short(value)): \(reason)"
    }
  }

  private func value(_ id: CELTree.Node.ID) -> CELValue? {
    if case .success(let value)? = trace[Int(id)] { value } else { nil }
  }

  /// What decided the value of a node, in words; empty when the expression says it all.
  private func reason(_ id: CELTree.Node.ID) -> String {
    switch tree.kind(id) {
    case .call(let function, let children): callReason(function, Array(tree[children]), id)
    case .memberCall(_, let target, let children):
      facts([target] + tree[children])
    case .test(let operand, let field): testReason(operand, field, id)
    case .comprehension(let index): loopReason(tree.comprehensions[Int(index)], id)
    case .bind(_, _, let body): reason(body)
    case .identifier, .select: facts([id])
    default: ""
    }
  }

  private func callReason(
    _ function: String, _ operands: [CELTree.Node.ID], _ id: CELTree.Node.ID
  ) -> String {
    switch function {
    case "_&&_", "_||_":
      // The operand that decided, or all of them.
      let decisive = function == "_||_"
      if let decider = operands.first(where: { value($0)?.boolValue == decisive }) {
        return because(decider)
      }
      return operands.map(because).filter { !$0.isEmpty }.joined(separator: "; ")
    case "!_": return operands.first.map(because) ?? ""
    case "_?_:_" where operands.count == 3:
      let branch = value(operands[0])?.boolValue == true ? operands[1] : operands[2]
      return [because(operands[0]), reason(branch)].filter { !$0.isEmpty }.joined(separator: "; ")
    default: return facts(operands)
    }
  }

  /// A part with its value and the reason for that.
  private func because(_ id: CELTree.Node.ID) -> String {
    guard let outcome = trace[Int(id)] else { return "" }
    let text = tree.printed(id)
    switch outcome {
    case .failure(let error): return "\(text) has no value (\(error.description))"
    case .success(let value):
      if case .literal = tree.kind(id) { return "" }
      let reason = reason(id)
      let plain = "\(text) is \(short(value))"
      return reason.isEmpty || reason == plain ? plain : "\(plain) since \(reason)"
    }
  }

  /// The values of the parts that are not plain from the expression itself.
  private func facts(_ ids: [CELTree.Node.ID]) -> String {
    ids.compactMap { id -> String? in
      switch tree.kind(id) {
      case .literal, .list, .map: return nil
      default: break
      }
      return value(id).map { "\(tree.printed(id)) is \(short($0))" }
    }.joined(separator: ", ")
  }

  private func testReason(
    _ operand: CELTree.Node.ID, _ field: String, _ id: CELTree.Node.ID
  ) -> String {
    let text = tree.printed(operand)
    guard case .map(let map)? = value(operand) else { return facts([operand]) }
    if map.contains(field) { return "\(text) has \(field)" }
    let keys = keyNames(of: map)
    return keys.isEmpty ? "\(text) is empty" : "\(text) has only \(keys)"
  }

  private func loopReason(_ loop: CELTree.Comprehension, _ id: CELTree.Node.ID) -> String {
    guard let range = value(loop.range) else { return "" }
    let count: Int
    switch range {
    case .list(let list): count = list.count
    case .map(let map): count = map.count
    default: return facts([loop.range])
    }
    let text = tree.printed(loop.range)
    if count == 0 { return "\(text) is empty" }
    guard let condition = loop.condition, let result = value(id)?.boolValue else {
      return "\(text) has \(count) elements"
    }
    let decided = loop.kind == .exists && result || loop.kind == .all && !result
    if decided { return because(condition) }
    return "\(text) has \(count) elements, \(loop.kind == .all ? "all" : "not one") "
      + "with \(tree.printed(condition))"
  }

  /// A value, cut to what fits a line.
  private func short(_ value: CELValue) -> String {
    let text: String
    switch value {
    case .list(let list) where list.count > Self.elementLimit: text = "a list of \(list.count)"
    case .map(let map): text = "a map of \(map.count)"
    case .string(let string) where string.utf8Count > Self.textLimit:
      let scalars = string.text.unicodeScalars.prefix(Self.textLimit)
      text = CELValue.quoted(String(String.UnicodeScalarView(scalars))) + "…"
    default: text = value.literalText
    }
    guard text.utf8.count > Self.textLimit * 2 else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.textLimit))) + "…"
  }

  private static let elementLimit = 8
  private static let textLimit = 120
}

/// Up to eight keys of a map, sorted.
private func keyNames(of map: CELMap) -> String {
  let names = map.entries.map { Access.keyText($0.key) }.sorted()
  return names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
}

/// What to say of a key that is missing.
struct MissingKey {
  let tree: CELTree
  let node: CELTree.Node.ID
  let key: String
  let activation: CELActivation

  /// `body.repository.nam, did you mean "name"?`; nil when the path cannot be told.
  var hint: String? {
    guard case .select(let operand, let field) = tree.kind(node), field == key else { return nil }
    let path = tree.printed(node)
    guard case .map(let map)? = value(operand) else { return path }
    let keys = map.entries.map { Access.keyText($0.key) }
    if let nearest = Suggestion.nearest(to: key, among: keys) {
      return "\(path), did you mean \"\(nearest)\"?"
    }
    return map.count == 0
      ? "\(path): \(tree.printed(operand)) is empty"
      : "\(path): \(tree.printed(operand)) has \(keyNames(of: map))"
  }

  /// The value of a chain of selections from a variable.
  private func value(_ id: CELTree.Node.ID) -> CELValue? {
    switch tree.kind(id) {
    case .identifier(let name): return activation[name]
    case .select(let operand, let field):
      guard case .map(let map)? = value(operand) else { return nil }
      return map[field]
    default: return nil
    }
  }
}

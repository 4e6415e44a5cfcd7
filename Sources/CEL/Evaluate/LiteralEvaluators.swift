// Lists and maps that an expression writes out.

/// An element, which may be optional.
struct ElementEvaluator: Sendable {
  /// Whether the element is there at all.
  enum Presence: Sendable { case always, whenPresent }

  let value: Evaluator
  let presence: Presence
}

/// `[a, ?b]`
final class ListEvaluator: Evaluator, @unchecked Sendable {
  let elements: [ElementEvaluator]

  init(_ id: CELTree.Node.ID, _ elements: [ElementEvaluator]) {
    self.elements = elements
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    var values: [CELValue] = []
    values.reserveCapacity(elements.count)
    for element in elements {
      let value = try element.value.evaluate(&frame)
      if element.presence == .always {
        values.append(value)
      } else if let present = try frame.unwrapped(value, at: id) {
        values.append(present)
      }
    }
    return .list(values)
  }
}

/// `{k: v, ?k: v}`
final class MapEvaluator: Evaluator, @unchecked Sendable {
  let entries: [(key: Evaluator, value: ElementEvaluator)]
  let repeatedKeys: CELEnvironment.Rules.RepeatedKeys

  init(
    _ id: CELTree.Node.ID, _ entries: [(key: Evaluator, value: ElementEvaluator)],
    repeatedKeys: CELEnvironment.Rules.RepeatedKeys
  ) {
    self.entries = entries
    self.repeatedKeys = repeatedKeys
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    var builder = CELMap.Builder()
    for entry in entries {
      let key = try entry.key.evaluate(&frame)
      var value = try entry.value.value.evaluate(&frame)
      if entry.value.presence == .whenPresent {
        guard let present = try frame.unwrapped(value, at: id) else { continue }
        value = present
      }
      try frame.add(key, value, to: &builder, repeatedKeys, at: id)
    }
    return .map(builder.map)
  }
}

extension Frame {
  /// What is in an optional.
  mutating func unwrapped(
    _ value: CELValue, at node: CELTree.Node.ID
  ) throws(CELEvaluationError) -> CELValue? {
    guard case .optional(let wrapped) = value else {
      throw failed(
        .invalidArgument("cannot initialize optional entry from non-optional value"), at: node)
    }
    return wrapped
  }

  /// Adds an entry to a map under way.
  mutating func add(
    _ key: CELValue, _ value: CELValue, to builder: inout CELMap.Builder,
    _ repeatedKeys: CELEnvironment.Rules.RepeatedKeys, at node: CELTree.Node.ID
  ) throws(CELEvaluationError) {
    if repeatedKeys == .error, builder.contains(key) {
      throw failed(.repeatedKey(Access.keyText(key)), at: node)
    }
    guard builder.update(value, forKey: key) else {
      throw failed(.unsupportedKeyType(key.type), at: node)
    }
  }
}

// The checker: names are declared and types fit (cel-spec, "Type Checking"; cel-go's `checker`).
//
// Types are inferred bottom up. A call takes every overload whose parameters the arguments can be
// assigned to; when these differ in their result it is `dyn`. Whatever comes out of `dyn` is `dyn` and
// left to the evaluator. Operators with type parameters have their rules written out, which is what
// instantiating their declarations comes to, for speed.

import Bytes

/// One check.
struct Checker {
  let environment: CELEnvironment
  let tree: CELTree
  var substitution = Substitution()
  private var types: [CELType]
  var references: [CheckedTree.Reference]
  private var scopes: [(name: String, type: CELType)] = []
  private var findings: [Finding] = []

  private init(_ tree: CELTree, in environment: CELEnvironment) {
    self.tree = tree
    self.environment = environment
    types = Array(repeating: .dyn, count: tree.nodes.count)
    references = Array(repeating: .none, count: tree.nodes.count)
  }

  /// How strictly names and types are looked at.
  enum Strictness { case checked, unchecked }

  /// The names and types of a tree. Unchecked, what does not fit is left to the evaluator.
  static func check(
    _ tree: CELTree, of source: CELSource, in environment: CELEnvironment,
    _ strictness: Strictness = .checked
  ) throws(CELError) -> CheckedTree {
    var checker = Checker(tree, in: environment)
    _ = checker.check(tree.root)
    if strictness == .checked, !checker.findings.isEmpty {
      throw CELError(.check, in: source, findings: checker.findings)
    }
    for index in checker.types.indices where checker.types[index].hasParameter {
      checker.types[index] = checker.substitution.apply(checker.types[index], finally: true)
    }
    if strictness == .checked, environment.functions["format"] != nil {
      let findings = FormatCheck(tree, checker.types).findings
      guard findings.isEmpty else { throw CELError(.check, in: source, findings: findings) }
    }
    return CheckedTree(tree: tree, types: checker.types, references: checker.references)
  }

  mutating func report(
    _ message: String, at id: CELTree.Node.ID, suggestion: String? = nil
  ) {
    findings.append(
      Finding(message: message, offset: Int(tree[id].offset), suggestion: suggestion))
  }

  mutating func reportUndeclared(
    _ name: String, at id: CELTree.Node.ID, among candidates: some Sequence<String>
  ) -> CELType {
    let plain = name.hasPrefix(".") ? String(name.dropFirst()) : name
    report(
      "undeclared reference to '\(plain)' (in container '\(environment.container)')", at: id,
      suggestion: Suggestion.nearest(to: plain, among: candidates))
    return .error
  }

  private func type(_ id: CELTree.Node.ID) -> CELType { substitution.apply(types[Int(id)]) }

  mutating func check(_ id: CELTree.Node.ID) -> CELType {
    let type: CELType =
      switch tree.kind(id) {
      case .literal(let value): value.type
      case .identifier(let name): identifier(name, id)
      case .select(let operand, let field): select(operand, field, id)
      case .test(let operand, let field): test(operand, field, id)
      case .call(let function, let children): call(function, children, id)
      case .memberCall(let function, let target, let children):
        memberCall(function, target, children, id)
      case .list(let children): list(children)
      case .map(let children): map(children)
      case .optionalElement(let element): check(element)
      case .comprehension(let index): comprehension(tree.comprehensions[Int(index)], id)
      case .bind(let name, let value, let body): bind(name, value, body)
      case .message(let name): message(name, id)
      case .invalid: .error
      }
    types[Int(id)] = type
    return type
  }

  // MARK: Names

  private func local(_ name: String) -> CELType? {
    scopes.last { $0.name == name }?.type
  }

  private mutating func identifier(_ name: String, _ id: CELTree.Node.ID) -> CELType {
    if let type = local(name) { return type }
    if let found = environment.resolveName(name) {
      references[Int(id)] = found.value.map { .constant($0) } ?? .variable(found.name)
      return found.type
    }
    var candidates: [String] = []
    _ = environment.resolve(name) { candidate -> Bool? in
      candidates.append(candidate)
      return nil
    }
    references[Int(id)] = .undeclared(candidates)
    return reportUndeclared(
      name, at: id, among: environment.variables.keys.sorted() + scopes.map(\.name))
  }

  /// The dotted name that a chain of selections spells, unless it begins with a local variable.
  func qualifiedName(_ id: CELTree.Node.ID) -> String? {
    switch tree.kind(id) {
    case .identifier(let name): local(name) == nil ? name : nil
    case .select(let operand, let field): qualifiedName(operand).map { "\($0).\(field)" }
    default: nil
    }
  }

  private mutating func select(
    _ operand: CELTree.Node.ID, _ field: String, _ id: CELTree.Node.ID
  ) -> CELType {
    if environment.hasQualifiedNames, let name = qualifiedName(id),
      let found = environment.resolveName(name)
    {
      references[Int(id)] = found.value.map { .constant($0) } ?? .variable(found.name)
      return found.type
    }
    return selected(from: check(operand), id)
  }

  private mutating func test(
    _ operand: CELTree.Node.ID, _ field: String, _ id: CELTree.Node.ID
  ) -> CELType {
    _ = selected(from: check(operand), id)
    return .bool
  }

  /// The type of a field.
  mutating func selected(from operand: CELType, _ id: CELTree.Node.ID) -> CELType {
    switch substitution.apply(operand) {
    case .map(_, let value): return value
    case .optional(let wrapped):
      let inner = selected(from: wrapped, id)
      if case .optional = inner { return inner }
      return .optional(inner)
    case .dyn, .error: return .dyn
    case .parameter:
      // Nothing is known of it, so it is anything from here on.
      _ = substitution.isAssignable(.dyn, to: operand)
      return .dyn
    case let type:
      report("type '\(type.description)' does not support field selection", at: id)
      return .error
    }
  }

  // MARK: Literals

  /// Messages are no part of what payloads are made of. Where cel-go's own words are wanted, a type
  /// that it does not know either is undeclared.
  private mutating func message(_ name: String, _ id: CELTree.Node.ID) -> CELType {
    if environment.rules.missingKeys == .keyAlone, !name.hasPrefix("google.") {
      return reportUndeclared(name, at: id, among: EmptyCollection<String>())
    }
    report(
      "message literals such as \(name){…} are not supported; a map is written {'field': value}",
      at: id)
    return .error
  }

  private mutating func join(_ joined: CELType?, _ type: CELType) -> CELType {
    guard let joined else { return type }
    if case .dyn = joined { return .dyn }
    guard substitution.isAssignable(joined, to: type) else { return .dyn }
    return Substitution.mostGeneral(joined, type)
  }

  /// The type of an element, which `?` takes out of its optional.
  private mutating func element(_ id: CELTree.Node.ID) -> CELType {
    let type = check(id)
    guard case .optionalElement = tree.kind(id) else { return type }
    return unwrapped(type, id)
  }

  private mutating func unwrapped(_ type: CELType, _ id: CELTree.Node.ID) -> CELType {
    switch substitution.apply(type) {
    case .optional(let wrapped): return wrapped
    case .dyn, .error, .parameter: return .dyn
    case let type:
      report("expected type 'optional_type(dyn)' but found '\(type.description)'", at: id)
      return .error
    }
  }

  private mutating func list(_ children: CELTree.Children) -> CELType {
    var joined: CELType?
    for child in tree[children] {
      let type = element(child)
      joined = join(joined, type)
    }
    return .list(joined ?? substitution.fresh())
  }

  private mutating func map(_ children: CELTree.Children) -> CELType {
    var keys: CELType?
    var values: CELType?
    let entries = tree[children]
    for index in stride(from: entries.startIndex, to: entries.endIndex, by: 2) {
      let key = check(entries[index])
      keys = join(keys, key)
      var value = check(entries[index + 1])
      if case .optionalElement = tree.kind(entries[index]) {
        value = unwrapped(value, entries[index + 1])
      }
      values = join(values, value)
    }
    return .map(keys ?? substitution.fresh(), values ?? substitution.fresh())
  }

  // MARK: Loops

  private mutating func bind(
    _ name: String, _ value: CELTree.Node.ID, _ body: CELTree.Node.ID
  ) -> CELType {
    let type = check(value)
    scopes.append((name, type))
    defer { scopes.removeLast() }
    return check(body)
  }

  private mutating func comprehension(
    _ loop: CELTree.Comprehension, _ id: CELTree.Node.ID
  ) -> CELType {
    let range = check(loop.range)
    let (first, second) = loopTypes(substitution.apply(range), loop)
    scopes.append((loop.variable, first))
    if let name = loop.secondVariable { scopes.append((name, second)) }
    defer { scopes.removeLast(loop.secondVariable == nil ? 1 : 2) }

    var condition = CELType.bool
    if let node = loop.condition { condition = check(node) }
    let isBool = substitution.isAssignable(condition, to: .bool)
    let result = loop.result.map { check($0) }
    if !isBool, let node = loop.condition {
      reportCondition(condition, loop, first, result, node, id)
    }
    switch loop.kind {
    case .all, .exists, .existsOne: return .bool
    case .filter: return .list(first)
    case .map, .transformList: return .list(result ?? .dyn)
    case .transformMap: return .map(first, result ?? .dyn)
    case .transformMapEntry: return result ?? .dyn
    }
  }

  /// The types of the variables of a loop over a value of some type.
  private mutating func loopTypes(
    _ range: CELType, _ loop: CELTree.Comprehension
  ) -> (CELType, CELType) {
    switch range {
    case .list(let element):
      return loop.secondVariable == nil ? (element, .dyn) : (.int, element)
    case .map(let key, let value): return (key, value)
    case .dyn, .error: return (.dyn, .dyn)
    case .parameter:
      _ = substitution.isAssignable(.dyn, to: range)
      return (.dyn, .dyn)
    default:
      report(
        "expression of type '\(range.description)' cannot be range of a comprehension "
          + "(must be list, map, or dynamic)", at: loop.range)
      return (.error, .error)
    }
  }

  /// Reports a condition that is no bool in the words of what cel-go's macros expand to.
  private mutating func reportCondition(
    _ condition: CELType, _ loop: CELTree.Comprehension, _ element: CELType, _ result: CELType?,
    _ node: CELTree.Node.ID, _ id: CELTree.Node.ID
  ) {
    let condition = substitution.apply(condition, finally: true)
    switch loop.kind {
    case .all, .exists:
      report("expected type 'bool' but found '\(condition.description)'", at: node)
    default:
      let accumulator: CELType =
        switch loop.kind {
        case .existsOne: .int
        case .filter: .list(element)
        case .transformMap: .map(element, result ?? .dyn)
        case .transformMapEntry: result ?? .dyn
        default: .list(result ?? .dyn)
        }
      noMatchingOverload("_?_:_", [condition, accumulator, accumulator], .global, id)
    }
  }
}

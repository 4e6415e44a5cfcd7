// From checked trees to programs.

import RE2

/// Builds the evaluators of a tree: names become slots, operators are bound, constants computed.
///
/// What cel-go's optimiser computes when it makes a program is computed here too, and what fails is an
/// error of the phase ``CELError/Phase/program``, whether or not it would be reached: conversions of
/// constants (`int('x')`), lists and maps of constants, and constant patterns of `matches`.
struct Planner {
  /// Whether sub-expressions can be watched, for which nothing may be computed in advance.
  enum Mode { case fast, watched }

  let checked: CheckedTree
  let environment: CELEnvironment
  let mode: Mode
  private(set) var variables: [(name: String, slot: Int)] = []
  private(set) var slotCount = 0
  private var scopes: [(name: String, slot: Int, value: Evaluator?)] = []
  private var undeclared: [(slot: Int, candidates: [String])] = []

  /// A constant that has no value.
  struct Failure: Error {
    let error: CELEvaluationError
    let node: CELTree.Node.ID
  }

  init(_ checked: CheckedTree, in environment: CELEnvironment, _ mode: Mode) {
    self.checked = checked
    self.environment = environment
    self.mode = mode
  }

  private var tree: CELTree { checked.tree }

  mutating func plan() throws(Failure) -> Evaluator { try plan(checked.tree.root) }

  private mutating func plan(_ id: CELTree.Node.ID) throws(Failure) -> Evaluator {
    let evaluator = try planned(id)
    return mode == .watched ? WatchedEvaluator(evaluator) : evaluator
  }

  private mutating func planned(_ id: CELTree.Node.ID) throws(Failure) -> Evaluator {
    if case .constant(let value) = checked.references[Int(id)] {
      return ConstantEvaluator(id, value)
    }
    if case .variable(let name) = checked.references[Int(id)] { return variable(name, id) }
    switch tree.kind(id) {
    case .literal(let value): return ConstantEvaluator(id, value)
    case .identifier(let name): return identifier(name, id)
    case .select(let operand, let field):
      return selection(of: try plan(operand), field, id)
    case .test(let operand, let field):
      return TestEvaluator(id, try plan(operand), field: field)
    case .call(let function, let children): return try call(function, tree[children], id)
    case .memberCall(let function, let target, let children):
      return try memberCall(function, target, tree[children], id)
    case .list(let children): return try list(tree[children], id)
    case .map(let children): return try map(tree[children], id)
    case .optionalElement(let element): return try plan(element)
    case .comprehension(let index):
      return try loop(tree.comprehensions[Int(index)], id)
    case .bind(let name, let value, let body):
      let value = try plan(value)
      let slot = newSlot()
      scopes.append((name, slot, value))
      defer { scopes.removeLast() }
      return BindEvaluator(id, slot: slot, body: try plan(body))
    case .message(let name):
      throw Failure(
        error: .invalidArgument("message literals are not supported: \(name)"), node: id)
    case .invalid: throw Failure(error: .internalError("invalid syntax"), node: id)
    }
  }

  // MARK: Names

  private mutating func newSlot() -> Int {
    slotCount += 1
    return slotCount - 1
  }

  private mutating func variable(_ name: String, _ id: CELTree.Node.ID) -> Evaluator {
    if let known = variables.first(where: { $0.name == name }) {
      return SlotEvaluator(id, slot: known.slot, name: name)
    }
    let slot = newSlot()
    variables.append((name, slot))
    return SlotEvaluator(id, slot: slot, name: name)
  }

  private mutating func identifier(_ name: String, _ id: CELTree.Node.ID) -> Evaluator {
    if let local = scopes.last(where: { $0.name == name }) {
      if let value = local.value { return BoundEvaluator(id, slot: local.slot, value: value) }
      return SlotEvaluator(id, slot: local.slot, name: name)
    }
    // Unchecked: only the activation can tell; the innermost namespace was tried first.
    if case .undeclared(let candidates) = checked.references[Int(id)],
      let outermost = candidates.last
    {
      return variable(outermost, id)
    }
    return variable(name, id)
  }

  /// A selection, joined with those before it where they lead from a variable.
  private func selection(
    of operand: Evaluator, _ field: String, _ id: CELTree.Node.ID
  ) -> Evaluator {
    if let path = operand as? PathEvaluator {
      return PathEvaluator(
        id, root: path.root, fields: path.fields + [field], nodes: path.nodes + [id])
    }
    if let root = operand as? SlotEvaluator {
      return PathEvaluator(id, root: root, fields: [field], nodes: [id])
    }
    return SelectEvaluator(id, operand, field: field)
  }

  // MARK: Literals

  private mutating func list(
    _ children: ArraySlice<CELTree.Node.ID>, _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    var elements: [ElementEvaluator] = []
    var isConstant = mode == .fast
    for child in children {
      let value = try plan(child)
      var presence = ElementEvaluator.Presence.always
      if case .optionalElement = tree.kind(child) { presence = .whenPresent }
      isConstant = isConstant && value.constant != nil
      elements.append(ElementEvaluator(value: value, presence: presence))
    }
    let evaluator = ListEvaluator(id, elements)
    return isConstant ? try folded(evaluator) : evaluator
  }

  private mutating func map(
    _ children: ArraySlice<CELTree.Node.ID>, _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    var entries: [(key: Evaluator, value: ElementEvaluator)] = []
    var isConstant = mode == .fast
    for index in stride(from: children.startIndex, to: children.endIndex, by: 2) {
      let key = try plan(children[index])
      let value = try plan(children[index + 1])
      var presence = ElementEvaluator.Presence.always
      if case .optionalElement = tree.kind(children[index]) { presence = .whenPresent }
      isConstant = isConstant && key.constant != nil && value.constant != nil
      entries.append((key, ElementEvaluator(value: value, presence: presence)))
    }
    let evaluator = MapEvaluator(
      id, entries, repeatedKeys: environment.rules.repeatedKeys)
    return isConstant ? try folded(evaluator) : evaluator
  }

  /// The constant that an evaluator of constants yields.
  private func folded(_ evaluator: Evaluator) throws(Failure) -> Evaluator {
    var frame = Frame(meter: CELCostMeter(limit: environment.costLimit), slots: [])
    do throws(CELEvaluationError) {
      return ConstantEvaluator(evaluator.id, try evaluator.evaluate(&frame))
    } catch {
      throw Failure(error: error, node: evaluator.id)
    }
  }

  private mutating func loop(
    _ loop: CELTree.Comprehension, _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    let range = try plan(loop.range)
    let slot = newSlot()
    scopes.append((loop.variable, slot, nil))
    var secondSlot: Int?
    if let name = loop.secondVariable {
      let slot = newSlot()
      scopes.append((name, slot, nil))
      secondSlot = slot
    }
    defer { scopes.removeLast(secondSlot == nil ? 1 : 2) }
    var condition: Evaluator?
    if let node = loop.condition { condition = try plan(node) }
    var result: Evaluator?
    if let node = loop.result { result = try plan(node) }
    return LoopEvaluator(
      id, loop.kind, range: range, slot: slot, secondSlot: secondSlot, condition: condition,
      result: result)
  }

  // MARK: Calls

  private mutating func plan(
    _ ids: ArraySlice<CELTree.Node.ID>
  ) throws(Failure) -> [Evaluator] {
    var evaluators: [Evaluator] = []
    evaluators.reserveCapacity(ids.count)
    for id in ids { evaluators.append(try plan(id)) }
    return evaluators
  }

  private mutating func call(
    _ function: String, _ children: ArraySlice<CELTree.Node.ID>, _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    let arguments = try plan(children)
    switch (function, arguments.count) {
    case ("_&&_", _): return LogicEvaluator(id, arguments, decisive: false)
    case ("_||_", _): return LogicEvaluator(id, arguments, decisive: true)
    case ("!_", 1): return NotEvaluator(id, arguments[0])
    case ("_?_:_", 3):
      return ConditionalEvaluator(id, arguments[0], arguments[1], arguments[2])
    case ("_==_", 2):
      return EqualityEvaluator(id, arguments[0], arguments[1], whenEqual: true)
    case ("_!=_", 2):
      return EqualityEvaluator(id, arguments[0], arguments[1], whenEqual: false)
    case ("-_", 1): return UnaryEvaluator(id, arguments[0], Arithmetic.negate)
    case ("size", 1):
      if case .function(let entry, _) = checked.references[Int(id)], entry.overloads.count > 8 {
        break
      }
      return UnaryEvaluator(id, arguments[0], TextOperations.size)
    case ("matches", 2): return try match(arguments[0], arguments[1], id)
    case ("_?._", 2):
      guard case .string(let field)? = arguments[1].constant else { break }
      return UnaryEvaluator(id, arguments[0]) { operand, _ throws(CELEvaluationError) in
        try Access.optionalField(field.text, of: operand)
      }
    case (_, 2):
      if let operation = Self.binaryOperators[function] {
        return BinaryEvaluator(id, arguments[0], arguments[1], operation)
      }
    default: break
    }
    return try ordinaryCall(function, .global, arguments, id)
  }

  private mutating func memberCall(
    _ function: String, _ target: CELTree.Node.ID, _ children: ArraySlice<CELTree.Node.ID>,
    _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    if case .function(_, isNamespaced: true) = checked.references[Int(id)] {
      return try ordinaryCall(function, .global, try plan(children), id)
    }
    let receiver = try plan(target)
    if children.count == 1, let only = children.first {
      if let end = TextTestEvaluator.End(rawValue: function) {
        let part = try plan(only)
        if case .string(let constant)? = part.constant, mode == .fast {
          return TextTestEvaluator(id, receiver, end, constant)
        }
        return BinaryEvaluator(
          id, receiver, part,
          end == .first ? TextOperations.startsWith : TextOperations.endsWith)
      }
      switch function {
      case "contains":
        return BinaryEvaluator(id, receiver, try plan(only), TextOperations.contains)
      case "matches": return try match(receiver, try plan(only), id)
      default: break
      }
    }
    return try ordinaryCall(function, .member, [receiver] + (try plan(children)), id)
  }

  private func match(
    _ text: Evaluator, _ pattern: Evaluator, _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    guard case .string(let constant)? = pattern.constant else {
      return BinaryEvaluator(id, text, pattern, TextOperations.matches)
    }
    do throws(RE2Error) {
      return MatchEvaluator(id, text, try RE2Pattern(constant.text))
    } catch {
      throw Failure(error: .pattern(error, in: constant.text), node: id)
    }
  }

  private func ordinaryCall(
    _ function: String, _ style: CELOverload.Style, _ arguments: [Evaluator],
    _ id: CELTree.Node.ID
  ) throws(Failure) -> Evaluator {
    guard case .function(let entry, _) = checked.references[Int(id)] else {
      return FailingEvaluator(id, .unknownFunction(function))
    }
    let evaluator = CallEvaluator(id, entry, style, arguments)
    if mode == .fast, arguments.count == 1, style == .global, arguments[0].constant != nil,
      Self.conversions.contains(entry.name)
    {
      return try folded(evaluator)
    }
    return evaluator
  }

  private static let conversions: Set<String> = [
    "bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "uint",
  ]

  private static let binaryOperators: [String: BinaryEvaluator.Operation] = [
    "_+_": Arithmetic.add, "_-_": Arithmetic.subtract, "_*_": Arithmetic.multiply,
    "_/_": Arithmetic.divide, "_%_": Arithmetic.remainder, "_[_]": Access.index,
    "_[?_]": Access.optionalIndex, "@in": Access.contains,
    "_<_": { left, right, meter throws(CELEvaluationError) in
      .bool(try order("_<_", left, right, &meter).map { $0 < 0 } ?? false)
    },
    "_<=_": { left, right, meter throws(CELEvaluationError) in
      .bool(try order("_<=_", left, right, &meter).map { $0 <= 0 } ?? false)
    },
    "_>_": { left, right, meter throws(CELEvaluationError) in
      .bool(try order("_>_", left, right, &meter).map { $0 > 0 } ?? false)
    },
    "_>=_": { left, right, meter throws(CELEvaluationError) in
      .bool(try order("_>=_", left, right, &meter).map { $0 >= 0 } ?? false)
    },
  ]

  /// ``CELValue/compare(_:_:_:)`` with the operator named where the first operand has no order.
  private static func order(
    _ function: String, _ left: borrowing CELValue, _ right: borrowing CELValue,
    _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> Int? {
    switch copy left {
    case .null, .list, .map, .type, .optional, .opaque: throw .noSuchOperatorOf(function)
    default: return try CELValue.compare(left, right, &meter)
    }
  }
}

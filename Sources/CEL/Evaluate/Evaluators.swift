// What the nodes of a program do.

import JSON

/// A constant.
final class ConstantEvaluator: Evaluator, @unchecked Sendable {
  let value: CELValue

  init(_ id: CELTree.Node.ID, _ value: CELValue) {
    self.value = value
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    return value
  }

  override var constant: CELValue? { value }
}

/// What was not checked and cannot have a value.
final class FailingEvaluator: Evaluator, @unchecked Sendable {
  let error: CELEvaluationError

  init(_ id: CELTree.Node.ID, _ error: CELEvaluationError) {
    self.error = error
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    throw frame.failed(error, at: id)
  }
}

/// A variable of the activation or of a loop.
final class SlotEvaluator: Evaluator, @unchecked Sendable {
  let slot: Int
  let name: String

  init(_ id: CELTree.Node.ID, slot: Int, name: String) {
    self.slot = slot
    self.name = name
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    guard let value = frame.slots[slot].value else {
      throw frame.failed(.noSuchAttribute(name), at: id)
    }
    return value
  }

  override func cursor(_ frame: inout Frame) -> JSONCursor? {
    guard case .cursor(let cursor) = frame.slots[slot], frame.meter.take(1) else { return nil }
    return cursor
  }
}

/// A bound name: the value is evaluated when it is needed first.
final class BoundEvaluator: Evaluator, @unchecked Sendable {
  let slot: Int
  let value: Evaluator

  init(_ id: CELTree.Node.ID, slot: Int, value: Evaluator) {
    self.slot = slot
    self.value = value
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    if let known = frame.slots[slot].value { return known }
    let value = try value.evaluate(&frame)
    frame.slots[slot] = .value(value)
    return value
  }
}

/// The scope of a bound name.
final class BindEvaluator: Evaluator, @unchecked Sendable {
  let slot: Int
  let body: Evaluator

  init(_ id: CELTree.Node.ID, slot: Int, body: Evaluator) {
    self.slot = slot
    self.body = body
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    frame.slots[slot] = .empty
    return try body.evaluate(&frame)
  }
}

/// `operand.field`
final class SelectEvaluator: Evaluator, @unchecked Sendable {
  let operand: Evaluator
  let field: String

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, field: String) {
    self.operand = operand
    self.field = field
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    let operand = try operand.evaluate(&frame)
    do throws(CELEvaluationError) {
      return try Access.field(field, of: operand)
    } catch {
      throw frame.failed(error, at: id)
    }
  }
}

/// `&&` and `||`: an operand that decides wins over errors in the others, on either side.
final class LogicEvaluator: ConditionEvaluator, @unchecked Sendable {
  let operands: [Evaluator]
  /// The operand's value that decides: true for `||`.
  let decisive: Bool

  init(_ id: CELTree.Node.ID, _ operands: [Evaluator], decisive: Bool) {
    self.operands = operands
    self.decisive = decisive
    super.init(id)
  }

  override func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    try frame.step(at: id)
    var failure: (error: CELEvaluationError, node: CELTree.Node.ID)?
    for operand in operands {
      do throws(CELEvaluationError) {
        guard let value = try operand.condition(&frame) else {
          throw frame.failed(.noSuchOperator, at: operand.id)
        }
        if value == decisive { return value }
      } catch {
        if error.isLimit { throw error }
        if failure == nil { failure = (error, frame.failedNode) }
      }
    }
    if let failure { throw frame.failed(failure.error, at: failure.node) }
    return !decisive
  }
}

extension CELEvaluationError {
  /// Whether it ends the evaluation whatever the other operands are.
  var isLimit: Bool {
    switch self {
    case .costLimit, .depthLimit: true
    default: false
    }
  }
}

/// `!operand`
final class NotEvaluator: ConditionEvaluator, @unchecked Sendable {
  let operand: Evaluator

  init(_ id: CELTree.Node.ID, _ operand: Evaluator) {
    self.operand = operand
    super.init(id)
  }

  override func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    try frame.step(at: id)
    guard let value = try operand.condition(&frame) else {
      throw frame.failed(.notBool, at: id)
    }
    return !value
  }
}

/// `condition ? first : second`
final class ConditionalEvaluator: Evaluator, @unchecked Sendable {
  let condition: Evaluator
  let first: Evaluator
  let second: Evaluator

  init(
    _ id: CELTree.Node.ID, _ condition: Evaluator, _ first: Evaluator, _ second: Evaluator
  ) {
    self.condition = condition
    self.first = first
    self.second = second
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    guard let holds = try condition.condition(&frame) else {
      throw frame.failed(.notBool, at: id)
    }
    return try holds ? first.evaluate(&frame) : second.evaluate(&frame)
  }
}

/// An operator or function of one operand that needs no choice of overload.
final class UnaryEvaluator: Evaluator, @unchecked Sendable {
  typealias Operation =
    @Sendable (borrowing CELValue, inout CELCostMeter)
    throws(CELEvaluationError) -> CELValue

  let operand: Evaluator
  let operation: Operation

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, _ operation: @escaping Operation) {
    self.operand = operand
    self.operation = operation
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    let operand = try operand.evaluate(&frame)
    do throws(CELEvaluationError) {
      return try operation(operand, &frame.meter)
    } catch {
      throw frame.failed(error, at: id)
    }
  }
}

/// An operator or function of two operands that needs no choice of overload.
final class BinaryEvaluator: Evaluator, @unchecked Sendable {
  typealias Operation =
    @Sendable (borrowing CELValue, borrowing CELValue, inout CELCostMeter)
    throws(CELEvaluationError) -> CELValue

  let left: Evaluator
  let right: Evaluator
  let operation: Operation

  init(
    _ id: CELTree.Node.ID, _ left: Evaluator, _ right: Evaluator, _ operation: @escaping Operation
  ) {
    self.left = left
    self.right = right
    self.operation = operation
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    let left = try left.evaluate(&frame)
    let right = try right.evaluate(&frame)
    do throws(CELEvaluationError) {
      return try operation(left, right, &frame.meter)
    } catch {
      throw frame.failed(error, at: id)
    }
  }
}

/// A call whose overload is chosen by the arguments' types.
final class CallEvaluator: Evaluator, @unchecked Sendable {
  let function: FunctionEntry
  let style: CELOverload.Style
  let arguments: [Evaluator]

  init(
    _ id: CELTree.Node.ID, _ function: FunctionEntry, _ style: CELOverload.Style,
    _ arguments: [Evaluator]
  ) {
    self.function = function
    self.style = style
    self.arguments = arguments
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    var values: [CELValue] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.evaluate(&frame)) }
    do throws(CELEvaluationError) {
      return try function.call(values, style, &frame.meter)
    } catch {
      throw frame.failed(error, at: id)
    }
  }
}

extension FunctionEntry {
  /// The result of the first overload that takes the arguments.
  func call(
    _ arguments: [CELValue], _ style: CELOverload.Style, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    for overload in overloads
    where overload.style == style && overload.parameters.count == arguments.count {
      guard zip(arguments, overload.admitted).allSatisfy({ $0.isAdmitted(by: $1) }) else {
        continue
      }
      switch overload.implementation {
      case .nullary(let body): return try body(&meter)
      case .unary(let body) where arguments.count == 1: return try body(arguments[0], &meter)
      case .binary(let body) where arguments.count == 2:
        return try body(arguments[0], arguments[1], &meter)
      case .variadic(let body): return try body(arguments, &meter)
      default: continue
      }
    }
    throw .noSuchOverload(function: name, arguments: arguments.map(\.type))
  }
}

extension CELValue {
  /// Whether a parameter of this type takes the value. Of lists and maps the first element decides.
  func isAdmitted(by parameter: CELType) -> Bool {
    switch (parameter, self) {
    case (.dyn, _), (.parameter, _), (.error, _): true
    case (.null, .null), (.bool, .bool), (.int, .int), (.uint, .uint), (.double, .double),
      (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration),
      (.type, .type):
      true
    case (.list(let element), .list(let list)): list.first?.isAdmitted(by: element) ?? true
    case (.map(let key, let value), .map(let map)):
      map.firstEntry.map { $0.key.isAdmitted(by: key) && $0.value.isAdmitted(by: value) } ?? true
    case (.optional(let wrapped), .optional(let value)): value?.isAdmitted(by: wrapped) ?? true
    case (.opaque(let name, _), .opaque(let opaque)): opaque.type.name == name
    default: false
    }
  }
}

// The commonest expressions without the steps between: paths into a payload, and comparisons of what is
// there with a constant. They walk a JSON document from place to place, with no value in between, and
// count the same steps as their parts would.

import JSON

/// `variable.field.field`
final class PathEvaluator: Evaluator, @unchecked Sendable {
  let root: SlotEvaluator
  let fields: [String]
  /// The nodes of the selections, for errors.
  let nodes: [CELTree.Node.ID]
  private let keys: [JSONKey]

  init(_ id: CELTree.Node.ID, root: SlotEvaluator, fields: [String], nodes: [CELTree.Node.ID]) {
    self.root = root
    self.fields = fields
    self.nodes = nodes
    keys = fields.map(JSONKey.init)
    super.init(id)
  }

  override func cursor(_ frame: inout Frame) -> JSONCursor? {
    guard case .cursor(let start) = frame.slots[root.slot], let found = start.value(at: keys),
      frame.meter.take(keys.count &+ 1)
    else { return nil }
    return found
  }

  override func condition(_ frame: inout Frame) throws(CELEvaluationError) -> Bool? {
    if let cursor = cursor(&frame) { return cursor.boolValue }
    guard case .bool(let value) = try stepwise(&frame) else { return nil }
    return value
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    if let cursor = cursor(&frame) { return CELValue(json: cursor.view) }
    return try stepwise(&frame)
  }

  /// Part by part, which finds what is missing.
  private func stepwise(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    var value = try root.evaluate(&frame)
    for (field, node) in zip(fields, nodes) {
      try frame.step(at: node)
      do throws(CELEvaluationError) {
        value = try Access.field(field, of: value)
      } catch {
        throw frame.failed(error, at: node)
      }
    }
    return value
  }
}

/// `has(operand.field)`
final class TestEvaluator: ConditionEvaluator, @unchecked Sendable {
  let operand: Evaluator
  let field: String
  private let path: [JSONKey]

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, field: String) {
    self.operand = operand
    self.field = field
    path = [JSONKey(field)]
    super.init(id)
  }

  override func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    try frame.step(at: id)
    let operand: CELValue
    if let cursor = self.operand.cursor(&frame) {
      if cursor.kind == .object { return cursor.value(at: path) != nil }
      operand = CELValue(json: cursor.view)
    } else {
      operand = try self.operand.evaluate(&frame)
    }
    do throws(CELEvaluationError) {
      return try Access.has(field, in: operand)
    } catch {
      throw frame.failed(error, at: id)
    }
  }
}

/// `operand.startsWith(constant)` and `operand.endsWith(constant)`.
final class TextTestEvaluator: ConditionEvaluator, @unchecked Sendable {
  /// Which end of the text is compared.
  enum End: String, Sendable {
    case first = "startsWith"
    case last = "endsWith"
  }

  let operand: Evaluator
  let part: CELString
  let end: End
  private let bytes: [UInt8]
  private let partCost: Int

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, _ end: End, _ part: CELString) {
    self.operand = operand
    self.part = part
    self.end = end
    bytes = Array(part.text.utf8)
    // The node, its constant, and the bytes that are compared.
    partCost = 2 + bytes.count / CELCostMeter.bytesPerStep
    super.init(id)
  }

  override func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    try frame.step(at: id, partCost)
    let value: CELValue
    if let cursor = operand.cursor(&frame) {
      let bytes = bytes
      if let holds = cursor.text(end == .first ? .prefix : .suffix, is: bytes.span) {
        return holds
      }
      value = CELValue(json: cursor.view)
    } else {
      value = try operand.evaluate(&frame)
    }
    guard case .string(let text) = value else {
      throw frame.failed(
        .noSuchOverload(function: end.rawValue, arguments: [value.type, .string]), at: id)
    }
    return end == .first ? text.hasPrefix(part) : text.hasSuffix(part)
  }
}

/// `==` and `!=`
final class EqualityEvaluator: ConditionEvaluator, @unchecked Sendable {
  /// What the right operand is, where comparing needs no value.
  private enum Operand: Sendable {
    case none
    case text([UInt8])
    case number(Double)
    case bool(Bool)
    case null
  }

  let left: Evaluator
  let right: Evaluator
  /// What equal operands give: true for `==`.
  let whenEqual: Bool
  private let known: Operand

  init(_ id: CELTree.Node.ID, _ left: Evaluator, _ right: Evaluator, whenEqual: Bool) {
    self.left = left
    self.right = right
    self.whenEqual = whenEqual
    known =
      switch right.constant {
      case .string(let text)?: .text(Array(text.text.utf8))
      case .double(let number)?: .number(number)
      // JSON's numbers are doubles, and an integer equals a double when it is the same number.
      case .int(let number)?: Double(exactly: number).map { .number($0) } ?? .none
      case .bool(let value)?: .bool(value)
      case .null?: .null
      default: .none
      }
    super.init(id)
  }

  override func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    try frame.step(at: id)
    let left: CELValue
    if let cursor = self.left.cursor(&frame) {
      if let equal = try compare(cursor, &frame) { return equal == whenEqual }
      left = CELValue(json: cursor.view)
    } else {
      left = try self.left.evaluate(&frame)
    }
    let right = try right.evaluate(&frame)
    do throws(CELEvaluationError) {
      return try CELValue.equals(left, right, &frame.meter) == whenEqual
    } catch {
      throw frame.failed(error, at: id)
    }
  }

  /// Whether what lies in a document equals the constant; nil, with no step taken, when that takes
  /// values to tell.
  private func compare(
    _ cursor: JSONCursor, _ frame: inout Frame
  ) throws(CELEvaluationError) -> Bool? {
    switch known {
    case .none: return nil
    case .text(let bytes):
      guard cursor.kind == .string else { break }
      guard let equal = cursor.text(.whole, is: bytes.span) else { return nil }
      // As in CELValue.equals, texts of different lengths cost nothing.
      let cost = equal || cursor.textLength == bytes.count ? bytes.count : 0
      try frame.step(at: right.id, 1 + cost / CELCostMeter.bytesPerStep)
      return equal
    case .number(let number):
      guard let value = cursor.doubleValue else { break }
      try frame.step(at: right.id)
      return value == number
    case .bool(let value):
      try frame.step(at: right.id)
      return cursor.boolValue == value
    case .null:
      try frame.step(at: right.id)
      return cursor.kind == .null
    }
    try frame.step(at: right.id)
    return false
  }
}

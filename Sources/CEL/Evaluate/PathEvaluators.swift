// The commonest expressions without the steps between: paths into a payload, and tests of text against
// a constant.

/// `variable.field.field`: walks a JSON document from view to view, with no value in between. Counts
/// the same steps as its parts would.
final class PathEvaluator: Evaluator, @unchecked Sendable {
  let root: SlotEvaluator
  let fields: [String]
  /// The nodes of the selections, for errors.
  let nodes: [CELTree.Node.ID]

  init(_ id: CELTree.Node.ID, root: SlotEvaluator, fields: [String], nodes: [CELTree.Node.ID]) {
    self.root = root
    self.fields = fields
    self.nodes = nodes
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    if case .map(let map)? = frame.slots[root.slot],
      frame.meter.remaining > fields.count, let found = map.value(at: fields)
    {
      try frame.step(at: id, fields.count + 1)
      return found
    }
    // Part by part, which finds what is missing.
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

/// `operand.startsWith(constant)` and `operand.endsWith(constant)`.
final class TextTestEvaluator: Evaluator, @unchecked Sendable {
  /// Which end of the text is compared.
  enum End: String, Sendable {
    case first = "startsWith"
    case last = "endsWith"
  }

  let operand: Evaluator
  let part: CELString
  let end: End
  private let partCost: Int
  /// The operand's slot, when it is a variable.
  private let slot: Int?

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, _ end: End, _ part: CELString) {
    self.operand = operand
    self.part = part
    self.end = end
    // The node, its constant, and the bytes that are compared.
    partCost = 2 + part.utf8Count / CELCostMeter.bytesPerStep
    slot = (operand as? SlotEvaluator)?.slot
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    if let slot {
      try frame.step(at: id, partCost + 1)
      if case .string(let text)? = frame.slots[slot] { return .bool(holds(for: text)) }
    } else {
      try frame.step(at: id, partCost)
    }
    let value = try operand.evaluate(&frame)
    guard case .string(let text) = value else {
      throw frame.failed(
        .noSuchOverload(function: end.rawValue, arguments: [value.type, .string]), at: id)
    }
    return .bool(holds(for: text))
  }

  @inline(__always)
  private func holds(for text: CELString) -> Bool {
    switch end {
    case .first: text.hasPrefix(part)
    case .last: text.hasSuffix(part)
    }
  }
}

// Loops: what the macros over lists and maps do.

import JSON

/// A loop. One step for each turn besides those of what is evaluated in it.
final class LoopEvaluator: Evaluator, @unchecked Sendable {
  let kind: CELTree.Comprehension.Kind
  let range: Evaluator
  let slot: Int
  /// The slot of the second variable, where there are two.
  let secondSlot: Int?
  let condition: Evaluator?
  let result: Evaluator?

  init(
    _ id: CELTree.Node.ID, _ kind: CELTree.Comprehension.Kind, range: Evaluator, slot: Int,
    secondSlot: Int?, condition: Evaluator?, result: Evaluator?
  ) {
    self.kind = kind
    self.range = range
    self.slot = slot
    self.secondSlot = secondSlot
    self.condition = condition
    self.result = result
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    let range: CELValue
    if let cursor = self.range.cursor(&frame) {
      if let elements = cursor.elements { return try run(&frame, over: elements) }
      range = CELValue(json: cursor.view)
    } else {
      range = try self.range.evaluate(&frame)
    }
    switch range {
    case .list(let list):
      return try run(&frame, count: list.count) { frame, index in
        if let secondSlot {
          frame.slots[slot] = .value(.int(Int64(index)))
          frame.slots[secondSlot] = .value(list[index])
        } else {
          frame.slots[slot] = .value(list[index])
        }
      }
    case .map(let map):
      var entries = map.entries
      return try run(&frame, count: map.count) { frame, _ in
        guard let entry = entries.next() else { return }
        frame.slots[slot] = .value(entry.key)
        if let secondSlot { frame.slots[secondSlot] = .value(entry.value) }
      }
    default:
      throw frame.failed(.notIterable(range.type), at: id)
    }
  }

  /// Over an array of a document, whose elements stay where they are.
  private func run(
    _ frame: inout Frame, over elements: JSONCursor.Elements
  ) throws(CELEvaluationError) -> CELValue {
    var elements = elements
    return try run(&frame, count: elements.count) { frame, index in
      guard let element = elements.next() else { return }
      if let secondSlot {
        frame.slots[slot] = .value(.int(Int64(index)))
        frame.slots[secondSlot] = .cursor(element)
      } else {
        frame.slots[slot] = .cursor(element)
      }
    }
  }

  @inline(__always)
  private func run(
    _ frame: inout Frame, count: Int, _ prepare: (inout Frame, Int) -> Void
  ) throws(CELEvaluationError) -> CELValue {
    switch kind {
    case .all: try decide(&frame, count, decisive: false, prepare)
    case .exists: try decide(&frame, count, decisive: true, prepare)
    case .existsOne: try existsOne(&frame, count, prepare)
    case .filter, .map, .transformList: try collect(&frame, count, prepare)
    case .transformMap, .transformMapEntry: try collectEntries(&frame, count, prepare)
    }
  }

  /// `all` and `exists`: a turn that decides wins over errors in others.
  @inline(__always)
  private func decide(
    _ frame: inout Frame, _ count: Int, decisive: Bool, _ prepare: (inout Frame, Int) -> Void
  ) throws(CELEvaluationError) -> CELValue {
    guard let condition else { return .bool(!decisive) }
    var failure: (error: CELEvaluationError, node: CELTree.Node.ID)?
    for index in 0..<count {
      try frame.step(at: id)
      prepare(&frame, index)
      do throws(CELEvaluationError) {
        guard let value = try condition.condition(&frame) else {
          throw frame.failed(.noSuchOperator, at: condition.id)
        }
        if value == decisive { return .bool(value) }
      } catch {
        if error.isLimit { throw error }
        if failure == nil { failure = (error, frame.failedNode) }
      }
    }
    if let failure { throw frame.failed(failure.error, at: failure.node) }
    return .bool(!decisive)
  }

  /// Whether the turn counts.
  @inline(__always)
  private func holds(_ frame: inout Frame) throws(CELEvaluationError) -> Bool {
    guard let condition else { return true }
    guard let holds = try condition.condition(&frame) else {
      throw frame.failed(.notBool, at: condition.id)
    }
    return holds
  }

  private func existsOne(
    _ frame: inout Frame, _ count: Int, _ prepare: (inout Frame, Int) -> Void
  ) throws(CELEvaluationError) -> CELValue {
    var found = 0
    for index in 0..<count {
      try frame.step(at: id)
      prepare(&frame, index)
      if try holds(&frame) { found &+= 1 }
    }
    return .bool(found == 1)
  }

  private func collect(
    _ frame: inout Frame, _ count: Int, _ prepare: (inout Frame, Int) -> Void
  ) throws(CELEvaluationError) -> CELValue {
    var values: [CELValue] = []
    for index in 0..<count {
      try frame.step(at: id)
      prepare(&frame, index)
      guard try holds(&frame) else { continue }
      if let result {
        values.append(try result.evaluate(&frame))
      } else if let element = frame.slots[slot].value {
        values.append(element)
      }
    }
    return .list(values)
  }

  private func collectEntries(
    _ frame: inout Frame, _ count: Int, _ prepare: (inout Frame, Int) -> Void
  ) throws(CELEvaluationError) -> CELValue {
    var builder = CELMap.Builder()
    for index in 0..<count {
      try frame.step(at: id)
      prepare(&frame, index)
      guard try holds(&frame), let result else { continue }
      // The inner loops may have used the slots of the same depth, never this one.
      let key = frame.slots[slot].value
      let value = try result.evaluate(&frame)
      if kind == .transformMap {
        if let key { try frame.add(key, value, to: &builder, .error, at: id) }
        continue
      }
      guard case .map(let entries) = value else {
        throw frame.failed(.noSuchOperator, at: id)
      }
      for entry in entries.entries {
        try frame.step(at: id)
        guard !builder.contains(entry.key) else {
          throw frame.failed(
            .invalidArgument(
              "insert failed: key \(Access.keyText(entry.key)) already exists"), at: id)
        }
        try frame.add(entry.key, entry.value, to: &builder, .error, at: id)
      }
    }
    return .map(builder.map)
  }
}

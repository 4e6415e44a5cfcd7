// Which values are equal, and which come first (cel-spec, "Equality" and "Ordering").

extension CELValue {
  /// Whether two values are equal: numbers of any types as numbers, without loss; NaN equals nothing;
  /// lists and maps by their elements; values of different types never.
  ///
  /// *Errors:* ``CELEvaluationError/costLimit(_:)`` and ``CELEvaluationError/depthLimit(_:)``.
  package static func equals(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> Bool {
    try equals(left, right, &meter, depth: 0)
  }

  private static func equals(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter, depth: Int
  ) throws(CELEvaluationError) -> Bool {
    switch (copy left, copy right) {
    case (.string(let left), .string(let right)):
      guard left.utf8Count == right.utf8Count else { return false }
      try meter.charge(bytes: left.utf8Count)
      return left == right
    case (.bool(let left), .bool(let right)): return left == right
    case (.double(let left), .double(let right)): return left == right
    case (.int(let left), .int(let right)): return left == right
    case (.uint(let left), .uint(let right)): return left == right
    case (.int, .uint), (.uint, .int): return orderOfNumbers(left, right) == 0
    case (.double(let double), .int(let integer)), (.int(let integer), .double(let double)):
      return Int64(exactly: double) == integer
    case (.double(let double), .uint(let integer)), (.uint(let integer), .double(let double)):
      return UInt64(exactly: double) == integer
    case (.null, .null): return true
    case (.bytes(let left), .bytes(let right)):
      guard left.count == right.count else { return false }
      try meter.charge(bytes: left.count)
      return left == right
    case (.timestamp(let left), .timestamp(let right)): return left == right
    case (.duration(let left), .duration(let right)): return left == right
    case (.type(let left), .type(let right)): return left.name == right.name
    case (.list(let left), .list(let right)): return try equals(left, right, &meter, depth)
    case (.map(let left), .map(let right)): return try equals(left, right, &meter, depth)
    case (.optional(let left), .optional(let right)):
      guard let left, let right else { return left == nil && right == nil }
      guard depth < CELCostMeter.depthLimit else { throw .depthLimit(CELCostMeter.depthLimit) }
      return try equals(left, right, &meter, depth: depth + 1)
    case (.opaque(let left), .opaque(let right)):
      return left.type == right.type && left.value.equals(right.value)
    default: return false
    }
  }

  private static func equals(
    _ left: CELList, _ right: CELList, _ meter: inout CELCostMeter, _ depth: Int
  ) throws(CELEvaluationError) -> Bool {
    guard left.count == right.count else { return false }
    guard depth < CELCostMeter.depthLimit else { throw .depthLimit(CELCostMeter.depthLimit) }
    for index in 0..<left.count {
      try meter.charge()
      guard try equals(left[index], right[index], &meter, depth: depth + 1) else { return false }
    }
    return true
  }

  private static func equals(
    _ left: CELMap, _ right: CELMap, _ meter: inout CELCostMeter, _ depth: Int
  ) throws(CELEvaluationError) -> Bool {
    guard left.count == right.count else { return false }
    guard depth < CELCostMeter.depthLimit else { throw .depthLimit(CELCostMeter.depthLimit) }
    for entry in left.entries {
      try meter.charge()
      guard let other = right[entry.key],
        try equals(entry.value, other, &meter, depth: depth + 1)
      else { return false }
    }
    return true
  }

  /// -1, 0 or 1: the order of two values of one ordered type or of two numbers; nil when one is NaN.
  ///
  /// *Errors:* ``CELEvaluationError/noSuchOperator`` for values without an order.
  package static func compare(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> Int? {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)): return order(left, right)
    case (.string(let left), .string(let right)):
      try meter.charge(bytes: min(left.utf8Count, right.utf8Count))
      return left.compare(right)
    case (.bool(let left), .bool(let right)): return left == right ? 0 : right ? -1 : 1
    case (.bytes(let left), .bytes(let right)):
      try meter.charge(bytes: min(left.count, right.count))
      return compareBytes(left.span, right.span)
    case (.timestamp(let left), .timestamp(let right)): return order(left, right)
    case (.duration(let left), .duration(let right)): return order(left, right)
    case (.int, .uint), (.int, .double), (.uint, .int), (.uint, .uint), (.uint, .double),
      (.double, .int), (.double, .uint), (.double, .double):
      return orderOfNumbers(left, right)
    default: throw .noSuchOperator
    }
  }

  /// The order of two numbers; nil when one is NaN or no number.
  private static func orderOfNumbers(
    _ left: borrowing CELValue, _ right: borrowing CELValue
  ) -> Int? {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)): order(left, right)
    case (.uint(let left), .uint(let right)): order(left, right)
    case (.double(let left), .double(let right)):
      left.isNaN || right.isNaN ? nil : order(left, right)
    case (.int(let left), .uint(let right)): left < 0 ? -1 : order(UInt64(left), right)
    case (.uint(let left), .int(let right)): right < 0 ? 1 : order(left, UInt64(right))
    case (.int(let left), .double(let right)): order(left, right)
    case (.double(let left), .int(let right)): order(right, left).map { -$0 }
    case (.uint(let left), .double(let right)): order(left, right)
    case (.double(let left), .uint(let right)): order(right, left).map { -$0 }
    default: nil
    }
  }

  @inline(__always)
  private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
    left < right ? -1 : left == right ? 0 : 1
  }

  /// The order of an integer and a double, as doubles: so cel-spec's conformance tests have it, and
  /// an integer that no double is counts as the nearest one. (For equality it does not.)
  private static func order<Integer: FixedWidthInteger>(_ left: Integer, _ right: Double) -> Int? {
    right.isNaN ? nil : order(Double(left), right)
  }
}

// The order of lists.

/// Sorting by keys of one comparable type.
enum ListSorting {
  /// The elements in the order of their keys. Elements with equal keys keep their order.
  static func sorted(
    _ elements: CELList, by keys: CELList, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard elements.count == keys.count else {
      throw .invalidArgument(
        "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but "
          + "got \(elements.count) and \(keys.count) elements respectively")
    }
    guard let first = keys.first else { return .list(elements) }
    guard isComparable(first) else {
      throw .invalidArgument("list elements must be comparable")
    }
    // As many rounds of comparisons as the count has bits.
    let rounds = Int.bitWidth - keys.count.leadingZeroBitCount
    var longest = 0
    for key in keys {
      guard key.type == first.type else {
        throw .invalidArgument("list elements must have the same type")
      }
      switch key {
      case .string(let text): longest = max(longest, text.utf8Count)
      case .bytes(let bytes): longest = max(longest, bytes.count)
      default: break
      }
    }
    let perComparison = 1 + longest / CELCostMeter.bytesPerStep
    let (rows, overflow) = (keys.count * rounds).multipliedReportingOverflow(by: perComparison)
    guard !overflow else { throw .costLimit(meter.limit) }
    try meter.charge(rows)

    var order = keys.enumerated().map { (position: $0.offset, key: $0.element) }
    order.sort { left, right in
      if precedes(left.key, right.key) { return true }
      return !precedes(right.key, left.key) && left.position < right.position
    }
    return .list(order.map { elements[$0.position] })
  }

  private static func isComparable(_ value: CELValue) -> Bool {
    switch value {
    case .int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes: true
    default: false
    }
  }

  /// Whether the first of two values of one type comes first.
  private static func precedes(_ left: CELValue, _ right: CELValue) -> Bool {
    switch (left, right) {
    case (.int(let left), .int(let right)): left < right
    case (.uint(let left), .uint(let right)): left < right
    // Not-a-number comes last, so that the order is one.
    case (.double(let left), .double(let right)): left < right || (!left.isNaN && right.isNaN)
    case (.bool(let left), .bool(let right)): !left && right
    case (.duration(let left), .duration(let right)): left < right
    case (.timestamp(let left), .timestamp(let right)): left < right
    case (.string(let left), .string(let right)): left.compare(right) < 0
    case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
    default: false
    }
  }
}

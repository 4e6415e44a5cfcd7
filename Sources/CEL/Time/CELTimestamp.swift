// Points in time.

/// A point in time of the years 1 to 9999 in UTC, to the nanosecond.
package struct CELTimestamp: Hashable, Comparable, Sendable {
  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  package let seconds: Int64
  /// Nanoseconds within the second, 0 to 999,999,999.
  package let nanoseconds: Int32

  /// A point in time; nil outside of the years 1 to 9999 and for nanoseconds out of their range.
  package init?(seconds: Int64, nanoseconds: Int32) {
    guard Self.secondsRange.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
      return nil
    }
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  package static func < (left: CELTimestamp, right: CELTimestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
  package static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// The timestamp so much later; an error outside of the years 1 to 9999.
  package func adding(_ duration: CELDuration) throws(CELEvaluationError) -> CELTimestamp {
    let (whole, part) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    var seconds = seconds + whole  // Both are far from the ends of Int64.
    var nanoseconds = Int64(nanoseconds) + part
    if nanoseconds < 0 {
      nanoseconds += 1_000_000_000
      seconds -= 1
    } else if nanoseconds >= 1_000_000_000 {
      nanoseconds -= 1_000_000_000
      seconds += 1
    }
    guard let sum = CELTimestamp(seconds: seconds, nanoseconds: Int32(nanoseconds)) else {
      throw .timestampOverflow
    }
    return sum
  }

  /// The time from another timestamp to this one.
  package func since(_ other: CELTimestamp) throws(CELEvaluationError) -> CELDuration {
    let (product, overflow) = (seconds - other.seconds)
      .multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflowOfSum) = product.addingReportingOverflow(
      Int64(nanoseconds) - Int64(other.nanoseconds))
    guard !overflow, !overflowOfSum else { throw .durationOverflow }
    return CELDuration(nanoseconds: sum)
  }
}

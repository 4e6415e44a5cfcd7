// Times as the API writes and reads them.

import Bytes

/// A moment in UTC, in whole microseconds.
package struct Timestamp: Equatable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  package init(seconds: Int64) {
    microseconds = seconds &* Self.perSecond
  }

  private static let perSecond: Int64 = 1_000_000

  /// Whole seconds since 1970, rounded down.
  package var seconds: Int64 {
    let quotient = microseconds / Self.perSecond
    return microseconds % Self.perSecond < 0 ? quotient - 1 : quotient
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  package func adding(seconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds &+ seconds &* Self.perSecond)
  }

  /// `2026-01-01T00:00:00Z`.
  package var text: String { dateAndTime + "Z" }

  /// `2026-01-01T00:00:00.000000Z`.
  package var microText: String {
    let fraction = String(microseconds &- seconds &* Self.perSecond)
    return dateAndTime + "." + String(repeating: "0", count: 6 - fraction.count) + fraction + "Z"
  }

  private var dateAndTime: String { CivilTime(secondsSince1970: seconds).dateAndTime }
}

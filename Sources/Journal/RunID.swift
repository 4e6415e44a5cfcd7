// Which run of which delivery.

/// The journal's id of a run, or of a deferred decision: its delivery's place in the order of
/// arrival, and its own place in the delivery. Ids sort in the order of arrival.
///
/// It is meant for one journal and does not appear outside; outside, a run is its namespace and name.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
  let rawValue: Int64

  init(rawValue: Int64) {
    self.rawValue = rawValue
  }

  init(sequence: Int64, ordinal: Int) {
    rawValue = sequence << Self.ordinalBitCount | Int64(ordinal)
  }

  var sequence: Int64 { rawValue >> Self.ordinalBitCount }
  /// The place in the delivery, counted from 0 over all its decisions.
  package var ordinal: Int { Int(rawValue & Int64(Self.ordinalLimit - 1)) }

  package static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }

  package var description: String { "\(sequence).\(ordinal)" }

  private static let ordinalBitCount: Int64 = 12
  /// Runs and deferred decisions of one delivery: a push to every one of hundreds of triggers. It
  /// leaves 2^51 deliveries.
  package static let ordinalLimit = 1 << 12

  /// The ids that runs of a delivery can have.
  static func range(ofSequence sequence: Int64) -> ClosedRange<Int64> {
    let first = sequence << ordinalBitCount
    return first...(first | Int64(ordinalLimit - 1))
  }
}

// Lengths of time.

/// A signed length of time in nanoseconds: about ±292 years, the range of cel-go.
package struct CELDuration: Hashable, Comparable, Sendable {
  /// The length.
  package let nanoseconds: Int64

  /// A length of time.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  package static func < (left: CELDuration, right: CELDuration) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The sum; an error beyond the range.
  package func adding(_ other: CELDuration) throws(CELEvaluationError) -> CELDuration {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(other.nanoseconds)
    guard !overflow else { throw .durationOverflow }
    return CELDuration(nanoseconds: sum)
  }

  /// The difference; an error beyond the range.
  package func subtracting(_ other: CELDuration) throws(CELEvaluationError) -> CELDuration {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    guard !overflow else { throw .durationOverflow }
    return CELDuration(nanoseconds: difference)
  }

  /// The opposite; an error for the one length that has none.
  package func negated() throws(CELEvaluationError) -> CELDuration {
    try CELDuration(nanoseconds: 0).subtracting(self)
  }
}

/// A point on the clock that never goes back, in nanoseconds since an arbitrary origin.
///
/// Arithmetic saturates: the far future stays the far future.
package struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
  /// Nanoseconds since the origin.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Later than everything: "no deadline".
  package static let distantFuture = MonotonicInstant(nanoseconds: .max)

  /// Earlier than everything: a deadline that has passed.
  package static let distantPast = MonotonicInstant(nanoseconds: .min)

  package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  package func advanced(by duration: Duration) -> MonotonicInstant {
    advanced(byNanoseconds: duration.wholeNanoseconds)
  }

  /// The instant so many nanoseconds later, or earlier when negative.
  package func advanced(byNanoseconds count: Int64) -> MonotonicInstant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
    return overflow
      ? MonotonicInstant(nanoseconds: count > 0 ? .max : .min) : MonotonicInstant(nanoseconds: sum)
  }

  package func duration(to other: MonotonicInstant) -> Duration {
    let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
    return .nanoseconds(overflow ? (other > self ? Int64.max : Int64.min) : difference)
  }
}

extension Duration {
  /// The duration in nanoseconds, cut to what 64 bits hold (292 years).
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds > 0 ? .max : .min }
    let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowed ? (seconds > 0 ? .max : .min) : sum
  }
}

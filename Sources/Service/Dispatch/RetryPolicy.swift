// How long to wait before a run is tried again, and when to give up.
//
// Full jitter, as Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015)
// describes it: any moment between now and the exponential limit is as likely as any other, so that
// runs which failed together, here and in other replicas, do not come back together.

package import Kubernetes
import Reactor

/// When an attempt that failed is repeated. A value without a clock.
package struct RetryPolicy: Sendable, Equatable {
  /// The longest delay after the first failure. It doubles with each further one.
  package var firstDelay = Duration.milliseconds(500)
  /// The longest delay of all: an API server that is back is noticed within a minute.
  package var delayMax = Duration.seconds(60)
  /// How long after its delivery a run is still worth creating. What fails for a day needs a person.
  package var ageMax = Duration.seconds(24 * 3600)

  package init() {}

  /// The delay before the next attempt.
  ///
  /// A `Retry-After` that is longer than our own delay wins. Up to ``firstDelay`` is added to it,
  /// since everybody who was refused at one moment was given the same one.
  ///
  /// - Parameters:
  ///   - failureCount: how many attempts have failed, this one included; at least 1.
  ///   - advice: what the last failure said about repeating.
  package func delay(
    afterFailures failureCount: Int, advice: KubernetesError.RetryAdvice,
    using random: inout some RandomNumberGenerator
  ) -> Duration {
    let own = Self.anyDuration(upTo: delayLimit(afterFailures: failureCount), using: &random)
    guard case .after(let asked) = advice, asked > own else { return own }
    return asked + Self.anyDuration(upTo: firstDelay, using: &random)
  }

  /// The longest delay after so many failures.
  package func delayLimit(afterFailures failureCount: Int) -> Duration {
    var limit = firstDelay
    for _ in 1..<max(1, min(failureCount, Self.doublingCountMax)) {
      guard limit < delayMax else { break }
      limit = limit * 2
    }
    return min(limit, delayMax)
  }

  private static func anyDuration(
    upTo limit: Duration, using random: inout some RandomNumberGenerator
  ) -> Duration {
    .nanoseconds(Int64.random(in: 0...max(0, limit.wholeNanoseconds), using: &random))
  }

  /// More doublings change nothing: half a second becomes a minute with seven.
  private static let doublingCountMax = 64
}

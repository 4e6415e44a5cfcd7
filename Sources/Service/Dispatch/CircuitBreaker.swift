// Whether a lane is worth trying, judged by what became of its last attempts.

import Kubernetes
import Reactor

/// Keeps a lane from being hammered while everything in it fails, and lets it recover gently.
///
///     closed ──failures in a row──▶ open ──its delay passes──▶ half-open (one probe)
///        ▲                            ▲                            │
///        └──────────success───────────┼────────────────────────────┤
///                                     └──failure, longer delay─────┘
///
/// After it closes again, one attempt may be in flight, then two, four, and so on: an API server that
/// has just come back is not met by all that was waiting for it.
struct CircuitBreaker: Sendable {
  /// Failures in a row that open it. One may be a connection that broke; so many are no accident.
  static let failureCountToOpen = 4

  enum State: Equatable {
    case closed
    case open(until: MonotonicInstant)
    case halfOpen
  }

  private(set) var state = State.closed
  private var allowance = Int.max
  private var failureCount = 0

  /// How many attempts may be in flight, were it for the breaker alone.
  var limit: Int {
    switch state {
    case .closed: allowance
    case .open: 0
    case .halfOpen: 1
    }
  }

  /// When a probe may be made; nil when nobody has to wait for that.
  var openUntil: MonotonicInstant? {
    if case .open(let until) = state { until } else { nil }
  }

  /// Lets a probe be made if it is time for one.
  mutating func advance(to now: MonotonicInstant) {
    if let openUntil, now >= openUntil { state = .halfOpen }
  }

  /// The API server answered, with whatever verdict on the run.
  mutating func succeeded() {
    failureCount = 0
    if state != .closed {
      state = .closed
      allowance = 1
    } else {
      allowance = allowance < Self.allowanceEnough ? allowance * 2 : Int.max
    }
  }

  /// An attempt failed in a way that may pass.
  mutating func failed(
    at now: MonotonicInstant, advice: KubernetesError.RetryAdvice, policy: RetryPolicy,
    using random: inout some RandomNumberGenerator
  ) {
    // What had been in flight when it opened says nothing new.
    if openUntil != nil { return }
    failureCount = min(failureCount + 1, Self.failureCountMax)
    let openings = max(1, failureCount - Self.failureCountToOpen + 1)
    guard state == .halfOpen || failureCount >= Self.failureCountToOpen else { return }
    let delay = policy.delay(afterFailures: openings, advice: advice, using: &random)
    state = .open(until: now.advanced(by: delay))
  }

  /// An allowance of this size is none: it is above every bound on attempts in flight.
  private static let allowanceEnough = 4096
  /// Counting further would change nothing.
  private static let failureCountMax = 1_000
}

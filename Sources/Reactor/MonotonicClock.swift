import Synchronization

/// Where an event loop reads the time.
///
/// Concurrency: asked from loop threads; must not block.
package protocol MonotonicClock: Sendable {
  /// The present.
  var now: MonotonicInstant { get }

  /// Says that a loop will want to be woken when this clock is moved by hand. A clock that moves by
  /// itself ignores it.
  func wakeOnChange(_ wake: @escaping @Sendable () -> Void)
}

/// The machine's clock.
package struct SystemMonotonicClock: MonotonicClock {
  package init() {}

  package var now: MonotonicInstant {
    MonotonicInstant(nanoseconds: SystemCall.monotonicNanoseconds())
  }

  package func wakeOnChange(_ wake: @escaping @Sendable () -> Void) {}
}

/// A clock that stands still until it is moved: time for tests.
package final class ManualClock: MonotonicClock {
  private struct State {
    var now = MonotonicInstant(nanoseconds: 0)
    var wakes: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var now: MonotonicInstant { state.withLock { $0.now } }

  package func wakeOnChange(_ wake: @escaping @Sendable () -> Void) {
    state.withLock { $0.wakes.append(wake) }
  }

  /// Moves the time forward and lets every loop that reads this clock look at its deadlines.
  package func advance(by duration: Duration) {
    let wakes = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      return state.wakes
    }
    for wake in wakes { wake() }
  }
}

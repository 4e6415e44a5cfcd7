import Synchronization

/// Where an event loop reads the time.
///
/// Concurrency: asked from loop threads; must not block.
package protocol MonotonicClock: Sendable {
  /// The present.
  var now: MonotonicInstant { get }

  /// Tells of a loop that reads this clock and must be woken when it is moved by hand. A clock that
  /// moves by itself has no use for it.
  func add(_ loop: EventLoop)
}

/// The machine's clock.
package struct SystemMonotonicClock: MonotonicClock {
  package init() {}

  package var now: MonotonicInstant {
    MonotonicInstant(nanoseconds: SystemCall.monotonicNanoseconds())
  }

  package func add(_ loop: EventLoop) {}
}

/// A clock that stands still until it is moved: time for tests.
package final class ManualClock: MonotonicClock {
  private struct Reader {
    weak let loop: EventLoop?
  }

  private struct State {
    var now = MonotonicInstant(nanoseconds: 0)
    var readers: [Reader] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var now: MonotonicInstant { state.withLock { $0.now } }

  package func add(_ loop: EventLoop) {
    state.withLock { $0.readers.append(Reader(loop: loop)) }
  }

  /// Moves the time forward and lets every loop that reads this clock look at its deadlines.
  package func advance(by duration: Duration) {
    let readers = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      return state.readers
    }
    for reader in readers { reader.loop?.wake() }
  }
}

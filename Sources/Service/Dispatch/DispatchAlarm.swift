// The dispatcher's clock: wakes it when something becomes due.

import Reactor
import Synchronization

/// One wake-up time, which may be moved from any thread.
///
/// *Concurrency.* ``set(to:)`` from anywhere; the waiting itself is on one loop.
// `@unchecked Sendable`: the waiter is touched on its loop only, the rest by the lock's holder.
final class DispatchAlarm: @unchecked Sendable {
  private let loop: EventLoop
  private let waiter: Waiter
  private let due = Mutex(MonotonicInstant.distantFuture)
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(on loop: EventLoop) {
    self.loop = loop
    waiter = Waiter(on: loop)
  }

  /// Calls back on the loop whenever the time has come, until ``stop()``.
  func start(_ ring: @escaping @Sendable () -> Void) {
    let task = Task(executorPreference: loop) { [self] in
      while !Task.isCancelled {
        // Nothing comes between looking and waiting: both are on the loop.
        let wake = await waiter.wait(until: due.withLock { $0 })
        if wake == .closed { return }
        guard wake == .deadlinePassed else { continue }
        due.withLock { $0 = .distantFuture }
        ring()
      }
      waiter.close()
    }
    self.task.withLock { $0 = task }
  }

  /// Moves the time. ``MonotonicInstant/distantFuture`` turns it off.
  func set(to instant: MonotonicInstant) {
    let isEarlier = due.withLock { due in
      defer { due = instant }
      return instant < due
    }
    // A later time needs no waking: whoever wakes too early looks and finds nothing.
    if isEarlier { Task(executorPreference: loop) { self.waiter.end(.ready) } }
  }

  func stop() async {
    let task = task.withLock { $0.take() }
    task?.cancel()
    await Task(executorPreference: loop) { self.waiter.end(.ready) }.value
    await task?.value
  }
}

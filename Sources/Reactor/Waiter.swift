/// Where one task waits for one thing, with a deadline.
///
/// Concurrency: on its loop only.
@safe package final class Waiter {
  /// How a wait ended.
  package enum Wake {
    case ready
    case deadlinePassed
    case closed
  }

  private let loop: EventLoop
  private var continuation: UnsafeContinuation<Wake, Never>?
  private var deadline: SlotToken?

  package init(on loop: EventLoop) {
    self.loop = loop
  }

  /// Suspends until ``end(_:)`` or the deadline, ``MonotonicInstant/distantFuture`` for none.
  ///
  /// Nothing that ends a wait is remembered for the next one: the caller looks before it waits, and
  /// nothing can come between, because both happen on the loop without a suspension.
  package func wait(until due: MonotonicInstant) async -> Wake {
    loop.checkIsolated()
    unsafe precondition(continuation == nil, "one task waits at a time")
    guard due > loop.now else { return .deadlinePassed }
    if due != .distantFuture {
      let token = deadline ?? loop.addDeadline(.waiter(self))
      deadline = token
      loop.setDeadline(token, to: due)
    }
    // SAFETY: the continuation is kept until end(_:) takes and resumes it, once.
    let wake = unsafe await withUnsafeContinuation { unsafe continuation = $0 }
    if let deadline { loop.setDeadline(deadline, to: .distantFuture) }
    return wake
  }

  /// Says that a task waits.
  var isWaiting: Bool { unsafe continuation != nil }

  /// Gives the wait that goes on another deadline, or ends it if that has passed.
  func moveDeadline(to due: MonotonicInstant) {
    guard due > loop.now else { return end(.deadlinePassed) }
    if let deadline {
      loop.setDeadline(deadline, to: due)
    } else if due != .distantFuture {
      let token = loop.addDeadline(.waiter(self))
      deadline = token
      loop.setDeadline(token, to: due)
    }
  }

  /// Ends the wait, if somebody waits.
  package func end(_ wake: Wake) {
    guard let waiting = unsafe continuation else { return }
    unsafe continuation = nil
    unsafe waiting.resume(returning: wake)
  }

  /// Ends the wait and gives up the deadline; the waiter is not used again.
  package func close() {
    if let deadline = deadline.take() { loop.removeDeadline(deadline) }
    end(.closed)
  }
}

/// Where one task, or one callback, waits for one thing, with a deadline.
///
/// Concurrency: on its loop only.
@safe package final class Waiter {
  /// How a wait ended.
  package enum Wake {
    case ready
    case deadlinePassed
    case closed
  }

  /// Who waits.
  @safe private enum Waiting {
    case task(UnsafeContinuation<Wake, Never>)
    case callback((Wake) -> Void)
  }

  private let loop: EventLoop
  private var waiting: Waiting?
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
    guard due > loop.now else { return .deadlinePassed }
    arm(due)
    // SAFETY: the continuation is kept until end(_:) takes and resumes it, once.
    return unsafe await withUnsafeContinuation { begin(unsafe .task($0)) }
  }

  /// As ``wait(until:)``, but calls back instead of suspending a task, for waits that are many and
  /// long: a suspended task keeps the frames of all functions that it is in.
  ///
  /// - Parameter proceed: called once, on the loop; within this call if the deadline has passed.
  package func wait(until due: MonotonicInstant, _ proceed: @escaping (Wake) -> Void) {
    loop.checkIsolated()
    guard due > loop.now else { return proceed(.deadlinePassed) }
    arm(due)
    begin(.callback(proceed))
  }

  private func begin(_ waiting: Waiting) {
    precondition(!isWaiting, "one task waits at a time")
    self.waiting = waiting
  }

  private func arm(_ due: MonotonicInstant) {
    if let deadline {
      loop.setDeadline(deadline, to: due)
    } else if due != .distantFuture {
      let token = loop.addDeadline(.waiter(self))
      deadline = token
      loop.setDeadline(token, to: due)
    }
  }

  /// Says that somebody waits.
  var isWaiting: Bool { waiting != nil }

  /// Gives the wait that goes on another deadline, or ends it if that has passed.
  func moveDeadline(to due: MonotonicInstant) {
    guard due > loop.now else { return end(.deadlinePassed) }
    arm(due)
  }

  /// Ends the wait, if somebody waits.
  package func end(_ wake: Wake) {
    guard let ended = waiting else { return }
    waiting = nil
    if let deadline { loop.setDeadline(deadline, to: .distantFuture) }
    switch ended {
    case .task(let continuation): unsafe continuation.resume(returning: wake)
    case .callback(let proceed): proceed(wake)
    }
  }

  /// Ends the wait and gives up the deadline; the waiter is not used again.
  package func close() {
    if let deadline = deadline.take() { loop.removeDeadline(deadline) }
    end(.closed)
  }
}

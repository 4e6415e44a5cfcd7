// The way from everybody to the journal's thread.

import Dispatch
import Reactor
import Synchronization

/// Requests in the order in which they were made, for one thread that takes them.
///
/// *Limits*: not bounded itself. Deliveries in it are bounded by the memory for request bodies, marks
/// by the runs in flight.
/// *Concurrency*: ``append(_:)`` and ``close()`` from any thread, ``next(_:)`` from one.
final class SubmissionQueue: Sendable {
  private struct State {
    var waiting: [any Submission] = []
    var isClosed = false
  }

  /// What the thread is given.
  struct Batch {
    var submissions: [any Submission]
    var isClosed: Bool
  }

  private let state = Mutex(State())
  private let signal = DispatchSemaphore(value: 0)

  /// Adds a request, unless the queue is closed.
  func append(_ submission: any Submission) -> Bool {
    let (isFirst, isClosed) = state.withLock { state in
      guard !state.isClosed else { return (false, true) }
      // A patient one alone wakes the thread, which then waits for company; an impatient one ends that.
      let wakes = state.waiting.isEmpty || !submission.isPatient
      state.waiting.append(submission)
      return (wakes, false)
    }
    if isFirst { signal.signal() }
    return !isClosed
  }

  /// No request is taken from now on; those that were are carried out.
  func close() {
    state.withLock { $0.isClosed = true }
    signal.signal()
  }

  /// Waits for requests.
  ///
  /// - Parameter timeout: after which it returns with none.
  func next(_ limits: JournalLimits, timeout: Duration?) -> Batch {
    let deadline = timeout.map(Self.time)
    while true {
      let (batch, isEmpty, isPatient) = state.withLock { state in
        (state.isClosed, state.waiting.isEmpty, state.waiting.allSatisfy(\.isPatient))
      }
      if !isEmpty {
        if isPatient, !batch { _ = signal.wait(timeout: Self.time(limits.markDelay)) }
        return take(limits)
      }
      if batch { return Batch(submissions: [], isClosed: true) }
      if let deadline {
        if signal.wait(timeout: deadline) == .timedOut {
          return Batch(submissions: [], isClosed: false)
        }
      } else {
        signal.wait()
      }
    }
  }

  private func take(_ limits: JournalLimits) -> Batch {
    state.withLock { state in
      var count = 0
      var byteCount = 0
      for submission in state.waiting {
        byteCount += submission.byteCount
        if count > 0, count >= limits.batchCountMax || byteCount > limits.batchByteCountMax {
          break
        }
        count += 1
      }
      if count == state.waiting.count {
        let all = state.waiting
        state.waiting = []
        return Batch(submissions: all, isClosed: state.isClosed)
      }
      let first = Array(state.waiting[..<count])
      state.waiting.removeFirst(count)
      return Batch(submissions: first, isClosed: state.isClosed)
    }
  }

  private static func time(_ duration: Duration) -> DispatchTime {
    .now() + .nanoseconds(Int(clamping: duration.wholeNanoseconds))
  }
}

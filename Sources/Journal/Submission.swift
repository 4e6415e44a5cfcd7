// Something to be done on the journal's thread, as part of a transaction.

import Synchronization

/// One request to the journal's thread.
protocol Submission: AnyObject, Sendable {
  /// What a transaction with it has to survive.
  var durability: Store.Durability { get }
  /// Bytes that it writes, roughly.
  var byteCount: Int { get }
  /// Nobody waits for it, so that it may wait for company.
  var isPatient: Bool { get }

  /// Does it, within a transaction; may be called again after that one was rolled back.
  func perform(_ store: Store) throws(StoreFailure)
  /// Its transaction is over.
  ///
  /// - Parameter failure: nil when it was committed.
  func finish(_ failure: JournalError?)
}

/// A request whose caller waits for a value.
final class AwaitedSubmission<Value: Sendable>: Submission {
  private struct State {
    var continuation: CheckedContinuation<Result<Value, JournalError>, Never>?
    var result: Result<Value, JournalError>?
    var isAbandoned = false
  }

  let durability: Store.Durability
  let byteCount: Int
  private let work: @Sendable (Store) throws(StoreFailure) -> Value
  private let state = Mutex(State())

  init(
    _ durability: Store.Durability, byteCount: Int = 0,
    _ work: @escaping @Sendable (Store) throws(StoreFailure) -> Value
  ) {
    self.durability = durability
    self.byteCount = byteCount
    self.work = work
  }

  var isPatient: Bool { false }

  func perform(_ store: Store) throws(StoreFailure) {
    let value = try work(store)
    state.withLock { $0.result = .success(value) }
  }

  func finish(_ failure: JournalError?) {
    let (continuation, result) = state.withLock { state in
      let continuation = state.continuation
      state.continuation = nil
      if let failure { state.result = .failure(failure) }
      return (continuation, state.result)
    }
    let lost = JournalError(.closed, "the journal is closed")
    continuation?.resume(returning: result ?? .failure(lost))
  }

  /// Waits until the transaction is over, or the caller's task was cancelled.
  ///
  /// - Parameter submit: hands this to the thread; called once.
  func value(_ submit: (any Submission) -> Void) async throws(JournalError) -> Value {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isAbandoned = state.withLock { state in
          if !state.isAbandoned { state.continuation = continuation }
          return state.isAbandoned
        }
        if isAbandoned {
          continuation.resume(returning: .failure(Self.abandonment))
        } else {
          submit(self)
        }
      }
    } onCancel: {
      let continuation = state.withLock { state in
        state.isAbandoned = true
        let continuation = state.continuation
        state.continuation = nil
        return continuation
      }
      continuation?.resume(returning: .failure(Self.abandonment))
    }
    return try result.get()
  }

  private static var abandonment: JournalError {
    JournalError(.abandoned, "the caller stopped waiting; whether it was stored is not known")
  }
}

/// What became of a run: nobody waits for it.
final class MarkSubmission: Submission {
  private let run: RunID
  private let event: RunEvent

  init(_ run: RunID, _ event: RunEvent) {
    self.run = run
    self.event = event
  }

  /// A mark that power loss takes away is made again: the run is looked up by its name.
  var durability: Store.Durability { .written }
  var byteCount: Int { 0 }
  var isPatient: Bool { true }

  func perform(_ store: Store) throws(StoreFailure) {
    try store.mark(run, event)
  }

  func finish(_ failure: JournalError?) {}
}

/// A run is given back untried.
final class ReleaseSubmission: Submission {
  private let run: RunID

  init(_ run: RunID) {
    self.run = run
  }

  var durability: Store.Durability { .written }
  var byteCount: Int { 0 }
  var isPatient: Bool { true }

  func perform(_ store: Store) throws(StoreFailure) {
    store.ledger.claimed.remove(run.rawValue)
    store.ledger.workArrived = true
  }

  func finish(_ failure: JournalError?) {}
}

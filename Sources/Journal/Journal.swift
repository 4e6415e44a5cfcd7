// The durable record of deliveries, decisions and runs (DESIGN §2): nothing is acknowledged before
// it is in here, and everything that is in here comes to an end that is written down.

import Reactor
import Synchronization

/// The journal of one process.
///
/// It lies in a directory of its own: `journal.db` with SQLite's `-wal` and `-shm`, `lock`, and
/// `reserve`. All writing is done by one thread, which commits whatever has come together since the
/// last commit at once; so the more deliveries come, the more share one sync. Runs that are to be
/// created are found by an index when they are due, and take no memory until then.
///
/// *Errors*: ``JournalError``. While ``health`` is not `healthy`, deliveries are refused at once.
/// *Concurrency*: any thread or task. Nothing blocks the caller but ``open(_:limits:clock:observer:)``.
package final class Journal: Sendable {
  /// Who creates the runs that a commit stores.
  package enum ClaimMode: Sendable {
    /// The caller, at once: they count as claimed.
    case caller
    /// Whoever claims them.
    case queue
  }

  /// What happened before the journal was open: damage that was found and what became of it.
  package let openingReports: [DamageReport]
  let queue: SubmissionQueue
  private let status: JournalStatus
  private let thread: Mutex<JoinableThread?>

  /// Opens the journal in a directory, which is made when it is not there.
  ///
  /// It blocks for as long as SQLite takes to recover its log; call it before the first loop runs.
  ///
  /// *Errors*: ``JournalError/Code/locked``, ``JournalError/Code/newerFormat``,
  /// ``JournalError/Code/unusable``. Damage is no error: what can be read is carried over, the files
  /// are set aside, and ``openingReports`` says so.
  package static func open(
    _ directory: String, limits: JournalLimits = JournalLimits(),
    clock: JournalClock = JournalClock(), observer: JournalObserver = JournalObserver()
  ) throws(JournalError) -> Journal {
    let files = try JournalDirectory(directory)
    let (store, reports) = try files.openStore(limits, clock)
    let status = JournalStatus(observer)
    status.set(store.ledger.counts)
    let queue = SubmissionQueue()
    let writer = JournalWriter(
      files: files, queue: queue, status: status, limits: limits, clock: clock)
    let handover = Handover(store)
    let thread = try JoinableThread("journal") { writer.run(handover.take()) }
    return Journal(queue, status, thread, reports)
  }

  private init(
    _ queue: SubmissionQueue, _ status: JournalStatus, _ thread: JoinableThread,
    _ reports: [DamageReport]
  ) {
    self.queue = queue
    self.status = status
    self.thread = Mutex(thread)
    openingReports = reports
  }

  /// Whether deliveries are taken.
  package var health: JournalHealth { status.health }

  /// How many deliveries and runs there are, as of the last transaction.
  package var counts: JournalCounts { status.counts }

  /// Finishes what was asked for, writes the log to the database and ends the thread. Requests that
  /// come later fail. It blocks for that; a second call does nothing.
  package func close() {
    queue.close()
    let thread = thread.withLock { $0.take() }
    thread?.join()
  }
}

// MARK: - Deliveries

extension Journal {
  /// Stores a delivery with its decisions and runs. When it returns, they are on disk.
  ///
  /// A cancelled caller gets ``JournalError/Code/abandoned`` at once, though the delivery may still
  /// be stored; a redelivery then finds it.
  package func commit(
    _ delivery: NewDelivery, claim mode: ClaimMode = .queue
  ) async throws(JournalError) -> CommitOutcome {
    try status.admit()
    let prepared = try PreparedDelivery(delivery)
    return try await perform(.synced, byteCount: prepared.byteCount) {
      store throws(StoreFailure) in try store.commit(prepared, mode)
    }
  }

  /// A delivery with everything that was stored of it; nil when it is not there, or not any more.
  package func delivery(_ id: DeliveryID) async throws(JournalError) -> WholeDelivery? {
    try await perform(.written) { store throws(StoreFailure) in try store.whole(id) }
  }

  /// A delivery without its large parts; nil when it is not there, or not any more.
  package func summary(_ id: DeliveryID) async throws(JournalError) -> StoredDelivery? {
    try await perform(.written) { store throws(StoreFailure) in
      guard let row = try store.delivery(id) else { return nil }
      return try store.summary(row)
    }
  }

  /// Deliveries, newest first.
  package func list(_ request: ListRequest) async throws(JournalError) -> DeliveryPage {
    try await perform(.written) { store throws(StoreFailure) in try store.list(request) }
  }

  /// Runs that were given up, newest delivery first.
  package func deadLetters(
    before page: PageToken? = nil, limit: Int = 50
  ) async throws(JournalError) -> DeadLetterPage {
    try await perform(.written) { store throws(StoreFailure) in
      try store.deadLetters(before: page, limit: limit)
    }
  }

  /// Makes the runs of a delivery that were given up pending again, but not failed decisions.
  ///
  /// - Returns: those runs; nil when there is no such delivery.
  package func revive(_ id: DeliveryID) async throws(JournalError) -> [RunID]? {
    try await perform(.synced) { store throws(StoreFailure) in try store.reviveAll(id) }
  }
}

// MARK: - Work for the dispatcher

extension Journal {
  /// Gives out runs that are due and that nobody has. They belong to the caller until ``end(_:_:)``,
  /// ``release(_:)`` or ``decide(_:as:claim:)``, or until the process ends.
  package func claim(_ request: ClaimRequest) async throws(JournalError) -> ClaimedRuns {
    try await perform(.written) { store throws(StoreFailure) in try store.claim(request) }
  }

  /// Counts a try before it is made; when it returns, the count survives the end of the process.
  ///
  /// - Returns: how many there were with this one; nil when the run has ended.
  package func beginAttempt(_ run: RunID) async throws(JournalError) -> Int? {
    try await perform(.written) { store throws(StoreFailure) in try store.beginAttempt(run) }
  }

  /// Says what became of a run that the caller has.
  ///
  /// It is written with the next transaction, or after ``JournalLimits/markDelay``, and not synced:
  /// power loss may take it away, and the run is then tried once more. Marks outlast a failing disk
  /// in memory.
  package func end(_ run: RunID, _ result: RunResult) {
    // After closing there is nobody to tell: the run is tried again after the next start.
    _ = queue.append(MarkSubmission(run, result.event))
  }

  /// Gives a run back untried.
  package func release(_ run: RunID) {
    _ = queue.append(ReleaseSubmission(run))
  }

  /// Takes a deferred decision.
  ///
  /// - Returns: the runs that it makes; those that are pending belong to the caller when `mode` says
  ///   so. None when the decision had been taken, skips or fails.
  package func decide(
    _ run: RunID, as decision: NewDecision, claim mode: ClaimMode = .queue
  ) async throws(JournalError) -> [StoredRun] {
    try await perform(.written) { store throws(StoreFailure) in
      try store.decide(run, decision, mode)
    }
  }

  func perform<Value: Sendable>(
    _ durability: Store.Durability, byteCount: Int = 0,
    _ work: @escaping @Sendable (Store) throws(StoreFailure) -> Value
  ) async throws(JournalError) -> Value {
    let submission = AwaitedSubmission<Value>(durability, byteCount: byteCount, work)
    return try await submission.value { submission in
      if !queue.append(submission) {
        submission.finish(JournalError(.closed, "the journal is closed"))
      }
    }
  }
}

// The journal's thread: group commit, and what follows when it fails.
//
//   healthy ──no room──► full ──room again──► healthy
//      └──write, sync or check failed──► failed ──reopened and checked──► healthy
//
// After a failed sync the kernel may have dropped what was to be written and call it clean, so that a
// second sync succeeds and proves nothing (Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020). So nothing is tried again on the same files: they are closed without
// a checkpoint, the cache is dropped, and SQLite reads from the disk what is there.

import GRDB
import GRDBSQLite
import Glibc
import Reactor

/// What the thread needs.
struct JournalWriter: Sendable {
  let files: JournalDirectory
  let queue: SubmissionQueue
  let status: JournalStatus
  let limits: JournalLimits
  let clock: JournalClock

  /// Runs until the queue is closed and empty.
  func run(_ store: Store?) {
    var loop = WriterLoop(self, store)
    loop.run()
    status.set(.closed)
  }
}

/// The state of the thread.
private struct WriterLoop {
  let context: JournalWriter
  /// Nil while the disk fails.
  var store: Store?
  /// Marks that could not be written yet.
  var kept: [any Submission] = []
  /// What was known when the store was given up.
  var ledger: Ledger?
  var failureCount = 0
  /// Damage that was met, so that the files are not believed.
  var suspicion: String?
  var nextPruning: JournalTime?

  init(_ context: JournalWriter, _ store: Store?) {
    self.context = context
    self.store = store
  }

  mutating func run() {
    if !context.files.makeReserve(context.limits) { becomeFull("there is no room for the reserve") }
    while true {
      let batch = context.queue.next(context.limits, timeout: pause)
      kept += batch.submissions.filter(\.isPatient)
      let awaited = batch.submissions.filter { !$0.isPatient }
      carryOut(awaited)
      if batch.isClosed, batch.submissions.isEmpty { break }
      keepHouse()
    }
    finish()
  }

  /// How long the thread may wait for requests before it looks after itself.
  private var pause: Duration {
    if store == nil {
      let factor = 1 << min(failureCount, WriterLoop.backoffDoublings)
      return context.limits.recheckInterval * factor
    }
    return context.status.health == .healthy
      ? WriterLoop.pruneInterval : context.limits.recheckInterval
  }

  /// Moves the log to the database, so that the next start has nothing to recover.
  private mutating func finish() {
    // What cannot be moved now stays in the log, where it is as safe.
    do throws(SQLiteFailure) { try store?.checkpoint() } catch {}
    store = nil
  }

  private static let pruneInterval = Duration.seconds(60)
  /// Rounds of ``Store/pruneBatchCount`` deliveries: twice ``JournalLimits/batchCountMax``.
  private static let pruneRoundLimit = 8
  /// Up to 32 times ``JournalLimits/recheckInterval`` between two attempts to reopen.
  private static let backoffDoublings = 5
}

// MARK: - Transactions

extension WriterLoop {
  /// Does everything that was asked for in one transaction.
  private mutating func carryOut(_ awaited: [any Submission]) {
    guard !awaited.isEmpty || !kept.isEmpty else { return }
    guard let store else {
      let failure = refusal
      for submission in awaited { submission.finish(failure) }
      return
    }
    let marks = kept
    switch attempt(marks + awaited, store) {
    case .committed(let refusals):
      kept = []
      publish(store)
      for submission in awaited {
        submission.finish(refusals[ObjectIdentifier(submission)])
      }
    case .failed(let failure) where isOneRequestsFault(failure) && marks.count + awaited.count > 1:
      kept = []
      carryOutEach(marks + awaited, store)
    case .failed(let failure):
      let error = handle(failure)
      if isOneRequestsFault(failure) { kept = [] }
      for submission in awaited { submission.finish(error) }
    }
  }

  /// One of them makes its transaction fail; the others need not suffer.
  private mutating func carryOutEach(_ submissions: [any Submission], _ store: Store) {
    for (index, submission) in submissions.enumerated() {
      switch attempt([submission], store) {
      case .committed(let refusals):
        submission.finish(refusals[ObjectIdentifier(submission)])
      case .failed(let failure):
        let error = handle(failure)
        submission.finish(error)
        guard !isOneRequestsFault(failure) else { continue }
        let rest = submissions[(index + 1)...]
        kept += rest.filter(\.isPatient)
        for submission in rest where !submission.isPatient { submission.finish(error) }
        return
      }
    }
    publish(store)
  }

  private enum Attempt {
    /// Done; those with an error were refused one by one.
    case committed([ObjectIdentifier: JournalError])
    /// Undone.
    case failed(StoreFailure)
  }

  private func attempt(_ submissions: [any Submission], _ store: Store) -> Attempt {
    let ledger = store.ledger
    let isSynced = submissions.contains { $0.durability == .synced }
    var refusals: [ObjectIdentifier: JournalError] = [:]
    do throws(StoreFailure) {
      try store.sqlite { () throws(SQLiteFailure) in
        try store.begin(isSynced ? .synced : .written)
      }
      for submission in submissions {
        do throws(StoreFailure) {
          try submission.perform(store)
        } catch {
          guard case .refused(let refusal) = error else { throw error }
          refusals[ObjectIdentifier(submission)] = refusal
        }
      }
      try store.sqlite { () throws(SQLiteFailure) in try store.commit() }
      return .committed(refusals)
    } catch {
      store.rollBack()
      store.ledger = ledger
      return .failed(error)
    }
  }

  private func publish(_ store: Store) {
    // Figures only; a failure shows with the next transaction.
    do throws(SQLiteFailure) { try store.measure() } catch {}
    context.status.set(store.ledger.counts)
    if store.ledger.workArrived {
      store.ledger.workArrived = false
      context.status.observer.workArrived()
    }
  }
}

// MARK: - Failures

extension WriterLoop {
  /// Whether the request broke a rule of the tables, and neither disk nor file is at fault.
  private func isOneRequestsFault(_ failure: StoreFailure) -> Bool {
    guard case .sqlite(let error) = failure else { return false }
    return [SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE]
      .contains(error.primaryCode)
  }

  /// Draws the consequences of a failed transaction, and says what its requests are told.
  private mutating func handle(_ failure: StoreFailure) -> JournalError {
    switch failure {
    case .refused(let error): return error
    case .sqlite(let error) where isOneRequestsFault(failure):
      return JournalError(.unacceptable, "the delivery cannot be stored: \(error)")
    case .sqlite(let error) where error.isLackOfRoom && !error.isFailedSync:
      let why = "the disk of \(context.files.path) is full"
      // Only SQLITE_FULL leaves the connection as it was.
      if error.primaryCode != SQLITE_FULL { closeStore() }
      becomeFull(why)
    case .sqlite(let error):
      if [SQLITE_CORRUPT, SQLITE_NOTADB].contains(error.primaryCode) { suspicion = "\(error)" }
      giveUp("\(error)")
    case .damaged(let what):
      suspicion = "\(what) is damaged"
      giveUp("\(what) is damaged")
    }
    return refusal
  }

  /// What deliveries are told now.
  private var refusal: JournalError {
    do throws(JournalError) {
      try context.status.admit()
    } catch {
      return error
    }
    return JournalError(.failed, "the journal is being reopened", retryAfter: .seconds(1))
  }

  private mutating func becomeFull(_ why: String) {
    context.files.giveUpReserve()
    context.status.set(.full(why), retryAfter: context.limits.retryAfter)
  }

  private mutating func closeStore() {
    ledger = store?.ledger
    store?.abandon()
    store = nil
    failureCount = 0
  }

  /// Closes the files as they are, to be opened anew.
  private mutating func giveUp(_ why: String) {
    closeStore()
    context.status.set(
      .failed("the journal in \(context.files.path) failed and is being reopened: \(why)"),
      retryAfter: context.limits.recheckInterval * 2)
  }
}

// MARK: - Housekeeping

extension WriterLoop {
  private mutating func keepHouse() {
    guard let store else { return reopen() }
    let health = context.status.health
    let now = store.now
    let isDue = nextPruning.map { now >= $0 } ?? true
    let isTooLarge = store.ledger.counts.byteCount > context.limits.byteCountMax
    if isDue {
      nextPruning = now.advanced(by: WriterLoop.pruneInterval)
    }
    if isDue || isTooLarge || health != .healthy { prune() }
    // Pruning may have closed it.
    guard let store = self.store else { return }
    if store.ledger.counts.byteCount > context.limits.refusalByteCount {
      context.status.set(
        .full("the journal has reached its limit with work that is not finished"),
        retryAfter: context.limits.retryAfter)
    }
    if case .full = context.status.health { recover(store) }
  }

  /// Deletes what is old or too much; in each turn more than a transaction can bring, and not so much
  /// that commits wait for long.
  private mutating func prune() {
    for _ in 0..<WriterLoop.pruneRoundLimit {
      guard let store, pruneOnce(store) else { return }
    }
    // There is more: go on after the next transaction, or after a minute.
    nextPruning = store?.now
  }

  /// - Returns: whether another round may find more.
  private mutating func pruneOnce(_ store: Store) -> Bool {
    let ledger = store.ledger
    do throws(StoreFailure) {
      try store.sqlite { () throws(SQLiteFailure) in try store.begin(.written) }
      let hasExpired = try store.expireHolds()
      let isMore = try store.prune() || hasExpired
      try store.sqlite { () throws(SQLiteFailure) in try store.commit() }
      publish(store)
      return isMore
    } catch {
      store.rollBack()
      store.ledger = ledger
      _ = handle(error)
      return false
    }
  }

  /// Looks whether there is room again.
  private mutating func recover(_ store: Store) {
    guard store.ledger.counts.byteCount <= context.limits.byteCountMax else { return }
    // Emptying the log gives its room back.
    do throws(SQLiteFailure) {
      try store.checkpoint()
    } catch {
      _ = handle(.sqlite(error))
      return
    }
    if context.files.makeReserve(context.limits) { context.status.set(.healthy) }
  }

  /// Opens the files anew, and checks them.
  private mutating func reopen() {
    do throws(JournalError) {
      let (store, reports) = try context.files.reopenStore(
        context.limits, context.clock, suspicion: suspicion)
      suspicion = nil
      for report in reports { context.status.observer.damageFound(report) }
      store.ledger.claimed = ledger?.claimed ?? []
      store.ledger.workArrived = true
      self.store = store
      failureCount = 0
      if context.files.makeReserve(context.limits) {
        context.status.set(.healthy)
      } else {
        becomeFull("the disk of \(context.files.path) is full")
      }
      publish(store)
    } catch {
      failureCount += 1
      if error.code == .full { return becomeFull(error.message) }
      context.status.set(
        .failed(error.message), retryAfter: context.limits.recheckInterval * 2)
    }
  }
}

extension SQLiteFailure {
  /// Whether there was no room: on the disk, in the quota, or by a limit on the size of files.
  var isLackOfRoom: Bool {
    primaryCode == SQLITE_FULL
      || primaryCode == SQLITE_IOERR && [ENOSPC, EDQUOT, EFBIG].contains(systemError)
  }

  /// Whether bytes were accepted and may never have reached the disk.
  var isFailedSync: Bool {
    let codes: [ResultCode] = [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC, .SQLITE_IOERR_CLOSE]
    return codes.contains { $0.rawValue == code }
  }
}

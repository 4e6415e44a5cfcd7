// A row of `run`, and the only place where its state changes.

import Crypto

/// Everything about a run but its object.
struct RunRow: Equatable {
  let id: RunID
  let task: RunTask
  let decision: Int64
  let trigger: String
  let lane: String
  let serial: Int64?
  let apiVersion: String
  let kind: String
  let namespace: String
  let name: String
  let objectDigest: [UInt8]
  var state: RunState
  var due: JournalTime
  var since: JournalTime
  var attempts: Int64
  /// Tries in a row that were begun and of which no end is known.
  var interruptions: Int64 = 0
  var changed: JournalTime
  var uid: String?
  var failure: RunFailureRecord?
  var verdict: [UInt8]?
  var stored: StoredRun {
    StoredRun(
      id: id, task: task, trigger: trigger, apiVersion: apiVersion, kind: kind,
      namespace: namespace, name: name, state: state, attemptCount: Int(clamping: attempts),
      changedAt: changed, uid: uid, failure: failure)
  }

  static func digest(_ object: [UInt8]) -> [UInt8] { Array(Digest.sha256(object).prefix(8)) }
}

// MARK: - Transitions

/// What happens to a run.
enum RunEvent: Equatable, Sendable {
  case attempted
  case created(uid: String?)
  case postponed(Duration, RunFailureRecord)
  case gaveUp(RunFailureRecord)
  case superseded(RunFailureRecord)
  /// A deferred decision was taken, or a failed one replaced.
  case decided([UInt8], note: String?)
  /// Brought back from the dead letters.
  case revived
  /// Brought back from the dead letters to wait for an approval, until then.
  case heldAgain(until: JournalTime)
  /// Somebody approved.
  case approved
  /// Its turn in the order of its trigger has come.
  case promoted
}

extension RunRow {
  /// Applies an event; false, and nothing is changed, where it does not belong to the state.
  ///
  ///     waiting ──promoted──► pending ──created, decided──► created
  ///                           │  ▲ ▲ └──superseded────────► superseded
  ///              attempted,   └──┘ │ ──gaveUp─────────────► dead
  ///              postponed         └─────revived──────────── │
  ///     held ──approved──► pending      held ──gaveUp──► dead ──heldAgain──► held
  ///     A failed decision is dead from the start; decided makes it superseded.
  ///
  /// A try that was begun is due again after a delay that grows, so that one which ends the process
  /// each time leaves it some time for other work.
  mutating func apply(_ event: RunEvent, at now: JournalTime) -> Bool {
    switch (state, event) {
    case (.pending, .attempted):
      attempts += 1
      interruptions += 1
      due = now.advanced(by: Self.delay(afterInterruptions: interruptions))
    case (.pending, .created(let uid)):
      state = .created
      self.uid = uid
      failure = nil
    case (.pending, .postponed(let delay, let failure)):
      due = now.advanced(by: delay)
      // A try that was not counted before it was made is counted now.
      if interruptions == 0 { attempts += 1 }
      interruptions = 0
      self.failure = failure
    case (.pending, .gaveUp(let failure)), (.waiting, .gaveUp(let failure)),
      (.held, .gaveUp(let failure)):
      state = .dead
      self.failure = failure
    case (.pending, .superseded(let failure)), (.waiting, .superseded(let failure)):
      state = .superseded
      self.failure = failure
    case (.pending, .decided(let verdict, let note)) where task == .decide:
      state = .created
      self.verdict = verdict
      failure = note.map { RunFailureRecord(reason: Self.noteReason, message: $0) }
    case (.dead, .decided(let verdict, _)) where task == .none:
      state = .superseded
      self.verdict = verdict
    case (.dead, .revived) where task != .none:
      state = .pending
      due = now
      since = now
      attempts = 0
      interruptions = 0
    case (.dead, .heldAgain(let time)) where task == .create:
      state = .held
      due = time
    case (.held, .approved):
      state = .pending
      due = now
      since = now
    case (.waiting, .promoted):
      state = .pending
      due = now
    default: return false
    }
    changed = now
    return true
  }

  /// The `reason` under which a decision's note is kept.
  static let noteReason = "Note"

  private static func delay(afterInterruptions count: Int64) -> Duration {
    .seconds(1 << Int(min(max(count, 1) - 1, interruptionDoublings)))
  }

  /// From one second to 64.
  private static let interruptionDoublings: Int64 = 6
}

// MARK: - In the database

extension RunRow {
  var checksum: Int64 {
    var sum = RowChecksum()
    sum.add(id.rawValue)
    sum.add(task.rawValue)
    sum.add(decision)
    for text in [trigger, lane, apiVersion, kind, namespace, name] { sum.add(text) }
    sum.add(serial)
    sum.add(objectDigest)
    for number in [state.rawValue, due.microseconds, since.microseconds, attempts] {
      sum.add(number)
    }
    sum.add(changed.microseconds)
    for text in [uid, failure?.reason, failure?.message] { sum.add(text) }
    sum.add(verdict)
    // Rows of the first format have none, and a checksum without it.
    if interruptions != 0 { sum.add(interruptions) }
    return sum.value
  }

  static let columns = """
    id, task, decision, trigger, lane, serial, api_version, kind, namespace, name, object_digest,
    state, due, since, attempts, changed, uid, reason, message, verdict, checksum, interruptions
    """

  /// The same for a database of the first format.
  static var firstColumns: String {
    columns.replacing(", interruptions", with: ", 0")
  }

  /// Reads the columns of ``columns``; nil when the checksum is not that of the others.
  init?(_ row: StatementRow) {
    guard let task = RunTask(rawValue: row.integer(1)),
      let state = RunState(rawValue: row.integer(11))
    else { return nil }
    id = RunID(rawValue: row.integer(0))
    self.task = task
    decision = row.integer(2)
    trigger = row.text(3)
    lane = row.text(4)
    serial = row.optionalInteger(5)
    apiVersion = row.text(6)
    kind = row.text(7)
    namespace = row.text(8)
    name = row.text(9)
    objectDigest = row.bytes(10)
    self.state = state
    due = JournalTime(microseconds: row.integer(12))
    since = JournalTime(microseconds: row.integer(13))
    attempts = row.integer(14)
    changed = JournalTime(microseconds: row.integer(15))
    uid = row.optionalText(16)
    failure = row.optionalText(17).map { reason in
      RunFailureRecord(reason: reason, message: row.text(18))
    }
    verdict = row.optionalBytes(19)
    interruptions = row.integer(21)
    guard checksum == row.integer(20) else { return nil }
  }
}

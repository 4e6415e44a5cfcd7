// Storing deliveries, and knowing them again.

import Reactor

extension Store {
  /// Who creates the runs that a commit stores.
  typealias ClaimMode = Journal.ClaimMode

  /// Stores a delivery, unless it is known.
  func commit(
    _ prepared: PreparedDelivery, _ mode: ClaimMode
  ) throws(StoreFailure) -> CommitOutcome {
    let delivery = prepared.delivery
    var conflicting: DeliveryRow?
    if let first = try known(prepared, conflicting: &conflicting) {
      return try repeated(first, prepared)
    }
    if let conflicting, delivery.conflictPolicy == .report { return .conflict(conflicting.id) }
    if ledger.counts.byteCount > limits.refusalByteCount {
      throw .refused(
        JournalError(
          .full,
          "the journal has reached its limit of \(limits.byteCountMax) bytes with work that "
            + "is not finished", retryAfter: limits.retryAfter))
    }
    return try store(prepared, isConflicting: conflicting != nil, mode)
  }

  /// The delivery that this one repeats.
  ///
  /// - Parameter conflicting: becomes one with the same sender's id and another body.
  private func known(
    _ prepared: PreparedDelivery, conflicting: inout DeliveryRow?
  ) throws(StoreFailure) -> DeliveryRow? {
    let delivery = prepared.delivery
    if let key = prepared.senderKey {
      for row in try rows(statements.deliveriesBySender, [.integer(key)]) {
        guard row.hook == delivery.hook, row.senderID == delivery.senderID else { continue }
        if row.digest == delivery.digest { return row }
        conflicting = conflicting ?? row
      }
    }
    if let key = prepared.bodyKey, let window = delivery.replayWindow {
      let start = now.advanced(by: .zero - window)
      let values: [BoundValue] = [.integer(key), .integer(start.microseconds)]
      for row in try rows(statements.deliveriesByBody, values) {
        if row.hook == delivery.hook, row.digest == delivery.digest { return row }
      }
    }
    return nil
  }

  /// Answers with what is stored. What ended among the dead letters is tried again: runs that were
  /// given up become pending, and decisions that failed are replaced by the new ones.
  private func repeated(
    _ row: DeliveryRow, _ prepared: PreparedDelivery
  ) throws(StoreFailure) -> CommitOutcome {
    let runs = try runs(of: row.sequence)
    var retried: [RunID] = []
    var next = runs.count
    for run in runs where run.state == .dead {
      if run.task == .none {
        retried += try replaceFailed(run, of: row, with: prepared, nextOrdinal: &next)
      } else {
        if try revive(run) { retried.append(run.id) }
      }
    }
    return .duplicate(of: try summary(row), retried: retried)
  }

  /// Replaces a failed decision by what the same trigger decides now, unless that fails as well.
  private func replaceFailed(
    _ failed: RunRow, of row: DeliveryRow, with prepared: PreparedDelivery, nextOrdinal: inout Int
  ) throws(StoreFailure) -> [RunID] {
    let decisions = prepared.delivery.decisions
    // Names were derived from this delivery's key, which is the stored one's only when the sender's
    // id is; a trigger that failed has no run under either, so nothing is doubled.
    guard let index = Int(exactly: failed.decision), decisions.indices.contains(index),
      decisions[index].trigger == failed.trigger
    else { return [] }
    if case .fail = decisions[index].verdict { return [] }
    return try replace(
      failed, by: decisions[index], prepared.runs.filter { $0.decision == index },
      hook: row.hook, nextOrdinal: &nextOrdinal)
  }

  /// Puts a decision in the place of a deferred or failed one.
  func replace(
    _ row: RunRow, by decision: NewDecision, _ runs: [PreparedRun], hook: String,
    nextOrdinal: inout Int
  ) throws(StoreFailure) -> [RunID] {
    guard nextOrdinal + runs.count <= RunID.ordinalLimit else {
      throw .refused(
        JournalError(
          .unacceptable, "the delivery would have more than \(RunID.ordinalLimit) runs"))
    }
    try apply(.decided(DecisionText.encode([DecisionText(decision)]), note: decision.note), to: row)
    var ids: [RunID] = []
    for run in runs {
      let id = RunID(sequence: row.id.sequence, ordinal: nextOrdinal)
      try insert(run, id, hook: hook)
      ids.append(id)
      nextOrdinal += 1
    }
    return ids
  }

  private func store(
    _ prepared: PreparedDelivery, isConflicting: Bool, _ mode: ClaimMode
  ) throws(StoreFailure) -> CommitOutcome {
    let delivery = prepared.delivery
    let row = DeliveryRow(
      sequence: ledger.nextSequence, id: delivery.id, hook: delivery.hook, source: delivery.source,
      kind: delivery.kind, senderID: delivery.senderID, digest: delivery.digest,
      bodyKey: prepared.bodyKey, bodyLength: Int64(delivery.body.count), received: now,
      receivedWall: clock.wall().microsecondsSince1970, isConflicting: isConflicting,
      replayOf: delivery.replayOf, decisions: prepared.decisions, event: delivery.event,
      head: delivery.head)
    try insert(row, senderKey: prepared.senderKey)
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertBody.run(.integer(row.sequence), .blob(delivery.body))
    }
    ledger.nextSequence += 1
    ledger.counts.deliveries += 1
    let hadWork = ledger.workArrived
    var runs: [RunRow] = []
    for (ordinal, run) in prepared.runs.enumerated() {
      let id = RunID(sequence: row.sequence, ordinal: ordinal)
      runs.append(try insert(run, id, hook: delivery.hook))
    }
    let due = runs.filter { $0.state == .pending }
    // A caller has nothing to take a deferred decision with.
    let claimed = mode == .caller ? due.filter { $0.task == .create }.map(\.id) : []
    ledger.claimed.formUnion(claimed.map(\.rawValue))
    if claimed.count == due.count { ledger.workArrived = hadWork }
    guard var stored = row.stored(runs) else { throw .damaged("delivery \(row.id)") }
    try attachHolds(to: &stored)
    try note(delivery.revisions, hook: delivery.hook, sequence: row.sequence)
    var approvals: [ApprovalOutcome] = []
    for approval in delivery.approvals {
      approvals.append(try approve(approval, hook: delivery.hook, delivery: delivery.id))
    }
    return .stored(stored, claimed: claimed, approvals: approvals)
  }

  func insert(_ row: DeliveryRow, senderKey: Int64?) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertDelivery.run(
        .integer(row.sequence), .blob(row.id.bytes), .text(row.hook), .text(row.source),
        .text(row.kind), .optional(row.senderID), .optional(senderKey), .blob(row.digest),
        .optional(row.bodyKey), .integer(row.bodyLength), .integer(row.received.microseconds),
        .integer(row.receivedWall), .integer(row.isConflicting ? 1 : 0),
        .optional(row.replayOf?.bytes), .blob(row.decisions), .blob(row.event), .blob(row.head),
        .integer(row.checksum))
    }
  }

  @discardableResult
  private func insert(
    _ run: PreparedRun, _ id: RunID, hook: String
  ) throws(StoreFailure) -> RunRow {
    let now = now
    var state = RunState.pending
    var due = now
    if let hold = run.hold {
      state = .held
      due = now.advanced(by: limits.holdMax)
      try insert(HoldRow(id, hook: hook, hold))
    } else if run.task == .none {
      state = .dead
    } else if let serial = run.serial, try exists(statements.serialOpen, serial) {
      state = .waiting
    }
    let row = RunRow(
      id: id, task: run.task, decision: Int64(run.decision), trigger: run.trigger, lane: run.lane,
      serial: run.serial, apiVersion: run.apiVersion, kind: run.kind, namespace: run.namespace,
      name: run.name, objectDigest: run.objectDigest, state: state, due: due, since: now,
      attempts: 0, changed: now, uid: nil, failure: run.failure, verdict: nil)
    try insert(row)
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertObject.run(.integer(id.rawValue), .blob(run.object))
    }
    count(nil, state)
    return row
  }

  func insert(_ row: RunRow) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertRun.run(
        .integer(row.id.rawValue), .integer(row.task.rawValue), .integer(row.decision),
        .text(row.trigger), .text(row.lane), .optional(row.serial), .text(row.apiVersion),
        .text(row.kind), .text(row.namespace), .text(row.name), .blob(row.objectDigest),
        .integer(row.state.rawValue), .integer(row.due.microseconds),
        .integer(row.since.microseconds), .integer(row.attempts),
        .integer(row.changed.microseconds), .optional(row.uid), .optional(row.failure?.reason),
        .optional(row.failure?.message), .optional(row.verdict), .integer(row.checksum),
        .integer(row.interruptions))
    }
  }

  func exists(_ statement: PreparedStatement, _ key: Int64) throws(StoreFailure) -> Bool {
    try sqlite { () throws(SQLiteFailure) in
      try statement.first(.integer(key)) { _ throws(SQLiteFailure) in true } ?? false
    }
  }

  /// Says where an error came from.
  func sqlite<Value>(
    _ body: () throws(SQLiteFailure) -> Value
  ) throws(StoreFailure) -> Value {
    do throws(SQLiteFailure) { return try body() } catch { throw .sqlite(error) }
  }
}

// Runs: giving them out, and writing down what became of them.

import Reactor

extension Store {
  /// Gives out runs that are due and that nobody has, in the order of their time, a share of each
  /// lane.
  func claim(_ request: ClaimRequest) throws(StoreFailure) -> ClaimedRuns {
    var result = ClaimedRuns()
    let lanes = try lanes().filter { !request.excludedLanes.contains($0) }
    // Those after the last one served come first, so that more lanes than `limit` all get a turn.
    let start = lanes.firstIndex { $0 > ledger.lastLane } ?? 0
    let share = max(1, request.limit / max(1, lanes.count))
    let now = now
    for lane in lanes[start...] + lanes[..<start] {
      let room = min(share, request.limit - result.runs.count)
      let found = try due(in: lane, limit: room, now: now)
      for id in found.ids {
        guard let run = try take(id, now) else { continue }
        result.runs.append(run)
      }
      if !found.ids.isEmpty { ledger.lastLane = lane }
      if let wait = found.wait { result.nextDue = min(wait, result.nextDue ?? wait) }
    }
    return result
  }

  private func lanes() throws(StoreFailure) -> [String] {
    var lanes: [String] = []
    var last: BoundValue = .integer(0)  // A number sorts before every text.
    while true {
      let lane = try sqlite { () throws(SQLiteFailure) in
        try statements.nextLane.first(last) { row throws(SQLiteFailure) in row.text(0) }
      }
      guard let lane else { return lanes }
      lanes.append(lane)
      last = .text(lane)
    }
  }

  /// The first runs of a lane that nobody has; and how long until the next one's time, zero when
  /// there are more already.
  private func due(
    in lane: String, limit: Int, now: JournalTime
  ) throws(StoreFailure) -> (ids: [Int64], wait: Duration?) {
    var ids: [Int64] = []
    var wait: Duration?
    let claimed = ledger.claimed
    try sqlite { () throws(SQLiteFailure) in
      try statements.dueOfLane.each([.text(lane)]) { row throws(SQLiteFailure) in
        let id = row.integer(0)
        if claimed.contains(id) { return .more }
        let due = JournalTime(microseconds: row.integer(1))
        guard due <= now, ids.count < limit else {
          wait = max(.zero, now.duration(to: due))
          return .enough
        }
        ids.append(id)
        return .more
      }
    }
    return (ids, wait)
  }

  private func take(_ id: Int64, _ now: JournalTime) throws(StoreFailure) -> DueRun? {
    guard let row = try run(RunID(rawValue: id)) else { throw .damaged("run \(id)") }
    guard let delivery = try delivery(row.id.sequence) else {
      throw .damaged("delivery of run \(row.id)")
    }
    let object = try object(of: row)
    ledger.claimed.insert(id)
    return DueRun(
      id: row.id, delivery: delivery.id, hook: delivery.hook, task: row.task, trigger: row.trigger,
      order: row.serial == nil ? .any : .serial, lane: row.lane, apiVersion: row.apiVersion,
      kind: row.kind, namespace: row.namespace, name: row.name, object: object,
      attemptCount: Int(clamping: row.attempts),
      interruptionCount: Int(clamping: row.interruptions),
      age: max(.zero, row.since.duration(to: now)))
  }

  /// Writes down what happened to a run. Nothing happens when it is not there, or is past that: two
  /// marks of one run, of which the second came late.
  func mark(_ id: RunID, _ event: RunEvent) throws(StoreFailure) {
    if event != .attempted { ledger.claimed.remove(id.rawValue) }
    guard let row = try run(id) else { return }
    try apply(event, to: row)
  }

  /// Counts a try before it is made.
  ///
  /// - Returns: how many there were with this one; nil when the run has ended.
  func beginAttempt(_ id: RunID) throws(StoreFailure) -> Int? {
    guard let row = try run(id), row.state == .pending else { return nil }
    try apply(.attempted, to: row)
    return Int(clamping: row.attempts + 1)
  }

  /// Takes a deferred decision.
  func decide(
    _ id: RunID, _ decision: NewDecision, _ mode: Journal.ClaimMode
  ) throws(StoreFailure) -> [StoredRun] {
    ledger.claimed.remove(id.rawValue)
    guard let row = try run(id), row.task == .decide, row.state == .pending,
      let delivery = try delivery(id.sequence)
    else { return [] }
    if case .fail(let message) = decision.verdict {
      let failure = RunFailureRecord(
        reason: PreparedRun.failedDecisionReason, message: message)
      try apply(.gaveUp(failure), to: row)
      return []
    }
    let runs = PreparedRun.of(decision, at: Int(clamping: row.decision), hook: delivery.hook)
    var next = try self.runs(of: id.sequence).count
    let ids = try replace(
      row, by: decision, runs, hook: delivery.hook, nextOrdinal: &next)
    var stored: [StoredRun] = []
    for id in ids {
      guard let row = try run(id) else { continue }
      if mode == .caller, row.state == .pending { ledger.claimed.insert(id.rawValue) }
      stored.append(row.stored)
    }
    return stored
  }

  /// Brings the dead letters of a delivery back.
  func reviveAll(_ id: DeliveryID) throws(StoreFailure) -> [RunID]? {
    guard let delivery = try delivery(id) else { return nil }
    var revived: [RunID] = []
    for run in try runs(of: delivery.sequence) where run.state == .dead && run.task != .none {
      if try revive(run) { revived.append(run.id) }
    }
    return revived
  }

  /// Brings a dead letter back: to be tried again, or to wait for an approval again if nobody gave it.
  ///
  /// - Returns: whether it is to be tried.
  func revive(_ row: RunRow) throws(StoreFailure) -> Bool {
    if let hold = try hold(of: row.id) {
      if hold.approver == nil {
        try apply(.heldAgain(until: now.advanced(by: limits.holdMax)), to: row)
        return false
      }
    } else if row.failure?.reason == Self.notApprovedReason {
      // What it waited for was lost with a damaged file, and it must not do without.
      return false
    }
    try apply(.revived, to: row)
    return true
  }

  /// Changes a run as the event says, and whatever waits for it.
  func apply(_ event: RunEvent, to row: RunRow) throws(StoreFailure) {
    var changed = row
    guard changed.apply(event, at: now) else { return }
    if event == .revived || event == .approved, let serial = row.serial,
      try exists(statements.serialPending, serial)
    {
      changed.state = .waiting
    }
    try update(changed)
    count(row.state, changed.state)
    guard changed.state.isFinal, !row.state.isFinal else { return }
    ledger.pruneFrom = min(ledger.pruneFrom, row.id.sequence)
    if let serial = row.serial { try promote(serial) }
  }

  /// Gives the turn to the next run of a trigger that keeps the order.
  private func promote(_ serial: Int64) throws(StoreFailure) {
    if try exists(statements.serialPending, serial) { return }
    let next = try sqlite { () throws(SQLiteFailure) in
      try statements.serialFirst.first(.integer(serial)) { row throws(SQLiteFailure) in
        RunID(rawValue: row.integer(0))
      }
    }
    guard let next, let row = try run(next) else { return }
    try apply(.promoted, to: row)
  }

  private func update(_ row: RunRow) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.updateRun.run(
        .integer(row.id.rawValue), .integer(row.state.rawValue), .integer(row.due.microseconds),
        .integer(row.since.microseconds), .integer(row.attempts),
        .integer(row.changed.microseconds), .optional(row.uid), .optional(row.failure?.reason),
        .optional(row.failure?.message), .optional(row.verdict), .integer(row.checksum),
        .integer(row.interruptions))
    }
  }

  /// Keeps the figures when a run goes from one state to another.
  func count(_ old: RunState?, _ new: RunState?) {
    if let old {
      if old.isOpen { ledger.counts.pending -= 1 }
      if old == .held { ledger.counts.held -= 1 }
      if old == .dead { ledger.counts.dead -= 1 }
    }
    if let new {
      if new.isOpen { ledger.counts.pending += 1 }
      if new == .held { ledger.counts.held += 1 }
      if new == .dead { ledger.counts.dead += 1 }
      if new == .pending { ledger.workArrived = true }
    }
  }
}

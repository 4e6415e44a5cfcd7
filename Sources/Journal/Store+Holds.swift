// Runs that wait for an approval: what they wait for, and what an approval does.

extension Store {
  func insert(_ hold: HoldRow) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertHold.run(
        .integer(hold.id.rawValue), .integer(hold.key), .text(hold.hook), .text(hold.subject),
        .text(hold.revision), .optional(hold.approver), .optional(hold.approval?.bytes),
        .integer(hold.checksum))
    }
  }

  /// What a run waits for, or waited for; nil when it never needed an approval.
  func hold(of id: RunID) throws(StoreFailure) -> HoldRow? {
    try holds(statements.holdByID, id.rawValue).first
  }

  /// Adds to decisions that hold their runs what these wait for.
  func attachHolds(to delivery: inout StoredDelivery) throws(StoreFailure) {
    for (place, decision) in delivery.decisions.enumerated() {
      guard case .held = decision.verdict else { continue }
      for (index, run) in decision.runs.enumerated() {
        delivery.decisions[place].runs[index].hold = try hold(of: run.id)?.stored
      }
    }
  }

  /// Notes the newest revision of what the delivery tells of.
  func note(
    _ revisions: [NewRevision], hook: String, sequence: Int64
  ) throws(StoreFailure) {
    for revision in revisions {
      let row = SubjectRow(revision, hook: hook, sequence: sequence)
      try sqlite { () throws(SQLiteFailure) in
        try statements.putSubject.run(
          .integer(row.key), .integer(row.sequence), .text(row.hook), .text(row.subject),
          .text(row.revision), .integer(row.checksum))
      }
    }
  }

  /// Makes the runs that an approval is about pending.
  ///
  /// It is about one revision: the one it names, or the newest that is known now, so that nothing
  /// that is pushed later is released by it.
  func approve(
    _ approval: NewApproval, hook: String, delivery: DeliveryID
  ) throws(StoreFailure) -> ApprovalOutcome {
    let waiting = try waiting(subject: approval.subject, hook: hook)
    guard !waiting.isEmpty else { return .nothingHeld }
    let revision: String
    if let prefix = approval.revisionPrefix {
      let matches = Set(waiting.map(\.hold.revision).filter { $0.hasPrefix(prefix) })
      guard let match = matches.first else { return .otherRevision(prefix) }
      guard matches.count == 1 else { return .ambiguous }
      revision = match
    } else {
      guard let newest = try newestRevision(of: approval.subject, hook: hook) else {
        return .otherRevision(nil)
      }
      revision = newest
    }
    let meant = waiting.filter { $0.hold.revision == revision }
    guard !meant.isEmpty else { return .otherRevision(revision) }
    let allowed = meant.filter { approval.triggers.contains($0.run.trigger) }
    guard !allowed.isEmpty else { return .notAllowed }
    var released: [StoredRun] = []
    for (run, hold) in allowed {
      try settle(hold, by: approval.approver, delivery)
      try apply(.approved, to: run)
      guard var row = try self.run(run.id)?.stored else { continue }
      row.hold = try self.hold(of: run.id)?.stored
      released.append(row)
    }
    return .released(released)
  }

  /// Gives up runs for which the time to approve is over.
  ///
  /// - Returns: whether another call may find more.
  func expireHolds() throws(StoreFailure) -> Bool {
    var ids: [RunID] = []
    let batch = Self.pruneBatchCount
    try sqlite { () throws(SQLiteFailure) in
      let values: [BoundValue] = [.integer(now.microseconds), .integer(Int64(batch))]
      try statements.expiredHolds.each(values) { row throws(SQLiteFailure) in
        ids.append(RunID(rawValue: row.integer(0)))
        return .more
      }
    }
    let hours = limits.holdMax.components.seconds / 3600
    let failure = RunFailureRecord(
      reason: Self.notApprovedReason, message: "nobody approved within \(hours) h")
    for id in ids {
      guard let run = try run(id) else { continue }
      try apply(.gaveUp(failure), to: run)
    }
    return ids.count == batch
  }

  /// The `reason` of a run that nobody approved in time.
  static let notApprovedReason = "NotApproved"

  private func settle(
    _ hold: HoldRow, by approver: String, _ delivery: DeliveryID
  ) throws(StoreFailure) {
    var hold = hold
    hold.approver = approver
    hold.approval = delivery
    try sqlite { () throws(SQLiteFailure) in
      try statements.approveHold.run(
        .integer(hold.id.rawValue), .text(approver), .blob(delivery.bytes),
        .integer(hold.checksum))
    }
  }

  private func waiting(
    subject: String, hook: String
  ) throws(StoreFailure) -> [(run: RunRow, hold: HoldRow)] {
    let key = DeliveryKey.subject(hook: hook, subject: subject)
    var waiting: [(run: RunRow, hold: HoldRow)] = []
    for hold in try holds(statements.waitingHolds, key)
    where hold.hook == hook && hold.subject == subject {
      guard let run = try run(hold.id), run.state == .held else { continue }
      waiting.append((run, hold))
    }
    return waiting
  }

  private func newestRevision(
    of subject: String, hook: String
  ) throws(StoreFailure) -> String? {
    let key = DeliveryKey.subject(hook: hook, subject: subject)
    let rows = try rows(statements.subjectByKey, [.integer(key)], of: "subject") { SubjectRow($0) }
    guard let found = rows.first, found.hook == hook, found.subject == subject else { return nil }
    return found.revision
  }

  private func holds(
    _ statement: PreparedStatement, _ key: Int64
  ) throws(StoreFailure) -> [HoldRow] {
    try rows(statement, [.integer(key)], of: "hold") { HoldRow($0) }
  }
}

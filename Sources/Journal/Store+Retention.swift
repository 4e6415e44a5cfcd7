// Forgetting what is old, oldest first, and never what is not finished.

extension Store {
  /// Deletes finished deliveries that are too old, or the oldest while the database is too large.
  ///
  /// It looks at ``pruneBatchCount`` deliveries at most, so that commits wait for it only shortly.
  ///
  /// - Returns: whether another call may find more.
  func prune() throws(StoreFailure) -> Bool {
    let oldest = now.advanced(by: .zero - limits.ageMax)
    var isTooLarge = ledger.counts.byteCount > limits.byteCountMax
    var candidates: [(sequence: Int64, received: JournalTime)] = []
    try sqlite { () throws(SQLiteFailure) in
      let values: [BoundValue] = [
        .integer(ledger.pruneFrom), .integer(Int64(Self.pruneBatchCount)),
      ]
      try statements.oldestDeliveries.each(values) { row throws(SQLiteFailure) in
        candidates.append((row.integer(0), JournalTime(microseconds: row.integer(1))))
        return .more
      }
    }
    for (sequence, received) in candidates {
      guard isTooLarge || received < oldest else { return false }
      if try !hasOpenRun(sequence) {
        try delete(sequence)
        try sqlite { () throws(SQLiteFailure) in try measure() }
        isTooLarge = ledger.counts.byteCount > limits.byteCountMax
      }
      ledger.pruneFrom = sequence + 1
    }
    return candidates.count == Self.pruneBatchCount
  }

  private func hasOpenRun(_ sequence: Int64) throws(StoreFailure) -> Bool {
    let range = RunID.range(ofSequence: sequence)
    return try sqlite { () throws(SQLiteFailure) in
      try statements.openRun.first(.integer(range.lowerBound), .integer(range.upperBound)) {
        _ throws(SQLiteFailure) in true
      } ?? false
    }
  }

  private func delete(_ sequence: Int64) throws(StoreFailure) {
    // Held runs go with it: an approval that nobody gives must not fill the journal.
    for run in try runs(of: sequence) { count(run.state, nil) }
    let range = RunID.range(ofSequence: sequence)
    let bounds = (BoundValue.integer(range.lowerBound), BoundValue.integer(range.upperBound))
    try sqlite { () throws(SQLiteFailure) in
      try statements.deleteObjects.run(bounds.0, bounds.1)
      try statements.deleteRuns.run(bounds.0, bounds.1)
      try statements.deleteHolds.run(bounds.0, bounds.1)
      try statements.deleteSubjects.run(.integer(sequence))
      try statements.deleteBody.run(.integer(sequence))
      try statements.deleteDelivery.run(.integer(sequence))
    }
    ledger.counts.deliveries -= 1
  }

  /// Some 5 ms of work.
  static let pruneBatchCount = 64
}

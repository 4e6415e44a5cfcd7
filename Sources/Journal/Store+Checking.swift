// Looking for damage before anything is believed.

extension Store {
  /// Checks the whole database: the pages, the indices, and each row against its checksum.
  ///
  /// - Returns: what is wrong; nil when nothing is.
  func firstDamage() throws(StoreFailure) -> String? {
    let verdict = try sqlite { () throws(SQLiteFailure) in
      try statements.integrityCheck.first { row throws(SQLiteFailure) in row.text(0) }
    }
    if let verdict, verdict != "ok" { return verdict }
    var damage: String?
    var previous: RunID?
    try sqlite { () throws(SQLiteFailure) in
      try statements.allRuns.each([]) { row throws(SQLiteFailure) in
        guard let run = RunRow(row) else {
          damage = "the run after \(previous.map { "\($0)" } ?? "the beginning")"
          return .enough
        }
        previous = run.id
        return .more
      }
    }
    if let damage { return damage }
    return try firstDamagedDelivery()
  }

  private func firstDamagedDelivery() throws(StoreFailure) -> String? {
    var before = Int64.max
    while true {
      let batch: [BoundValue] = [.integer(before), .integer(64)]
      let deliveries = try rows(statements.olderDeliveries, batch)
      for delivery in deliveries {
        let runs = try runs(of: delivery.sequence)
        guard delivery.stored(runs) != nil else {
          return "the decisions of delivery \(delivery.id)"
        }
        _ = try body(of: delivery)
        for run in runs {
          _ = try object(of: run)
          if try hold(of: run.id) == nil, run.state == .held {
            return "what the run \(run.id) waits for"
          }
        }
      }
      guard let last = deliveries.last else { return nil }
      before = last.sequence
    }
  }
}

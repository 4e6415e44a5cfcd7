// Reading what is stored, each row checked.

extension Store {
  /// Reads rows of a table; one that does not pass its checksum is damage.
  ///
  /// - Parameter make: a row's content; nil when its checksum is not that of its columns.
  func rows<Row>(
    _ statement: PreparedStatement, _ values: [BoundValue], of table: String,
    _ make: (StatementRow) -> Row?
  ) throws(StoreFailure) -> [Row] {
    var rows: [Row] = []
    var isDamaged = false
    try sqlite { () throws(SQLiteFailure) in
      try statement.each(values) { row throws(SQLiteFailure) in
        guard let content = make(row) else {
          isDamaged = true
          return .enough
        }
        rows.append(content)
        return .more
      }
    }
    if isDamaged { throw .damaged("a row of the table \(table)") }
    return rows
  }

  /// Reads deliveries.
  func rows(
    _ statement: PreparedStatement, _ values: [BoundValue]
  ) throws(StoreFailure) -> [DeliveryRow] {
    try rows(statement, values, of: "delivery") { DeliveryRow($0) }
  }

  private func runRows(
    _ statement: PreparedStatement, _ values: [BoundValue]
  ) throws(StoreFailure) -> [RunRow] {
    try rows(statement, values, of: "run") { RunRow($0) }
  }

  func delivery(_ sequence: Int64) throws(StoreFailure) -> DeliveryRow? {
    try rows(statements.deliveryBySequence, [.integer(sequence)]).first
  }

  func delivery(_ id: DeliveryID) throws(StoreFailure) -> DeliveryRow? {
    try rows(statements.deliveryByID, [.blob(id.bytes)]).first
  }

  func run(_ id: RunID) throws(StoreFailure) -> RunRow? {
    try runRows(statements.runByID, [.integer(id.rawValue)]).first
  }

  func runs(of sequence: Int64) throws(StoreFailure) -> [RunRow] {
    let range = RunID.range(ofSequence: sequence)
    return try runRows(
      statements.runsOfDelivery, [.integer(range.lowerBound), .integer(range.upperBound)])
  }

  func object(of run: RunRow) throws(StoreFailure) -> [UInt8] {
    let bytes = try blob(statements.objectByID, run.id.rawValue)
    guard let bytes, RunRow.digest(bytes) == run.objectDigest else {
      throw .damaged("the object of run \(run.id)")
    }
    return bytes
  }

  func body(of delivery: DeliveryRow) throws(StoreFailure) -> [UInt8] {
    if delivery.bodyLength == DeliveryRow.lostBodyLength { return [] }
    let bytes = try blob(statements.bodyBySequence, delivery.sequence)
    guard let bytes, DeliveryRow.digest(bytes) == delivery.digest else {
      throw .damaged("the body of delivery \(delivery.id)")
    }
    return bytes
  }

  private func blob(
    _ statement: PreparedStatement, _ key: Int64
  ) throws(StoreFailure) -> [UInt8]? {
    try sqlite { () throws(SQLiteFailure) in
      try statement.first(.integer(key)) { row throws(SQLiteFailure) in row.bytes(0) }
    }
  }

  func summary(_ row: DeliveryRow) throws(StoreFailure) -> StoredDelivery {
    guard var stored = row.stored(try runs(of: row.sequence)) else {
      throw .damaged("the decisions of delivery \(row.id)")
    }
    try attachHolds(to: &stored)
    return stored
  }

  func whole(_ id: DeliveryID) throws(StoreFailure) -> WholeDelivery? {
    guard let row = try delivery(id) else { return nil }
    var objects: [RunID: [UInt8]] = [:]
    for run in try runs(of: row.sequence) where run.task != .none {
      objects[run.id] = try object(of: run)
    }
    return WholeDelivery(
      summary: try summary(row), head: row.head, event: row.event, body: try body(of: row),
      objects: objects)
  }

  // MARK: - Lists

  /// Deliveries that the filter lets through, newest first.
  func list(_ request: ListRequest) throws(StoreFailure) -> DeliveryPage {
    let limit = min(max(1, request.limit), ListRequest.limitMax)
    var page = DeliveryPage(deliveries: [], next: nil)
    var before = request.page?.before ?? Int64.max >> 12
    var seen = 0
    while seen < ListRequest.scanLimit {
      let rows = try candidates(request.state, before: before, limit: limit)
      for row in rows {
        before = row.sequence
        seen += 1
        guard request.hook == nil || request.hook == row.hook else { continue }
        let stored = try summary(row)
        guard request.state == nil || request.state == stored.state else { continue }
        page.deliveries.append(stored)
        if page.deliveries.count == limit { break }
      }
      if rows.isEmpty { return page }
      if page.deliveries.count == limit { break }
    }
    page.next = PageToken(before: before)
    return page
  }

  /// Deliveries that may be in a state; for the rare states an index finds them.
  private func candidates(
    _ state: DeliveryState?, before: Int64, limit: Int
  ) throws(StoreFailure) -> [DeliveryRow] {
    let statement: PreparedStatement
    switch state {
    case .pending: statement = statements.openRuns
    case .failed: statement = statements.deadRunIDs
    case .held: statement = statements.heldRunIDs
    case .done, .ignored, nil:
      return try rows(statements.olderDeliveries, [.integer(before), .integer(Int64(limit))])
    }
    var sequences: [Int64] = []
    let start = RunID.range(ofSequence: before).lowerBound
    try sqlite { () throws(SQLiteFailure) in
      try statement.each([.integer(start)]) { row throws(SQLiteFailure) in
        let sequence = RunID(rawValue: row.integer(0)).sequence
        if sequences.last != sequence { sequences.append(sequence) }
        return sequences.count < limit ? .more : .enough
      }
    }
    var found: [DeliveryRow] = []
    for sequence in sequences {
      if let row = try delivery(sequence) { found.append(row) }
    }
    return found
  }

  /// Dead letters, newest first.
  func deadLetters(
    before page: PageToken?, limit: Int
  ) throws(StoreFailure) -> DeadLetterPage {
    let limit = min(max(1, limit), ListRequest.limitMax)
    let before = page?.before ?? Int64.max
    let runs = try runRows(statements.deadRuns, [.integer(before), .integer(Int64(limit))])
    var letters: [DeadLetter] = []
    for run in runs {
      guard let row = try delivery(run.id.sequence) else { continue }
      letters.append(DeadLetter(delivery: row.id, hook: row.hook, run: run.stored))
    }
    let next = runs.count == limit ? runs.last.map { PageToken(before: $0.id.rawValue) } : nil
    return DeadLetterPage(letters: letters, next: next)
  }
}

extension DeliveryRow {
  static func digest(_ body: [UInt8]) -> [UInt8] { NewDelivery.digest(of: body) }
}

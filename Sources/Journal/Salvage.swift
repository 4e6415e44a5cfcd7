// Carrying over what a damaged database still holds.
//
// The source is a copy of the database with the whole frames of its log put in. Deliveries are asked
// for one by one, so that a page that cannot be read costs those on it and no others. Every row that
// is taken passes its checksum. What is missing of a delivery becomes a dead letter that says so.

import GRDB
import GRDBSQLite

/// Reads a damaged database into a new one.
struct Salvage {
  private let source: DatabaseQueue
  private let target: Store
  private(set) var keptCount = 0
  private(set) var lostCount = 0

  /// - Parameter path: the copy, in rollback mode so that SQLite looks for no log.
  init(from path: String, into target: Store) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.allowsUnsafeTransactions = true
    source = try DatabaseQueue(path: path, configuration: configuration)
    self.target = target
  }

  /// Reads everything that can be read.
  mutating func run() throws {
    let statements = try source.inDatabase { try SourceStatements($0) }
    try target.begin(.written)
    for mark in statements.scheduleMarks { try target.put(mark) }
    try target.commit()
    guard let range = statements.range else { return }
    for start in stride(from: range.lowerBound, through: range.upperBound, by: Self.batchCount) {
      let end = min(start + Int64(Self.batchCount) - 1, range.upperBound)
      try target.begin(.written)
      for sequence in start...end {
        try carryOver(sequence, statements)
      }
      try target.commit()
    }
  }

  private mutating func carryOver(_ sequence: Int64, _ statements: SourceStatements) throws {
    let runs = statements.runs(of: sequence)
    guard let delivery = statements.delivery(sequence) else {
      // A pruned delivery leaves nothing behind; one that is lost mostly leaves something.
      if !runs.isEmpty || statements.body(of: sequence) != nil { lostCount += 1 }
      return
    }
    keptCount += 1
    var row = delivery
    let body = statements.body(of: sequence)
    if let body, DeliveryRow.digest(body) == row.digest {
      try target.insertBody(sequence, body)
    } else {
      row = row.withoutBody
      try target.insertBody(sequence, [])
    }
    try target.insert(row, senderKey: row.senderKey)
    for run in runs {
      let hold = statements.hold(of: run.id)
      if let hold { try target.insert(hold) }
      // What needs an approval and does not say of what is not created.
      let object = run.state == .held && hold == nil ? nil : statements.object(of: run)
      try target.keep(run, object: object)
    }
    for run in row.missingRuns(beside: runs) { try target.keep(run, object: []) }
  }

  private static let batchCount = 256
}

/// Reads of a database in which any of them may fail.
private final class SourceStatements {
  private let delivery: PreparedStatement
  private let body: PreparedStatement
  private let run: PreparedStatement
  private let object: PreparedStatement
  /// Nil in a database of the first format.
  private let hold: PreparedStatement?
  /// Nil in a database of an older format.
  private let marks: PreparedStatement?
  private let bounds: [PreparedStatement]

  init(_ database: Database) throws {
    // `NOT INDEXED`: an index may be damaged where the table is not.
    delivery = try PreparedStatement(
      "SELECT \(DeliveryRow.columns) FROM delivery NOT INDEXED WHERE sequence = ?", in: database)
    body = try PreparedStatement("SELECT bytes FROM body WHERE sequence = ?", in: database)
    let runs = "FROM run NOT INDEXED WHERE id = ?"
    do {
      run = try PreparedStatement("SELECT \(RunRow.columns) \(runs)", in: database)
    } catch {
      run = try PreparedStatement("SELECT \(RunRow.firstColumns) \(runs)", in: database)
    }
    do {
      hold = try PreparedStatement(
        "SELECT \(HoldRow.columns) FROM hold NOT INDEXED WHERE id = ?", in: database)
    } catch {
      hold = nil
    }
    do {
      marks = try PreparedStatement(
        "SELECT \(ScheduleMark.columns) FROM schedule NOT INDEXED", in: database)
    } catch {
      marks = nil
    }
    object = try PreparedStatement("SELECT bytes FROM object WHERE id = ?", in: database)
    bounds = try ["delivery NOT INDEXED", "body"].flatMap { table in
      try ["ASC", "DESC"].map { order in
        try PreparedStatement(
          "SELECT sequence FROM \(table) ORDER BY sequence \(order) LIMIT 1", in: database)
      }
    }
  }

  /// The places of all deliveries; nil when nothing is known of any.
  var range: ClosedRange<Int64>? {
    let found = bounds.compactMap { readable($0) { $0.integer(0) } }
      .filter { (1...SourceStatements.sequenceLimit).contains($0) }
    guard let first = found.min(), let last = found.max() else { return nil }
    // Bounds that come from damaged pages can be anything.
    return first...min(last, first + SourceStatements.spanLimit)
  }

  func delivery(_ sequence: Int64) -> DeliveryRow? {
    let row = readable(delivery, .integer(sequence)) { DeliveryRow($0) } ?? nil
    return row?.sequence == sequence ? row : nil
  }

  func body(of sequence: Int64) -> [UInt8]? {
    readable(body, .integer(sequence)) { $0.bytes(0) }
  }

  /// Runs of a delivery up to the first that is missing with the one after it.
  func runs(of sequence: Int64) -> [RunRow] {
    var rows: [RunRow] = []
    var missing = 0
    var ordinal = 0
    while missing < SourceStatements.gapLimit, ordinal < RunID.ordinalLimit {
      let id = RunID(sequence: sequence, ordinal: ordinal)
      if let row = readable(run, .integer(id.rawValue), read: { RunRow($0) }) ?? nil, row.id == id {
        rows.append(row)
        missing = 0
      } else {
        missing += 1
      }
      ordinal += 1
    }
    return rows
  }

  func object(of row: RunRow) -> [UInt8]? {
    let bytes = readable(object, .integer(row.id.rawValue)) { $0.bytes(0) }
    return bytes.flatMap { RunRow.digest($0) == row.objectDigest ? $0 : nil }
  }

  func hold(of id: RunID) -> HoldRow? {
    guard let hold else { return nil }
    return readable(hold, .integer(id.rawValue)) { HoldRow($0) } ?? nil
  }

  /// How far schedules were dealt with, as far as the rows can be read.
  var scheduleMarks: [ScheduleMark] {
    var found: [ScheduleMark] = []
    do throws(SQLiteFailure) {
      try marks?.each([]) { row throws(SQLiteFailure) in
        if let mark = ScheduleMark(row) { found.append(mark) }
        return .more
      }
    } catch {
      // What is lost begins anew.
    }
    return found
  }

  /// What a row holds; nil when there is none or the pages are damaged.
  private func readable<Value>(
    _ statement: PreparedStatement, _ values: BoundValue...,
    read: (StatementRow) -> Value
  ) -> Value? {
    do throws(SQLiteFailure) {
      return try statement.first(values) { row throws(SQLiteFailure) in read(row) }
    } catch {
      return nil
    }
  }

  /// More than a journal of the default size holds.
  private static let spanLimit: Int64 = 20_000_000
  private static let sequenceLimit = Int64.max >> 12
  /// Missing runs in a row after which there are no more of a delivery.
  private static let gapLimit = 3
}

// MARK: - What is missing

extension DeliveryRow {
  /// The row with a note that its body is lost.
  fileprivate var withoutBody: DeliveryRow {
    DeliveryRow(
      sequence: sequence, id: id, hook: hook, source: source, kind: kind, senderID: senderID,
      digest: digest, bodyKey: bodyKey, bodyLength: Self.lostBodyLength, received: received,
      receivedWall: receivedWall, isConflicting: isConflicting, replayOf: replayOf,
      decisions: decisions, event: event, head: head)
  }

  /// Stands for the length of a body that was damaged.
  static let lostBodyLength: Int64 = -1

  /// Dead letters for decisions of which no run was left.
  fileprivate func missingRuns(beside runs: [RunRow]) -> [RunRow] {
    let decisions = DecisionText.decode(decisions) ?? []
    var ordinal = (runs.map(\.id.ordinal).max() ?? -1) + 1
    var missing: [RunRow] = []
    for (index, decision) in decisions.enumerated() {
      if case .skip = decision.verdict { continue }
      guard !runs.contains(where: { $0.decision == Int64(index) }), ordinal < RunID.ordinalLimit
      else { continue }
      missing.append(
        .lost(
          RunID(sequence: sequence, ordinal: ordinal), decision: Int64(index),
          trigger: decision.trigger, at: received))
      ordinal += 1
    }
    return missing
  }
}

extension RunRow {
  fileprivate static func lost(
    _ id: RunID, decision: Int64, trigger: String, at time: JournalTime
  ) -> RunRow {
    RunRow(
      id: id, task: .none, decision: decision, trigger: trigger, lane: "", serial: nil,
      apiVersion: "", kind: "", namespace: "", name: "", objectDigest: digest([]), state: .dead,
      due: time, since: time, attempts: 0, changed: time, uid: nil,
      failure: RunFailureRecord(
        reason: "Damaged", message: "the record of this run was damaged: redeliver the delivery"),
      verdict: nil)
  }
}

extension Store {
  fileprivate func insertBody(_ sequence: Int64, _ body: [UInt8]) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertBody.run(.integer(sequence), .blob(body))
    }
  }

  /// Keeps a run; one whose object is lost is kept with none, and is a dead letter unless it ended.
  fileprivate func keep(_ run: RunRow, object: [UInt8]?) throws(StoreFailure) {
    var run = run
    if object == nil {
      run = run.withoutObject
    }
    try insert(run)
    try sqlite { () throws(SQLiteFailure) in
      try statements.insertObject.run(.integer(run.id.rawValue), .blob(object ?? []))
    }
  }
}

extension RunRow {
  fileprivate var withoutObject: RunRow {
    let isFinal = state.isFinal
    return RunRow(
      id: id, task: isFinal ? task : .none, decision: decision, trigger: trigger, lane: lane,
      serial: serial, apiVersion: apiVersion, kind: kind, namespace: namespace, name: name,
      objectDigest: RunRow.digest([]), state: isFinal ? state : .dead, due: due, since: since,
      attempts: attempts, changed: changed, uid: uid,
      failure: isFinal
        ? failure
        : RunFailureRecord(
          reason: "Damaged", message: "the object of this run was damaged: redeliver the delivery"),
      verdict: verdict)
  }
}

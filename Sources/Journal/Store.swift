// The open database, with its statements. Everything here runs on the journal's thread.

import GRDB
import GRDBSQLite
import Reactor

/// Why an operation on the store failed.
enum StoreFailure: Error {
  case sqlite(SQLiteFailure)
  /// A row does not pass its checksum, or rows contradict each other.
  case damaged(String)
  /// The caller's request breaks a rule; the others in its transaction are not concerned.
  case refused(JournalError)
}

/// What is known beside the tables; it follows a transaction's fate.
struct Ledger {
  /// The place of the next delivery.
  var nextSequence: Int64 = 1
  /// Runs that were given out and have not ended; bounded by what the dispatcher has in flight.
  var claimed: Set<Int64> = []
  /// Where the next claim begins, so that every lane gets its turn.
  var lastLane = ""
  var counts = JournalCounts()
  /// There may be something new to claim.
  var workArrived = false
  /// Deliveries before this one were pruned, or are not finished.
  var pruneFrom: Int64 = 0
}

/// How many there are.
package struct JournalCounts: Sendable, Equatable {
  package internal(set) var deliveries = 0
  /// Runs to be created, and decisions to be taken, now or later.
  package internal(set) var pending = 0
  package internal(set) var dead = 0
  /// Runs that wait for an approval.
  package internal(set) var held = 0
  /// Bytes of the database that are in use.
  package internal(set) var byteCount: Int64 = 0
}

/// One connection to the database.
///
/// *Concurrency*: used by one thread at a time; the queue of GRDB is not used after opening.
final class Store {
  let queue: DatabaseQueue
  let limits: JournalLimits
  let clock: JournalClock
  let statements: Statements
  var ledger = Ledger()
  private(set) var timeBase: TimeBase
  private let connection: ConnectionCalls
  /// What commits survive now; the connection begins with the most.
  private var durability = Durability.synced

  /// Opens the database and makes its tables, or brings them up to date.
  init(path: String, limits: JournalLimits, clock: JournalClock) throws {
    self.limits = limits
    self.clock = clock
    queue = try DatabaseQueue(path: path, configuration: Self.configuration(limits))
    let found = try queue.inDatabase { try Int32.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    guard found <= Schema.version else {
      throw JournalError(
        .newerFormat,
        "\(path) has format \(found) and this version reads formats up to \(Schema.version): start "
          + "the version that wrote it, or a newer one")
    }
    try Schema.migrator.migrate(queue)
    let clock = clock
    (statements, connection, timeBase) = try queue.inDatabase { database in
      try database.execute(sql: "PRAGMA user_version = \(Schema.version)")
      let connection = try ConnectionCalls(database)
      connection.removeHooks()
      let statements = try Statements(database)
      return (statements, connection, try Self.resumeTime(statements, clock))
    }
    try countAll()
  }

  var now: JournalTime { timeBase.now(clock) }

  private static func configuration(_ limits: JournalLimits) -> Configuration {
    var configuration = Configuration()
    configuration.label = "journal"
    // Transactions are ours; GRDB need not look for one left open.
    configuration.allowsUnsafeTransactions = true
    configuration.foreignKeysEnabled = false
    let pages = limits.checkpointPageCount
    configuration.prepareDatabase { database in
      try database.execute(
        sql: """
          PRAGMA page_size = 4096;
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = FULL;
          PRAGMA wal_autocheckpoint = \(pages);
          PRAGMA journal_size_limit = \(Int64(pages) * 4096 * 2);
          PRAGMA cache_size = -4096;
          PRAGMA temp_store = MEMORY;
          PRAGMA cell_size_check = ON;
          PRAGMA trusted_schema = OFF;
          """)
    }
    return configuration
  }

  private static func resumeTime(
    _ statements: Statements, _ clock: JournalClock
  ) throws -> TimeBase {
    let stored = try statements.timeBase.first { row throws(SQLiteFailure) in
      TimeBase(bootID: row.text(0), offset: row.integer(1))
    }
    let latest = try statements.latestTime.first { row throws(SQLiteFailure) in
      row.optionalInteger(0).map(JournalTime.init(microseconds:))
    }
    let base = TimeBase(stored: stored, latest: latest ?? nil, clock: clock)
    if base != stored {
      try statements.begin.run()
      try statements.clearTimeBase.run()
      try statements.setTimeBase.run(.text(base.bootID), .integer(base.offset))
      try statements.commit.run()
    }
    return base
  }

  private func countAll() throws {
    func count(_ statement: PreparedStatement) throws(SQLiteFailure) -> Int {
      try statement.first { row throws(SQLiteFailure) in Int(row.integer(0)) } ?? 0
    }
    ledger.nextSequence = Int64(try count(statements.lastSequence)) + 1
    ledger.counts.deliveries = try count(statements.countDeliveries)
    ledger.counts.pending = try count(statements.countPending)
    ledger.counts.dead = try count(statements.countDead)
    ledger.counts.held = try count(statements.countHeld)
    try measure()
  }

  /// Looks how much of the database is in use.
  func measure() throws(SQLiteFailure) {
    let read: (StatementRow) throws(SQLiteFailure) -> Int64 = { $0.integer(0) }
    let pages = try statements.pageCount.first(read: read) ?? 0
    let free = try statements.freePageCount.first(read: read) ?? 0
    ledger.counts.byteCount = (pages - free) * 4096
  }

  // MARK: - Transactions

  /// Whether a transaction has to survive power loss when its commit returns, or only the end of the
  /// process.
  enum Durability {
    case synced
    case written
  }

  func begin(_ durability: Durability) throws(SQLiteFailure) {
    if durability != self.durability {
      try connection.synchronize(durability)
      self.durability = durability
    }
    try statements.begin.run()
  }

  func commit() throws(SQLiteFailure) {
    try statements.commit.run()
  }

  /// Ends a transaction without a trace. SQLite may have done so itself after an error.
  func rollBack() {
    guard connection.isInTransaction else { return }
    // When this fails, too, the connection is closed next, which has the same effect.
    do throws(SQLiteFailure) { try statements.rollBack.run() } catch {}
  }

  /// Moves what is in the log to the database, and empties the log.
  func checkpoint() throws(SQLiteFailure) {
    _ = try statements.checkpoint.first { row throws(SQLiteFailure) in row.integer(0) }
  }

  /// Lets the connection be closed without touching the files: after a failed sync nothing more may
  /// be written through it. It is closed when the last reference to the store goes.
  func abandon() {
    connection.disableCheckpointOnClose()
  }
}

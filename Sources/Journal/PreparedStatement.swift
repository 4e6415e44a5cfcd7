// SQL statements that are compiled once and run for every delivery.
//
// GRDB opens, configures and migrates the database. The statements of the hot path bind and read by
// themselves: GRDB takes and gives blobs as Foundation's Data, which would copy each body twice more.

import GRDB
import GRDBSQLite

/// SQLite refused something.
struct SQLiteFailure: Error, Equatable, CustomStringConvertible {
  /// The extended result code (sqlite.org/rescode.html).
  let code: Int32
  /// What the system call behind it left in `errno`, or 0.
  let systemError: Int32
  let message: String

  var primaryCode: Int32 { code & 0xFF }
  var description: String { "SQLite error \(code): \(message)" }
}

/// One statement of one connection.
///
/// *Concurrency*: only on the thread that has the connection to itself.
@safe final class PreparedStatement {
  /// Owns the statement and finalizes it once.
  private let owner: Statement
  private let connection: OpaquePointer

  /// The corresponding C function is `sqlite3_prepare_v3`.
  init(_ sql: String, in database: Database) throws {
    owner = try database.makeStatement(sql: sql)
    guard let connection = unsafe database.sqliteConnection else {
      throw SQLiteFailure(code: SQLITE_MISUSE, systemError: 0, message: "the connection is closed")
    }
    unsafe self.connection = connection
  }

  /// Runs a statement that returns no rows.
  func run(_ values: BoundValue...) throws(SQLiteFailure) {
    try start(values)
    defer { reset() }
    while try step() {}
  }

  /// Runs a statement and reads its first row; nil when there is none.
  func first<Value>(
    _ values: BoundValue..., read: (StatementRow) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value? {
    try first(values, read: read)
  }

  /// Runs a statement and reads its first row; nil when there is none.
  func first<Value>(
    _ values: [BoundValue], read: (StatementRow) throws(SQLiteFailure) -> Value
  ) throws(SQLiteFailure) -> Value? {
    try start(values)
    defer { reset() }
    return try step() ? try read(StatementRow(statement: self)) : nil
  }

  /// Runs a statement and reads its rows until there are no more or `read` has enough.
  func each(
    _ values: [BoundValue],
    read: (StatementRow) throws(SQLiteFailure) -> RowDemand
  ) throws(SQLiteFailure) {
    try start(values)
    defer { reset() }
    while try step() {
      guard case .more = try read(StatementRow(statement: self)) else { return }
    }
  }

  private func start(_ values: [BoundValue]) throws(SQLiteFailure) {
    for (index, value) in values.enumerated() {
      try check(bind(value, at: Int32(index + 1)))
    }
  }

  /// SQLite copies texts and blobs; the corresponding C functions are `sqlite3_bind_*`.
  private func bind(_ value: BoundValue, at index: Int32) -> Int32 {
    let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)  // SQLITE_TRANSIENT
    // SAFETY: the statement lives as long as its owner; SQLite reads exactly the bytes counted, and
    // only during the call. A missing base address is an empty array's, whose blob is not NULL.
    switch value {
    case .null: return unsafe sqlite3_bind_null(owner.sqliteStatement, index)
    case .integer(let number):
      return unsafe sqlite3_bind_int64(owner.sqliteStatement, index, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
          unsafe sqlite3_bind_text64(
            owner.sqliteStatement, index, bytes.baseAddress, UInt64(bytes.count), copied,
            UInt8(SQLITE_UTF8))
        }
      }
    case .blob(let bytes):
      guard !bytes.isEmpty else {
        return unsafe sqlite3_bind_zeroblob(owner.sqliteStatement, index, 0)
      }
      return unsafe bytes.withUnsafeBytes {
        unsafe sqlite3_bind_blob64(
          owner.sqliteStatement, index, $0.baseAddress, UInt64($0.count), copied)
      }
    }
  }

  /// Whether there is a row. The corresponding C function is `sqlite3_step`.
  private func step() throws(SQLiteFailure) -> Bool {
    let code = unsafe sqlite3_step(owner.sqliteStatement)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    throw failure(code)
  }

  /// The corresponding C function is `sqlite3_reset`, which repeats the error that step gave.
  private func reset() {
    _ = unsafe sqlite3_reset(owner.sqliteStatement)
  }

  private func check(_ code: Int32) throws(SQLiteFailure) {
    guard code == SQLITE_OK else { throw failure(code) }
  }

  private func failure(_ code: Int32) -> SQLiteFailure {
    // SAFETY: the connection outlives its statements; the message is copied at once.
    unsafe SQLiteFailure(
      code: sqlite3_extended_errcode(connection), systemError: sqlite3_system_errno(connection),
      message: String(cString: sqlite3_errmsg(connection)))
  }

  // The row that the last step found.

  fileprivate func integer(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(owner.sqliteStatement, column)
  }

  fileprivate func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(owner.sqliteStatement, column) == SQLITE_NULL
  }

  fileprivate func bytes(_ column: Int32) -> [UInt8] {
    // SAFETY: the pointer is valid until the next step or conversion, and is read here at once; the
    // length is asked after the blob, as the documentation demands.
    guard let start = unsafe sqlite3_column_blob(owner.sqliteStatement, column) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(owner.sqliteStatement, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }
}

/// A value for a placeholder.
enum BoundValue {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  static func optional(_ number: Int64?) -> BoundValue { number.map(integer) ?? .null }
  static func optional(_ text: String?) -> BoundValue { text.map(Self.text) ?? .null }
  static func optional(_ bytes: [UInt8]?) -> BoundValue { bytes.map(blob) ?? .null }
}

/// Whether a reader wants further rows.
enum RowDemand {
  case more
  case enough
}

/// The current row of a statement. A column that does not hold the type asked for reads as SQLite
/// converts it; what matters is covered by checksums.
struct StatementRow {
  fileprivate let statement: PreparedStatement

  func integer(_ column: Int32) -> Int64 { statement.integer(column) }
  func optionalInteger(_ column: Int32) -> Int64? {
    statement.isNull(column) ? nil : statement.integer(column)
  }
  func bytes(_ column: Int32) -> [UInt8] { statement.bytes(column) }
  func optionalBytes(_ column: Int32) -> [UInt8]? {
    statement.isNull(column) ? nil : statement.bytes(column)
  }
  func text(_ column: Int32) -> String { String(decoding: statement.bytes(column), as: UTF8.self) }
  func optionalText(_ column: Int32) -> String? {
    statement.isNull(column) ? nil : text(column)
  }
}

// What is asked of a connection and not of a statement.

import CSQLite
import GRDB
import GRDBSQLite

/// Calls on the connection that GRDB does not offer.
///
/// *Concurrency*: only on the thread that has the connection to itself, while it is open.
@safe struct ConnectionCalls {
  private let connection: OpaquePointer

  init(_ database: Database) throws {
    guard let connection = unsafe database.sqliteConnection else {
      throw SQLiteFailure(code: SQLITE_MISUSE, systemError: 0, message: "the connection is closed")
    }
    unsafe self.connection = connection
  }

  /// Takes GRDB's hooks away. They serve observers, of which there are none, and expect to be called on
  /// GRDB's queue only. The corresponding C functions are `sqlite3_commit_hook` and
  /// `sqlite3_rollback_hook`.
  func removeHooks() {
    // SAFETY: the connection is open; a missing hook is allowed.
    _ = unsafe sqlite3_commit_hook(connection, nil, nil)
    _ = unsafe sqlite3_rollback_hook(connection, nil, nil)
  }

  /// Says what a commit has to survive. SQLite does this while it compiles the statement, so that
  /// one compiled before would do nothing. The corresponding C function is `sqlite3_exec`.
  func synchronize(_ durability: Store.Durability) throws(SQLiteFailure) {
    // In WAL mode both levels sync the log before a checkpoint; FULL also after each commit.
    let sql =
      switch durability {
      case .synced: "PRAGMA synchronous = FULL"
      case .written: "PRAGMA synchronous = NORMAL"
      }
    // SAFETY: the connection is open; the text outlives the call.
    let code = unsafe sqlite3_exec(connection, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw SQLiteFailure(code: code, systemError: 0, message: "the level of syncing is not taken")
    }
  }

  /// The corresponding C function is `sqlite3_get_autocommit`.
  var isInTransaction: Bool {
    // SAFETY: the store calls this before it closes the connection only.
    unsafe sqlite3_get_autocommit(connection) == 0
  }

  /// Leaves the log as it is when the connection closes. The corresponding C function is
  /// `sqlite3_db_config`.
  func disableCheckpointOnClose() {
    // SAFETY: as above; the option takes one int and a pointer that may be null.
    _ = unsafe csqlite_disable_checkpoint_on_close(UnsafeMutableRawPointer(connection))
  }
}

// The tables, and how older ones become these.
//
// What never changes (`delivery`, `body`, `object`) lies apart from what does (`run`), so that a mark
// rewrites some 200 bytes and not a body. Each row carries a checksum over its columns: SQLite
// guards its log with checksums, but not its pages, and a wrong record must never be given out.

import GRDB
import GRDBSQLite

/// The format of the database.
enum Schema {
  /// Each version that was ever released keeps its step here for good.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(sql: compact(version1))
    }
    migrator.registerMigration("2") { database in
      try database.execute(sql: compact(version2))
    }
    migrator.registerMigration("3") { database in
      try database.execute(sql: compact(version3))
    }
    return migrator
  }

  /// The number of the newest format, kept in `PRAGMA user_version`, where an older binary finds it
  /// without knowing the tables.
  static let version: Int32 = 3

  /// The statements without comments and line breaks.
  ///
  /// SQLite keeps the text of a table as it was written, and all of them have to fit the first page:
  /// that is the one that can be made anew when it is damaged (`repairFirstPage`), and a schema that
  /// goes on elsewhere can be lost with everything.
  private static func compact(_ sql: String) -> String {
    sql.split(separator: "\n").map { line in
      let code = line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line
      return code.split(separator: " ").joined(separator: " ")
    }.joined(separator: " ")
  }

  private static let version1 = """
    CREATE TABLE delivery (
      sequence INTEGER PRIMARY KEY,     -- order of arrival
      id BLOB NOT NULL UNIQUE,
      hook TEXT NOT NULL,
      source TEXT NOT NULL,
      kind TEXT NOT NULL,
      sender_id TEXT,
      sender_key INTEGER,               -- of hook and sender_id, as an index entry of 8 bytes
      digest BLOB NOT NULL,             -- SHA-256 of the body
      body_key INTEGER,                 -- of hook and digest; NULL when replays are not looked for
      body_length INTEGER NOT NULL,
      received INTEGER NOT NULL,        -- journal time, microseconds
      received_wall INTEGER NOT NULL,   -- time of day, microseconds since 1970
      conflicting INTEGER NOT NULL,     -- 1: sender_id belongs to another body, too
      replay_of BLOB,
      decisions BLOB NOT NULL,          -- JSON
      event BLOB NOT NULL,
      head BLOB NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX delivery_sender ON delivery (sender_key) WHERE sender_key IS NOT NULL;
    CREATE INDEX delivery_body ON delivery (body_key) WHERE body_key IS NOT NULL;

    CREATE TABLE body (
      sequence INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE run (
      id INTEGER PRIMARY KEY,           -- 4096 × sequence + place in the delivery
      task INTEGER NOT NULL,            -- 0 create, 1 decide, 2 none: a failed decision
      decision INTEGER NOT NULL,        -- place of the decision in its delivery
      trigger TEXT NOT NULL,
      lane TEXT NOT NULL,
      serial INTEGER,                   -- of hook and trigger; NULL when order does not matter
      api_version TEXT NOT NULL,
      kind TEXT NOT NULL,
      namespace TEXT NOT NULL,
      name TEXT NOT NULL,
      object_digest BLOB NOT NULL,      -- the first 8 bytes of SHA-256
      state INTEGER NOT NULL,           -- 0 pending, 1 waiting, 2 created, 3 dead, 4 superseded
      due INTEGER NOT NULL,             -- journal time, microseconds
      since INTEGER NOT NULL,           -- likewise: when trying began
      attempts INTEGER NOT NULL,
      changed INTEGER NOT NULL,         -- likewise
      uid TEXT,
      reason TEXT,
      message TEXT,
      verdict BLOB,                     -- JSON: what replaces a deferred or failed decision
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX run_due ON run (lane, due, id) WHERE state = 0;
    CREATE INDEX run_serial ON run (serial, id) WHERE serial IS NOT NULL AND state IN (0, 1);
    CREATE INDEX run_open ON run (id) WHERE state IN (0, 1);
    CREATE INDEX run_dead ON run (id) WHERE state = 3;

    CREATE TABLE object (
      id INTEGER PRIMARY KEY,           -- of the run
      bytes BLOB NOT NULL
    ) STRICT;

    CREATE TABLE time_base (
      boot TEXT NOT NULL,
      offset INTEGER NOT NULL           -- journal time minus monotonic time, microseconds
    ) STRICT;
    """

  /// Runs that wait for an approval (state 5), and tries that ended with the process.
  private static let version2 = """
    ALTER TABLE run ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX run_held ON run (due, id) WHERE state = 5;

    CREATE TABLE hold (
      id INTEGER PRIMARY KEY,           -- of the run
      subject_key INTEGER NOT NULL,     -- of hook and subject, as an index entry of 8 bytes
      hook TEXT NOT NULL,
      subject TEXT NOT NULL,            -- what an approval is about: a pull request
      revision TEXT NOT NULL,
      approver TEXT,                    -- NULL while nobody has approved
      approval BLOB,                    -- the id of the delivery with the approval
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX hold_subject ON hold (subject_key) WHERE approver IS NULL;

    CREATE TABLE subject (
      key INTEGER PRIMARY KEY,          -- of hook and subject
      sequence INTEGER NOT NULL,        -- of the delivery that told of the revision
      hook TEXT NOT NULL,
      subject TEXT NOT NULL,
      revision TEXT NOT NULL,           -- the newest
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX subject_sequence ON subject (sequence);
    """

  /// How far schedules have been dealt with.
  private static let version3 = """
    CREATE TABLE schedule (
      hook TEXT NOT NULL,
      trigger TEXT NOT NULL,
      schedule TEXT NOT NULL,           -- as it was written, with its time zone
      handled INTEGER NOT NULL,         -- seconds since 1970
      checksum INTEGER NOT NULL,
      PRIMARY KEY (hook, trigger)
    ) STRICT;
    """
}

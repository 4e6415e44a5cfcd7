// The files of a journal.

import Glibc
import Reactor

/// The directory, locked for this process.
final class JournalDirectory: Sendable {
  let path: String
  private let lock: FileLock

  var database: String { "\(path)/journal.db" }
  var log: String { "\(path)/journal.db-wal" }
  var sharedMemory: String { "\(path)/journal.db-shm" }
  var reserve: String { "\(path)/reserve" }

  /// Makes the directory when it is not there, and takes its lock.
  init(_ path: String) throws(JournalError) {
    self.path = path
    lock = try Self.takeLock(path)
  }

  private static func takeLock(_ path: String) throws(JournalError) -> FileLock {
    let file = "\(path)/lock"
    let lock = try usable { () throws(FileError) in
      try LocalFile.makeFolder(path)
      return try FileLock.take(file, holder: "process \(getpid())")
    }
    if let lock { return lock }
    // Its holder wrote who it is; that is for people, and may be missing.
    var holder = "another process"
    do throws(FileError) {
      if let line = try LocalFile.readText(file).split(separator: "\n").first {
        holder = String(line)
      }
    } catch {}
    throw JournalError(
      .locked,
      "\(path) is in use by \(holder): stop it, or give this one a directory of its own (--state)")
  }

  /// Turns a file's error into the journal's.
  static func usable<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
  ) throws(JournalError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw JournalError(.unusable, "the journal cannot be kept: \(error)")
    }
  }

  /// Makes the files that are needed before SQLite makes its own, which take their rights from
  /// the database's.
  func prepare(_ limits: JournalLimits) throws(JournalError) {
    try Self.usable { () throws(FileError) in
      try LocalFile.make(database)
      try LocalFile.synchronizeFolder(of: database)
    }
  }

  /// Sets the reserve aside; false when there is no room for it.
  func makeReserve(_ limits: JournalLimits) -> Bool {
    do throws(FileError) {
      try LocalFile.reserve(reserve, byteCount: limits.reserveByteCount)
      return true
    } catch {
      // A part of it may have been made, which takes the room that is needed now.
      giveUpReserve()
      return false
    }
  }

  /// Gives the reserve's room to the database.
  func giveUpReserve() {
    // Without it things stay as they are: full.
    do throws(FileError) { try LocalFile.remove(reserve) } catch {}
  }
}

// Opening the database, whatever state it is in.

import GRDB
import GRDBSQLite
import Reactor

extension JournalDirectory {
  /// Opens the database, or makes one.
  ///
  /// - Parameter suspicion: damage that was found before, so that the database is not believed.
  func openStore(
    _ limits: JournalLimits, _ clock: JournalClock, suspicion: String? = nil
  ) throws(JournalError) -> (Store, [DamageReport]) {
    try finishSettingAside()
    var suspicion = suspicion
    if suspicion == nil, try isLogDamaged() {
      suspicion = "the write-ahead log is damaged before its end"
    }
    if suspicion == nil {
      try prepare(limits)
      switch try attempt(limits, clock) {
      case .opened(let store): return (store, [])
      case .damaged(let cause): suspicion = cause
      }
    }
    let report = try setAside(suspicion ?? "", limits, clock)
    guard case .opened(let store) = try attempt(limits, clock) else {
      throw JournalError(
        .damaged,
        "the journal in \(path) is damaged again right after it was carried over: the "
          + "disk may be failing")
    }
    return (store, [report])
  }

  /// Opens the database again after an error, from what the disk has.
  func reopenStore(
    _ limits: JournalLimits, _ clock: JournalClock, suspicion: String?
  ) throws(JournalError) -> (Store, [DamageReport]) {
    try Self.usable { () throws(FileError) in
      for path in [log, database] where try LocalFile.byteCount(path) != nil {
        try LocalFile.forgetCache(path)
      }
    }
    let (store, reports) = try openStore(limits, clock, suspicion: suspicion)
    do throws(SQLiteFailure) {
      // Writes everything once more, through files that are known to be good.
      try store.checkpoint()
    } catch {
      store.abandon()
      if error.isLackOfRoom { throw lackOfRoom }
      throw JournalError(.failed, "the journal in \(path) cannot be written: \(error)")
    }
    return (store, reports)
  }

  private enum Attempt {
    case opened(Store)
    case damaged(String)
  }

  private func attempt(
    _ limits: JournalLimits, _ clock: JournalClock
  ) throws(JournalError) -> Attempt {
    do {
      let store = try Store(path: database, limits: limits, clock: clock)
      if try LocalFile.byteCount(database) ?? 0 <= limits.checkByteCountMax,
        let cause = try store.firstDamage()
      {
        store.abandon()
        return .damaged(cause)
      }
      return .opened(store)
    } catch let error as JournalError {
      throw error
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw lackOfRoom
    } catch let error as DatabaseError {
      if Self.isDamage(error.resultCode.rawValue) { return .damaged("\(error)") }
      throw unusable(error)
    } catch let error as SQLiteFailure where error.isLackOfRoom {
      throw lackOfRoom
    } catch let error as SQLiteFailure {
      if Self.isDamage(error.primaryCode) { return .damaged("\(error)") }
      throw unusable(error)
    } catch let StoreFailure.damaged(what) {
      return .damaged("\(what) is damaged")
    } catch let StoreFailure.sqlite(error) {
      if Self.isDamage(error.primaryCode) { return .damaged("\(error)") }
      throw unusable(error)
    } catch {
      throw unusable(error)
    }
  }

  static func isDamage(_ code: Int32) -> Bool {
    // A bit in the header or the schema can look like any of these.
    [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_FORMAT].contains(code)
  }

  private var lackOfRoom: JournalError {
    JournalError(.full, "the disk of \(path) is full: make room")
  }

  private func unusable(_ error: any Error) -> JournalError {
    JournalError(.unusable, "the journal \(database) cannot be opened: \(error)")
  }

  private func isLogDamaged() throws(JournalError) -> Bool {
    try Self.usable { () throws(FileError) in
      guard let count = try LocalFile.byteCount(log), count > 0 else { return false }
      return try LogFile(LocalFile.read(log, byteCountMax: Self.logByteCountMax)).isDamaged
    }
  }
}

// Setting a damaged database aside.
//
// The new database is made whole beside the old one before any file is moved, and the moves are such
// that each state between them tells what is left to be done:
//
//   journal.db, salvaged.db   not whole yet: begin again
//   salvaged.db alone         whole: move the old log after its database, and this into its place

import Bytes
import Reactor

extension JournalDirectory {
  var salvaged: String { "\(path)/salvaged.db" }
  private var copy: String { "\(path)/damaged-copy.db" }

  /// Ends a setting aside that was interrupted.
  func finishSettingAside() throws(JournalError) {
    try Self.usable { () throws(FileError) in
      for suffix in ["", "-wal", "-shm", "-journal"] { try LocalFile.remove(copy + suffix) }
      guard try LocalFile.byteCount(salvaged) != nil else { return }
      if try LocalFile.byteCount(database) != nil {
        for suffix in ["", "-wal", "-shm", "-journal"] { try LocalFile.remove(salvaged + suffix) }
        return
      }
      let folders = try LocalFile.names(inFolder: path).filter { $0.hasPrefix("damaged-2") }
        .sorted()
      if let folder = folders.last { try moveLog(to: "\(path)/\(folder)") }
      try LocalFile.move(salvaged, to: database)
      try LocalFile.synchronizeFolder(of: database)
    }
  }

  /// Makes a new database of what can be read, and puts the damaged files into a folder of their own
  /// with a report.
  func setAside(
    _ cause: String, _ limits: JournalLimits, _ clock: JournalClock
  ) throws(JournalError) -> DamageReport {
    let (kept, lost) = try salvageBest(limits, clock)
    let seconds = clock.wall().secondsSince1970
    let folder = "\(path)/damaged-\(Self.stamp(seconds))"
    let report = DamageReport(
      folder: folder, cause: cause, deliveriesKept: kept, deliveriesLost: lost)
    try Self.usable { () throws(FileError) in
      try LocalFile.makeFolder(folder)
      try LocalFile.replace(
        "\(folder)/report.txt", with: [UInt8]("\(report)\n".utf8), readers: .owner)
      try LocalFile.synchronizeFolder(of: salvaged)
      try LocalFile.move(database, to: "\(folder)/journal.db")
      try LocalFile.synchronizeFolder(of: database)
    }
    try finishSettingAside()
    return report
  }

  /// Which frames of the log are put into the copy.
  private enum Frames {
    /// Those of which the checksum is right: a page that is missing is as it was before.
    case whole
    /// The damaged ones, too: most of such a page is right, and its rows are checked.
    case all
  }

  /// Reads in each way that may find more, and leaves the result of the best.
  private func salvageBest(
    _ limits: JournalLimits, _ clock: JournalClock
  ) throws(JournalError) -> (kept: Int, lost: Int) {
    let whole = try salvage(.whole, limits, clock)
    let all = try salvage(.all, limits, clock)
    return all.kept >= whole.kept ? all : try salvage(.whole, limits, clock)
  }

  private func salvage(
    _ frames: Frames, _ limits: JournalLimits, _ clock: JournalClock
  ) throws(JournalError) -> (kept: Int, lost: Int) {
    try prepareCopy(frames)
    let result = try salvage(limits, clock)
    guard result.kept == 0, try repairFirstPage() else { return result }
    return try salvage(limits, clock)
  }

  /// Copies the database and puts frames of the log in.
  private func prepareCopy(_ which: Frames) throws(JournalError) {
    try finishSettingAside()
    try Self.usable { () throws(FileError) in
      try LocalFile.copy(database, to: copy)
      var parts: [(offset: Int64, bytes: ArraySlice<UInt8>)] = []
      if let count = try LocalFile.byteCount(log), count > 0 {
        let bytes = try LocalFile.read(log, byteCountMax: Self.logByteCountMax)
        for frame in LogFile(bytes).frames where which == .all || frame.isWhole {
          parts.append((Int64(frame.page - 1) * Self.pageByteCount, frame.bytes))
        }
      }
      // Versions 1: a rollback journal, so that SQLite looks for no log of the copy.
      parts.append((18, [1, 1]))
      try LocalFile.patch(copy, parts)
    }
  }

  /// Reads the copy into a new database.
  private func salvage(
    _ limits: JournalLimits, _ clock: JournalClock
  ) throws(JournalError) -> (kept: Int, lost: Int) {
    try Self.usable { () throws(FileError) in
      for suffix in ["", "-wal", "-shm", "-journal"] { try LocalFile.remove(salvaged + suffix) }
      try LocalFile.make(salvaged)
    }
    do {
      let target = try Store(path: salvaged, limits: limits, clock: clock)
      var result = (kept: 0, lost: 0)
      do {
        var salvage = try Salvage(from: copy, into: target)
        try salvage.run()
        result = (salvage.keptCount, salvage.lostCount)
      } catch let error as SQLiteFailure where error.isLackOfRoom {
        throw error
      } catch let error as StoreFailure {
        throw error
      } catch {
        // SQLite finds no tables in the copy.
      }
      try target.checkpoint()
      return result
    } catch {
      throw JournalError(
        .unusable,
        "the journal in \(path) is damaged and cannot be carried over (\(error)): make room, or move "
          + "journal.db and journal.db-wal away to begin anew")
    }
  }

  /// Replaces the copy's first page, which says where the tables begin, by that of a new database:
  /// the tables were made in the same order, and so begin at the same pages.
  ///
  /// - Returns: false when the copy is too short to hold any.
  private func repairFirstPage() throws(JournalError) -> Bool {
    try Self.usable { () throws(FileError) in
      let page = try LocalFile.read(salvaged, byteCountMax: Self.newByteCountMax)
        .prefix(Int(Self.pageByteCount))
      let count = try LocalFile.byteCount(copy) ?? 0
      guard count > Self.pageByteCount, page.count == Self.pageByteCount else { return false }
      let pageCount = UInt32(clamping: count / Self.pageByteCount)
      let size = (0..<4).map { UInt8(truncatingIfNeeded: pageCount >> (24 - 8 * $0)) }
      // The header's size of the database, and no list of free pages.
      try LocalFile.patch(
        copy, [(0, page), (18, [1, 1]), (28, size[...]), (32, [0, 0, 0, 0, 0, 0, 0, 0])])
      return true
    }
  }

  private func moveLog(to folder: String) throws(FileError) {
    if try LocalFile.byteCount(log) != nil {
      try LocalFile.move(log, to: "\(folder)/journal.db-wal")
    }
    try LocalFile.remove(sharedMemory)
  }

  /// `20261124T183000Z`
  private static func stamp(_ seconds: Int64) -> String {
    CivilTime(secondsSince1970: seconds).dateAndTime.filter { $0.isNumber || $0 == "T" } + "Z"
  }

  private static let pageByteCount: Int64 = 4096
  /// Of a database without rows.
  private static let newByteCountMax = 1 << 20
  /// Far more than the log grows to between two checkpoints.
  static let logByteCountMax = 1 << 30
}

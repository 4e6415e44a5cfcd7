// What the sandbox keeps on disk: its objects, its keys and its tokens.

import Crypto
import Reactor

/// A folder with the state of one sandbox.
///
/// Shape: `objects.log`, one line of JSON for each change, rewritten at every start without the
/// changes that later ones have overtaken; `ca.crt`, `ca.key`, `server.crt`, `server.key`, `token`,
/// `signing.key`. Keys and tokens are readable by their owner only.
///
/// *Concurrency:* one process at a time; the journal is called by one thread at a time.
final class StateDirectory: ObjectJournal {
  private let path: String
  private let journal: AppendedFile
  private let entries: [JournalEntry]

  /// Opens a folder, or makes it.
  init(_ path: String) throws(ObjectJournalError) {
    self.path = path
    do throws(FileError) {
      try LocalFile.makeFolder(path)
      let journalPath = "\(path)/objects.log"
      entries = Self.compacted(try Self.entries(in: journalPath))
      try LocalFile.replace(journalPath, with: Self.lines(entries), readers: .owner)
      journal = try AppendedFile(journalPath)
    } catch {
      throw ObjectJournalError(error.description)
    }
  }

  // MARK: Objects

  func load() throws(ObjectJournalError) -> [JournalEntry] { entries }

  func append(_ entries: [JournalEntry]) throws(ObjectJournalError) {
    do throws(FileError) {
      try journal.append(Self.lines(entries))
    } catch {
      throw ObjectJournalError(error.description)
    }
  }

  private static func lines(_ entries: [JournalEntry]) -> [UInt8] {
    entries.flatMap { $0.line + [0x0A] }
  }

  private static func entries(in path: String) throws(FileError) -> [JournalEntry] {
    guard let bytes = try contents(path) else { return [] }
    // The last line may be torn by a crash; what it held was never acknowledged.
    return bytes.split(separator: 0x0A).compactMap { JournalEntry(line: $0) }
  }

  /// The last change of each object, and of the removals only the newest, which holds the counter.
  private static func compacted(_ entries: [JournalEntry]) -> [JournalEntry] {
    var last: [ObjectKey: JournalEntry] = [:]
    for entry in entries { last[entry.key] = entry }
    let newest = entries.map(\.version).max()
    return last.values.filter { $0.object != nil || $0.version == newest }
      .sorted { $0.version < $1.version }
  }

  // MARK: Keys and tokens

  /// A file of the folder; `nil` when it is not there.
  func read(_ name: String) throws(FileError) -> [UInt8]? {
    try Self.contents("\(path)/\(name)")
  }

  func write(
    _ name: String, _ contents: [UInt8], readers: LocalFile.Readers
  ) throws(FileError) {
    try LocalFile.replace("\(path)/\(name)", with: contents, readers: readers)
  }

  private static func contents(_ path: String) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try LocalFile.read(path, byteCountMax: byteCountMax)
    } catch {
      if error.isAbsence { return nil }
      throw error
    }
  }

  /// The largest state that is read, in bytes: a hundred thousand small objects.
  private static let byteCountMax = 256 * 1024 * 1024
}

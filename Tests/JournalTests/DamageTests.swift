import Foundation
import GRDB
import Testing

@testable import Journal

/// Truncated and flipped journals. With `HOOKLINE_EVERY_FAULT` set, every byte and every bit; otherwise
/// a sample of them.
@Suite struct DamageTests {
  private static let isComplete = getenvText("HOOKLINE_EVERY_FAULT") != nil
  private static let deliveryCount = 20

  /// The files of a journal as `kill -9` leaves them, or as closing does.
  private struct Files {
    let database: [UInt8]
    let log: [UInt8]
  }

  private static func body(_ number: Int) -> String {
    "{\"number\":\(number),\"text\":\"\(String(repeating: "x", count: number * 97))\"}"
  }

  private static func files(_ ending: Ending) async throws -> Files {
    let directory = try TemporaryDirectory()
    let journal = try Journal.open(directory.path, clock: TestClock().clock())
    for number in 0..<deliveryCount {
      _ = try await journal.commit(Sample.delivery("id-\(number)", body: body(number)))
    }
    if ending == .closed { journal.close() }
    let database = try [UInt8](Data(contentsOf: url(directory, "journal.db")))
    let path = url(directory, "journal.db-wal")
    let isThere = FileManager.default.fileExists(atPath: path.path)
    let log = isThere ? try [UInt8](Data(contentsOf: path)) : []
    if ending == .killed { journal.close() }
    return Files(database: database, log: log)
  }

  enum Ending: CaseIterable { case killed, closed }

  private static func url(_ directory: TemporaryDirectory, _ name: String) -> URL {
    URL(fileURLWithPath: "\(directory.path)/\(name)")
  }

  /// Opens damaged files and looks at everything.
  ///
  /// - Returns: the deliveries found by the sender's id, and whether damage was reported.
  private static func examine(
    _ database: [UInt8], _ log: [UInt8], _ what: String
  ) async throws -> (found: Set<String>, isReported: Bool) {
    let directory = try TemporaryDirectory()
    try Data(database).write(to: url(directory, "journal.db"))
    try Data(log).write(to: url(directory, "journal.db-wal"))
    let journal = try Journal.open(directory.path, clock: TestClock().clock())
    defer { journal.close() }
    var found: Set<String> = []
    for summary in try await journal.list(ListRequest(limit: 500)).deliveries {
      let whole = try #require(try await journal.delivery(summary.id))
      let id = try #require(summary.senderID)
      let number = try #require(Int(id.dropFirst(3)))
      let isLost = summary.bodyByteCount == 0
      #expect(isLost || whole.body == Sample.bytes(body(number)), "\(what): wrong body")
      #expect(found.insert(id).inserted, "\(what): doubled")
      for run in summary.runs where run.task == .create {
        #expect(run.name == "build-\(id)", "\(what): wrong run")
      }
    }
    let isReported = !journal.openingReports.isEmpty
    if isReported {
      let folder = try #require(
        TemporaryDirectory.names(directory.path).first { $0.hasPrefix("damaged-") })
      let names = TemporaryDirectory.names("\(directory.path)/\(folder)")
      #expect(names.contains("journal.db") && names.contains("report.txt"), "\(what): \(names)")
    }
    return (found, isReported)
  }

  @Test(arguments: Ending.allCases)
  func `a flipped bit gives no wrong record, and what it costs is reported`(
    ending: Ending
  ) async throws {
    let files = try await Self.files(ending)
    let isLog = ending == .killed
    let target = isLog ? files.log : files.database
    let step = Self.isComplete ? 1 : target.count * 8 / 60 + 7
    for bit in stride(from: 3, to: target.count * 8, by: step) {
      var bytes = target
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let what = "bit \(bit) of \(isLog ? "the log" : "the database")"
      let (found, isReported) = try await Self.examine(
        isLog ? files.database : bytes, isLog ? bytes : files.log, what)
      #expect(isReported || found.count >= Self.deliveryCount - 1, "\(what): \(found.count) found")
      #expect(found.count >= Self.deliveryCount / 2, "\(what): \(found.count) found")
    }
  }

  @Test func `a log that was cut off gives the deliveries before the cut`() async throws {
    let files = try await Self.files(.killed)
    let step = Self.isComplete ? 1 : files.log.count / 40 + 3
    var last = 0
    for count in stride(from: 0, to: files.log.count, by: step) {
      let (found, _) = try await Self.examine(
        files.database, Array(files.log[..<count]), "cut at \(count)")
      let expected = Set((0..<found.count).map { "id-\($0)" })
      #expect(found == expected, "cut at \(count)")
      #expect(found.count >= last, "cut at \(count)")
      last = found.count
    }
    #expect(last >= Self.deliveryCount / 2)
  }

  @Test func `a database of a newer format is refused, and left alone`() throws {
    let directory = try TemporaryDirectory()
    try Journal.open(directory.path).close()
    try DatabaseQueue(path: "\(directory.path)/journal.db").inDatabase {
      try $0.execute(sql: "PRAGMA user_version = 99")
    }
    let error = #expect(throws: JournalError.self) { try Journal.open(directory.path) }
    #expect(error?.code == .newerFormat)
    #expect(error?.message.contains("99") == true)
    #expect(!TemporaryDirectory.names(directory.path).contains { $0.hasPrefix("damaged") })
  }

  @Test func `something that is no database is set aside`() throws {
    let directory = try TemporaryDirectory()
    try Data("not a database, but long enough to be read as one".utf8)
      .write(to: Self.url(directory, "journal.db"))
    let journal = try Journal.open(directory.path)
    #expect(journal.openingReports.count == 1)
    journal.close()
  }
}

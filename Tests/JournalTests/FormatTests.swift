import Foundation
import GRDB
import Testing
import TestSupport

@testable import Journal

/// `Tests/JournalFormats` has one journal for each format there ever was, as its version wrote it.
@Suite struct FormatTests {
  private func restored(_ format: Int) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let file = SharedData.packageRoot.appendingPathComponent("Tests/JournalFormats/\(format).sql")
    let sql = try String(contentsOf: file, encoding: .utf8)
    let database = try DatabaseQueue(path: "\(directory.path)/journal.db")
    try database.writeWithoutTransaction { try $0.execute(sql: sql) }
    try database.close()
    return directory
  }

  @Test func `a journal of the first format is read, and goes on`() async throws {
    let directory = try restored(1)
    let journal = try Journal.open(directory.path)
    #expect(journal.openingReports == [])
    let deliveries = try await journal.list(ListRequest()).deliveries
    #expect(deliveries.map(\.senderID) == ["id-2", "id-1", "id-0"])
    #expect(deliveries.map(\.state) == [.done, .pending, .done])
    let due = try await journal.claim(ClaimRequest(limit: 9)).runs
    #expect(due.map(\.name) == ["run-id-1"])
    #expect(due.map(\.interruptionCount) == [0])
    for run in due { journal.end(run.id, .created(uid: nil)) }
    _ = try await journal.commit(Sample.delivery("new"))
    journal.close()
    let again = try Journal.open(directory.path)
    defer { again.close() }
    #expect(again.openingReports == [])
    #expect(again.counts.deliveries == 4)
  }

  @Test func `a damaged journal of the first format is carried over`() async throws {
    let directory = try restored(1)
    let path = "\(directory.path)/journal.db"
    let page = try DatabaseQueue(path: path).inDatabase { database in
      try Int.fetchOne(
        database, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'delivery_body'")
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let start = (try #require(page) - 1) * 4096
    bytes.replaceSubrange(start..<(start + 64), with: Data(repeating: 0xFF, count: 64))
    try bytes.write(to: URL(fileURLWithPath: path))
    let journal = try Journal.open(directory.path)
    defer { journal.close() }
    #expect(journal.openingReports.map(\.deliveriesKept) == [3])
    #expect(journal.openingReports.map(\.deliveriesLost) == [0])
    let states = try await journal.list(ListRequest()).deliveries.map(\.state)
    #expect(states == [.done, .pending, .done])
  }

  @Test func `the schema fits the first page, which can be made anew`() throws {
    let directory = try TemporaryDirectory()
    try Journal.open(directory.path).close()
    let byteCount = try DatabaseQueue(path: "\(directory.path)/journal.db").inDatabase {
      // With what a cell and its columns' types take beside the texts, at most.
      try Int.fetchOne(
        $0,
        sql: """
          SELECT sum(coalesce(length(sql), 0) + length(name) + length(tbl_name) + length(type) + 20)
          FROM sqlite_schema
          """)
    }
    #expect(try #require(byteCount) < 4096 - 108)
  }
}

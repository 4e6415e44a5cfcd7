import Reactor
import Testing

@testable import Journal

@Suite struct JournalTests {
  let directory: TemporaryDirectory
  let time = TestClock()

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func open() throws -> Journal {
    try Journal.open(directory.path, clock: time.clock())
  }

  @Test func `what was stored is read back after a restart`() async throws {
    let delivery = Sample.delivery("id-1", body: "{\"a\":1}")
    var journal = try open()
    let stored = try #require(try await journal.commit(delivery).stored)
    journal.close()

    journal = try open()
    defer { journal.close() }
    let whole = try #require(try await journal.delivery(delivery.id))
    #expect(whole.body == delivery.body)
    #expect(whole.head == delivery.head)
    #expect(whole.event == delivery.event)
    #expect(whole.summary.runs == stored.runs)
    #expect(whole.summary.senderID == "id-1")
    #expect(whole.summary.state == .pending)
    #expect(whole.summary.receivedAt.secondsSince1970 == 1_800_000_000)
    #expect(whole.objects.values.map { $0 } == [Sample.run("build-id-1").object])
    #expect(
      whole.summary.decisions.map(\.verdict) == [
        .run, .skip(reason: "branch", message: "not main"),
      ])
    #expect(journal.counts.deliveries == 1)
    #expect(journal.counts.pending == 1)
  }

  @Test func `a second journal in the same directory is refused`() throws {
    let journal = try open()
    defer { journal.close() }
    let error = #expect(throws: JournalError.self) { try open() }
    #expect(error?.code == .locked)
    #expect(error?.message.contains(directory.path) == true)
    #expect(error?.message.contains("process") == true)
  }

  @Test func `a run is given out once, until it ends or is given back`() async throws {
    let journal = try open()
    defer { journal.close() }
    _ = try await journal.commit(Sample.delivery("id-1"))
    let first = try await journal.claim(ClaimRequest(limit: 10))
    let run = try #require(first.runs.first)
    #expect(first.runs.count == 1)
    #expect(run.name == "build-id-1")
    #expect(try await journal.claim(ClaimRequest(limit: 10)).runs.isEmpty)
    journal.release(run.id)
    #expect(try await journal.claim(ClaimRequest(limit: 10)).runs.map(\.id) == [run.id])
    journal.end(run.id, .created(uid: "u"))
    #expect(try await journal.claim(ClaimRequest(limit: 10)).runs.isEmpty)
    let whole = try #require(try await journal.delivery(run.delivery))
    #expect(whole.summary.state == .done)
    #expect(whole.summary.runs.map(\.uid) == ["u"])
  }
}

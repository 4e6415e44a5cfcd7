import Reactor
import Testing

@testable import Journal

@Suite struct DuplicateTests {
  let directory: TemporaryDirectory
  let time = TestClock()

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func open(boot: String = "boot", wall: Int64 = 1_800_000_000) throws -> Journal {
    try Journal.open(directory.path, clock: time.clock(wall: wall, boot: boot))
  }

  @Test func `of a hundred at once, one is stored`() async throws {
    let journal = try open()
    defer { journal.close() }
    let outcomes = try await withThrowingTaskGroup(of: CommitOutcome.self) { group in
      for _ in 0..<100 {
        group.addTask { try await journal.commit(Sample.delivery("id-1")) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let stored = outcomes.compactMap(\.stored)
    #expect(stored.count == 1)
    #expect(Set(outcomes.compactMap(\.duplicate?.id)) == Set(stored.map(\.id)))
    #expect(outcomes.compactMap(\.duplicate).count == 99)
    #expect(journal.counts.pending == 1)
  }

  @Test func `a redelivery after a restart gets the first decisions`() async throws {
    var journal = try open()
    let first = try #require(try await journal.commit(Sample.delivery("id-1")).stored)
    journal.close()
    journal = try open()
    defer { journal.close() }
    let again = try #require(try await journal.commit(Sample.delivery("id-1")).duplicate)
    #expect(again.id == first.id)
    #expect(again.decisions.map(\.trigger) == ["build", "docs"])
    #expect(again.runs == first.runs)
  }

  @Test func `the same id at another hook, or no id, is no duplicate`() async throws {
    let journal = try open()
    defer { journal.close() }
    #expect(try await journal.commit(Sample.delivery("id-1")).stored != nil)
    #expect(try await journal.commit(Sample.delivery("id-1", hook: "ci/other")).stored != nil)
    #expect(try await journal.commit(Sample.delivery(nil)).stored != nil)
    #expect(try await journal.commit(Sample.delivery(nil)).stored != nil)
  }

  @Test func `another body under a known id is reported, then stored and flagged`() async throws {
    let journal = try open()
    defer { journal.close() }
    let first = try #require(try await journal.commit(Sample.delivery("id-1")).stored)
    var other = Sample.delivery("id-1", body: "{\"other\":1}")
    guard case .conflict(let id) = try await journal.commit(other) else {
      Issue.record("no conflict was reported")
      return
    }
    #expect(id == first.id)
    #expect(other.conflictKey.hasPrefix("id-1#"))
    other.conflictPolicy = .store
    let stored = try #require(try await journal.commit(other).stored)
    #expect(stored.isConflicting)
    let repeated = Sample.delivery("id-1", body: "{\"other\":1}")
    #expect(try await journal.commit(repeated).duplicate?.id == stored.id)
  }

  @Test(arguments: [(86_399, true), (86_400, false), (86_401, false)])
  func `a body under another id is known within the window`(
    seconds: Int64, isDuplicate: Bool
  ) async throws {
    let journal = try open()
    defer { journal.close() }
    let day = Duration.seconds(86_400)
    _ = try await journal.commit(Sample.delivery("id-1", window: day))
    time.monotonic.advance(by: .seconds(seconds))
    let outcome = try await journal.commit(Sample.delivery("id-2", window: day))
    #expect((outcome.duplicate != nil) == isDuplicate)
  }

  @Test(arguments: [-31_536_000, -3600, 3600, 31_536_000] as [Int64])
  func `a wall clock that jumps moves no window`(jump: Int64) async throws {
    let day = Duration.seconds(86_400)
    var journal = try open()
    _ = try await journal.commit(Sample.delivery("id-1", window: day))
    journal.close()
    // The same start of the machine: its own clock tells how long it was.
    time.monotonic.advance(by: .seconds(86_399))
    journal = try open(wall: 1_800_000_000 + jump)
    #expect(try await journal.commit(Sample.delivery("id-2", window: day)).duplicate != nil)
    time.monotonic.advance(by: .seconds(1))
    #expect(try await journal.commit(Sample.delivery("id-3", window: day)).stored != nil)
    journal.close()
  }

  @Test func `after a start of the machine with an early clock nothing has expired`() async throws {
    let day = Duration.seconds(86_400)
    var journal = try open()
    _ = try await journal.commit(Sample.delivery("id-1", window: day))
    journal.close()
    journal = try open(boot: "another", wall: 0)
    #expect(try await journal.commit(Sample.delivery("id-2", window: day)).duplicate != nil)
    journal.close()
    journal = try open(boot: "third", wall: 1_800_000_000 + 86_401)
    #expect(try await journal.commit(Sample.delivery("id-3", window: day)).stored != nil)
    journal.close()
  }

  @Test func `a redelivery tries dead letters again`() async throws {
    let journal = try open()
    defer { journal.close() }
    let runs = [Sample.run("a"), Sample.run("b")]
    let decisions = [NewDecision(trigger: "t", verdict: .run(runs))]
    let delivery = Sample.delivery("id-1", decisions: decisions)
    guard case .stored(_, let claimed, _) = try await journal.commit(delivery, claim: .caller)
    else {
      Issue.record("not stored")
      return
    }
    try #require(claimed.count == 2)
    journal.end(claimed[0], .dead(Sample.failure))
    journal.end(claimed[1], .created(uid: nil))
    let letters = try await journal.deadLetters().letters
    #expect(letters.map(\.run.failure) == [Sample.failure])
    let again = try await journal.commit(Sample.delivery("id-1", decisions: decisions))
    #expect(again.retried == [claimed[0]])
    #expect(try await journal.claim(ClaimRequest(limit: 9)).runs.map(\.name) == ["a"])
    #expect(journal.counts.dead == 0)
  }

  @Test func `a redelivery replaces a decision that failed`() async throws {
    let journal = try open()
    defer { journal.close() }
    let failing = [NewDecision(trigger: "t", verdict: .fail(message: "no such path"))]
    let first = Sample.delivery("id-1", decisions: failing)
    _ = try await journal.commit(first)
    #expect(try await journal.delivery(first.id)?.summary.state == .failed)
    let still = try await journal.commit(Sample.delivery("id-1", decisions: failing))
    #expect(still.retried == [])
    let mended = [NewDecision(trigger: "t", verdict: .run([Sample.run("x")]))]
    let again = try await journal.commit(Sample.delivery("id-1", decisions: mended))
    #expect(again.retried.count == 1)
    #expect(again.duplicate?.decisions.map(\.verdict) == [.run])
    #expect(try await journal.claim(ClaimRequest(limit: 9)).runs.map(\.name) == ["x"])
    #expect(try await journal.deadLetters().letters.isEmpty)
  }
}

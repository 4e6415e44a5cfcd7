import Reactor
import Testing

@testable import Journal

@Suite struct RunTests {
  let directory: TemporaryDirectory
  let time = TestClock()
  let journal: Journal

  init() throws {
    directory = try TemporaryDirectory()
    journal = try Journal.open(directory.path, clock: time.clock())
  }

  private func commit(
    _ id: String, lane: String = "ci", order: RunOrder = .any, runs: Int = 1
  ) async throws {
    let runs = (0..<runs).map { Sample.run("\(id)-\($0)", lane: lane) }
    let decision = NewDecision(trigger: "t", order: order, verdict: .run(runs))
    _ = try await journal.commit(Sample.delivery(id, decisions: [decision]))
  }

  private func claim(_ limit: Int = 100, not lanes: Set<String> = []) async throws -> ClaimedRuns {
    try await journal.claim(ClaimRequest(limit: limit, excludedLanes: lanes))
  }

  @Test func `a run that is to be tried again is due at its time`() async throws {
    defer { journal.close() }
    try await commit("a")
    let run = try #require(try await claim().runs.first)
    #expect(try await journal.beginAttempt(run.id) == 1)
    journal.end(run.id, .retry(after: .seconds(30), Sample.failure))
    let none = try await claim()
    #expect(none.runs.isEmpty)
    #expect(none.nextDue == .seconds(30))
    time.monotonic.advance(by: .seconds(30))
    let again = try #require(try await claim().runs.first)
    #expect(again.id == run.id)
    #expect(again.attemptCount == 1)
    #expect(again.age == .seconds(30))
    let stored = try #require(try await journal.delivery(run.delivery)?.summary.runs.first)
    #expect(stored.failure == Sample.failure)
  }

  @Test func `a try that failed is counted, whether or not it was before`() async throws {
    defer { journal.close() }
    try await commit("a")
    for count in 0..<4 {
      let run = try #require(try await claim().runs.first)
      #expect(run.attemptCount == count)
      if count % 2 == 1 { #expect(try await journal.beginAttempt(run.id) == count + 1) }
      journal.end(run.id, .retry(after: .zero, Sample.failure))
    }
  }

  @Test func `each lane gets its share, in the order of arrival`() async throws {
    defer { journal.close() }
    for number in 0..<20 { try await commit("busy-\(number)", lane: "busy") }
    for number in 0..<3 { try await commit("calm-\(number)", lane: "calm") }
    let first = try await claim(4)
    #expect(first.runs.map(\.name).filter { $0.hasPrefix("calm") } == ["calm-0-0", "calm-1-0"])
    #expect(first.runs.map(\.name).filter { $0.hasPrefix("busy") } == ["busy-0-0", "busy-1-0"])
    #expect(first.nextDue == .zero)
    #expect(try await claim(9, not: ["busy"]).runs.map(\.name) == ["calm-2-0"])
  }

  @Test func `more lanes than are asked for all get a turn`() async throws {
    defer { journal.close() }
    for number in 0..<6 { try await commit("run-\(number)", lane: "lane-\(number)") }
    var names: Set<String> = []
    for _ in 0..<3 { names.formUnion(try await claim(2).runs.map(\.lane)) }
    #expect(names.count == 6)
  }

  @Test func `serial runs wait for those before them`() async throws {
    defer { journal.close() }
    for id in ["a", "b", "c"] { try await commit(id, order: .serial) }
    var names: [String] = []
    for result in [RunResult.created(uid: nil), .dead(Sample.failure), .superseded(Sample.failure)]
    {
      let runs = try await claim().runs
      #expect(runs.count == 1)
      let run = try #require(runs.first)
      #expect(run.order == .serial)
      names.append(run.name)
      journal.end(run.id, .retry(after: .zero, Sample.failure))
      #expect(try await claim().runs.map(\.id) == [run.id])
      journal.end(run.id, result)
    }
    #expect(names == ["a-0", "b-0", "c-0"])
    #expect(try await claim().runs.isEmpty)
    #expect(journal.counts.pending == 0)
  }

  @Test func `a late second mark changes nothing`() async throws {
    defer { journal.close() }
    try await commit("a")
    let run = try #require(try await claim().runs.first)
    journal.end(run.id, .created(uid: "first"))
    journal.end(run.id, .dead(Sample.failure))
    let stored = try await journal.delivery(run.delivery)?.summary.runs.first
    #expect(stored?.state == .created)
    #expect(stored?.uid == "first")
    #expect(journal.counts.dead == 0)
  }

  @Test func `a deferred decision is taken once`() async throws {
    defer { journal.close() }
    let payload = Sample.bytes("ask the interceptor")
    let deferred = NewDecision(
      trigger: "t", order: .serial, verdict: .defer(payload: payload, lane: "net", message: "ask"))
    _ = try await journal.commit(Sample.delivery("a", decisions: [deferred]))
    try await commit("b", order: .serial)
    let due = try #require(try await claim().runs.first)
    #expect(due.task == .decide)
    #expect(due.object == payload)
    #expect(try await claim().runs.isEmpty)
    let decision = NewDecision(trigger: "t", order: .serial, verdict: .run([Sample.run("x")]))
    #expect(try await journal.decide(due.id, as: decision).map(\.name) == ["x"])
    #expect(try await journal.decide(due.id, as: decision).isEmpty)
    let delivery = try #require(try await journal.delivery(due.delivery))
    #expect(delivery.summary.decisions.map(\.verdict) == [.run])
    #expect(delivery.summary.runs.map(\.name) == ["x"])
  }

  @Test func `a caller is given no deferred decision, which is in the queue`() async throws {
    defer { journal.close() }
    let deferred = NewDecision(
      trigger: "t", verdict: .defer(payload: [], lane: "net", message: "ask"))
    let run = NewDecision(trigger: "u", verdict: .run([Sample.run("x")]))
    let outcome = try await journal.commit(
      Sample.delivery("a", decisions: [deferred, run]), claim: .caller)
    guard case .stored(let stored, let claimed, _) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(claimed == stored.runs.filter { $0.task == .create }.map(\.id))
    #expect(try await claim().runs.map(\.task) == [.decide])
  }

  @Test func `tries that end with the process are counted, and wait ever longer`() async throws {
    try await commit("a")
    var journal = journal
    var waits: [Duration] = []
    for count in 1...9 {
      let run = try #require(try await journal.claim(ClaimRequest(limit: 9)).runs.first)
      #expect(run.interruptionCount == count - 1)
      #expect(try await journal.beginAttempt(run.id) == count)
      journal.close()
      journal = try Journal.open(directory.path, clock: time.clock())
      let none = try await journal.claim(ClaimRequest(limit: 9))
      #expect(none.runs.isEmpty)
      let wait = try #require(none.nextDue)
      waits.append(wait)
      time.monotonic.advance(by: wait)
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 64, 64].map { .seconds($0) })
    let run = try #require(try await journal.claim(ClaimRequest(limit: 9)).runs.first)
    #expect(try await journal.beginAttempt(run.id) == 10)
    journal.end(run.id, .retry(after: .zero, Sample.failure))
    let again = try await journal.claim(ClaimRequest(limit: 9)).runs.first
    #expect(again?.interruptionCount == 0)
    #expect(again?.attemptCount == 10)
    journal.close()
  }

  @Test func `lists are newest first, by page, hook and state`() async throws {
    defer { journal.close() }
    for number in 0..<5 { try await commit("d-\(number)") }
    let skip = [NewDecision(trigger: "t", verdict: .skip(reason: "event", message: ""))]
    _ = try await journal.commit(Sample.delivery("quiet", hook: "ci/other", decisions: skip))
    var request = ListRequest(limit: 4)
    var ids: [String?] = []
    while true {
      let page = try await journal.list(request)
      ids += page.deliveries.map(\.senderID)
      guard let next = page.next else { break }
      request.page = PageToken(next.description)
    }
    #expect(ids == ["quiet", "d-4", "d-3", "d-2", "d-1", "d-0"])
    let quiet = try await journal.list(ListRequest(state: .ignored)).deliveries
    #expect(quiet.map(\.senderID) == ["quiet"])
    #expect(try await journal.list(ListRequest(hook: "ci/other")).deliveries.count == 1)
    #expect(try await journal.list(ListRequest(state: .pending)).deliveries.count == 5)
    #expect(try await journal.list(ListRequest(state: .failed)).deliveries.isEmpty)
  }
}

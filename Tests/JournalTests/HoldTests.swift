import Reactor
import Testing

@testable import Journal

@Suite struct HoldTests {
  static let revision = String(repeating: "a", count: 40)
  static let later = "aaaaaaa" + String(repeating: "b", count: 33)

  let directory: TemporaryDirectory
  let time = TestClock()
  let journal: Journal

  init() throws {
    directory = try TemporaryDirectory()
    journal = try Journal.open(directory.path, clock: time.clock())
  }

  /// Commits a push to a pull request of which a run is held.
  @discardableResult
  private func push(
    _ id: String, revision: String = revision, subject: String = "octo/app#7",
    trigger: String = "t", order: RunOrder = .any, into journal: Journal? = nil
  ) async throws -> StoredDelivery {
    let hold = NewHold(subject: subject, revision: revision, message: "comes from a fork")
    var delivery = Sample.delivery(
      id,
      decisions: [
        NewDecision(trigger: trigger, order: order, verdict: .held([Sample.run(id)], hold))
      ])
    delivery.revisions = [NewRevision(subject: subject, revision: revision)]
    return try #require(try await (journal ?? self.journal).commit(delivery).stored)
  }

  /// Commits a comment that approves.
  private func approve(
    _ id: String, prefix: String? = nil, subject: String = "octo/app#7",
    triggers: Set<String> = ["t"], hook: String = "ci/app"
  ) async throws -> ApprovalOutcome? {
    var delivery = Sample.delivery(id, hook: hook, decisions: [])
    delivery.approvals = [
      NewApproval(
        subject: subject, revisionPrefix: prefix, triggers: triggers, approver: "maintainer")
    ]
    guard case .stored(_, _, let outcomes) = try await journal.commit(delivery) else { return nil }
    return outcomes.first
  }

  private func claimed() async throws -> [String] {
    try await journal.claim(ClaimRequest(limit: 100)).runs.map(\.name)
  }

  @Test func `a held run is created by nobody, and stays so over a restart`() async throws {
    let stored = try await push("a")
    #expect(stored.state == .held)
    #expect(stored.decisions.map(\.verdict) == [.held(message: "comes from a fork")])
    #expect(try await claimed().isEmpty)
    #expect(journal.counts.held == 1 && journal.counts.pending == 0)
    journal.close()
    let again = try Journal.open(directory.path, clock: time.clock())
    defer { again.close() }
    #expect(again.counts.held == 1)
    #expect(try await again.claim(ClaimRequest(limit: 9)).runs.isEmpty)
    #expect(try await again.list(ListRequest(state: .held)).deliveries.map(\.id) == [stored.id])
    #expect(try await again.revive(stored.id) == [])
  }

  @Test func `an approval releases the newest revision, and nothing pushed later`() async throws {
    defer { journal.close() }
    try await push("old")
    try await push("new", revision: Self.later)
    let outcome = try #require(try await approve("c-1"))
    guard case .released(let runs) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(runs.map(\.name) == ["new"])
    #expect(runs.first?.hold?.approver == "maintainer")
    #expect(try await claimed() == ["new"])
    try await push("latest", revision: Self.revision)
    #expect(try await claimed().isEmpty)
    #expect(journal.counts.held == 2)
    let shown = try await journal.list(ListRequest()).deliveries.first { $0.senderID == "new" }
    let hold = try #require(shown?.runs.first?.hold)
    #expect(hold.approver == "maintainer" && hold.revision == Self.later)
    #expect(hold.approval != nil)
  }

  @Test func `the newest revision counts even when nothing of it is held`() async throws {
    defer { journal.close() }
    try await push("old")
    var skipped = Sample.delivery("skipped", decisions: [])
    skipped.revisions = [NewRevision(subject: "octo/app#7", revision: Self.later)]
    _ = try await journal.commit(skipped)
    #expect(try await approve("c-1") == .otherRevision(Self.later))
    #expect(try await claimed().isEmpty)
    _ = try await approve("c-2", prefix: String(Self.revision.prefix(9)))
    #expect(try await claimed() == ["old"])
  }

  @Test func `an approval that is not about what waits releases nothing`() async throws {
    defer { journal.close() }
    try await push("a")
    try await push("b", revision: Self.later)
    #expect(try await approve("c-1", prefix: "aaaaaaa") == .ambiguous)
    #expect(try await approve("c-2", prefix: "bbbbbbb") == .otherRevision("bbbbbbb"))
    #expect(try await approve("c-3", subject: "octo/app#8") == .nothingHeld)
    #expect(try await approve("c-4", hook: "ci/other") == .nothingHeld)
    #expect(try await approve("c-5", triggers: []) == .notAllowed)
    #expect(try await approve("c-6", triggers: ["other"]) == .notAllowed)
    #expect(try await claimed().isEmpty)
    #expect(journal.counts.held == 2)
  }

  @Test func `an approval takes effect once`() async throws {
    defer { journal.close() }
    #expect(try await approve("c-1") == .nothingHeld)
    try await push("a")
    // The same delivery again is known, and approves of nothing.
    #expect(try await approve("c-1") == nil)
    #expect(try await claimed().isEmpty)
    _ = try await approve("c-2")
    #expect(try await approve("c-3") == .nothingHeld)
    #expect(try await claimed() == ["a"])
  }

  @Test func `a run that nobody approves is given up with the reason, and never released`()
    async throws
  {
    defer { journal.close() }
    let stored = try await push("a")
    time.monotonic.advance(by: .seconds(6 * 86_400 + 120))
    // The thread looks after itself behind each transaction; the next one sees what it did.
    _ = try await journal.list(ListRequest())
    let expired = try #require(try await journal.summary(stored.id))
    #expect(expired.state == .failed)
    #expect(expired.runs.first?.failure?.reason == "NotApproved")
    #expect(try await approve("c-1") == .nothingHeld)
    // A redelivery makes it wait again.
    let again = try await journal.commit(
      Sample.delivery("a", decisions: [NewDecision(trigger: "t", verdict: .fail(message: ""))]))
    #expect(again.duplicate?.state == .held)
    #expect(again.retried == [])
    #expect(try await claimed().isEmpty)
    _ = try await approve("c-2")
    #expect(try await claimed() == ["a"])
  }

  @Test func `held runs hold up no later one of their trigger, and take their turn`() async throws {
    defer { journal.close() }
    try await push("held", order: .serial)
    let run = NewDecision(trigger: "t", order: .serial, verdict: .run([Sample.run("plain")]))
    _ = try await journal.commit(Sample.delivery("plain", decisions: [run]))
    #expect(journal.counts.pending == 1)
    _ = try await approve("c-1")
    #expect(journal.counts.pending == 2)
    let first = try #require(try await journal.claim(ClaimRequest(limit: 9)).runs.first)
    #expect(first.name == "plain")
    #expect(try await claimed().isEmpty)
    journal.end(first.id, .created(uid: nil))
    #expect(try await claimed() == ["held"])
  }

  @Test func `a journal that reaches its size forgets held runs like finished ones`() async throws {
    journal.close()
    var limits = JournalLimits()
    limits.byteCountMax = 1 << 20
    let small = try TemporaryDirectory()
    let journal = try Journal.open(small.path, limits: limits, clock: time.clock())
    defer { journal.close() }
    let text = String(repeating: "x", count: 20_000)
    for number in 0..<200 {
      let hold = NewHold(subject: "octo/app#\(number)", revision: Self.revision, message: "")
      let delivery = Sample.delivery(
        "id-\(number)", body: "{\"\(number)\":\"\(text)\"}",
        decisions: [NewDecision(trigger: "t", verdict: .held([Sample.run("r-\(number)")], hold))])
      #expect(try await journal.commit(delivery).stored != nil)
    }
    #expect(journal.counts.byteCount < 2 << 20)
    #expect(journal.counts.held > 10 && journal.counts.held < 100)
  }

  @Test func `what a deferred decision holds waits for an approval, too`() async throws {
    defer { journal.close() }
    let deferred = NewDecision(
      trigger: "t", verdict: .defer(payload: [], lane: "net", message: "files"))
    _ = try await journal.commit(Sample.delivery("a", decisions: [deferred]))
    let due = try #require(try await journal.claim(ClaimRequest(limit: 9)).runs.first)
    let hold = NewHold(subject: "octo/app#7", revision: Self.revision, message: "fork")
    _ = try await journal.decide(
      due.id, as: NewDecision(trigger: "t", verdict: .held([Sample.run("x")], hold)))
    #expect(try await claimed().isEmpty)
    #expect(try await approve("c-1", prefix: "aaaaaaa") != .nothingHeld)
    #expect(try await claimed() == ["x"])
  }
}

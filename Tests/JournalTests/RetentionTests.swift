import Reactor
import Synchronization
import Testing

@testable import Journal

@Suite struct RetentionTests {
  let directory: TemporaryDirectory
  let time = TestClock()

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// Commits and ends its run.
  private func finished(_ journal: Journal, _ id: String, body: String = "{}") async throws {
    let outcome = try await journal.commit(Sample.delivery(id, body: body), claim: .caller)
    guard case .stored(_, let claimed, _) = outcome else { return }
    for run in claimed { journal.end(run, .created(uid: nil)) }
  }

  @Test func `what is old goes, and what is not finished stays`() async throws {
    let journal = try Journal.open(directory.path, clock: time.clock())
    defer { journal.close() }
    try await finished(journal, "old")
    _ = try await journal.commit(Sample.delivery("open"))
    time.monotonic.advance(by: .seconds(7 * 86_400 + 120))
    try await finished(journal, "new")
    // The thread looks after itself behind each transaction; the next one sees what it did.
    _ = try await journal.list(ListRequest())
    let left = try await journal.list(ListRequest()).deliveries
    #expect(left.map(\.senderID) == ["new", "open"])
    #expect(journal.counts.deliveries == 2)
  }

  @Test func `a journal that reaches its size forgets the oldest`() async throws {
    var limits = JournalLimits()
    limits.byteCountMax = 1 << 20
    let journal = try Journal.open(directory.path, limits: limits, clock: time.clock())
    defer { journal.close() }
    let text = String(repeating: "x", count: 20_000)
    for first in stride(from: 0, to: 400, by: 20) {
      try await withThrowingTaskGroup { group in
        for number in first..<(first + 20) {
          group.addTask {
            try await finished(journal, "id-\(number)", body: "{\"\(number)\":\"\(text)\"}")
          }
        }
        try await group.waitForAll()
      }
    }
    let left = try await journal.list(ListRequest(limit: 500)).deliveries.compactMap(\.senderID)
    #expect(left.prefix(20).allSatisfy { $0.hasPrefix("id-3") })
    #expect(left.count > 10 && left.count < 100, "\(left.count) left")
    #expect(journal.counts.byteCount < 2 << 20)
  }

  @Test func `a journal that is full of unfinished work refuses, and recovers`() async throws {
    var limits = JournalLimits()
    limits.byteCountMax = 1 << 20
    let journal = try Journal.open(directory.path, limits: limits, clock: time.clock())
    defer { journal.close() }
    let text = String(repeating: "x", count: 20_000)
    var refusal: JournalError?
    for number in 0..<100 where refusal == nil {
      do throws(JournalError) {
        _ = try await journal.commit(
          Sample.delivery("id-\(number)", body: "{\"\(number)\":\"\(text)\"}"))
      } catch {
        refusal = error
      }
    }
    #expect(refusal?.code == .full)
    #expect(refusal?.retryAfter == limits.retryAfter)
    for run in try await journal.claim(ClaimRequest(limit: 1000)).runs {
      journal.end(run.id, .created(uid: nil))
    }
    _ = try await journal.list(ListRequest())
    _ = try await journal.list(ListRequest())
    #expect(try await journal.commit(Sample.delivery("after")).stored != nil)
  }

  @Test func `who gives up waiting is told so`() async throws {
    let journal = try Journal.open(directory.path, clock: time.clock())
    let task = Task { () async -> JournalError.Code? in
      unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
      do throws(JournalError) {
        _ = try await journal.commit(Sample.delivery("id"))
        return nil
      } catch {
        return error.code
      }
    }
    #expect(await task.value == .abandoned)
    journal.close()
    let error = await #expect(throws: JournalError.self) {
      try await journal.commit(Sample.delivery("late"))
    }
    #expect(error?.code == .closed)
  }
}

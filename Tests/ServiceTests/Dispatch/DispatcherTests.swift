import JSON
import Kubernetes
import Logging
import Reactor
import Synchronization
import Testing

@testable import Journal
@testable import Service

/// The dispatcher and the journal on clocks that the test moves: hours take no time.
@Suite struct DispatcherTests {
  /// An API server that gives the answers of a list, the last one for good, and notes the times.
  private final class Target: RunTarget {
    private let clock: ManualClock
    private let answers: Mutex<[KubernetesError?]>
    private let times = Mutex<[MonotonicInstant]>([])

    init(_ clock: ManualClock, _ answers: [KubernetesError?]) {
      self.clock = clock
      self.answers = Mutex(answers)
    }

    var attempts: [MonotonicInstant] { times.withLock { $0 } }

    /// Between each attempt and the next.
    var gaps: [Duration] {
      let attempts = attempts
      return zip(attempts, attempts.dropFirst()).map { $0.duration(to: $1) }
    }

    func create(
      _ object: JSONValue, namespace: String?
    ) async throws(KubernetesError) -> JSONValue {
      times.withLock { $0.append(clock.now) }
      let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      if let answer { throw answer }
      return object
    }

    func get(
      apiVersion: String, kind: String, namespace: String?, name: String
    ) async throws(KubernetesError) -> JSONValue {
      throw KubernetesError(.notFound, httpStatus: 404, message: "not found")
    }
  }

  /// Draws the longest delay each time.
  private struct Longest: RandomNumberGenerator {
    func next() -> UInt64 { .max }
  }

  /// Commits one delivery and moves the time in steps until its run has ended.
  private func run(
    _ answers: [KubernetesError?], policy: RetryPolicy = RetryPolicy(),
    step: Duration = .milliseconds(100)
  ) async throws -> (run: StoredRun, target: Target) {
    let clock = ManualClock()
    let loops = try EventLoopGroup(loopCount: 1, clock: clock)
    defer { loops.stop() }
    let folder = try StateFolder()
    let journal = try Journal.open(
      folder.path,
      clock: JournalClock(
        monotonic: clock, wall: { WallTime(secondsSince1970: 1_800_000_000, nanoseconds: 0) },
        bootID: "boot"))
    let target = Target(clock, answers)
    let dispatcher = Dispatcher(
      journal: journal, target: target, loops: loops,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, policy: policy,
      clock: clock, random: Longest())
    let new = NewRun(
      apiVersion: "v1", kind: "ConfigMap", namespace: "ci", name: "a", object: Array("{}".utf8),
      lane: "ci")
    let outcome = try await journal.commit(
      NewDelivery(
        hook: "ci/app", source: "github", kind: "push", senderID: "d", replayWindow: nil, head: [],
        event: [], body: [], decisions: [NewDecision(trigger: "t", verdict: .run([new]))]))
    guard case .stored(let stored, _, _) = outcome else { throw NeverEnded() }
    dispatcher.start()
    var ended: StoredRun?
    for _ in 0..<Self.stepLimit where ended == nil {
      // Asking the journal takes a turn of its thread, in which the others work.
      let run = try await journal.summary(stored.id)?.runs.first
      if run?.state.isFinal == true { ended = run } else { clock.advance(by: step) }
    }
    await dispatcher.stop()
    journal.close()
    return (try #require(ended), target)
  }

  private struct NeverEnded: Error {}

  private static let stepLimit = 1_000_000

  @Test func `a server that asks for time is given it`() async throws {
    let busy = KubernetesError(
      .tooManyRequests, httpStatus: 429, message: "busy", retry: .after(.seconds(2)))
    let (run, target) = try await run([busy, busy, busy, nil])
    #expect(run.state == .created)
    #expect(target.attempts.count == 4)
    #expect(target.gaps.allSatisfy { $0 >= .seconds(2) }, "\(target.gaps)")
    #expect(run.attemptCount == 3)
  }

  @Test func `credentials that are refused keep the run, and are tried again`() async throws {
    let refused = KubernetesError(
      .unauthorized, httpStatus: 401, message: "Unauthorized", retry: .backoff)
    let (run, target) = try await run([refused, refused, nil])
    #expect(run.state == .created)
    #expect(target.attempts.count == 3)
    #expect(run.failure == nil)
  }

  @Test func `each failure doubles the longest delay, up to the limit`() async throws {
    let away = KubernetesError(
      .unavailable, httpStatus: 503, message: "away", retry: .backoff, outcome: .ambiguous)
    var policy = RetryPolicy()
    policy.delayMax = .seconds(4)
    let (_, target) = try await run(
      Array(repeating: away, count: 6) + [nil], policy: policy, step: .milliseconds(50))
    for (gap, least) in zip(target.gaps, [500, 1000, 2000, 4000, 4000, 4000]) {
      #expect(gap >= .milliseconds(least), "\(target.gaps)")
    }
  }

  @Test func `what fails for a day is a dead letter with the last reason`() async throws {
    let away = KubernetesError(
      .unavailable, httpStatus: 503, reason: "ServiceUnavailable", message: "away",
      retry: .backoff, outcome: .ambiguous)
    var policy = RetryPolicy()
    policy.delayMax = .seconds(3600)
    let (run, target) = try await run([away], policy: policy, step: .seconds(60))
    #expect(run.state == .dead)
    #expect(run.failure?.reason == "ServiceUnavailable")
    #expect(
      run.failure?.message.contains("given up after 2") == true,
      "\(String(describing: run.failure))")
    let first = try #require(target.attempts.first)
    let last = try #require(target.attempts.last)
    // The test's time runs ahead of what the dispatcher does about it.
    #expect(first.duration(to: last) <= policy.ageMax + policy.delayMax)
    #expect(target.attempts.count > 20)
  }
}

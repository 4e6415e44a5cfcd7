import Hooks
import JSON
import Journal
import Kubernetes
import Reactor
@testable import Service
import Synchronization
import Testing

/// A scheduler whose time is moved by hand, with a journal on disk and a cluster in memory.
struct SchedulerFixture {
  /// The time of day, which stands still.
  final class Wall: Sendable {
    private let seconds: Mutex<Int64>

    init(_ seconds: Int64) { self.seconds = Mutex(seconds) }

    var now: Int64 {
      get { seconds.withLock { $0 } }
      set { seconds.withLock { $0 = newValue } }
    }
  }

  let wall: Wall
  let clock: ManualClock
  let journal: Journal
  let scheduler: Scheduler
  let deliveries: Deliveries
  let log: LogCapture

  /// A hook with one trigger, `nightly`.
  static func hook(
    _ schedule: String, missed: String = "latest", when: String = "true"
  ) throws -> Hook {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata: { name: app, namespace: ci }
      spec:
        triggers:
        - name: nightly
          schedule: "\(schedule)"
          missed: \(missed)
          when: "\(when)"
          run:
            apiVersion: tekton.dev/v1
            kind: PipelineRun
            metadata: { generateName: nightly- }
            spec: { params: [{ name: time, value: $(event.time) }] }
      """
    let (set, diagnostics) = HookSet.compile(files: [(name: "a.yaml", text: text)])
    return try #require(set.hooks.values.first, "\(diagnostics)")
  }

  /// Runs a test while the scheduler runs.
  static func run(
    _ hook: Hook, from start: Int64, cluster: FakeCluster, state: StateFolder,
    _ test: (SchedulerFixture) async throws -> Void
  ) async throws {
    let wall = Wall(start)
    let clock = ManualClock()
    let loops = try EventLoopGroup(loopCount: 1, clock: clock)
    defer { loops.stop() }
    let log = LogCapture()
    let journal = try Journal.open(state.path)
    defer { journal.close() }
    let dispatcher = Dispatcher(
      journal: journal, target: cluster, loops: loops, logger: log.logger, policy: .impatient)
    dispatcher.start()
    let deliveries = Deliveries(
      journal: journal, dispatcher: dispatcher, target: cluster, loops: loops, clock: clock)
    let scheduler = Scheduler(
      hooks: [hook], deliveries: deliveries, logger: log.logger,
      wall: { WallTime(secondsSince1970: wall.now, nanoseconds: 0) })
    scheduler.start()
    let fixture = SchedulerFixture(
      wall: wall, clock: clock, journal: journal, scheduler: scheduler,
      deliveries: deliveries, log: log)
    let result: Result<Void, any Error>
    do { result = .success(try await test(fixture)) } catch { result = .failure(error) }
    await scheduler.stop()
    await dispatcher.stop()
    try result.get()
  }

  /// Time passes; the scheduler looks again.
  func pass(_ seconds: Int64) {
    wall.now += seconds
    clock.advance(by: .seconds(seconds))
  }

  /// The senders' ids of all deliveries, oldest first, once there are so many that have ended.
  func deliveries(_ count: Int) async throws -> [String] {
    for _ in 0..<100_000 {
      let page = try await journal.list(ListRequest(limit: 500))
      if page.deliveries.count >= count,
        page.deliveries.allSatisfy({ $0.runs.allSatisfy(\.state.isFinal) })
      {
        return page.deliveries.reversed().map { $0.senderID ?? "" }
      }
      await look()
    }
    throw NeverCame(count: count)
  }

  /// The mark of the schedule, once it has reached a time.
  func mark(reaching time: Int64) async throws -> ScheduleMark {
    for _ in 0..<100_000 {
      if let mark = try await journal.scheduleMarks().first, mark.handledThrough >= time {
        return mark
      }
      await look()
    }
    throw NeverCame(count: 0)
  }

  /// The scheduler looks at the time of day again, in case it had looked before that was moved and
  /// has begun to sleep after.
  private func look() async {
    clock.advance(by: Scheduler.recheckInterval)
    await Task.yield()
  }

  struct NeverCame: Error { let count: Int }
}

@Suite struct SchedulerTests {
  /// 2026-11-24T00:00:00Z
  private static let day: Int64 = 1_795_478_400

  private let cluster = FakeCluster()
  private let state: StateFolder

  init() throws { state = try StateFolder() }

  private func ids(_ times: String...) -> [String] {
    times.map { "schedule/nightly/2026-11-\($0):00Z" }
  }

  @Test func `each due time is a delivery and a run that bears its time`() async throws {
    let hook = try SchedulerFixture.hook("0 3 * * *")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.pass(3 * 3600)
      let found = try await service.deliveries(1)
      #expect(found == ids("24T03:00"))
      service.pass(24 * 3600)
      let both = try await service.deliveries(2)
      #expect(both == ids("24T03:00", "25T03:00"))
      let stored = try #require(try await service.journal.list(ListRequest()).deliveries.first)
      #expect(stored.source == "schedule" && stored.kind == "schedule")
    }
    #expect(cluster.creationCount == 2)
    let run = try #require(
      cluster.objects.first { $0["spec"]?["params"]?[0]?["value"] == "2026-11-25T03:00:00Z" })
    #expect(run["metadata"]?["annotations"]?["hookline.dev/event"] == "schedule")
  }

  @Test func `a restart makes up for what was missed, and for nothing twice`() async throws {
    let hook = try SchedulerFixture.hook("0 3 * * *")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.pass(3 * 3600)
      _ = try await service.deliveries(1)
      _ = try await service.mark(reaching: Self.day + 3 * 3600)
    }
    // Down for three days, of which the last is made up for.
    try await SchedulerFixture.run(
      hook, from: Self.day + 3 * 86_400 + 12 * 3600, cluster: cluster, state: state
    ) { service in
      let found = try await service.deliveries(2)
      #expect(found == ids("24T03:00", "27T03:00"))
      #expect(service.log.text.contains("due times were missed and are left out"))
      #expect(service.log.text.contains("missed=2"))
      service.pass(15 * 3600)
      let all = try await service.deliveries(3)
      #expect(all == ids("24T03:00", "27T03:00", "28T03:00"))
    }
    #expect(cluster.creationCount == 3)
  }

  @Test(arguments: [("skip", 0, 4), ("latest", 1, 3), ("all", 4, 0)])
  func `what is missed follows the policy`(policy: String, made: Int, omitted: Int) async throws {
    let hook = try SchedulerFixture.hook("0 3 * * *", missed: policy)
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in _ = try await service.mark(reaching: Self.day)
    }
    let now = Self.day + 3 * 86_400 + 12 * 3600
    try await SchedulerFixture.run(hook, from: now, cluster: cluster, state: state) { service in
      _ = try await service.mark(reaching: Self.day + 3 * 86_400 + 3 * 3600)
      let found = try await service.deliveries(made)
      #expect(found.count == made)
      #expect(service.log.text.contains("missed=\(omitted)") == (omitted > 0))
    }
    #expect(cluster.creationCount == made)
  }

  @Test func `replicas make one run of a due time`() async throws {
    let hook = try SchedulerFixture.hook("*/10 * * * *")
    let other = try StateFolder()
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      first in
      try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: other) {
        second in
        for service in [first, second] { _ = try await service.mark(reaching: Self.day) }
        for round in 1...3 {
          for service in [first, second] { service.pass(600) }
          for service in [first, second] { _ = try await service.deliveries(round) }
        }
        for service in [first, second] {
          let runs = try await service.journal.list(ListRequest()).deliveries.flatMap(\.runs)
          #expect(runs.allSatisfy { $0.state == .created })
        }
      }
    }
    #expect(cluster.creationCount == 3)
    #expect(Set(cluster.order).count == 3)
  }

  @Test func `a clock that is set back starts nothing twice`() async throws {
    let hook = try SchedulerFixture.hook("*/10 * * * *")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.pass(600)
      _ = try await service.mark(reaching: Self.day + 600)
      service.wall.now -= 3600
      // An hour passes again; then something new is due.
      for _ in 0..<60 { service.pass(60) }
      for _ in 0..<10 { service.pass(60) }
      let found = try await service.deliveries(2)
      #expect(found == ids("24T00:10", "24T00:20"))
    }
    #expect(cluster.creationCount == 2)
  }

  @Test func `a clock that is set forward is noticed`() async throws {
    let hook = try SchedulerFixture.hook("0 3 * * *")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.wall.now += 3 * 3600
      service.clock.advance(by: Scheduler.recheckInterval)
      let found = try await service.deliveries(1)
      #expect(found == ids("24T03:00"))
    }
  }

  @Test func `a due time is replayed under its name, or forced as another delivery`() async throws {
    let hook = try SchedulerFixture.hook("0 3 * * *")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.pass(3 * 3600)
      _ = try await service.deliveries(1)
      let stored = try #require(try await service.journal.list(ListRequest()).deliveries.first)
      let name = try #require(stored.runs.first?.name)
      cluster.remove(named: name)
      let replay = Replay(
        deliveries: service.deliveries,
        hooks: HookTable([:], waiting: [hook]))
      let retried = try #require(try await replay.retry(stored.id))
      #expect(retried.recreated.map(\.name) == [name])
      guard case .success(let acceptance)? = try await replay.force(stored.id) else {
        Issue.record("not forced")
        return
      }
      let forced = try #require(acceptance.delivery.runs.first?.name)
      #expect(forced != name)
      _ = try await service.deliveries(2)
    }
    let times = cluster.objects.map { $0["spec"]?["params"]?[0]?["value"] }
    #expect(times == ["2026-11-24T03:00:00Z", "2026-11-24T03:00:00Z"])
  }

  @Test func `a condition that is false leaves a delivery with the reason`() async throws {
    let hook = try SchedulerFixture.hook(
      "0 3 * * *", when: "timestamp(event.time).getDayOfWeek() == 0")
    try await SchedulerFixture.run(hook, from: Self.day, cluster: cluster, state: state) {
      service in
      _ = try await service.mark(reaching: Self.day)
      service.pass(3 * 3600)
      _ = try await service.deliveries(1)
      let stored = try #require(try await service.journal.list(ListRequest()).deliveries.first)
      guard case .skip(let reason, _)? = stored.decisions.first?.verdict else {
        Issue.record("\(stored.decisions)")
        return
      }
      #expect(reason == "when")
    }
    #expect(cluster.creationCount == 0)
  }
}

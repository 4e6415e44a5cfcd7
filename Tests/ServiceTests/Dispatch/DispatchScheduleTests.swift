import Kubernetes
import Reactor
import Testing

@testable import Service

@Suite struct DispatchScheduleTests {
  typealias Schedule = DispatchSchedule<Int>

  private static func ticket(_ run: Int, _ lane: String = "ci", bytes: Int = 1) -> Schedule.Ticket {
    Schedule.Ticket(lane: lane, run: run, byteCount: bytes)
  }

  private static func second(_ count: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: count * 1_000_000_000)
  }

  private static let passing = Schedule.Ending.again(after: .seconds(1), .backoff)

  /// A schedule with a seed, which answers attempts at once.
  private struct Bench {
    var schedule: Schedule
    var random = RetryPolicyTests.Seeded(state: 1)

    init(inFlightMax: Int = 8) { schedule = Schedule(inFlightMax: inFlightMax) }

    mutating func add(_ runs: some Sequence<Int>, _ lane: String = "ci") {
      schedule.add(runs.map { ticket($0, lane) })
    }

    mutating func end(
      _ ticket: Schedule.Ticket, _ ending: Schedule.Ending, at now: MonotonicInstant
    ) {
      schedule.attempted(ticket, ending, at: now, using: &random)
      switch ending {
      case .over: schedule.settled(ticket, due: nil)
      case .again(let delay, _): schedule.settled(ticket, due: now.advanced(by: delay))
      }
    }

    /// Has every attempt that is started fail, until the lane waits.
    mutating func open(_ lane: String, at now: MonotonicInstant) {
      add(0..<8, lane)
      while case let starts = schedule.advance(to: now).starts, !starts.isEmpty {
        for start in starts { end(start, passing, at: now) }
      }
    }
  }

  @Test func `a run that was journaled just now is tried at once, and then forgotten`() {
    var bench = Bench()
    #expect(bench.schedule.takes("ci", byteCount: 1))
    bench.add([1])
    let plan = bench.schedule.advance(to: Self.second(0))
    #expect(plan.starts.map(\.run) == [1])
    #expect(plan.page == nil)
    bench.end(plan.starts[0], .over, at: Self.second(0))
    #expect(bench.schedule.isIdle)
    #expect(bench.schedule.heldCount == 0)
    #expect(bench.schedule.nextWake == .distantFuture)
  }

  @Test func `no more are in flight than allowed, and a lane leaves room to the others`() {
    var bench = Bench(inFlightMax: 8)
    bench.add(0..<20, "a")
    // As many as are free for all: 0 < 8, 1 < 7, 2 < 6, 3 < 5, but not 4 < 4.
    let first = bench.schedule.advance(to: Self.second(0)).starts
    #expect(first.map(\.lane) == ["a", "a", "a", "a"])
    bench.add(0..<20, "b")
    #expect(bench.schedule.advance(to: Self.second(0)).starts.map(\.lane) == ["b", "b"])
    bench.add([0], "c")
    #expect(bench.schedule.advance(to: Self.second(0)).starts.map(\.lane) == ["c"])
    bench.add([0], "d")
    #expect(bench.schedule.advance(to: Self.second(0)).starts.map(\.lane) == ["d"])
    bench.add([0], "e")
    #expect(bench.schedule.advance(to: Self.second(0)).starts.isEmpty)
    #expect(bench.schedule.inFlightCount == 8)
    bench.end(first[0], .over, at: Self.second(0))
    #expect(bench.schedule.advance(to: Self.second(0)).starts.map(\.lane) == ["e"])
  }

  @Test func `lanes take turns`() {
    var bench = Bench(inFlightMax: 2)
    bench.add(0..<3, "a")
    bench.add(0..<3, "b")
    var order: [String] = []
    while case let starts = bench.schedule.advance(to: Self.second(0)).starts, !starts.isEmpty {
      order += starts.map(\.lane)
      for start in starts { bench.end(start, .over, at: Self.second(0)) }
    }
    #expect(order == ["a", "b", "a", "b", "a", "b"])
  }

  @Test func `a lane in which everything fails waits, gives its runs back, and is probed by one`() {
    var bench = Bench()
    bench.open("bad", at: Self.second(0))
    #expect(!bench.schedule.takes("bad", byteCount: 1))
    #expect(bench.schedule.takes("good", byteCount: 1))
    #expect(bench.schedule.heldCount == 0)
    #expect(bench.schedule.heldBackLanes == ["bad"])
    let wake = bench.schedule.nextWake
    #expect(wake > Self.second(0) && wake <= MonotonicInstant(nanoseconds: 500_000_000))
    #expect(bench.schedule.advance(to: Self.second(0)).page == nil)

    #expect(bench.schedule.advance(to: wake).page?.excludedLanes == [])
    bench.schedule.claimed(
      (0..<8).map { Self.ticket($0, "bad") }, nextDue: nil, at: wake)
    let starts = bench.schedule.advance(to: wake).starts
    #expect(starts.count == 1)
    bench.end(starts[0], Self.passing, at: wake)
    let plan = bench.schedule.advance(to: wake)
    #expect(plan.releases.count == 7)
    #expect(plan.starts.isEmpty)
    #expect(bench.schedule.nextWake > wake)
    #expect(bench.schedule.heldCount == 0)
  }

  @Test func `a page leaves out lanes that wait, and looks at them again when they do not`() {
    var bench = Bench()
    bench.open("bad", at: Self.second(0))
    bench.schedule.addBacklog()
    let page = bench.schedule.advance(to: Self.second(0)).page
    #expect(page?.excludedLanes == ["bad"])
    bench.schedule.claimed([], nextDue: nil, at: Self.second(0))
    #expect(bench.schedule.advance(to: Self.second(0)).page == nil)
    #expect(bench.schedule.advance(to: bench.schedule.nextWake).page?.excludedLanes == [])
  }

  @Test func `what is added to a lane that waits goes back to the journal`() {
    var bench = Bench()
    bench.open("bad", at: Self.second(0))
    bench.add([7, 8], "bad")
    let plan = bench.schedule.advance(to: Self.second(0))
    #expect(plan.starts.isEmpty)
    #expect(plan.releases.map(\.run) == [7, 8])
    #expect(bench.schedule.heldCount == 0)
  }

  @Test func `a lane that recovers is tried by one, then two, four, and so on`() {
    var bench = Bench(inFlightMax: 64)
    bench.open("ci", at: Self.second(0))
    var now = bench.schedule.nextWake
    var sizes: [Int] = []
    for _ in 0..<40 where sizes.count < 6 {
      now = now.advanced(by: .milliseconds(100))
      let plan = bench.schedule.advance(to: now)
      if let page = plan.page {
        bench.schedule.claimed(
          (0..<page.limit).map { Self.ticket($0) }, nextDue: now, at: now)
      }
      let starts = plan.starts + bench.schedule.advance(to: now).starts
      if !starts.isEmpty { sizes.append(starts.count) }
      for start in starts { bench.end(start, .over, at: now) }
    }
    #expect(sizes.prefix(3) == [1, 1, 2])
    #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(sizes.last.map { $0 > 8 } == true, "\(sizes)")
  }

  @Test func `a run that failed is claimed again when it is due`() {
    var bench = Bench()
    bench.add([1])
    let start = bench.schedule.advance(to: Self.second(0)).starts[0]
    bench.end(start, Self.passing, at: Self.second(0))
    #expect(bench.schedule.nextWake == Self.second(1))
    #expect(bench.schedule.advance(to: Self.second(0)).page == nil)
    #expect(bench.schedule.advance(to: Self.second(1)).page != nil)
    bench.schedule.claimed([], nextDue: Self.second(9), at: Self.second(1))
    #expect(bench.schedule.nextWake == Self.second(9))
    let isIdle = bench.schedule.isIdle
    #expect(!isIdle)
  }

  @Test func `what is journaled while a page is read is read after it`() {
    var bench = Bench()
    bench.schedule.addBacklog()
    #expect(bench.schedule.advance(to: Self.second(0)).page != nil)
    #expect(!bench.schedule.takes("ci", byteCount: 1))
    bench.schedule.addBacklog()
    #expect(bench.schedule.advance(to: Self.second(0)).page == nil)
    bench.schedule.claimed([], nextDue: nil, at: Self.second(0))
    #expect(bench.schedule.advance(to: Self.second(0)).page != nil)
  }

  @Test func `a page that cannot be claimed is asked for again later`() {
    var bench = Bench()
    bench.schedule.addBacklog()
    let page = bench.schedule.advance(to: Self.second(0)).page
    bench.schedule.claimFailed(retryAt: Self.second(5))
    #expect(bench.schedule.advance(to: Self.second(4)).page == nil)
    #expect(bench.schedule.advance(to: Self.second(5)).page == page)
  }

  @Test func `memory is bounded whatever the journal has`() {
    var bench = Bench(inFlightMax: 8)
    bench.schedule.addBacklog()
    var served = 0
    for _ in 0..<20_000 where served < 5000 {
      let plan = bench.schedule.advance(to: Self.second(0))
      if let page = plan.page {
        let lane = "lane-\(served % 7)"
        let count = page.excludedLanes.contains(lane) ? 0 : page.limit
        bench.schedule.claimed(
          (0..<count).map { Self.ticket($0, lane) }, nextDue: Self.second(0), at: Self.second(0))
      }
      #expect(bench.schedule.heldCount <= DispatchLimits.heldCountMax)
      served += plan.starts.count
      for start in plan.starts { bench.end(start, .over, at: Self.second(0)) }
    }
    #expect(served >= 5000)
  }

  @Test func `more bytes than may be kept are left to the journal`() {
    var bench = Bench()
    let half = DispatchLimits.heldByteCountMax / 2
    bench.schedule.add([Self.ticket(1, bytes: half)])
    #expect(bench.schedule.takes("other", byteCount: half))
    #expect(!bench.schedule.takes("other", byteCount: half + 1))
  }
}

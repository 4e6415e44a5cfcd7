import Hooks
import Testing

@Suite struct ScheduleTests {
  private static let start = Zones.moment("2026-11-24T00:00:00Z")

  private static func schedule(_ text: String, _ missed: MissedPolicy) throws -> Schedule {
    Schedule(try CronExpression(text), zoneName: "UTC", zone: Zones.utc, missed: missed)
  }

  @Test(
    arguments: [
      // Nothing was due.
      (MissedPolicy.latest, "0 3 * * *", "2026-11-24T02:59:59Z", [String](), 0),
      // In time, whatever the policy.
      (.skip, "0 3 * * *", "2026-11-24T03:00:00Z", ["24T03:00"], 0),
      (.latest, "0 3 * * *", "2026-11-24T03:01:59Z", ["24T03:00"], 0),
      (.all, "0 3 * * *", "2026-11-24T03:01:59Z", ["24T03:00"], 0),
      // Missed.
      (.skip, "0 3 * * *", "2026-11-24T03:02:00Z", [], 1),
      (.latest, "0 3 * * *", "2026-11-27T12:00:00Z", ["27T03:00"], 3),
      (
        .all, "0 3 * * *", "2026-11-27T12:00:00Z",
        ["24T03:00", "25T03:00", "26T03:00", "27T03:00"], 0
      ),
      // Missed ones beside one in time.
      (.skip, "0 3 * * *", "2026-11-26T03:00:30Z", ["26T03:00"], 2),
      (.latest, "0 3 * * *", "2026-11-26T03:00:30Z", ["26T03:00"], 2),
      (.all, "0 3 * * *", "2026-11-26T03:00:30Z", ["24T03:00", "25T03:00", "26T03:00"], 0),
      // Every minute: what is in time is never left out.
      (.latest, "* * * * *", "2026-11-24T00:05:30Z", ["24T00:04", "24T00:05"], 3),
    ])
  func `what is missed is made up for as the policy says`(
    policy: MissedPolicy, text: String, now: String, expected: [String], omitted: Int
  ) throws {
    let due = try Self.schedule(text, policy).due(after: Self.start, through: Zones.moment(now))
    #expect(due.times.map { Zones.text($0) } == expected.map { "2026-11-\($0):00Z" })
    #expect(due.omittedCount == omitted)
  }

  @Test func `all is bounded, keeps the latest and counts the others`() throws {
    let schedule = try Self.schedule("* * * * *", .all)
    let now = Self.start + 86_400
    let due = schedule.due(after: Self.start, through: now)
    // Two are in time.
    #expect(due.times.count == Schedule.missedLimit + 2)
    #expect(due.times.last == now)
    #expect(due.times.first == now - 60 * Int64(Schedule.missedLimit + 1))
    #expect(due.omittedCount == 1440 - due.times.count)
    #expect(due.latest == now)
    let yearLater = schedule.due(after: Self.start, through: Self.start + 366 * 86_400)
    #expect(yearLater.omittedCount == Schedule.countLimit)
  }

  @Test func `a clock that was set back makes nothing due`() throws {
    let schedule = try Self.schedule("* * * * *", .all)
    for now in [Self.start, Self.start - 3600, .min] {
      let due = schedule.due(after: Self.start, through: now)
      #expect(due.times.isEmpty && due.latest == nil)
    }
  }

  @Test func `in between nothing is due twice and nothing is left out`() throws {
    let schedule = try Self.schedule("*/7 */2 * * *", .skip)
    var mark = Self.start
    var found: [Int64] = []
    for now in stride(from: Self.start, through: Self.start + 86_400, by: 41) {
      let due = schedule.due(after: mark, through: now)
      found += due.times
      mark = due.latest ?? mark
    }
    #expect(
      found == schedule.next(1000, after: Self.start).filter { $0 <= Self.start + 86_400 - 13 })
  }
}

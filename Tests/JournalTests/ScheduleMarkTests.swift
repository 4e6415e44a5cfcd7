import Journal
import Testing

@Suite struct ScheduleMarkTests {
  private static func mark(_ trigger: String, _ time: Int64) -> ScheduleMark {
    ScheduleMark(
      hook: "ci/app", trigger: trigger, schedule: "0 3 * * * UTC", handledThrough: time)
  }

  @Test func `marks survive a restart, each trigger has one, and others are forgotten`()
    async throws
  {
    let folder = try TemporaryDirectory()
    let first = try Journal.open(folder.path)
    try await first.replaceScheduleMarks([Self.mark("a", 1), Self.mark("b", 2)])
    try await first.put(Self.mark("a", 5))
    try await first.put(Self.mark("c", .max))
    first.close()
    let second = try Journal.open(folder.path)
    let marks = Set(try await second.scheduleMarks())
    #expect(
      marks
        == [Self.mark("a", 5), Self.mark("b", 2), Self.mark("c", .max)])
    try await second.replaceScheduleMarks([Self.mark("b", 3)])
    let rest = try await second.scheduleMarks()
    #expect(rest == [Self.mark("b", 3)])
    second.close()
  }
}

import Hooks
import Journal
@testable import Service
import Testing

@Suite struct ScheduleBookTests {
  private static let day: Int64 = 86_400

  private static func hook(_ schedule: String = "0 3 * * *") throws -> Hook {
    try SchedulerFixture.hook(schedule)
  }

  private static func mark(_ schedule: String, _ time: Int64) -> ScheduleMark {
    ScheduleMark(hook: "ci/app", trigger: "nightly", schedule: schedule, handledThrough: time)
  }

  @Test func `a new schedule begins now`() throws {
    let book = ScheduleBook([try Self.hook()], marks: [], now: 10 * Self.day + 4 * 3600)
    #expect(book.due(at: 10 * Self.day + 4 * 3600).isEmpty)
    #expect(book.next == 11 * Self.day + 3 * 3600)
    #expect(book.marks == [Self.mark("0 3 * * * UTC", 10 * Self.day + 4 * 3600)])
  }

  @Test func `one that the journal knows goes on`() throws {
    let marks = [Self.mark("0 3 * * * UTC", 3 * Self.day)]
    let book = ScheduleBook([try Self.hook()], marks: marks, now: 10 * Self.day)
    #expect(book.due(at: 10 * Self.day).first?.due.times == [9 * Self.day + 3 * 3600])
    #expect(book.due(at: 10 * Self.day).first?.due.omittedCount == 6)
  }

  @Test func `one that was changed begins anew`() throws {
    let marks = [Self.mark("0 9 * * * UTC", 3 * Self.day)]
    let book = ScheduleBook([try Self.hook()], marks: marks, now: 10 * Self.day)
    #expect(book.due(at: 10 * Self.day).isEmpty)
  }

  @Test func `what is dealt with is not due again, whatever the clock says`() throws {
    var book = ScheduleBook([try Self.hook("* * * * *")], marks: [], now: Self.day)
    #expect(book.due(at: Self.day + 60).first?.due.times == [Self.day + 60])
    book.handle(0, through: Self.day + 60)
    for now in [Self.day + 60, Self.day - 3600, Self.day, Self.day + 119] {
      #expect(book.correct(at: now).isEmpty)
      #expect(book.due(at: now).isEmpty)
    }
    // The mark never goes back.
    book.handle(0, through: 0)
    #expect(book.next == Self.day + 120)
  }

  @Test func `a clock that was far ahead does not silence a schedule for ever`() throws {
    var book = ScheduleBook([try Self.hook()], marks: [], now: 50_000 * Self.day)
    #expect(book.correct(at: 20_000 * Self.day) == [0])
    #expect(book.next == 20_000 * Self.day + 3 * 3600)
  }
}

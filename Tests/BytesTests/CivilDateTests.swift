import Bytes
import Testing

@Suite struct CivilDateTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00", 4),
    (-1, "1969-12-31T23:59:59", 3),
    (951_782_400, "2000-02-29T00:00:00", 2),
    (4_107_542_399, "2100-02-28T23:59:59", 0),
    (4_107_542_400, "2100-03-01T00:00:00", 1),
    (1_795_527_901, "2026-11-24T13:45:01", 2),
    (253_402_300_799, "9999-12-31T23:59:59", 5),
    (Int64.max, "9999-12-31T23:59:59", 5),
    (-62_167_219_200, "0000-01-01T00:00:00", 6),
    (Int64.min, "0000-01-01T00:00:00", 6),
  ])
  func `a count of seconds is a date, a time and a weekday`(
    seconds: Int64, text: String, weekday: Int
  ) {
    let time = CivilTime(secondsSince1970: seconds)
    #expect(time.dateAndTime == text)
    #expect(time.weekday == weekday)
  }

  @Test func `every day of 800 years comes back`() {
    for day in Int64(-292_194)..<0 + 1000 {
      #expect(CivilDate(daysSince1970: day).daysSince1970 == day)
    }
  }
}

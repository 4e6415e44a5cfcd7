import Testing

@testable import HTTPWire

@Suite struct HTTPDateTests {
  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
    (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
    (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
    (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (1_795_478_399, "Mon, 23 Nov 2026 23:59:59 GMT"),
    (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
    (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
    (Int64.min, "Sat, 01 Jan 0000 00:00:00 GMT"),
  ])
  func `a moment is written as the fixed form`(seconds: Int64, text: String) {
    let date = HTTPDate.format(secondsSince1970: seconds)
    #expect(String(decoding: date, as: UTF8.self) == text)
    #expect(date.count == HTTPDate.byteCount)
  }

  @Test func `days follow one another without a gap for 800 years`() {
    // Independent of the algorithm under test: count the days of each month.
    var seconds: Int64 = 0
    var weekday = 4
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    for year in 1970..<2770 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (month, length) in zip(months, lengths) {
        let first = String(decoding: HTTPDate.format(secondsSince1970: seconds), as: UTF8.self)
        #expect(first == "\(names[weekday]), 01 \(month) \(year) 00:00:00 GMT")
        seconds += Int64(length) * 86_400
        weekday = (weekday + length) % 7
      }
    }
  }
}

// The rule for times after the last transition of a time zone.
//
//   rule   = name offset [ name [ offset ] "," date [ "/" time ] "," date [ "/" time ] ]
//   name   = 3*ALPHA / "<" 1*( ALPHA / DIGIT / "+" / "-" ) ">"
//   offset = [ "+" / "-" ] hh [ ":" mm [ ":" ss ] ]        west is positive
//   date   = "J" 1-365 / 0-365 / "M" month "." week "." weekday
//   time   = [ "+" / "-" ] hh [ ":" mm [ ":" ss ] ]        −167 to 167 hours
//
// Source: POSIX.1-2017 §8.3, with the extension of RFC 9636 §3.3.1. A rule that names daylight saving
// time without dates is refused: POSIX leaves its meaning open, and no zone file has one.

/// The last rule of a time zone: standard time, and daylight saving time between two days of a year.
package struct ZoneRule: Hashable, Sendable {
  /// Standard time.
  package let standard: LocalTimeType
  /// Daylight saving time, where there is one.
  package let daylight: LocalTimeType?

  private let start: Change
  private let end: Change

  /// When clocks change, in local time before the change.
  private struct Change: Hashable {
    var date: Date
    /// Seconds after the midnight with which the date begins.
    var secondOfDay: Int64
  }

  private enum Date: Hashable {
    /// 1 to 365; 29 February is never counted.
    case julian(Int64)
    /// 0 to 365.
    case dayOfYear(Int64)
    /// A weekday (0 for Sunday) of a month; week 5 is the last.
    case weekday(month: Int64, week: Int64, weekday: Int64)
  }

  /// Reads a rule; nil when the text is none.
  package init?(_ text: some Collection<UInt8>) {
    var scanner = RuleScanner(Array(text))
    guard let name = scanner.name(), let offset = scanner.time(limit: 24) else { return nil }
    standard = LocalTimeType(
      offset: Int32(truncatingIfNeeded: -offset), isDaylight: false, abbreviation: name)
    if scanner.isAtEnd {
      daylight = nil
      start = Change(date: .julian(1), secondOfDay: 0)
      end = start
      return
    }
    guard let daylightName = scanner.name() else { return nil }
    var daylightOffset = 3600 - offset
    if scanner.peek != UInt8(ascii: ",") {
      guard let offset = scanner.time(limit: 24) else { return nil }
      daylightOffset = -offset
    }
    daylight = LocalTimeType(
      offset: Int32(truncatingIfNeeded: daylightOffset), isDaylight: true,
      abbreviation: daylightName)
    guard let start = Self.change(&scanner), let end = Self.change(&scanner), scanner.isAtEnd
    else { return nil }
    self.start = start
    self.end = end
  }

  private static func change(_ scanner: inout RuleScanner) -> Change? {
    guard scanner.skip(","), let date = date(&scanner) else { return nil }
    guard scanner.skip("/") else { return Change(date: date, secondOfDay: 7200) }
    return scanner.time(limit: 167).map { Change(date: date, secondOfDay: $0) }
  }

  private static func date(_ scanner: inout RuleScanner) -> Date? {
    if scanner.skip("J") { return scanner.number(1...365).map(Date.julian) }
    guard scanner.skip("M") else { return scanner.number(0...365).map(Date.dayOfYear) }
    guard let month = scanner.number(1...12), scanner.skip("."),
      let week = scanner.number(1...5), scanner.skip("."), let weekday = scanner.number(0...6)
    else { return nil }
    return .weekday(month: month, week: week, weekday: weekday)
  }

  /// What clocks show at a moment, in seconds since 1970, within the years 0 to 9999.
  package func localType(at seconds: Int64) -> LocalTimeType {
    guard let daylight else { return standard }
    let year = CivilTime(secondsSince1970: seconds + Int64(standard.offset)).date.year
    let start = moment(of: self.start, year: year) - Int64(standard.offset)
    let end = moment(of: self.end, year: year) - Int64(daylight.offset)
    // South of the equator the year begins and ends in daylight saving time.
    let isDaylight =
      start <= end ? start <= seconds && seconds < end : seconds < end || start <= seconds
    return isDaylight ? daylight : standard
  }

  /// The moments of a year at which clocks change, in seconds since 1970.
  func changes(in year: Int64) -> [Int64] {
    guard let daylight else { return [] }
    return [
      moment(of: start, year: year) - Int64(standard.offset),
      moment(of: end, year: year) - Int64(daylight.offset),
    ]
  }

  /// Seconds since 1970 on the local clock.
  private func moment(of change: Change, year: Int64) -> Int64 {
    let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let day: Int64
    switch change.date {
    case .dayOfYear(let number): day = newYear + number
    case .julian(let number): day = newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(year: year, month: month, day: 1).daysSince1970
      let next =
        month == 12
        ? CivilDate(year: year + 1, month: 1, day: 1)
        : CivilDate(year: year, month: month + 1, day: 1)
      // 1970-01-01 was a Thursday.
      let firstWeekday = ((first + 4) % 7 + 7) % 7
      var candidate = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
      if candidate >= next.daysSince1970 { candidate -= 7 }
      day = candidate
    }
    return day * 86_400 + change.secondOfDay
  }
}

/// Reads a rule from the front.
private struct RuleScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func name() -> String? {
    let isQuoted = skip("<")
    let start = position
    while let byte = peek,
      isQuoted
        ? ASCII.isLetterOrDigit(byte) || byte == 0x2B || byte == 0x2D : ASCII.isLetter(byte)
    {
      position += 1
    }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    guard position - start >= (isQuoted ? 1 : 3), !isQuoted || skip(">") else { return nil }
    return name
  }

  /// Digits within a range.
  mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
    let start = position
    while let byte = peek, ASCII.isDigit(byte), position - start < 3 { position += 1 }
    guard let value = Decimal.parse(bytes[start..<position]) else { return nil }
    return range.contains(Int64(clamping: value)) ? Int64(clamping: value) : nil
  }

  /// Hours with minutes and seconds, as seconds.
  mutating func time(limit: Int64) -> Int64? {
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    guard var total = number(0...limit) else { return nil }
    total *= 3600
    if skip(":") {
      guard let minutes = number(0...59) else { return nil }
      total += minutes * 60
      if skip(":") {
        guard let seconds = number(0...59) else { return nil }
        total += seconds
      }
    }
    return isNegative ? -total : total
  }
}

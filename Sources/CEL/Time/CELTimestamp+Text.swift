// Timestamps as text.
//
//   timestamp = date "T" time [ ("." / ",") 1*DIGIT ] ( "Z" / ("+" / "-") hh ":" mm )
//
// Source: RFC 3339 §5.6 as Go's `time.Parse(time.RFC3339, …)` reads it: capital `T` and `Z` only, an
// hour of one digit is no hour, digits after the ninth of a fraction count for nothing, and a leap
// second is refused.

import Bytes

extension CELTimestamp {
  /// The timestamp of a text.
  ///
  /// *Errors:* ``CELEvaluationError/invalidArgument(_:)`` when the text is none,
  /// ``CELEvaluationError/timestampOverflow`` when it lies outside of the years 1 to 9999.
  package init(parsing text: String) throws(CELEvaluationError) {
    guard let moment = TimestampScanner.moment(Array(text.utf8)) else {
      throw .invalidArgument("invalid RFC 3339 timestamp \(GoQuote.quoted(text))")
    }
    guard let value = CELTimestamp(seconds: moment.seconds, nanoseconds: moment.nanoseconds)
    else { throw .timestampOverflow }
    self = value
  }

  /// The text in UTC, with as many digits of the fraction as are needed.
  package var text: String {
    let moment = CivilTime(secondsSince1970: seconds)
    return moment.dateAndTime + DecimalFraction.text(ofNanoseconds: nanoseconds.magnitude) + "Z"
  }
}

/// Fractions of a second.
enum DecimalFraction {
  /// `.5` for half a second, empty for zero.
  static func text(ofNanoseconds nanoseconds: UInt32) -> String {
    guard nanoseconds > 0 else { return "" }
    let digits = String(nanoseconds)
    var padded = String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
    while padded.utf8.last == UInt8(ascii: "0") { padded.removeLast() }
    return "." + padded
  }
}

/// Reads a timestamp.
private enum TimestampScanner {
  static func moment(_ text: [UInt8]) -> (seconds: Int64, nanoseconds: Int32)? {
    // `0001-01-01T00:00:00Z` is the shortest.
    guard text.count >= 20, text[4] == 0x2D, text[7] == 0x2D, text[10] == 0x54,
      text[13] == 0x3A, text[16] == 0x3A,
      let year = number(text[0..<4], 0...9999), let month = number(text[5..<7], 1...12),
      let day = number(text[8..<10], 1...31), let hour = number(text[11..<13], 0...23),
      let minute = number(text[14..<16], 0...59), let second = number(text[17..<19], 0...59),
      day <= dayCount(year: year, month: month)
    else { return nil }
    var position = 19
    var nanoseconds: Int64 = 0
    if text[position] == 0x2E || text[position] == 0x2C {
      let digits = text[(position + 1)...].prefix(while: ASCII.isDigit)
      guard !digits.isEmpty else { return nil }
      for digit in digits.prefix(9) { nanoseconds = nanoseconds * 10 + Int64(digit &- 0x30) }
      for _ in 0..<max(0, 9 - digits.count) { nanoseconds *= 10 }
      position = digits.endIndex
    }
    guard let offset = offset(text[position...]) else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    return (seconds, Int32(nanoseconds))
  }

  private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
    if text.elementsEqual("Z".utf8) { return 0 }
    let text = Array(text)
    guard text.count == 6, text[0] == 0x2B || text[0] == 0x2D, text[3] == 0x3A,
      let hours = number(text[1..<3], 0...24), let minutes = number(text[4..<6], 0...60)
    else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return text[0] == 0x2D ? -seconds : seconds
  }

  private static func number(_ digits: ArraySlice<UInt8>, _ range: ClosedRange<Int64>) -> Int64? {
    guard let value = Bytes.Decimal.parse(digits) else { return nil }
    return range.contains(Int64(clamping: value)) ? Int64(clamping: value) : nil
  }

  private static func dayCount(year: Int64, month: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

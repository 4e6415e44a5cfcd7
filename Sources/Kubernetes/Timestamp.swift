// The API's times.
//
//   date-time = 4DIGIT "-" 2DIGIT "-" 2DIGIT "T" 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*DIGIT ]
//               ( "Z" / ( "+" / "-" ) 2DIGIT ":" 2DIGIT )
//
// RFC 3339 §5.6, without leap seconds, as Go reads it.

import Bytes

/// Reads times.
enum Timestamp {
  /// Whole seconds since 1970-01-01T00:00:00Z; nil for what is no time.
  static func secondsSince1970(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count > stampByteCount, shape(bytes[..<stampByteCount]) == "dddd-dd-ddTdd:dd:dd",
      let year = number(bytes[0..<4], 0...9999), let month = number(bytes[5..<7], 1...12),
      let day = number(bytes[8..<10], 1...31), let hour = number(bytes[11..<13], 0...23),
      let minute = number(bytes[14..<16], 0...59), let second = number(bytes[17..<19], 0...59),
      let offset = offset(bytes[stampByteCount...])
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // A day that its month lacks would come back as another.
    guard CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
    return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
  }

  private static let stampByteCount = 19

  /// The text with every digit written as `d`.
  private static func shape(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.map { ASCII.isDigit($0) ? UInt8(ascii: "d") : $0 }, as: UTF8.self)
  }

  private static func number(_ digits: ArraySlice<UInt8>, _ range: ClosedRange<Int64>) -> Int64? {
    guard let value = Decimal.parse(digits).flatMap(Int64.init(exactly:)) else { return nil }
    return range.contains(value) ? value : nil
  }

  /// Seconds east of Greenwich, after a fraction of a second, which is dropped.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
    var zone = bytes
    if zone.first == UInt8(ascii: ".") {
      let rest = zone.dropFirst().drop(while: ASCII.isDigit)
      guard rest.startIndex > zone.startIndex + 1 else { return nil }
      zone = rest
    }
    switch shape(zone) {
    case "Z": return 0
    case "+dd:dd", "-dd:dd":
      let start = zone.startIndex
      guard let hours = number(zone[start + 1..<start + 3], 0...23),
        let minutes = number(zone[start + 4..<start + 6], 0...59)
      else { return nil }
      let seconds = hours * 3600 + minutes * 60
      return zone.first == UInt8(ascii: "-") ? -seconds : seconds
    default: return nil
    }
  }
}

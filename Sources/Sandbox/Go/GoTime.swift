// How Go reads a time, and what it says when it cannot. Clients see these texts, so they are kept.

import Bytes

/// The two layouts in which the API reads times.
enum GoTimeLayout: String {
  /// `time.RFC3339`. A fraction of a second may stand in the text.
  case seconds = "2006-01-02T15:04:05Z07:00"
  /// `metav1.RFC3339Micro`. Exactly six digits of fraction must stand in the text.
  case microseconds = "2006-01-02T15:04:05.000000Z07:00"
}

/// The text of a `time.ParseError`.
struct GoTimeError: Error, Equatable {
  let description: String
}

/// Reads a time as `time.Parse` does.
///
/// *Source:* `time/format.go` of Go.
func parseGoTime(_ text: String, _ layout: GoTimeLayout) throws(GoTimeError) -> Timestamp {
  var reader = GoTimeReader(text: text, layout: layout)
  return try reader.read()
}

private struct GoTimeReader {
  let text: String
  let layout: GoTimeLayout
  private var rest: ArraySlice<UInt8>

  init(text: String, layout: GoTimeLayout) {
    self.text = text
    self.layout = layout
    rest = ArraySlice(Array(text.utf8))
  }

  mutating func read() throws(GoTimeError) -> Timestamp {
    let year = try number("2006", digits: 4)
    try skip("-")
    let month = try number("01", digits: 2, in: 1...12, "month")
    try skip("-")
    let day = try number("02", digits: 2)
    try skip("T")
    let hour = try number("15", digits: 2, in: 0...23, "hour")
    try skip(":")
    let minute = try number("04", digits: 2, in: 0...59, "minute")
    try skip(":")
    let second = try number("05", digits: 2, in: 0...59, "second")
    let fraction = try layout == .microseconds ? sixDigits() : anyFraction()
    let offset = try zone()
    if !rest.isEmpty {
      throw fault(": extra text: \(quoted(String(decoding: rest, as: UTF8.self)))")
    }
    guard day >= 1, day <= length(ofMonth: month, year: year) else { throw outOfRange("day") }
    let whole =
      CivilDate(year: year, month: month, day: day).daysSince1970 * 86_400 + hour * 3600 + minute
      * 60 + second
    return Timestamp(microseconds: (whole - offset) &* 1_000_000 &+ fraction)
  }

  private mutating func number(
    _ element: String, digits: Int, in range: ClosedRange<Int64>? = nil, _ name: String = ""
  ) throws(GoTimeError) -> Int64 {
    var value: Int64 = 0
    guard rest.count >= digits else { throw cannotParse(as: element) }
    for byte in rest.prefix(digits) {
      guard byte >= 0x30, byte <= 0x39 else { throw cannotParse(as: element) }
      value = value * 10 + Int64(byte - 0x30)
    }
    if let range, !range.contains(value) { throw outOfRange(name) }
    rest = rest.dropFirst(digits)
    return value
  }

  private mutating func skip(_ literal: Character) throws(GoTimeError) {
    guard rest.first == literal.asciiValue else { throw cannotParse(as: String(literal)) }
    rest = rest.dropFirst()
  }

  private mutating func sixDigits() throws(GoTimeError) -> Int64 {
    let element = ".000000"
    guard rest.count >= element.utf8.count, rest.first == 0x2E || rest.first == 0x2C else {
      throw cannotParse(as: element)
    }
    var value: Int64 = 0
    for byte in rest.dropFirst().prefix(6) {
      guard byte >= 0x30, byte <= 0x39 else { throw cannotParse(as: element) }
      value = value * 10 + Int64(byte - 0x30)
    }
    rest = rest.dropFirst(7)
    return value
  }

  private mutating func anyFraction() -> Int64 {
    guard rest.first == 0x2E || rest.first == 0x2C else { return 0 }
    let digits = rest.dropFirst().prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard !digits.isEmpty else { return 0 }
    var value: Int64 = 0
    for index in 0..<6 {
      let byte = index < digits.count ? digits[digits.startIndex + index] : 0x30
      value = value * 10 + Int64(byte - 0x30)
    }
    rest = rest.dropFirst(1 + digits.count)
    return value
  }

  /// The zone's offset in seconds east of UTC.
  private mutating func zone() throws(GoTimeError) -> Int64 {
    let element = "Z07:00"
    if rest.first == 0x5A {
      rest = rest.dropFirst()
      return 0
    }
    let bytes = Array(rest.prefix(6))
    guard bytes.count == 6, bytes[3] == 0x3A, bytes[0] == 0x2B || bytes[0] == 0x2D,
      [1, 2, 4, 5].allSatisfy({ bytes[$0] >= 0x30 && bytes[$0] <= 0x39 })
    else { throw cannotParse(as: element) }
    let hour = Int64(bytes[1] - 0x30) * 10 + Int64(bytes[2] - 0x30)
    let minute = Int64(bytes[4] - 0x30) * 10 + Int64(bytes[5] - 0x30)
    guard hour <= 24 else { throw outOfRange("time zone offset hour") }
    guard minute < 60 else { throw outOfRange("time zone offset minute") }
    rest = rest.dropFirst(6)
    return (hour * 3600 + minute * 60) * (bytes[0] == 0x2D ? -1 : 1)
  }

  private func cannotParse(as element: String) -> GoTimeError {
    let value = String(decoding: rest, as: UTF8.self)
    return GoTimeError(
      description: "parsing time \(quoted(text)) as \(quoted(layout.rawValue)): "
        + "cannot parse \(quoted(value)) as \(quoted(element))")
  }

  private func outOfRange(_ name: String) -> GoTimeError { fault(": \(name) out of range") }

  private func fault(_ message: String) -> GoTimeError {
    GoTimeError(description: "parsing time \(quoted(text))\(message)")
  }
}

private func length(ofMonth month: Int64, year: Int64) -> Int64 {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

// Durations as Go writes them: "1h30m0s".
//
//     duration = [ "+" / "-" ] ( "0" / 1*( number unit ) )
//     number   = 1*DIGIT [ "." *DIGIT ] / "." 1*DIGIT
//     unit     = "ns" / "us" / "µs" / "μs" / "ms" / "s" / "m" / "h"

/// A span of time in the form in which Kubernetes objects and our own settings carry it.
///
/// *Limits:* ±2^63 ns, about 292 years. *Source:* `time.ParseDuration` and `time.Duration.String`.
package struct GoDuration: Equatable, Sendable {
  /// May be negative.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  package init(minutes: Int64) {
    nanoseconds = minutes &* Self.unitLengths["m", default: 0]
  }

  /// The same as the standard library's type.
  package var duration: Duration { .nanoseconds(nanoseconds) }

  /// Reads a duration. *Errors:* the text is not one.
  package init(_ text: String) throws(GoDurationError) {
    nanoseconds = try Self.parse(text)
  }

  private static let unitLengths: [String: Int64] = [
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000,
    "m": 60_000_000_000, "h": 3_600_000_000_000,
  ]

  private static func parse(_ text: String) throws(GoDurationError) -> Int64 {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if isNegative || rest.first == "+" { rest = rest.dropFirst() }
    if rest == "0" { return 0 }
    guard !rest.isEmpty else { throw .invalid(text) }
    var total: UInt64 = 0
    while !rest.isEmpty {
      let part = try parsePart(&rest, of: text)
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow, sum <= 1 << 63 else { throw .invalid(text) }
      total = sum
    }
    if isNegative { return total == 1 << 63 ? .min : -Int64(clamping: total) }
    guard let result = Int64(exactly: total) else { throw .invalid(text) }
    return result
  }

  /// Reads one number with its unit.
  private static func parsePart(
    _ rest: inout Substring, of text: String
  ) throws(GoDurationError) -> UInt64 {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    var fraction = Substring()
    if rest.first == "." {
      rest = rest.dropFirst()
      fraction = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(fraction.count)
    }
    guard !(digits.isEmpty && fraction.isEmpty) else { throw .invalid(text) }
    let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
    guard !unit.isEmpty else { throw .missingUnit(text) }
    guard let length = unitLengths[String(unit)] else {
      throw .unknownUnit(String(unit), text)
    }
    rest = rest.dropFirst(unit.count)
    guard let whole = digits.isEmpty ? 0 : UInt64(digits) else { throw .invalid(text) }
    let (product, overflow) = whole.multipliedReportingOverflow(by: UInt64(length))
    guard !overflow, product <= 1 << 63 else { throw .invalid(text) }
    // As Go does: digits that no longer fit count for nothing.
    var numerator: UInt64 = 0
    var scale = 1.0
    for digit in fraction.utf8 where numerator < UInt64.max / 20 {
      numerator = numerator * 10 + UInt64(digit &- 0x30)
      scale *= 10
    }
    // At most one hour in nanoseconds, so neither conversion nor sum can overflow.
    return product + UInt64(Double(numerator) * (Double(length) / scale))
  }
}

/// Why a text is not a duration.
package enum GoDurationError: Error, Equatable {
  case invalid(String)
  case missingUnit(String)
  case unknownUnit(String, String)
}

extension GoDuration: CustomStringConvertible {
  /// `1h30m0s`, `1.5s`, `250ms`, `0s`.
  package var description: String {
    let magnitude = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    if magnitude == 0 { return "0s" }
    if magnitude < 1_000 { return "\(sign)\(magnitude)ns" }
    if magnitude < 1_000_000 { return sign + Self.decimal(magnitude, digits: 3) + "µs" }
    if magnitude < 1_000_000_000 { return sign + Self.decimal(magnitude, digits: 6) + "ms" }
    let seconds = magnitude / 1_000_000_000
    let rest = Self.decimal(
      magnitude % 60_000_000_000, digits: 9)
    if seconds < 60 { return "\(sign)\(rest)s" }
    let minutes = seconds / 60
    if minutes < 60 { return "\(sign)\(minutes)m\(rest)s" }
    return "\(sign)\(minutes / 60)h\(minutes % 60)m\(rest)s"
  }

  /// A count of units of 10^-digits, without trailing zeros.
  private static func decimal(_ count: UInt64, digits: Int) -> String {
    var text = String(count)
    if text.count <= digits { text = String(repeating: "0", count: digits + 1 - text.count) + text }
    let whole = text.dropLast(digits)
    var fraction = text.suffix(digits)
    while fraction.last == "0" { fraction = fraction.dropLast() }
    return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
  }
}

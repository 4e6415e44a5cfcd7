// Decimal numbers of protocol text.

/// Reads `1*DIGIT`, as `Content-Length` and the like are defined.
///
/// The standard library's `Int("+5")` is 5 and accepts a sign in places where a protocol has none;
/// this parser accepts digits alone. Leading zeros are digits: `007` is 7.
package enum Decimal {
  /// The value of the digits; nil when there is none, when a byte is no digit, and when the value
  /// is above `UInt64.max`.
  @inlinable
  package static func parse(_ digits: some Sequence<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var isEmpty = true
    for byte in digits {
      guard let next = appending(byte, to: value) else { return nil }
      value = next
      isEmpty = false
    }
    return isEmpty ? nil : value
  }

  /// The value of the digits; nil when there is none, when a byte is no digit, and when the value
  /// is above `UInt64.max`.
  @inlinable
  package static func parse(_ digits: Span<UInt8>) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for index in digits.indices {
      guard let next = appending(digits[index], to: value) else { return nil }
      value = next
    }
    return value
  }

  /// The value of the digits in a text; nil as for bytes.
  @inlinable
  package static func parse(_ text: String) -> UInt64? {
    parse(text.utf8)
  }

  @inlinable
  static func appending(_ byte: UInt8, to value: UInt64) -> UInt64? {
    guard ASCII.isDigit(byte) else { return nil }
    let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
    let (sum, carried) = tens.addingReportingOverflow(UInt64(byte &- 0x30))
    return overflowed || carried ? nil : sum
  }
}

// Numbers as they were written.

/// A JSON number, kept as its text, so that no digit is lost and none is invented.
///
/// Two numbers are equal when their texts are: 1, 1.0 and 1e0 are three numbers. Whoever compares
/// by value asks for ``int`` or ``double``.
package struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number in the grammar of RFC 8259 §6.
  package let text: String

  /// The number of an integer.
  package init(_ value: Int) {
    text = String(value)
  }

  /// The number of a double in the shortest text that reads back the same; nil for infinities and
  /// for what is not a number, which JSON cannot say.
  package init?(_ value: Double) {
    guard value.isFinite else { return nil }
    text = value.description
  }

  /// The number of a text; nil when the text is not exactly one number of RFC 8259 §6.
  package init?(text: String) {
    let bytes = text.utf8.span
    guard case .success(let number) = scanNumber(bytes, from: 0), number.end == bytes.count else {
      return nil
    }
    self.text = text
  }

  /// The number of a text that the parser found to be one.
  init(unchecked text: String) {
    self.text = text
  }

  /// The value when the text is an integer, without fraction and exponent, that fits.
  package var int: Int? { Int(text) }

  /// The nearest double; infinite when the number is beyond the range of doubles.
  package var double: Double { Double(text) ?? .nan }

  package var description: String { text }
}

/// The double nearest to the number that a part of a text is; infinite when it is beyond the range of
/// doubles.
///
/// Up to fifteen digits and a power of ten up to 10²² are doubles exactly, so that their quotient is
/// rounded once, which makes it the nearest (W. D. Clinger, "How to Read Floating Point Numbers
/// Accurately", 1990).
func nearestDouble(_ text: Span<UInt8>, _ range: Range<Int>) -> Double {
  let isNegative = text[range.lowerBound] == 0x2D
  var index = isNegative ? range.lowerBound &+ 1 : range.lowerBound
  var mantissa: Int64 = 0
  var pointIndex: Int?
  if range.upperBound &- index <= 16 {
    while index < range.upperBound {
      let byte = text[index]
      if byte &- 0x30 < 10 {
        mantissa = mantissa &* 10 &+ Int64(byte &- 0x30)
      } else if byte == 0x2E {
        pointIndex = index
      } else {
        break
      }
      index &+= 1
    }
  }
  let fractionDigits = pointIndex.map { range.upperBound &- $0 &- 1 } ?? 0
  guard index == range.upperBound, mantissa < 1 << 53 else {
    return Double(makeString(text, range, isASCII: true)) ?? .nan
  }
  let value = Double(mantissa) / powersOfTen[fractionDigits]
  return isNegative ? -value : value
}

/// 10⁰ to 10¹⁵.
private let powersOfTen: [16 of Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]

/// Where a number's text went wrong: the offset, and whether there was a byte at all.
enum NumberScanError: Error, Equatable {
  case notADigit(offset: Int)
}

/// A number in a text: where it ends, and whether it has neither fraction nor exponent.
struct ScannedNumber: Equatable {
  let end: Int
  let isInteger: Bool
}

/// The number that starts at an offset, by the grammar
/// `[ "-" ] ( "0" / 1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT ]`.
@inline(__always)
func scanNumber(_ text: Span<UInt8>, from start: Int) -> Result<ScannedNumber, NumberScanError> {
  var index = start
  if index < text.count, text[index] == 0x2D { index &+= 1 }
  guard index < text.count, text[index] &- 0x30 < 10 else {
    return .failure(.notADigit(offset: index))
  }
  index = text[index] == 0x30 ? index &+ 1 : endOfDigits(text, from: index &+ 1)
  guard index < text.count, text[index] == 0x2E || text[index] | 0x20 == 0x65 else {
    return .success(ScannedNumber(end: index, isInteger: true))
  }
  return scanFraction(text, from: index)
}

/// The rest of a number from its point or exponent on.
private func scanFraction(
  _ text: Span<UInt8>, from start: Int
) -> Result<ScannedNumber, NumberScanError> {
  var index = start
  if text[index] == 0x2E {
    index = endOfDigits(text, from: start &+ 1)
    guard index > start &+ 1 else { return .failure(.notADigit(offset: index)) }
  }
  if index < text.count, text[index] | 0x20 == 0x65 {
    index &+= 1
    if index < text.count, text[index] == 0x2B || text[index] == 0x2D { index &+= 1 }
    let digits = index
    index = endOfDigits(text, from: digits)
    guard index > digits else { return .failure(.notADigit(offset: index)) }
  }
  return .success(ScannedNumber(end: index, isInteger: false))
}

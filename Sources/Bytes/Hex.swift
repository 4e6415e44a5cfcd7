// Base 16 of RFC 4648 §8.

/// Bytes as pairs of hexadecimal digits.
package enum Hex {
  /// The bytes that the digits stand for, either case accepted; nil when their number is odd or
  /// a byte is no hexadecimal digit. The empty text is no bytes.
  @inlinable
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count / 2)
    var high: UInt8?
    for byte in text {
      guard let digit = ASCII.hexValue(byte) else { return nil }
      if let first = high {
        result.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? result : nil
  }

  /// The bytes that the digits stand for; nil as for a collection.
  package static func decode(_ digits: Span<UInt8>) -> [UInt8]? {
    guard digits.count.isMultiple(of: 2) else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(digits.count / 2)
    var index = 0
    while index < digits.count {
      guard let high = ASCII.hexValue(digits[index]), let low = ASCII.hexValue(digits[index + 1])
      else { return nil }
      result.append(high << 4 | low)
      index += 2
    }
    return result
  }

  /// The bytes that the digits of a text stand for; nil as for bytes.
  package static func decode(_ text: String) -> [UInt8]? {
    decode(text.utf8)
  }

  /// The bytes as lower-case digits, two for each.
  @inlinable
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(bytes.underestimatedCount * 2)
    for byte in bytes {
      digits.append(digit(byte >> 4))
      digits.append(digit(byte & 15))
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The lower-case digit of a value from 0 to 15.
  @inlinable
  package static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ 0x30 : (value & 15) &+ 0x57
  }
}

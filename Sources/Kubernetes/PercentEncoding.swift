// RFC 3986 §2.1, for what goes into a request target.

import Bytes

/// Percent-encoding for path segments and query parts.
package enum PercentEncoding {
  /// The text with every byte outside the unreserved set (RFC 3986 §2.3) as `%XX`.
  ///
  /// That is more than either part needs, and so right in both.
  package static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        result.append(byte)
      } else {
        result += escape(byte).utf8
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// One byte as `%XX`.
  static func escape(_ byte: UInt8) -> String {
    let digits = [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0x0F)]
    return String(decoding: digits, as: UTF8.self)
  }

  /// The text with its `%XX` undone; nil where a `%` begins none, or the bytes are no text.
  static func decode(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(ASCII.hexValue),
        let low = rest.popFirst().flatMap(ASCII.hexValue)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || marks.contains(byte)
  }

  private static let marks = Array("-._~".utf8)

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &+ value &- 10
  }
}

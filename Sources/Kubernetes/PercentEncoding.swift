// RFC 3986 §2.1, for what goes into a request target.

import Bytes

/// Percent-encoding for path segments and query parts.
enum PercentEncoding {
  /// The text with every byte outside the unreserved set (RFC 3986 §2.3) as `%XX`.
  ///
  /// That is more than either part needs, and so right in both.
  static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        result.append(byte)
      } else {
        result.append(UInt8(ascii: "%"))
        result.append(hexDigit(byte >> 4))
        result.append(hexDigit(byte & 0x0F))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || marks.contains(byte)
  }

  private static let marks = Array("-._~".utf8)

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "A") &+ value &- 10
  }
}

// The version in a start line.
//
//   HTTP-version = %s"HTTP" "/" DIGIT "." DIGIT
//
// RFC 9112 §2.3: case-sensitive, one digit on each side.

import Bytes

extension HTTPVersion {
  /// How many bytes a version has.
  static let byteCount = 8

  private static let prefix: [UInt8] = Array("HTTP/".utf8)

  /// `HTTP/1.1` as ``ByteScan/loadWord(_:at:)`` reads it.
  private static let wordOf11: UInt64 = 0x312E_312F_5054_5448

  /// Reads a version that begins at `start`, from `position` on, and moves `position` behind what
  /// was read. Returns nil when more bytes are needed.
  static func parse(
    _ bytes: Span<UInt8>, start: Int, position: inout Int
  ) throws(HTTPReceiveError) -> HTTPVersion? {
    // Nearly always it is all there and 1.1.
    if position == start, start &+ byteCount <= bytes.count,
      ByteScan.loadWord(bytes, at: start) == wordOf11
    {
      position &+= byteCount
      return .http11
    }
    while position < bytes.count, position &- start < byteCount {
      let byte = bytes[position]
      switch position &- start {
      case 5, 7: guard ASCII.isDigit(byte) else { throw .invalidVersion(position: position) }
      case 6: guard byte == UInt8(ascii: ".") else { throw .invalidVersion(position: position) }
      case let offset:
        guard byte == prefix[offset] else { throw .invalidVersion(position: position) }
      }
      position &+= 1
    }
    guard position &- start == byteCount else { return nil }
    switch bytes[start &+ 5] {
    case UInt8(ascii: "0"): throw .invalidVersion(position: start &+ 5)
    case UInt8(ascii: "1"): return bytes[start &+ 7] == UInt8(ascii: "0") ? .http10 : .http11
    case let major: throw .unsupportedVersion(major: major &- UInt8(ascii: "0"))
    }
  }
}

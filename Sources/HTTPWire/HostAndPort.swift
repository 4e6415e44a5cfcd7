// The value of Host, and the authority of a target.
//
//   uri-host [ ":" port ]
//   uri-host   = IP-literal / IPv4address / reg-name
//   IP-literal = "[" ( IPv6address / IPvFuture ) "]"
//   reg-name   = 1*( unreserved / pct-encoded / sub-delims )
//   port       = *DIGIT
//
// RFC 3986 §3.2.2, RFC 9110 §7.2. Deviations on purpose: the host must not be empty, since no http
// URI has an empty one (RFC 9110 §4.2.1), and a port must be at most 65535.

import Bytes

/// Whether bytes are a host with an optional port.
enum HostAndPort {
  static func isValid(_ text: Span<UInt8>) -> Bool {
    guard !text.isEmpty else { return false }
    let hostEnd: Int
    if text[0] == UInt8(ascii: "[") {
      guard let end = endOfLiteral(text) else { return false }
      hostEnd = end
    } else {
      hostEnd = endOfName(text)
    }
    guard hostEnd > 0 else { return false }
    guard hostEnd < text.count else { return true }
    return text[hostEnd] == UInt8(ascii: ":")
      && isPort(text.extracting((hostEnd &+ 1)..<text.count))
  }

  private static func isPort(_ digits: Span<UInt8>) -> Bool {
    guard !digits.isEmpty else { return true }
    guard let port = Decimal.parse(digits) else { return false }
    return port <= UInt64(UInt16.max)
  }

  /// Where the name ends: at the first byte that is none of a `reg-name`.
  private static func endOfName(_ text: Span<UInt8>) -> Int {
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%") {
        guard index &+ 2 < text.count, ASCII.isHexDigit(text[index &+ 1]),
          ASCII.isHexDigit(text[index &+ 2])
        else { return index }
        index &+= 3
      } else if isUnreservedOrDelimiter(text[index]) {
        index &+= 1
      } else {
        return index
      }
    }
    return index
  }

  /// The offset behind the `]`; nil if what is in the brackets is no address.
  private static func endOfLiteral(_ text: Span<UInt8>) -> Int? {
    var close = 1
    while close < text.count, text[close] != UInt8(ascii: "]") { close &+= 1 }
    guard close < text.count else { return nil }
    let literal = text.extracting(1..<close)
    return isIPv6(literal) || isFutureAddress(literal) ? close &+ 1 : nil
  }

  /// `IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
  private static func isFutureAddress(_ text: Span<UInt8>) -> Bool {
    guard !text.isEmpty, ASCII.lowercased(text[0]) == UInt8(ascii: "v") else { return false }
    var index = 1
    while index < text.count, ASCII.isHexDigit(text[index]) { index &+= 1 }
    guard index > 1, index &+ 1 < text.count, text[index] == UInt8(ascii: ".") else {
      return false
    }
    for rest in index &+ 1..<text.count
    where !isUnreservedOrDelimiter(text[rest]) && text[rest] != UInt8(ascii: ":") {
      return false
    }
    return true
  }

  /// Eight groups of one to four digits; `::` once, for at least one group; the last two groups
  /// may be an IPv4 address.
  private static func isIPv6(_ text: Span<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    var groups = 0
    var isCompressed = false
    var index = 0
    if text.count >= 2, text[0] == colon, text[1] == colon {
      isCompressed = true
      index = 2
    }
    while index < text.count {
      let start = index
      while index < text.count, ASCII.isHexDigit(text[index]) { index &+= 1 }
      if index < text.count, text[index] == UInt8(ascii: ".") {
        guard isIPv4(text.extracting(start..<text.count)) else { return false }
        groups &+= 2
        break
      }
      guard 1...4 ~= index &- start else { return false }
      groups &+= 1
      guard index < text.count else { break }
      // A colon, and behind it another one or a group.
      guard text[index] == colon, index &+ 1 < text.count else { return false }
      index &+= 1
      if text[index] == colon {
        guard !isCompressed else { return false }
        isCompressed = true
        index &+= 1
      }
    }
    return isCompressed ? groups <= 7 : groups == 8
  }

  private static func isIPv4(_ text: Span<UInt8>) -> Bool {
    var octets = 0
    var index = 0
    while true {
      let start = index
      while index < text.count, ASCII.isDigit(text[index]) { index &+= 1 }
      let digits = text.extracting(start..<index)
      guard let octet = Decimal.parse(digits), octet <= 255 else { return false }
      guard digits.count == 1 || digits[0] != UInt8(ascii: "0") else { return false }
      octets &+= 1
      guard index < text.count else { return octets == 4 }
      guard text[index] == UInt8(ascii: "."), octets < 4 else { return false }
      index &+= 1
    }
  }

  private static func isUnreservedOrDelimiter(_ byte: UInt8) -> Bool {
    if ASCII.isLetterOrDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): return true
    case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"): return true
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"): return true
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="): return true
    default: return false
    }
  }
}

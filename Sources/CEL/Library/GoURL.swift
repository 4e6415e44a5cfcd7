// URLs as Go's `url.Parse` takes them apart.
//
//   url = [ scheme ":" ] [ "//" [ user [ ":" password ] "@" ] host [ ":" port ] ] path
//         [ "?" query ] [ "#" fragment ]
//
// Source: Go 1.24's `net/url`. Where it accepts more than RFC 3986, so does this: the inputs come from
// payloads, and the result is what filters written for Tekton expect.

import Bytes

/// The parts of a URL, decoded.
struct GoURL {
  var scheme = ""
  var user: (name: String, password: String)?
  /// With the port.
  var host = ""
  var path = ""
  /// As it was written.
  var rawQuery = ""
  var fragment = ""
  /// `mailto:x` has what follows the colon here, and no path.
  private var opaque = ""

  /// Takes a text apart.
  ///
  /// *Errors:* ``CELEvaluationError/invalidArgument(_:)`` with Go's text.
  init(parsing text: String) throws(CELEvaluationError) {
    do {
      try parse(Array(text.utf8))
    } catch {
      throw .invalidArgument("parse \(GoQuote.quoted(text)): \(error.reason)")
    }
  }

  /// Why a text is no URL.
  private struct Refusal: Error {
    let reason: String
  }

  private mutating func parse(_ text: [UInt8]) throws(Refusal) {
    guard !text.contains(where: ASCII.isControl) else {
      throw Refusal(reason: "net/url: invalid control character in URL")
    }
    var rest = text[...]
    if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
      let encoded = rest[(hash + 1)...]
      rest = rest[..<hash]
      try parseBody(rest)
      fragment = try Self.unescaped(encoded, .fragment)
    } else {
      try parseBody(rest)
    }
  }

  private mutating func parseBody(_ text: ArraySlice<UInt8>) throws(Refusal) {
    if text.elementsEqual("*".utf8) {
      path = "*"
      return
    }
    var rest = try takeScheme(text)
    if let question = rest.firstIndex(of: UInt8(ascii: "?")) {
      rawQuery = String(decoding: rest[(question + 1)...], as: UTF8.self)
      rest = rest[..<question]
    }
    if rest.first != UInt8(ascii: "/") {
      if !scheme.isEmpty {
        opaque = String(decoding: rest, as: UTF8.self)
        return
      }
      let segment = rest.prefix { $0 != UInt8(ascii: "/") }
      if segment.contains(UInt8(ascii: ":")) {
        throw Refusal(reason: "first path segment in URL cannot contain colon")
      }
    }
    let startsWithAuthority =
      rest.starts(with: "//".utf8) && (!scheme.isEmpty || !rest.starts(with: "///".utf8))
    if startsWithAuthority {
      let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
      rest = rest[authority.endIndex...]
      try parseAuthority(authority)
    }
    path = try Self.unescaped(rest, .path)
  }

  private mutating func takeScheme(
    _ text: ArraySlice<UInt8>
  ) throws(Refusal) -> ArraySlice<UInt8> {
    for (offset, byte) in text.enumerated() {
      if ASCII.isLetter(byte) { continue }
      if ASCII.isDigit(byte) || byte == 0x2B || byte == 0x2D || byte == 0x2E {
        if offset == 0 { return text }
        continue
      }
      guard byte == UInt8(ascii: ":") else { return text }
      guard offset > 0 else { throw Refusal(reason: "missing protocol scheme") }
      scheme = ASCII.lowercased(String(decoding: text.prefix(offset), as: UTF8.self))
      return text.dropFirst(offset + 1)
    }
    return text
  }

  private mutating func parseAuthority(_ text: ArraySlice<UInt8>) throws(Refusal) {
    guard let at = text.lastIndex(of: UInt8(ascii: "@")) else {
      host = try Self.host(text)
      return
    }
    host = try Self.host(text[(at + 1)...])
    let info = text[..<at]
    guard info.allSatisfy(Self.isUserInfo) else {
      throw Refusal(reason: "net/url: invalid userinfo")
    }
    let parts = info.split(
      separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    let password = parts.count > 1 ? try Self.unescaped(parts[1], .userInfo) : ""
    user = (try Self.unescaped(parts[0], .userInfo), password)
  }

  private static func isUserInfo(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || "-._:~!$&'()*+,;=%@".utf8.contains(byte)
  }

  private static func host(_ text: ArraySlice<UInt8>) throws(Refusal) -> String {
    if text.first == UInt8(ascii: "[") {
      guard let end = text.lastIndex(of: UInt8(ascii: "]")) else {
        throw Refusal(reason: "missing ']' in host")
      }
      try checkPort(text[(end + 1)...])
      return try unescaped(text, .host)
    }
    if let colon = text.lastIndex(of: UInt8(ascii: ":")) { try checkPort(text[colon...]) }
    return try unescaped(text, .host)
  }

  private static func checkPort(_ text: ArraySlice<UInt8>) throws(Refusal) {
    guard
      text.isEmpty
        || (text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(ASCII.isDigit))
    else {
      let quoted = GoQuote.quoted(String(decoding: text, as: UTF8.self))
      throw Refusal(reason: "invalid port \(quoted) after host")
    }
  }

  // MARK: - Escapes

  private enum Place {
    case host, userInfo, path, query, fragment
  }

  private static func unescaped(
    _ text: ArraySlice<UInt8>, _ place: Place
  ) throws(Refusal) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "%") {
        guard text.endIndex - index >= 2, let high = ASCII.hexValue(text[index]),
          let low = ASCII.hexValue(text[index + 1])
        else { throw badEscape(text[(index - 1)..<min(index + 2, text.endIndex)]) }
        let value = high << 4 | low
        // In a host only what is not ASCII may be escaped, and % itself, for a zone.
        if place == .host, value < 0x80, value != 0x25 {
          throw badEscape(text[(index - 1)..<(index + 2)])
        }
        result.append(value)
        index += 2
      } else if byte == UInt8(ascii: "+"), place == .query {
        result.append(UInt8(ascii: " "))
      } else {
        if place == .host, byte < 0x80, !isHost(byte) {
          let quoted = GoQuote.quoted(String(Unicode.Scalar(byte)))
          throw Refusal(reason: "invalid character \(quoted) in host name")
        }
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func badEscape(_ text: ArraySlice<UInt8>) -> Refusal {
    Refusal(reason: "invalid URL escape \(GoQuote.quoted(String(decoding: text, as: UTF8.self)))")
  }

  private static func isHost(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || "-_.~!$&'()*+,;=:[]<>\"".utf8.contains(byte)
  }

  // MARK: - Query

  /// The names of the query with their values, in the order of first appearance. Pairs with a
  /// semicolon or a bad escape are left out.
  var queryValues: [(name: String, values: [String])] {
    var order: [String] = []
    var values: [CELString: [String]] = [:]
    for pair in Array(rawQuery.utf8).split(separator: UInt8(ascii: "&")) {
      guard !pair.contains(UInt8(ascii: ";")) else { continue }
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      do {
        let name = try Self.unescaped(parts[0], .query)
        let value = parts.count > 1 ? try Self.unescaped(parts[1], .query) : ""
        if values[CELString(name)] == nil { order.append(name) }
        values[CELString(name), default: []].append(value)
      } catch {
        continue
      }
    }
    return order.map { ($0, values[CELString($0)] ?? []) }
  }
}

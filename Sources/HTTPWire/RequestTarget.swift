// The request target.
//
//   request-target = origin-form / absolute-form / authority-form / asterisk-form
//   origin-form    = absolute-path [ "?" query ]
//   absolute-form  = ( "http" / "https" ) "://" host [ ":" port ] path-abempty [ "?" query ]
//   asterisk-form  = "*"                            ; OPTIONS only
//
// RFC 9112 §3.2. Deviations on purpose: every visible ASCII byte is allowed in a path and a query,
// since browsers and the libraries that follow the WHATWG leave `"`, `|`, `[` and the like
// unescaped, and nothing is decoded or normalised here that could be read in two ways. User
// information in an absolute target is an error, as RFC 9110 §4.2.4 advises. There is no
// authority-form, because CONNECT is refused.

import Bytes

/// The forms of a request target, and its parts.
enum RequestTarget {
  /// Refuses a target that is of no form that the method has. All bytes must be visible ASCII;
  /// `offset` is where the target lies in the head.
  static func check(
    _ target: Span<UInt8>, method: HTTPMethod, offset: Int
  ) throws(HTTPReceiveError) {
    if target[0] == UInt8(ascii: "/") { return }
    if target.elementsEqual("*") {
      guard method == .options else { throw .invalidTarget(position: offset) }
      return
    }
    guard let authority = authorityRange(in: target) else {
      throw .invalidTarget(position: offset)
    }
    guard HostAndPort.isValid(target.extracting(authority)) else {
      throw .invalidTarget(position: offset &+ authority.lowerBound)
    }
  }

  /// The host and port of a target in absolute-form; nil for other forms.
  static func authorityRange(in target: Span<UInt8>) -> Range<Int>? {
    // The origin-form, as nearly every target is.
    if target.isEmpty || target[0] == UInt8(ascii: "/") { return nil }
    guard let start = authorityStart(in: target) else { return nil }
    return
      start..<end(in: target, from: start) { byte in
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
      }
  }

  /// Whether it is absolute, and its scheme https.
  static func isHTTPS(_ target: Span<UInt8>) -> Bool {
    guard !target.isEmpty, target[0] != UInt8(ascii: "/") else { return false }
    return authorityStart(in: target) == "https://".utf8.count
  }

  /// The path: up to the first `?`, behind the authority of an absolute-form.
  static func pathRange(in target: Span<UInt8>) -> Range<Int> {
    let start = authorityRange(in: target)?.upperBound ?? 0
    return start..<end(in: target, from: start) { $0 == UInt8(ascii: "?") }
  }

  /// What stands behind the first `?`; nil without one.
  static func queryRange(in target: Span<UInt8>) -> Range<Int>? {
    let mark = pathRange(in: target).upperBound
    return mark < target.count ? (mark &+ 1)..<target.count : nil
  }

  private static func authorityStart(in target: Span<UInt8>) -> Int? {
    for scheme in ["http://", "https://"] {
      let count = scheme.utf8.count
      if target.count >= count,
        ASCII.equalsIgnoringCase(target.extracting(0..<count), scheme.utf8.span)
      {
        return count
      }
    }
    return nil
  }

  private static func end(
    in target: Span<UInt8>, from start: Int, where isEnd: (UInt8) -> Bool
  ) -> Int {
    var index = start
    while index < target.count, !isEnd(target[index]) { index &+= 1 }
    return index
  }
}

// The head of a request.
//
//   head         = request-line CRLF section
//   request-line = method SP request-target SP HTTP-version
//
// RFC 9112 §3: single spaces, CR LF and nothing else.

import Bytes

/// Reads a request's head, in one pass and in as many steps as the bytes come in.
///
/// Shape: everything before `position` is read and valid until the fields begin; from there the
/// section's parser remembers.
package struct RequestHeadParser: Sendable {
  private enum Phase {
    case method
    case target
    case version
    case carriageReturn
    case lineFeed
    case fields
  }

  private var phase = Phase.method
  private var position = 0
  private var targetStart = 0
  private var targetEnd = 0
  private var method = HTTPMethod.get
  private var version = HTTPVersion.http11
  private var section = FieldSectionParser()

  /// A parser that has read nothing.
  package init() {}

  /// Whether a byte of a head was read.
  var hasBegun: Bool { position > 0 }

  /// Begins another head.
  package mutating func reset() {
    phase = .method
    position = 0
  }

  /// Reads on in bytes that begin with the head's first one. Returns the head's size when it is
  /// whole, which is then in `head`, or nil when more bytes are needed.
  ///
  /// The storage of `head` is used again where nobody else holds it.
  package mutating func parse(
    _ bytes: Span<UInt8>, limits: HTTPLimits, into head: inout HTTPRequestHead
  ) throws(HTTPReceiveError) -> Int? {
    if phase != .fields {
      guard try parseRequestLine(bytes, limits: limits) else { return nil }
    }
    let sectionLimits = FieldSectionParser.Limits(
      lineByteCount: limits.fieldLineByteCount, fieldCount: limits.fieldCount,
      sectionEnd: limits.headByteCount, oversize: .headTooLarge(limit: limits.headByteCount))
    guard let count = try section.parse(bytes, limits: sectionLimits) else { return nil }
    head.method = method
    head.version = version
    head.targetBytes.removeAll(keepingCapacity: true)
    head.targetBytes.append(copying: bytes.extracting(targetStart..<targetEnd))
    head.fields.replace(with: bytes.extracting(0..<count), entries: &section.entries)
    try head.checkHost()
    head.bodyFraming = try HTTPBodyFraming.decide(
      .request, version: version, fields: head.fields)
    return count
  }

  /// Reads on until the request line is whole; false when more bytes are needed.
  private mutating func parseRequestLine(
    _ bytes: Span<UInt8>, limits: HTTPLimits
  ) throws(HTTPReceiveError) -> Bool {
    while position < bytes.count {
      switch phase {
      case .method:
        try parseMethod(bytes, limits: limits)
      case .target:
        try parseTarget(bytes, limits: limits)
      case .version:
        let start = targetEnd &+ 1
        if let version = try HTTPVersion.parse(bytes, start: start, position: &position) {
          self.version = version
          phase = .carriageReturn
        }
      case .carriageReturn:
        guard bytes[position] == UInt8(ascii: "\r") else {
          if bytes[position] == UInt8(ascii: "\n") { throw .invalidLineEnding(position: position) }
          throw .invalidVersion(position: position)
        }
        position &+= 1
        phase = .lineFeed
      case .lineFeed:
        guard bytes[position] == UInt8(ascii: "\n") else {
          throw .invalidLineEnding(position: position &- 1)
        }
        position &+= 1
        guard method != .connect else { throw .unsupportedMethod }
        try RequestTarget.check(
          bytes.extracting(targetStart..<targetEnd), method: method, offset: targetStart)
        section.start(at: position)
        phase = .fields
        return true
      case .fields:
        return true
      }
    }
    return false
  }

  private mutating func parseMethod(
    _ bytes: Span<UInt8>, limits: HTTPLimits
  ) throws(HTTPReceiveError) {
    let end = min(bytes.count, limits.methodByteCount &+ 1)
    position = ByteScan.endOfToken(in: bytes, from: position, to: end)
    guard position <= limits.methodByteCount else {
      throw .methodTooLong(limit: limits.methodByteCount)
    }
    guard position < bytes.count else { return }
    guard position > 0, bytes[position] == UInt8(ascii: " ") else {
      throw .invalidMethod(position: position)
    }
    method = HTTPMethod(token: bytes.extracting(0..<position))
    position &+= 1
    targetStart = position
    phase = .target
  }

  private mutating func parseTarget(
    _ bytes: Span<UInt8>, limits: HTTPLimits
  ) throws(HTTPReceiveError) {
    // What must still follow the target: a space and the version.
    let longest = limits.startLineByteCount &- 1 &- HTTPVersion.byteCount
    let end = min(bytes.count, longest &+ 1)
    position = ByteScan.endOfVisible(in: bytes, from: position, to: max(end, position))
    guard position <= longest else {
      throw .startLineTooLong(limit: limits.startLineByteCount)
    }
    guard position < bytes.count else { return }
    guard position > targetStart, bytes[position] == UInt8(ascii: " ") else {
      throw .invalidTarget(position: position)
    }
    targetEnd = position
    position &+= 1
    phase = .version
  }
}

extension HTTPRequestHead {
  /// Refuses a received head whose `Host` is not as RFC 9112 §3.2 demands: exactly one valid one
  /// in HTTP/1.1, at most one valid one in HTTP/1.0.
  fileprivate func checkHost() throws(HTTPReceiveError) {
    guard let first = fields.firstIndex(named: "host") else {
      if version == .http10 { return }
      throw .missingHost
    }
    for index in first + 1..<fields.count where fields.hasName(fields.entries[index], "host") {
      throw .repeatedHost(position: fields.position(at: index))
    }
    guard HostAndPort.isValid(fields.bytes.span.extracting(fields.entries[first].value)) else {
      throw .invalidHost(position: fields.position(at: first))
    }
  }
}

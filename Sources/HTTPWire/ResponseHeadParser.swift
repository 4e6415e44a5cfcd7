// The head of a response.
//
//   head        = status-line CRLF section
//   status-line = HTTP-version SP 3DIGIT SP [ reason-phrase ]
//
// RFC 9112 §4: single spaces, CR LF and nothing else. The second space is required even where the
// reason is absent, and an empty line before the status line is an error: what comes before a
// response belongs to no response.

import Bytes

/// Reads a response's head, in one pass and in as many steps as the bytes come in.
struct ResponseHeadParser: Sendable {
  private enum Phase {
    case version
    case code
    case reason
    case lineFeed
    case fields
  }

  private var phase = Phase.version
  private var position = 0
  private var version = HTTPVersion.http11
  private var status = HTTPStatus.ok
  private var section = FieldSectionParser()

  /// Whether a byte of a head was read.
  var hasBegun: Bool { position > 0 }

  /// Begins another head.
  mutating func reset() {
    phase = .version
    position = 0
  }

  /// Reads on in bytes that begin with the head's first one. Returns the head's size when it is
  /// whole, which is then in `head` but for its framing, or nil when more bytes are needed.
  mutating func parse(
    _ bytes: Span<UInt8>, limits: HTTPLimits, into head: inout HTTPResponseHead
  ) throws(HTTPReceiveError) -> Int? {
    if phase != .fields {
      guard try parseStatusLine(bytes, limits: limits) else { return nil }
    }
    let sectionLimits = FieldSectionParser.Limits(
      lineByteCount: limits.fieldLineByteCount, fieldCount: limits.fieldCount,
      sectionEnd: limits.headByteCount, oversize: .headTooLarge(limit: limits.headByteCount))
    guard let count = try section.parse(bytes, limits: sectionLimits) else { return nil }
    head.status = status
    head.version = version
    head.fields.replace(with: bytes.extracting(0..<count), entries: &section.entries)
    return count
  }

  /// Reads on until the status line is whole; false when more bytes are needed.
  private mutating func parseStatusLine(
    _ bytes: Span<UInt8>, limits: HTTPLimits
  ) throws(HTTPReceiveError) -> Bool {
    while position < bytes.count {
      switch phase {
      case .version:
        if let version = try HTTPVersion.parse(bytes, start: 0, position: &position) {
          self.version = version
          status = HTTPStatus(rawValue: 0)
          phase = .code
        }
      case .code:
        try parseCode(bytes[position])
      case .reason:
        let end = min(bytes.count, limits.startLineByteCount &+ 1)
        position = ByteScan.endOfText(in: bytes, from: position, to: max(end, position))
        guard position <= limits.startLineByteCount else {
          throw .startLineTooLong(limit: limits.startLineByteCount)
        }
        guard position < bytes.count else { return false }
        guard bytes[position] == UInt8(ascii: "\r") else {
          if bytes[position] == UInt8(ascii: "\n") { throw .invalidLineEnding(position: position) }
          throw .invalidStatusLine(position: position)
        }
        position &+= 1
        phase = .lineFeed
      case .lineFeed:
        guard bytes[position] == UInt8(ascii: "\n") else {
          throw .invalidLineEnding(position: position &- 1)
        }
        position &+= 1
        section.start(at: position)
        phase = .fields
        return true
      case .fields:
        return true
      }
    }
    return false
  }

  /// Takes one byte of `SP 3DIGIT SP`. A code below 100 is none (RFC 9110 §15).
  private mutating func parseCode(_ byte: UInt8) throws(HTTPReceiveError) {
    switch position &- HTTPVersion.byteCount {
    case 1, 2, 3:
      guard ASCII.isDigit(byte) else { throw .invalidStatusLine(position: position) }
      status = HTTPStatus(rawValue: status.rawValue &* 10 &+ Int(byte &- UInt8(ascii: "0")))
      guard status.rawValue > 0 else { throw .invalidStatusLine(position: position) }
    case let offset:
      guard byte == UInt8(ascii: " ") else { throw .invalidStatusLine(position: position) }
      if offset == 4 { phase = .reason }
    }
    position &+= 1
  }
}

// The chunked transfer coding.
//
//   chunked-body   = *chunk last-chunk trailer-section CRLF
//   chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//   chunk-size     = 1*HEXDIG
//   last-chunk     = 1*"0" [ chunk-ext ] CRLF
//   chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
//   chunk-ext-name = token
//   chunk-ext-val  = token / quoted-string
//
// RFC 9112 §7.1. Deviations on purpose: extensions are limited in their total and checked in full,
// so that no quoted string hides a line's end; a body that is mostly framing is refused, zeros
// before a size among it.

import Bytes

/// Takes the chunked coding off a body. It can stop after any byte and go on with the next.
///
/// The trailer section is kept apart in ``trailers`` and never merged into the head's fields
/// (RFC 9110 §6.5.1): it comes after decisions were made from the head.
struct ChunkedDecoder: Sendable {
  /// What the next byte belongs to. The comment shows where the state stands, as `|`.
  private enum State {
    /// `|5;a="b"\r\n` — the first digit of a size
    case sizeStart
    /// `5|`
    case size
    /// `5 |;` — white space that is only allowed before a semicolon
    case blanksBeforeExtension
    /// `5;|a`
    case extensionNameStart
    /// `5;a|`
    case extensionName
    /// `5;a |=` — white space that is only allowed before `=` or `;`
    case blanksAfterExtensionName
    /// `5;a=|b`
    case extensionValueStart
    /// `5;a=b|`
    case extensionToken
    /// `5;a="|b"`
    case extensionQuoted
    /// `5;a="\|b"`
    case extensionEscape
    /// `5;a="b"|`
    case extensionQuotedEnd
    /// `5\r|\n`
    case sizeLineFeed
    /// `5\r\n|hello`
    case data
    /// `hello|\r\n`
    case dataCarriageReturn
    /// `hello\r|\n`
    case dataLineFeed
    /// `0\r\n|` — until the empty line
    case trailers
    case finished
  }

  /// The trailer section, once the body is finished.
  private(set) var trailers = HTTPFields()

  /// How many bytes of data the body had so far.
  private(set) var dataByteCount = 0

  private var state = State.sizeStart
  private var size = 0
  private var remaining = 0
  private var extensionByteCount = 0
  private var overheadByteCount = 0
  private var section = FieldSectionParser()

  /// The offset in the coded body.
  private var position: Int { overheadByteCount &+ dataByteCount }

  /// Whether the last byte of the body was read.
  var isFinished: Bool {
    if case .finished = state { true } else { false }
  }

  /// Decodes what it can of the input and adds the data to `body`. Returns how many bytes of the
  /// input are done with; the next input begins with the first that is not.
  ///
  /// *Errors*: the chunked cases and the trailers' of ``HTTPReceiveError``, and `bodyTooLarge` as
  /// soon as a chunk is announced that would exceed the limit.
  mutating func decode(
    _ input: Span<UInt8>, into body: inout [UInt8], limits: HTTPLimits, bodyLimit: Int
  ) throws(HTTPReceiveError) -> Int {
    var index = 0
    while index < input.count {
      switch state {
      case .data:
        let count = min(remaining, input.count &- index)
        body.append(copying: input.extracting(index..<index &+ count))
        index &+= count
        remaining &-= count
        dataByteCount &+= count
        if remaining == 0 { state = .dataCarriageReturn }
      case .trailers:
        guard
          let count = try parseTrailers(input.extracting(index..<input.count), limits: limits)
        else { return index }
        return index &+ count
      case .finished:
        return index
      case .sizeLineFeed:
        try endSizeLine(input[index], bodyLimit: bodyLimit)
        index &+= 1
      default:
        try takeFraming(input[index], limits: limits)
        index &+= 1
        overheadByteCount &+= 1
        guard !hasExcessiveOverhead(limits) else {
          throw .excessiveChunkOverhead(position: position)
        }
      }
    }
    return index
  }

  /// Moves on by one byte that is neither data nor the end of a size line.
  private mutating func takeFraming(
    _ byte: UInt8, limits: HTTPLimits
  ) throws(HTTPReceiveError) {
    switch state {
    case .sizeStart:
      guard let digit = ASCII.hexValue(byte) else { throw .invalidChunkSize(position: position) }
      size = Int(digit)
      state = .size
    case .size:
      try takeSize(byte)
    case .blanksBeforeExtension:
      if ASCII.isBlank(byte) { break }
      guard byte == UInt8(ascii: ";") else { throw .invalidChunkSize(position: position) }
      state = .extensionNameStart
    case .dataCarriageReturn:
      guard byte == UInt8(ascii: "\r") else { throw .invalidChunkEnd(position: position) }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == UInt8(ascii: "\n") else { throw .invalidChunkEnd(position: position) }
      state = .sizeStart
    default:
      try takeExtension(byte)
      extensionByteCount &+= 1
      guard extensionByteCount <= limits.chunkExtensionByteCount else {
        throw .chunkExtensionsTooLong(limit: limits.chunkExtensionByteCount)
      }
    }
  }

  private mutating func takeSize(_ byte: UInt8) throws(HTTPReceiveError) {
    if let digit = ASCII.hexValue(byte) {
      // So that four bits more leave the sign bit alone.
      guard size <= Int.max >> 4 else { throw .chunkSizeTooLarge(position: position) }
      size = size &<< 4 | Int(digit)
      return
    }
    switch byte {
    case UInt8(ascii: "\r"): state = .sizeLineFeed
    case UInt8(ascii: ";"): state = .extensionNameStart
    case UInt8(ascii: " "), UInt8(ascii: "\t"): state = .blanksBeforeExtension
    default: throw .invalidChunkSize(position: position)
    }
  }

  private mutating func takeExtension(_ byte: UInt8) throws(HTTPReceiveError) {
    switch state {
    case .extensionNameStart where ASCII.isTokenByte(byte): state = .extensionName
    case .extensionNameStart where ASCII.isBlank(byte): break
    case .extensionName where ASCII.isTokenByte(byte): break
    case .extensionName where ASCII.isBlank(byte): state = .blanksAfterExtensionName
    case .extensionName where byte == UInt8(ascii: "\r"): state = .sizeLineFeed
    case .blanksAfterExtensionName where ASCII.isBlank(byte): break
    case .extensionName where byte == UInt8(ascii: "="),
      .blanksAfterExtensionName where byte == UInt8(ascii: "="):
      state = .extensionValueStart
    case .extensionName where byte == UInt8(ascii: ";"),
      .blanksAfterExtensionName where byte == UInt8(ascii: ";"):
      state = .extensionNameStart
    case .extensionValueStart where ASCII.isBlank(byte): break
    case .extensionValueStart where ASCII.isTokenByte(byte): state = .extensionToken
    case .extensionValueStart where byte == UInt8(ascii: "\""): state = .extensionQuoted
    case .extensionToken where ASCII.isTokenByte(byte): break
    case .extensionQuoted where byte == UInt8(ascii: "\""): state = .extensionQuotedEnd
    case .extensionQuoted where byte == UInt8(ascii: "\\"): state = .extensionEscape
    case .extensionQuoted where isQuotable(byte): break
    case .extensionEscape where isQuotable(byte): state = .extensionQuoted
    case .extensionToken, .extensionQuotedEnd:
      switch byte {
      case UInt8(ascii: "\r"): state = .sizeLineFeed
      case UInt8(ascii: ";"): state = .extensionNameStart
      case UInt8(ascii: " "), UInt8(ascii: "\t"): state = .blanksBeforeExtension
      default: throw .invalidChunkExtension(position: position)
      }
    default: throw .invalidChunkExtension(position: position)
    }
  }

  /// What a quoted string may hold, escaped or, but for `"` and `\`, as it is: no control
  /// character but the tab, so no line end.
  private func isQuotable(_ byte: UInt8) -> Bool {
    !ASCII.isControl(byte) || byte == UInt8(ascii: "\t")
  }

  private mutating func endSizeLine(
    _ byte: UInt8, bodyLimit: Int
  ) throws(HTTPReceiveError) {
    guard byte == UInt8(ascii: "\n") else {
      throw .invalidLineEnding(position: position &- 1)
    }
    overheadByteCount &+= 1
    guard size <= bodyLimit &- dataByteCount else { throw .bodyTooLarge(limit: bodyLimit) }
    remaining = size
    if size > 0 {
      state = .data
    } else {
      section.start(at: 0)
      state = .trailers
    }
  }

  private mutating func parseTrailers(
    _ input: Span<UInt8>, limits: HTTPLimits
  ) throws(HTTPReceiveError) -> Int? {
    let sectionLimits = FieldSectionParser.Limits(
      lineByteCount: limits.fieldLineByteCount, fieldCount: limits.fieldCount,
      sectionEnd: limits.trailerByteCount,
      oversize: .trailersTooLarge(limit: limits.trailerByteCount))
    guard let count = try section.parse(input, limits: sectionLimits) else { return nil }
    if !section.entries.isEmpty {
      trailers.replace(with: input.extracting(0..<count), entries: &section.entries)
    }
    state = .finished
    return count
  }

  private func hasExcessiveOverhead(_ limits: HTTPLimits) -> Bool {
    let (allowed, overflowed) =
      dataByteCount.multipliedReportingOverflow(by: limits.chunkOverheadRatio)
    return overheadByteCount > limits.chunkOverheadByteCount && !overflowed
      && overheadByteCount > allowed
  }
}

// The fields of a head, and of a trailer section.
//
//   section    = *( field-line CRLF ) CRLF
//   field-line = field-name ":" OWS field-value OWS
//
// RFC 9112 §5. Stricter on purpose than what a recipient may do: a line ends with CR LF and nothing
// else, a folded line is an error even in its deprecated form, and every control character but the
// tab is an error in a value.

import Bytes

/// Finds the places of the fields in a run of bytes, in one pass and in as many steps as the bytes
/// come in: it remembers how far it has read, so no byte is looked at twice, and an error is found
/// at the same byte however the input was cut.
///
/// Shape: everything before `position` is read and valid; `lineStart`, `nameEnd` and `valueStart`
/// are offsets of the line that is being read.
struct FieldSectionParser: Sendable {
  /// What a section may have.
  struct Limits {
    var lineByteCount: Int
    var fieldCount: Int
    /// The offset that the end of the section must not be beyond, and the error if it is.
    var sectionEnd: Int
    var oversize: HTTPReceiveError
  }

  private enum Phase {
    case lineStart
    case name
    case blanks
    case value
    case lineFeed
    case lastLineFeed
  }

  /// The fields read so far.
  var entries: [HTTPFields.Entry] = []

  private var phase = Phase.lineStart
  private var position = 0
  private var lineStart = 0
  private var nameEnd = 0
  private var valueStart = 0
  private var valueEnd = 0

  /// Begins a section whose first byte is at the offset.
  mutating func start(at offset: Int) {
    entries.removeAll(keepingCapacity: true)
    phase = .lineStart
    position = offset
    lineStart = offset
  }

  /// Reads on in bytes that begin with those of the last call. Returns the offset behind the
  /// section, or nil when more bytes are needed.
  mutating func parse(
    _ bytes: Span<UInt8>, limits: Limits
  ) throws(HTTPReceiveError) -> Int? {
    if phase == .lineStart { takeWholeLines(bytes, limits: limits) }
    while true {
      // One more than the line may have: its last byte can be the CR at most.
      let lineEnd = phase == .lineFeed ? .max : lineStart &+ limits.lineByteCount &+ 1
      let end = min(bytes.count, lineEnd, limits.sectionEnd)
      guard position < end else {
        if position >= lineEnd { throw .fieldLineTooLong(limit: limits.lineByteCount) }
        if position >= limits.sectionEnd { throw limits.oversize }
        return nil
      }
      switch phase {
      case .lineStart:
        try beginLine(bytes[position], limits: limits)
      case .name:
        position = ByteScan.endOfToken(in: bytes, from: position, to: end)
        if position < end { try endName(bytes[position]) }
      case .blanks:
        while position < end, ASCII.isBlank(bytes[position]) { position &+= 1 }
        valueStart = position
        if position < end { phase = .value }
      case .value:
        position = ByteScan.endOfText(in: bytes, from: position, to: end)
        if position < end { try endValue(bytes) }
      case .lineFeed:
        try takeLineFeed(bytes[position])
        addEntry()
      case .lastLineFeed:
        try takeLineFeed(bytes[position])
        return position
      }
    }
  }

  /// Takes ordinary lines that are there to their end, which is what nearly every line is. It stops
  /// before the first that is cut, over a limit, wrong or has more white space than one space, and
  /// leaves it to the phases below to say which.
  private mutating func takeWholeLines(_ bytes: Span<UInt8>, limits: Limits) {
    let end = min(bytes.count, limits.sectionEnd)
    var start = position
    while entries.count < limits.fieldCount, start < end {
      let nameEnd = ByteScan.endOfToken(in: bytes, from: start, to: end)
      guard nameEnd > start, nameEnd &+ 1 < end, bytes[nameEnd] == UInt8(ascii: ":") else { break }
      let valueStart = bytes[nameEnd &+ 1] == UInt8(ascii: " ") ? nameEnd &+ 2 : nameEnd &+ 1
      let valueEnd = ByteScan.endOfText(in: bytes, from: valueStart, to: end)
      guard valueEnd &+ 1 < end, bytes[valueEnd] == UInt8(ascii: "\r"),
        bytes[valueEnd &+ 1] == UInt8(ascii: "\n"),
        valueEnd &- start <= limits.lineByteCount,
        valueStart < valueEnd, !ASCII.isBlank(bytes[valueStart]),
        !ASCII.isBlank(bytes[valueEnd &- 1])
      else { break }
      entries.append(
        HTTPFields.Entry(name: start..<nameEnd, value: valueStart..<valueEnd))
      start = valueEnd &+ 2
    }
    position = start
    lineStart = start
  }

  private mutating func beginLine(_ byte: UInt8, limits: Limits) throws(HTTPReceiveError) {
    switch byte {
    case UInt8(ascii: "\r"):
      position &+= 1
      phase = .lastLineFeed
    case UInt8(ascii: "\n"):
      throw .invalidLineEnding(position: position)
    case UInt8(ascii: " "), UInt8(ascii: "\t"):
      throw .foldedLine(position: position)
    default:
      guard ASCII.isTokenByte(byte) else { throw .invalidFieldName(position: position) }
      guard entries.count < limits.fieldCount else {
        throw .tooManyFields(limit: limits.fieldCount)
      }
      phase = .name
    }
  }

  private mutating func endName(_ byte: UInt8) throws(HTTPReceiveError) {
    guard byte == UInt8(ascii: ":") else {
      if ASCII.isBlank(byte) { throw .whitespaceBeforeColon(position: position) }
      throw .invalidFieldName(position: position)
    }
    nameEnd = position
    position &+= 1
    valueStart = position
    phase = .blanks
  }

  /// Ends the value at the first byte that is none of it, which must be the CR of the line's end.
  private mutating func endValue(_ bytes: Span<UInt8>) throws(HTTPReceiveError) {
    guard bytes[position] == UInt8(ascii: "\r") else {
      if bytes[position] == UInt8(ascii: "\n") { throw .invalidLineEnding(position: position) }
      throw .invalidFieldValue(position: position)
    }
    valueEnd = position
    while valueEnd > valueStart, ASCII.isBlank(bytes[valueEnd &- 1]) { valueEnd &-= 1 }
    position &+= 1
    phase = .lineFeed
  }

  private mutating func takeLineFeed(_ byte: UInt8) throws(HTTPReceiveError) {
    guard byte == UInt8(ascii: "\n") else {
      throw .invalidLineEnding(position: position &- 1)
    }
    position &+= 1
  }

  private mutating func addEntry() {
    entries.append(HTTPFields.Entry(name: lineStart..<nameEnd, value: valueStart..<valueEnd))
    lineStart = position
    phase = .lineStart
  }
}

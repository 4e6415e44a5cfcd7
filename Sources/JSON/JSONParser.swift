// The parser: text to tree.
//
// Grammar: RFC 8259 exactly, in one pass.
//
//     text   = ws value ws
//     value  = object / array / string / number / "true" / "false" / "null"
//     object = "{" ws [ member *( ws "," ws member ) ] ws "}"      member = string ws ":" ws value
//     array  = "[" ws [ value *( ws "," ws value ) ] ws "]"
//     string = '"' *( %x20-21 / %x23-5B / %x5D-10FFFF / "\" escape ) '"'
//     number = [ "-" ] ( "0" / 1-9 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "+" / "-" ] 1*DIGIT ]
//     ws     = *( SP / HTAB / LF / CR )
//
// Where the RFC leaves a choice: a byte order mark is refused (§8.1), the text must be UTF-8, an
// escape for half of a surrogate pair is refused (§8.2: its meaning is unpredictable, and it has
// none as UTF-8), numbers of any size are kept as text (§6), of a repeated key the last value counts,
// in the first one's place, and the repetition can be reported (§4), and depth and length are
// limited (§9).

import Bytes

/// One parse: the place in the text, which every function takes as a parameter since a span cannot
/// be stored.
struct JSONParser {
  private let limits: JSONLimits
  private var position = 0
  /// The characters of a string with escapes, kept for the next one.
  private var unescaped: [UInt8] = []
  private(set) var report: DuplicateReport?

  init(limits: JSONLimits, report: DuplicateReport?) {
    self.limits = limits
    self.report = report
  }

  mutating func parse(_ text: Span<UInt8>) throws(JSONError) -> JSONValue {
    guard text.count <= limits.byteCount else {
      throw JSONError(.tooLarge(limit: limits.byteCount), offset: 0, in: text)
    }
    if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
      throw JSONError(.byteOrderMark, offset: 0, in: text)
    }
    skipBlanks(text)
    let value = try parseValue(text, depth: 0)
    skipBlanks(text)
    if position < text.count {
      throw JSONError(.trailingContent(text[position]), offset: position, in: text)
    }
    return value
  }

  private mutating func parseValue(
    _ text: Span<UInt8>, depth: Int
  ) throws(JSONError) -> JSONValue {
    guard position < text.count else { throw unexpected("a value", text) }
    switch text[position] {
    case 0x22:
      return .string(try parseString(text))
    case 0x7B:
      return .object(try parseObject(text, depth: depth))
    case 0x5B:
      return .array(try parseArray(text, depth: depth))
    case 0x2D, 0x30...0x39:
      return .number(try parseNumber(text))
    case 0x74:
      try parseLiteral("true", text)
      return .bool(true)
    case 0x66:
      try parseLiteral("false", text)
      return .bool(false)
    case 0x6E:
      try parseLiteral("null", text)
      return .null
    default:
      throw unexpected("a value", text)
    }
  }

  // MARK: - Containers

  private mutating func parseArray(
    _ text: Span<UInt8>, depth: Int
  ) throws(JSONError) -> [JSONValue] {
    try checkDepth(depth, text)
    position &+= 1
    skipBlanks(text)
    var elements: [JSONValue] = []
    if take(0x5D, text) { return elements }
    while true {
      report?.path.append(.index(elements.count))
      elements.append(try parseValue(text, depth: depth &+ 1))
      report?.path.removeLast()
      skipBlanks(text)
      if take(0x2C, text) {
        skipBlanks(text)
      } else if take(0x5D, text) {
        return elements
      } else {
        throw unexpected("\",\" or \"]\"", text)
      }
    }
  }

  private mutating func parseObject(
    _ text: Span<UInt8>, depth: Int
  ) throws(JSONError) -> JSONObject {
    try checkDepth(depth, text)
    position &+= 1
    skipBlanks(text)
    var object = JSONObject()
    if take(0x7D, text) { return object }
    while true {
      let keyOffset = position
      guard position < text.count, text[position] == 0x22 else {
        throw unexpected("a key in quotation marks", text)
      }
      let key = try parseString(text)
      skipBlanks(text)
      guard take(0x3A, text) else { throw unexpected("\":\"", text) }
      skipBlanks(text)
      report?.path.append(.key(key))
      let value = try parseValue(text, depth: depth &+ 1)
      report?.path.removeLast()
      if object.updateValue(value, forKey: key) != nil { report?.add(key, at: keyOffset) }
      skipBlanks(text)
      if take(0x2C, text) {
        skipBlanks(text)
      } else if take(0x7D, text) {
        return object
      } else {
        throw unexpected("\",\" or \"}\"", text)
      }
    }
  }

  private func checkDepth(_ depth: Int, _ text: Span<UInt8>) throws(JSONError) {
    if depth >= limits.depth {
      throw JSONError(.tooDeep(limit: limits.depth), offset: position, in: text)
    }
  }

  // MARK: - Scalars

  private mutating func parseLiteral(
    _ literal: StaticString, _ text: Span<UInt8>
  ) throws(JSONError) {
    for byte in literal.description.utf8 {
      guard take(byte, text) else { throw unexpected("\"\(literal)\"", text) }
    }
  }

  private mutating func parseNumber(_ text: Span<UInt8>) throws(JSONError) -> JSONNumber {
    let start = position
    switch scanNumber(text, from: start) {
    case .success(let end):
      position = end
      return JSONNumber(unchecked: makeString(text, start..<end, isASCII: true))
    case .failure(.notADigit(let offset)):
      position = offset
      throw unexpected("a digit", text)
    }
  }

  /// Parses the string whose opening quotation mark is the next byte.
  private mutating func parseString(_ text: Span<UInt8>) throws(JSONError) -> String {
    let start = position &+ 1
    var index = start
    var isASCII = true
    while true {
      index = endOfPlainRun(text, from: index)
      guard index < text.count else { throw unterminatedString(text) }
      switch text[index] {
      case 0x22:
        position = index &+ 1
        return makeString(text, start..<index, isASCII: isASCII)
      case 0x5C:
        return try parseEscapedString(text, start: start, escape: index)
      default:
        index = try endOfCharacter(text, at: index)
        isASCII = false
      }
    }
  }

  /// Parses the rest of a string from its first backslash on.
  private mutating func parseEscapedString(
    _ text: Span<UInt8>, start: Int, escape: Int
  ) throws(JSONError) -> String {
    unescaped.removeAll(keepingCapacity: true)
    unescaped.append(text, start..<escape)
    var index = escape
    var runStart = escape
    while true {
      index = endOfPlainRun(text, from: index)
      guard index < text.count else { throw unterminatedString(text) }
      switch text[index] {
      case 0x22:
        unescaped.append(text, runStart..<index)
        position = index &+ 1
        return makeString(unescaped.span, 0..<unescaped.count, isASCII: false)
      case 0x5C:
        unescaped.append(text, runStart..<index)
        index = try parseEscape(text, at: index)
        runStart = index
      default:
        index = try endOfCharacter(text, at: index)
      }
    }
  }

  /// Adds the character of the escape at an offset to ``unescaped``, and gives the escape's end.
  private mutating func parseEscape(
    _ text: Span<UInt8>, at start: Int
  ) throws(JSONError) -> Int {
    guard start &+ 1 < text.count else { throw unterminatedString(text) }
    switch text[start &+ 1] {
    case 0x22: unescaped.append(0x22)
    case 0x5C: unescaped.append(0x5C)
    case 0x2F: unescaped.append(0x2F)
    case 0x62: unescaped.append(0x08)
    case 0x66: unescaped.append(0x0C)
    case 0x6E: unescaped.append(0x0A)
    case 0x72: unescaped.append(0x0D)
    case 0x74: unescaped.append(0x09)
    case 0x75: return try parseUnicodeEscape(text, at: start)
    default: throw JSONError(.invalidEscape, offset: start, in: text)
    }
    return start &+ 2
  }

  private mutating func parseUnicodeEscape(
    _ text: Span<UInt8>, at start: Int
  ) throws(JSONError) -> Int {
    guard let unit = hexUnit(text, at: start) else {
      throw JSONError(.invalidEscape, offset: start, in: text)
    }
    if let scalar = Unicode.Scalar(unit) {
      unescaped.append(contentsOf: String(Character(scalar)).utf8)
      return start &+ 6
    }
    guard UTF16.isLeadSurrogate(unit), let trail = hexUnit(text, at: start &+ 6),
      UTF16.isTrailSurrogate(trail)
    else { throw JSONError(.loneSurrogate, offset: start, in: text) }
    let pair = 0x10000 &+ (UInt32(unit & 0x3FF) &<< 10 | UInt32(trail & 0x3FF))
    guard let scalar = Unicode.Scalar(pair) else {
      throw JSONError(.loneSurrogate, offset: start, in: text)
    }
    unescaped.append(contentsOf: String(Character(scalar)).utf8)
    return start &+ 12
  }

  /// The code unit of `\uXXXX` at an offset, nil when there is no such escape.
  private func hexUnit(_ text: Span<UInt8>, at start: Int) -> UInt16? {
    guard start &+ 6 <= text.count, text[start] == 0x5C, text[start &+ 1] == 0x75 else {
      return nil
    }
    var unit: UInt16 = 0
    for offset in 2..<6 {
      guard let digit = ASCII.hexValue(text[start &+ offset]) else { return nil }
      unit = unit &<< 4 | UInt16(digit)
    }
    return unit
  }

  /// The end of the character at an offset that ends a plain run: a UTF-8 sequence, else an error.
  private func endOfCharacter(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
    if text[index] < 0x20 {
      throw JSONError(.controlCharacter(text[index]), offset: index, in: text)
    }
    guard let length = multibyteLength(text, at: index) else {
      throw JSONError(.invalidUTF8, offset: index, in: text)
    }
    return index &+ length
  }

  // MARK: - Bytes

  @inline(__always)
  private mutating func skipBlanks(_ text: Span<UInt8>) {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
      default: return
      }
    }
  }

  /// Whether the next byte is this one, which is then behind.
  @inline(__always)
  private mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
    guard position < text.count, text[position] == byte else { return false }
    position &+= 1
    return true
  }

  private func unexpected(_ expected: String, _ text: Span<UInt8>) -> JSONError {
    let code: JSONError.Code =
      position < text.count
      ? .unexpectedByte(text[position], expected: expected) : .unexpectedEnd(expected: expected)
    return JSONError(code, offset: min(position, text.count), in: text)
  }

  private func unterminatedString(_ text: Span<UInt8>) -> JSONError {
    JSONError(
      .unexpectedEnd(expected: "the end of a string"), offset: text.count, in: text)
  }
}

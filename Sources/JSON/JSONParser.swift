// The parser: text to tape.
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

extension JSONTape {
  /// Parses one text.
  ///
  /// - Parameter overwritten: when given, receives the words that repeated keys replaced on the tape.
  init(
    parsing text: Span<UInt8>, limits: JSONLimits, overwritten: inout [Int: TapeWord]?
  ) throws(JSONError) {
    guard text.count <= limits.byteCount else {
      throw JSONError(.tooLarge(limit: limits.byteCount), offset: 0, in: text)
    }
    if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
      throw JSONError(.byteOrderMark, offset: 0, in: text)
    }
    let wordCount = Self.wordCount(byteCount: text.count, depth: limits.depth)
    var slots: [UInt64] = []
    var failure: JSONError?
    // SAFETY: the array is not used before the parser, which initialises the words from the first
    // one on and says how many there are; wordCount(byteCount:depth:) bounds them. A TapeWord is
    // trivial, so nothing is to be undone after an error.
    let words = unsafe [TapeWord](unsafeUninitializedCapacity: wordCount) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      var parser = unsafe JSONParser(
        words: base, capacity: buffer.count, depthLimit: limits.depth, overwritten: overwritten)
      do throws(JSONError) {
        count = try parser.parse(text)
      } catch {
        failure = error
      }
      overwritten = parser.keys.overwritten
      slots = parser.keys.slots
    }
    if let failure { throw failure }
    self.init(words: words, slots: slots)
  }
}

/// One parse.
///
/// The arrays and objects that are open are chained through their words on the tape: until it is
/// closed, a word has the place of the one around it for its extent, and for its count the other's.
@safe
private struct JSONParser {
  private let words: UnsafeMutablePointer<TapeWord>
  private let capacity: Int
  private let depthLimit: Int
  var keys: KeyTables

  init(
    words: UnsafeMutablePointer<TapeWord>, capacity: Int, depthLimit: Int,
    overwritten: [Int: TapeWord]?
  ) {
    unsafe self.words = words
    self.capacity = capacity
    self.depthLimit = depthLimit
    keys = KeyTables(overwritten: overwritten)
  }

  /// Writes the words of a text and gives their count.
  mutating func parse(_ text: Span<UInt8>) throws(JSONError) -> Int {
    var at = skipBlanks(text, from: 0)
    // How many words there are.
    var end = 0
    // The open array or object; itself when there is none.
    var container = -1
    // How many items it has before the one that is being read.
    var count = 0
    var depth = 0
    var isObject = false

    values: while true {
      guard at < text.count else { throw unexpected("a value", text, at) }
      switch byte(text, at) {
      case 0x22:
        at = try scanString(text, from: at &+ 1, &end)
      case 0x7B:
        if depth >= depthLimit { throw tooDeep(text, at) }
        at = skipBlanks(text, from: at &+ 1)
        if at < text.count, byte(text, at) == 0x7D {
          write(TapeWord(.object, low: 1, high: 0), &end)
          at &+= 1
        } else {
          write(TapeWord(isObject ? .object : .array, low: container &+ 1, high: count), &end)
          (container, count, isObject) = (end &- 1, 0, true)
          depth &+= 1
          at = try scanKey(text, from: at, &end)
          continue values
        }
      case 0x5B:
        if depth >= depthLimit { throw tooDeep(text, at) }
        at = skipBlanks(text, from: at &+ 1)
        if at < text.count, byte(text, at) == 0x5D {
          write(TapeWord(.array, low: 1, high: 0), &end)
          at &+= 1
        } else {
          write(TapeWord(isObject ? .object : .array, low: container &+ 1, high: count), &end)
          (container, count, isObject) = (end &- 1, 0, false)
          depth &+= 1
          continue values
        }
      case 0x2D, 0x30...0x39:
        at = try scanNumber(text, from: at, &end)
      case 0x74:
        at = try scanLiteral("\"true\"", 0x6575_7274, .true, text, from: at, &end)
      case 0x66:
        at = try scanLiteral("\"false\"", 0x65_736C_6166, .false, text, from: at, &end)
      case 0x6E:
        at = try scanLiteral("\"null\"", 0x6C6C_756E, .null, text, from: at, &end)
      default:
        throw unexpected("a value", text, at)
      }

      // A value is behind: close what ends with it.
      while container >= 0 {
        at = skipBlanks(text, from: at)
        let next = at < text.count ? byte(text, at) : 0
        count &+= 1
        if next == 0x2C {
          at = skipBlanks(text, from: at &+ 1)
          if isObject { at = try scanKey(text, from: at, &end) }
          continue values
        }
        guard next == (isObject ? 0x7D : 0x5D) else {
          throw unexpected(isObject ? "\",\" or \"}\"" : "\",\" or \"]\"", text, at)
        }
        at &+= 1
        depth &-= 1
        let outer = unsafe words[container]
        if isObject {
          closeObject(at: container, count, text, &end)
        } else {
          closeArray(at: container, count, &end)
        }
        (container, count, isObject) = (outer.low &- 1, outer.high, outer.tag == .object)
      }
      break
    }
    at = skipBlanks(text, from: at)
    if at < text.count {
      throw JSONError(.trailingContent(byte(text, at)), offset: at, in: text)
    }
    return end
  }

  // MARK: - Containers

  private mutating func closeArray(at array: Int, _ count: Int, _ end: inout Int) {
    var tag = TapeWord.Tag.array
    // Without an index the elements of an array of scalars are found as fast.
    if count > JSONTape.threshold, end &- array &- 1 != count {
      tag = .longArray
      let index = unsafe keys.indexArray(words, at: array, count)
      write(index, &end)
    }
    unsafe words[array] = TapeWord(tag, low: end &- array, high: count)
  }

  private mutating func closeObject(
    at object: Int, _ count: Int, _ text: Span<UInt8>, _ end: inout Int
  ) {
    var uniqueCount = count
    var tag = TapeWord.Tag.object
    if count > JSONTape.threshold {
      let (unique, index) = unsafe keys.indexObject(words, at: object, count, text)
      uniqueCount = unique
      tag = .largeObject
      write(index, &end)
    } else if count > 1 {
      uniqueCount = unsafe keys.settle(words, at: object, count, text)
    }
    unsafe words[object] = TapeWord(tag, low: end &- object, high: uniqueCount)
  }

  // MARK: - Scalars

  /// Scans the key at an offset and the colon after it, and gives the offset of its value.
  @inline(__always)
  private mutating func scanKey(
    _ text: Span<UInt8>, from start: Int, _ end: inout Int
  ) throws(JSONError) -> Int {
    guard start < text.count, byte(text, start) == 0x22 else {
      throw unexpected("a key in quotation marks", text, start)
    }
    let at = skipBlanks(text, from: try scanString(text, from: start &+ 1, &end))
    guard at < text.count, byte(text, at) == 0x3A else { throw unexpected("\":\"", text, at) }
    return skipBlanks(text, from: at &+ 1)
  }

  /// Scans the rest of a string from behind its opening quotation mark, and gives its end.
  @inline(__always)
  private mutating func scanString(
    _ text: Span<UInt8>, from start: Int, _ end: inout Int
  ) throws(JSONError) -> Int {
    var index = endOfPlainRun(text, from: start)
    var tag = TapeWord.Tag.asciiString
    if index >= text.count || byte(text, index) != 0x22 {
      index = try scanSpecialString(text, from: index, &tag)
    }
    write(TapeWord(tag, low: index &- start, high: start), &end)
    return index &+ 1
  }

  /// Scans the rest of a string from the first byte on that is not plain, and gives the offset of the
  /// closing quotation mark.
  @inline(never)
  private func scanSpecialString(
    _ text: Span<UInt8>, from start: Int, _ tag: inout TapeWord.Tag
  ) throws(JSONError) -> Int {
    var index = start
    tag = .string
    while true {
      guard index < text.count else { throw unterminatedString(text) }
      switch byte(text, index) {
      case 0x22: return index
      case 0x5C:
        tag = .escapedString
        switch StringEscape(text, at: index) {
        case .scalar(_, let length): index &+= length
        case .invalid: throw JSONError(.invalidEscape, offset: index, in: text)
        case .loneSurrogate: throw JSONError(.loneSurrogate, offset: index, in: text)
        case .unterminated: throw unterminatedString(text)
        }
      case let byte where byte < 0x20:
        throw JSONError(.controlCharacter(byte), offset: index, in: text)
      default:
        repeat {
          guard let length = multibyteLength(text, at: index) else {
            throw JSONError(.invalidUTF8, offset: index, in: text)
          }
          index &+= length
        } while index < text.count && byte(text, index) >= 0x80
      }
      index = endOfPlainRun(text, from: index)
    }
  }

  @inline(__always)
  private mutating func scanNumber(
    _ text: Span<UInt8>, from start: Int, _ end: inout Int
  ) throws(JSONError) -> Int {
    switch JSON.scanNumber(text, from: start) {
    case .success(let number):
      let tag: TapeWord.Tag = number.isInteger ? .integer : .number
      write(TapeWord(tag, low: number.end &- start, high: start), &end)
      return number.end
    case .failure(.notADigit(let offset)):
      throw unexpected("a digit", text, offset)
    }
  }

  /// Scans one of the three names.
  ///
  /// - Parameters:
  ///   - name: the name in quotation marks, for an error.
  ///   - bytes: the name as a word, its first byte lowest.
  @inline(__always)
  private mutating func scanLiteral(
    _ name: StaticString, _ bytes: UInt64, _ tag: TapeWord.Tag, _ text: Span<UInt8>,
    from start: Int, _ end: inout Int
  ) throws(JSONError) -> Int {
    let length = name.utf8CodeUnitCount &- 2
    let found = shortWord(text, at: start, count: min(length, text.count &- start))
    guard found == bytes else {
      throw unexpected(name, text, start &+ (found ^ bytes).trailingZeroBitCount / 8)
    }
    write(TapeWord(tag, low: length, high: start), &end)
    return start &+ length
  }

  // MARK: - Bytes and words

  @inline(__always)
  private func byte(_ text: Span<UInt8>, _ index: Int) -> UInt8 {
    // SAFETY: each caller has compared the index with the count, and no index is ever negative.
    assert(text.indices.contains(index))
    return unsafe text[unchecked: index]
  }

  @inline(__always)
  private func write(_ word: TapeWord, _ end: inout Int) {
    // SAFETY: JSONTape.wordCount(byteCount:depth:) says why there is room.
    assert(end < capacity)
    unsafe words[end] = word
    end &+= 1
  }

  @inline(__always)
  private func skipBlanks(_ text: Span<UInt8>, from start: Int) -> Int {
    guard start < text.count, byte(text, start) <= 0x20 else { return start }
    return endOfBlanks(text, from: start)
  }

  // MARK: - Errors

  @inline(never)
  private func unexpected(
    _ expected: StaticString, _ text: Span<UInt8>, _ index: Int
  ) -> JSONError {
    let code: JSONError.Code =
      index < text.count
      ? .unexpectedByte(text[index], expected: expected.description)
      : .unexpectedEnd(expected: expected.description)
    return JSONError(code, offset: min(index, text.count), in: text)
  }

  @inline(never)
  private func tooDeep(_ text: Span<UInt8>, _ index: Int) -> JSONError {
    JSONError(.tooDeep(limit: depthLimit), offset: index, in: text)
  }

  @inline(never)
  private func unterminatedString(_ text: Span<UInt8>) -> JSONError {
    JSONError(.unexpectedEnd(expected: "the end of a string"), offset: text.count, in: text)
  }
}

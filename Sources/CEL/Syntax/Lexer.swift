// From text to tokens (cel-spec, "Syntax").
//
//     IDENTIFIER = ( ALPHA / "_" ) *( ALPHA / DIGIT / "_" )     ESC_IDENTIFIER = "`" 1*( ALPHA / DIGIT /
//                  "_" / "." / "-" / "/" / " " ) "`"
//     NUM_FLOAT  = 1*DIGIT "." 1*DIGIT [ exp ] / 1*DIGIT exp / "." 1*DIGIT [ exp ]
//     NUM_INT    = 1*DIGIT / "0x" 1*HEXDIG                      NUM_UINT = NUM_INT ( "u" / "U" )
//     STRING     = [ r ] ( '"' … '"' / "'" … "'" / three of either around anything )
//     BYTES      = b STRING
//     COMMENT    = "//" to the end of the line
//
// What is no token is reported and skipped, in the words of cel-go's lexer.

import Bytes

/// Takes the text apart.
struct Lexer {
  /// The text and a NUL behind it, so that looking one byte ahead needs no test.
  let bytes: [UInt8]
  let count: Int
  private(set) var position = 0
  /// What was no token: the offset and the text that was skipped.
  private(set) var failures: [(offset: Int, text: String)] = []

  init(_ text: String) {
    var bytes = [UInt8]()
    bytes.reserveCapacity(text.utf8.count + 4)
    bytes.append(contentsOf: text.utf8)
    count = bytes.count
    // As far as the longest look ahead.
    bytes.append(0)
    bytes.append(0)
    bytes.append(0)
    bytes.append(0)
    self.bytes = bytes
  }

  /// The next token; ``Token/Kind/end`` for ever at the end.
  mutating func next() -> Token {
    while true {
      skipSpace()
      let start = position
      guard start < count else { return Token(kind: .end, start: count, end: count) }
      if let kind = token(at: start) { return Token(kind: kind, start: start, end: position) }
      // The byte that fits nothing belongs to what is skipped.
      var end = min(position &+ 1, count)
      while end < count, bytes[end] & 0xC0 == 0x80 { end &+= 1 }
      failures.append((start, String(decoding: bytes[start..<end], as: UTF8.self)))
      position = end
    }
  }

  private mutating func skipSpace() {
    while true {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: position &+= 1
      case 0x2F where bytes[position &+ 1] == 0x2F:
        while position < count, bytes[position] != 0x0A { position &+= 1 }
      default: return
      }
    }
  }

  /// The kind of the token at an offset, with the position behind it; nil, with the position at the
  /// byte that does not fit, when there is none.
  private mutating func token(at start: Int) -> Token.Kind? {
    let byte = bytes[start]
    if isIdentifierStart(byte) { return word(at: start) }
    if ASCII.isDigit(byte) { return number(at: start) }
    position = start &+ 1
    let following = bytes[position]
    func pair(_ second: UInt8, _ kind: Token.Kind, else single: Token.Kind?) -> Token.Kind? {
      guard following == second else { return single }
      position &+= 1
      return kind
    }
    switch byte {
    case UInt8(ascii: "="): return pair(UInt8(ascii: "="), .equal, else: nil)
    case UInt8(ascii: "!"): return pair(UInt8(ascii: "="), .notEqual, else: .exclamation)
    case UInt8(ascii: "<"): return pair(UInt8(ascii: "="), .lessOrEqual, else: .less)
    case UInt8(ascii: ">"): return pair(UInt8(ascii: "="), .greaterOrEqual, else: .greater)
    case UInt8(ascii: "&"): return pair(UInt8(ascii: "&"), .and, else: nil)
    case UInt8(ascii: "|"): return pair(UInt8(ascii: "|"), .or, else: nil)
    case UInt8(ascii: "["): return .openBracket
    case UInt8(ascii: "]"): return .closeBracket
    case UInt8(ascii: "{"): return .openBrace
    case UInt8(ascii: "}"): return .closeBrace
    case UInt8(ascii: "("): return .openParenthesis
    case UInt8(ascii: ")"): return .closeParenthesis
    case UInt8(ascii: "."): return ASCII.isDigit(following) ? number(at: start) : .dot
    case UInt8(ascii: ","): return .comma
    case UInt8(ascii: "-"): return .minus
    case UInt8(ascii: "?"): return .question
    case UInt8(ascii: ":"): return .colon
    case UInt8(ascii: "+"): return .plus
    case UInt8(ascii: "*"): return .star
    case UInt8(ascii: "/"): return .slash
    case UInt8(ascii: "%"): return .percent
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return string(at: start, raw: false, kind: .string)
    case UInt8(ascii: "`"): return quotedIdentifier()
    default:
      position = start
      return nil
    }
  }

  private mutating func word(at start: Int) -> Token.Kind? {
    // r, b and br before a quotation mark, in either case.
    let first = bytes[start] | 0x20
    if first == UInt8(ascii: "r") || first == UInt8(ascii: "b") {
      let second = bytes[start &+ 1]
      if isQuote(second) {
        let isRaw = first == UInt8(ascii: "r")
        return string(at: start &+ 1, raw: isRaw, kind: isRaw ? .string : .bytes)
      }
      if first == UInt8(ascii: "b"), second | 0x20 == UInt8(ascii: "r"), isQuote(bytes[start &+ 2])
      {
        return string(at: start &+ 2, raw: true, kind: .bytes)
      }
    }
    var end = start &+ 1
    while isIdentifierStart(bytes[end]) || ASCII.isDigit(bytes[end]) { end &+= 1 }
    position = end
    switch end &- start {
    case 2 where matches("in", at: start): return .in
    case 4 where matches("true", at: start): return .true
    case 4 where matches("null", at: start): return .null
    case 5 where matches("false", at: start): return .false
    default: return .identifier
    }
  }

  private func matches(_ word: StaticString, at start: Int) -> Bool {
    word.withUTF8Buffer { word in
      for index in 0..<word.count where unsafe word[index] != bytes[start &+ index] { return false }
      return true
    }
  }

  private mutating func number(at start: Int) -> Token.Kind {
    func digitsEnd(_ start: Int) -> Int {
      var end = start
      while ASCII.isDigit(bytes[end]) { end &+= 1 }
      return end
    }
    func suffixed(_ kind: Token.Kind, at end: Int) -> Token.Kind {
      let hasSuffix = bytes[end] | 0x20 == UInt8(ascii: "u")
      position = hasSuffix ? end &+ 1 : end
      return hasSuffix ? .uint : kind
    }
    if bytes[start] == UInt8(ascii: "0"), bytes[start &+ 1] == UInt8(ascii: "x"),
      ASCII.hexValue(bytes[start &+ 2]) != nil
    {
      var end = start &+ 2
      while ASCII.hexValue(bytes[end]) != nil { end &+= 1 }
      return suffixed(.int, at: end)
    }
    var end = digitsEnd(start)
    var kind = Token.Kind.int
    if bytes[end] == UInt8(ascii: "."), ASCII.isDigit(bytes[end &+ 1]) {
      end = digitsEnd(end &+ 1)
      kind = .float
    }
    if bytes[end] | 0x20 == UInt8(ascii: "e") {
      let sign = bytes[end &+ 1] == UInt8(ascii: "+") || bytes[end &+ 1] == UInt8(ascii: "-")
      let digits = end &+ (sign ? 2 : 1)
      if ASCII.isDigit(bytes[digits]) {
        end = digitsEnd(digits)
        kind = .float
      }
    }
    if kind == .int { return suffixed(.int, at: end) }
    position = end
    return .float
  }

  /// A literal whose opening quotation mark is at the offset.
  private mutating func string(at start: Int, raw: Bool, kind: Token.Kind) -> Token.Kind? {
    let quote = bytes[start]
    let isTriple = bytes[start &+ 1] == quote && bytes[start &+ 2] == quote
    var index = start &+ (isTriple ? 3 : 1)
    while index < count {
      let byte = bytes[index]
      if byte == quote {
        if !isTriple {
          position = index &+ 1
          return kind
        }
        if bytes[index &+ 1] == quote, bytes[index &+ 2] == quote {
          position = index &+ 3
          return kind
        }
      }
      if !isTriple, byte == 0x0A || byte == 0x0D { break }
      if byte == UInt8(ascii: "\\"), !raw {
        guard let length = escapeLength(at: index) else {
          position = index &+ 1
          return nil
        }
        index &+= length
      } else {
        index &+= 1
      }
    }
    position = index
    return nil
  }

  /// The length of an escape in bytes; nil when it is none.
  private func escapeLength(at index: Int) -> Int? {
    func hexadecimal(_ digits: Int) -> Int? {
      for offset in 0..<digits {
        guard index &+ 2 &+ offset < count, ASCII.hexValue(bytes[index &+ 2 &+ offset]) != nil
        else {
          return nil
        }
      }
      return digits &+ 2
    }
    switch bytes[index &+ 1] {
    case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "v"), UInt8(ascii: "\""),
      UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "`"):
      return 2
    case UInt8(ascii: "x"), UInt8(ascii: "X"): return hexadecimal(2)
    case UInt8(ascii: "u"): return hexadecimal(4)
    case UInt8(ascii: "U"): return hexadecimal(8)
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      let isOctal = { (byte: UInt8) in byte >= 0x30 && byte <= 0x37 }
      return isOctal(bytes[index &+ 2]) && isOctal(bytes[index &+ 3]) ? 4 : nil
    default: return nil
    }
  }

  private mutating func quotedIdentifier() -> Token.Kind? {
    var index = position
    while index < count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "`"), index > position {
        position = index &+ 1
        return .quotedIdentifier
      }
      guard
        isIdentifierStart(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: ".")
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/") || byte == 0x20
      else { break }
      index &+= 1
    }
    position = index
    return nil
  }
}

@inline(__always)
private func isIdentifierStart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- 0x61 < 26 || byte == 0x5F
}

@inline(__always)
private func isQuote(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x27 }

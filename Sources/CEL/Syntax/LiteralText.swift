// What string and bytes literals mean.

import Bytes

/// The values of literal tokens, which the lexer has found to be well-formed.
enum LiteralText {
  /// Why a literal has no value.
  struct Failure: Error {
    let message: String
  }

  /// The string of a token.
  static func string(_ token: ArraySlice<UInt8>) throws(Failure) -> String {
    String(decoding: try content(token, isBytes: false), as: UTF8.self)
  }

  /// The bytes of a token.
  static func bytes(_ token: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
    try content(token, isBytes: true)
  }

  private static func content(
    _ token: ArraySlice<UInt8>, isBytes: Bool
  ) throws(Failure) -> [UInt8] {
    var start = token.startIndex
    var isRaw = false
    while token[start] != 0x22, token[start] != 0x27 {
      if token[start] | 0x20 == UInt8(ascii: "r") { isRaw = true }
      start += 1
    }
    let quote = token[start]
    let isTriple =
      token.endIndex - start >= 6 && token[start + 1] == quote && token[start + 2] == quote
    let edge = isTriple ? 3 : 1
    let content = token[start + edge..<token.endIndex - edge]
    var result: [UInt8] = []
    result.reserveCapacity(content.count)
    var index = content.startIndex
    while index < content.endIndex {
      let byte = content[index]
      if byte == 0x0D {
        // CR and CRLF within a literal are a line feed.
        result.append(0x0A)
        index += 1
        if index < content.endIndex, content[index] == 0x0A { index += 1 }
      } else if byte == UInt8(ascii: "\\"), !isRaw {
        index = try escape(content, at: index, isBytes: isBytes, into: &result)
      } else {
        result.append(byte)
        index += 1
      }
    }
    return result
  }

  /// Adds what an escape stands for and gives the index behind it.
  private static func escape(
    _ content: ArraySlice<UInt8>, at index: Int, isBytes: Bool, into result: inout [UInt8]
  ) throws(Failure) -> Int {
    func digits(_ count: Int, from start: Int, radix: UInt32) -> UInt32 {
      content[start..<start + count].reduce(0) { $0 * radix + UInt32(ASCII.hexValue($1) ?? 0) }
    }
    func append(_ code: UInt32) throws(Failure) {
      if isBytes, code <= 0xFF {
        result.append(UInt8(code))
      } else if let scalar = Unicode.Scalar(code) {
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        throw Failure(message: "invalid unicode code point")
      }
    }
    let letter = content[index + 1]
    if let plain = plainEscapes[letter] {
      result.append(plain)
      return index + 2
    }
    switch letter {
    case UInt8(ascii: "x"), UInt8(ascii: "X"):
      try append(digits(2, from: index + 2, radix: 16))
      return index + 4
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      guard !isBytes else { throw Failure(message: "unable to unescape string") }
      let count = letter == UInt8(ascii: "u") ? 4 : 8
      let code = digits(count, from: index + 2, radix: 16)
      guard Unicode.Scalar(code) != nil else {
        throw Failure(message: "invalid unicode code point")
      }
      try append(code)
      return index + 2 + count
    default:
      try append(digits(3, from: index + 1, radix: 8))
      return index + 4
    }
  }

  private static let plainEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    UInt8(ascii: "v"): 0x0B, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "\""): 0x22,
    UInt8(ascii: "'"): 0x27, UInt8(ascii: "?"): 0x3F, UInt8(ascii: "`"): 0x60,
  ]
}

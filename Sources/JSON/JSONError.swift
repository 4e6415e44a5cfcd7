// What can be wrong with a JSON text.

/// Why a text is not accepted as JSON, and where.
///
/// The sender of the text is at fault in every case. The error holds no part of the text beyond
/// one byte, so it can go into a log or a reply.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Equatable, Sendable {
    /// The text ended within a value, or holds none.
    case unexpectedEnd(expected: String)
    /// A byte stands where the grammar has something else.
    case unexpectedByte(UInt8, expected: String)
    /// Something follows the value.
    case trailingContent(UInt8)
    /// The text starts with a byte order mark, which RFC 8259 §8.1 lets a parser refuse.
    case byteOrderMark
    /// A control character below 0x20 stands in a string without being escaped.
    case controlCharacter(UInt8)
    /// A backslash is followed by something that is no escape.
    case invalidEscape
    /// A `\u` escape is half of a surrogate pair, which is no character.
    case loneSurrogate
    /// A string's bytes are not UTF-8: malformed, overlong, a surrogate, or above U+10FFFF.
    case invalidUTF8
    /// Arrays and objects are nested deeper than allowed.
    case tooDeep(limit: Int)
    /// The text is longer than allowed.
    case tooLarge(limit: Int)
  }

  /// What is wrong.
  package let code: Code
  /// The offset of the offending byte, from 0.
  package let offset: Int
  /// The line of the offending byte, from 1; lines end with a line feed.
  package let line: Int
  /// The column of the offending byte within its line, from 1, in characters (code points).
  package let column: Int

  /// Locates an error in the text it was found in.
  init(_ code: Code, offset: Int, in text: Span<UInt8>) {
    self.code = code
    self.offset = offset
    var line = 1
    var column = 1
    for index in 0..<min(offset, text.count) {
      if text[index] == 0x0A {
        line += 1
        column = 1
      } else if text[index] & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
  }

  package var description: String {
    "invalid JSON at line \(line), column \(column): \(code)"
  }
}

extension JSONError.Code: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unexpectedEnd(let expected): "the text ends where \(expected) was expected"
    case .unexpectedByte(let byte, let expected): "\(name(of: byte)) where \(expected) was expected"
    case .trailingContent(let byte): "\(name(of: byte)) after the end of the value"
    case .byteOrderMark: "the text starts with a byte order mark"
    case .controlCharacter(let byte): "\(name(of: byte)) in a string must be escaped"
    case .invalidEscape: "a backslash that starts no escape"
    case .loneSurrogate: "an escape for half of a surrogate pair"
    case .invalidUTF8: "a string that is not UTF-8"
    case .tooDeep(let limit): "nested deeper than \(limit) levels"
    case .tooLarge(let limit): "longer than \(limit) bytes"
    }
  }
}

private func name(of byte: UInt8) -> String {
  if byte > 0x20, byte < 0x7F { return "\"\(Character(Unicode.Scalar(byte)))\"" }
  let digits = String(byte, radix: 16, uppercase: true)
  return "byte 0x" + (digits.count < 2 ? "0" : "") + digits
}

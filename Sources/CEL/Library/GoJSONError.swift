// Refusals of JSON in the words of Go's `encoding/json`.

import Bytes
package import JSON

/// What Go's `encoding/json` says about a text that is refused here.
package enum GoJSONError {
  /// The text of an error.
  package static func text(_ error: JSONError, in source: String) -> String {
    switch error.code {
    case .unexpectedEnd: return "unexpected end of JSON input"
    case .trailingContent(let byte):
      return "invalid character \(quoted(byte)) after top-level value"
    case .unexpectedByte(let byte, let expected):
      return "invalid character \(quoted(byte)) \(place(expected))"
    case .controlCharacter(let byte): return "invalid character \(quoted(byte)) in string literal"
    case .invalidEscape:
      let bytes = source.utf8
      let index = bytes.index(
        bytes.startIndex, offsetBy: error.offset + 1, limitedBy: bytes.endIndex)
      guard let index, index < bytes.endIndex else { return "unexpected end of JSON input" }
      return "invalid character \(quoted(bytes[index])) in string escape code"
    case .tooDeep: return "exceeded max depth"
    default: return "\(error)"
    }
  }

  /// The text for a value where an object has to be.
  package static func notAnObject(_ value: JSONValue) -> String {
    let kind =
      switch value {
      case .array: "array"
      case .bool: "bool"
      case .number: "number"
      case .string: "string"
      default: "value"
      }
    return "json: cannot unmarshal \(kind) into Go value of type map[string]interface {}"
  }

  private static func place(_ expected: String) -> String {
    for (part, text) in places where expected.contains(part) { return text }
    return "looking for beginning of value"
  }

  /// What this parser expected, and where Go says it was.
  private static let places: [(String, String)] = [
    ("\":\"", "after object key"),
    ("key", "looking for beginning of object key string"),
    ("\"}\"", "after object key:value pair"),
    ("\"]\"", "after array element"),
    ("hexadecimal", "in \\u hexadecimal character escape"),
    ("digit", "in numeric literal"),
    ("\"true\"", "in literal true"), ("\"false\"", "in literal false"),
    ("\"null\"", "in literal null"),
  ]

  private static func quoted(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): return #"'\''"#
    case UInt8(ascii: "\""): return "'\"'"
    default:
      let text = GoQuote.quoted(String(Unicode.Scalar(byte)))
      return "'\(text.dropFirst().dropLast())'"
    }
  }
}

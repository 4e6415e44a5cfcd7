// Values as text.

import Bytes

extension CELValue {
  /// The value as an expression that yields it: what explanations and the printer write. Types whose
  /// values have no literal are written as the call that makes them.
  package var literalText: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "\(value)"
    case .uint(let value): "\(value)u"
    case .double(let value): Self.literal(of: value)
    case .string(let value): Self.quoted(value.text)
    case .bytes(let value): Self.quoted(value)
    case .list(let list): "[\(list.map(\.literalText).joined(separator: ", "))]"
    case .map(let map):
      "{\(map.entries.map { "\($0.key.literalText): \($0.value.literalText)" }.joined(separator: ", "))}"
    case .timestamp(let value):
      "timestamp(\(value.seconds))"
        + (value.nanoseconds == 0 ? "" : " + duration('\(value.nanoseconds)ns')")
    case .duration(let value): "duration('\(value.nanoseconds)ns')"
    case .type(let type): type.name
    case .optional(nil): "optional.none()"
    case .optional(let value?): "optional.of(\(value.literalText))"
    case .opaque(let opaque): opaque.value.text
    }
  }

  private static func literal(of number: Double) -> String {
    if number.isNaN { return "double('NaN')" }
    if number.isInfinite { return number < 0 ? "double('-Infinity')" : "double('Infinity')" }
    return number.description
  }

  /// A text in double quotes, with escapes for quotes, backslashes and control characters.
  package static func quoted(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    result.append("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.append("\\")
        result.append(scalar)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        result.append(contentsOf: hexEscape(UInt8(scalar.value)).unicodeScalars)
      default: result.append(scalar)
      }
    }
    result.append("\"")
    return String(result)
  }

  /// Bytes as a literal: printable ASCII as it is, the rest as octets.
  private static func quoted(_ bytes: [UInt8]) -> String {
    var result = "b\""
    for byte in bytes {
      if ASCII.isVisible(byte) || byte == 0x20, byte != UInt8(ascii: "\""),
        byte != UInt8(ascii: "\\")
      {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += hexEscape(byte)
      }
    }
    return result + "\""
  }

  private static func hexEscape(_ byte: UInt8) -> String {
    "\\x" + Hex.encode(CollectionOfOne(byte))
  }
}

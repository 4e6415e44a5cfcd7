// JSON texts as Go's `encoding/json` reads them.

import Bytes
import JSON

/// Where Go's reader is other than RFC 8259 demands, for what has to take the same texts.
enum GoJSONText {
  /// The value of a text.
  ///
  /// Half of a surrogate pair becomes U+FFFD, and a number beyond the range of doubles is an error.
  ///
  /// *Errors:* Go's texts.
  static func value(of text: String) throws(CELEvaluationError) -> JSONValue {
    let value: JSONValue
    do {
      value = try JSONValue.parse(replacingLoneSurrogates(in: Array(text.utf8)))
    } catch {
      throw .invalidArgument(GoJSONError.text(error, in: text))
    }
    if let number = numberBeyondDoubles(in: value) {
      throw .invalidArgument(
        "json: cannot unmarshal number \(number.text) into Go value of type float64")
    }
    return value
  }

  /// The first number that no double holds. Uses the stack once for each level, as parsing did.
  private static func numberBeyondDoubles(in value: JSONValue) -> JSONNumber? {
    switch value {
    case .number(let number): return number.double.isFinite ? nil : number
    case .array(let elements):
      for element in elements {
        if let number = numberBeyondDoubles(in: element) { return number }
      }
    case .object(let object):
      for member in object {
        if let number = numberBeyondDoubles(in: member.value) { return number }
      }
    case .null, .bool, .string: break
    }
    return nil
  }

  /// The text with the escapes of lone surrogates replaced by that of U+FFFD, which is as long.
  private static func replacingLoneSurrogates(in text: [UInt8]) -> [UInt8] {
    var text = text
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      guard let unit = codeUnit(text, at: index) else {
        index += 2
        continue
      }
      if UTF16.isLeadSurrogate(unit), let next = codeUnit(text, at: index + 6),
        UTF16.isTrailSurrogate(next)
      {
        index += 12
        continue
      }
      if UTF16.isLeadSurrogate(unit) || UTF16.isTrailSurrogate(unit) {
        text.replaceSubrange(index..<index + 6, with: Array("\\ufffd".utf8))
      }
      index += 6
    }
    return text
  }

  /// The code unit of `\uXXXX` at an index; nil when there is no such escape.
  private static func codeUnit(_ text: [UInt8], at index: Int) -> UInt16? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
      text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for byte in text[index + 2..<index + 6] {
      guard let digit = ASCII.hexValue(byte) else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}

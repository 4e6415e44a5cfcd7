// What Go's encoding/json says about a text that is not JSON.
//
// Our own parser is stricter and words its errors in its own way. A client of the API sees Go's
// words, and Go accepts two things that RFC 8259 leaves open: strings that are not UTF-8, and
// escapes of half a surrogate pair. Both become U+FFFD.

/// Walks a JSON text once, as `encoding/json`'s scanner does.
///
/// The grammar is RFC 8259's. *Errors:* ``fault(in:)`` gives the text of Go's `SyntaxError`, or
/// `nil` for a text that Go accepts.
///
/// *Source:* `encoding/json/scanner.go` of Go.
struct GoJSONScanner {
  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Go's message for the first mistake.
  static func fault(in bytes: [UInt8]) -> String? {
    var scanner = GoJSONScanner(bytes)
    do throws(Fault) {
      try scanner.value(depth: 0)
      scanner.skipSpace()
      if scanner.position < bytes.count { throw scanner.unexpected("after top-level value") }
      return nil
    } catch {
      return error.text
    }
  }

  private struct Fault: Error {
    let text: String
  }

  private static let depthLimit = StorageLimits.nestingDepth

  private mutating func value(depth: Int) throws(Fault) {
    skipSpace()
    guard depth <= Self.depthLimit else { throw Fault(text: "exceeded max depth") }
    switch try current() {
    case 0x7B: try object(depth: depth)
    case 0x5B: try array(depth: depth)
    case 0x22: try string()
    case 0x2D, 0x30...0x39: try number()
    case 0x74: try word("true")
    case 0x66: try word("false")
    case 0x6E: try word("null")
    default: throw unexpected("looking for beginning of value")
    }
  }

  private mutating func object(depth: Int) throws(Fault) {
    position += 1
    skipSpace()
    if try current() == 0x7D {
      position += 1
      return
    }
    while true {
      skipSpace()
      guard try current() == 0x22 else {
        throw unexpected("looking for beginning of object key string")
      }
      try string()
      skipSpace()
      guard try current() == 0x3A else { throw unexpected("after object key") }
      position += 1
      try value(depth: depth + 1)
      skipSpace()
      let byte = try current()
      guard byte == 0x2C || byte == 0x7D else { throw unexpected("after object key:value pair") }
      position += 1
      if byte == 0x7D { return }
    }
  }

  private mutating func array(depth: Int) throws(Fault) {
    position += 1
    skipSpace()
    if try current() == 0x5D {
      position += 1
      return
    }
    while true {
      try value(depth: depth + 1)
      skipSpace()
      let byte = try current()
      guard byte == 0x2C || byte == 0x5D else { throw unexpected("after array element") }
      position += 1
      if byte == 0x5D { return }
    }
  }

  private mutating func string() throws(Fault) {
    position += 1
    while true {
      let byte = try current()
      switch byte {
      case 0x22:
        position += 1
        return
      case 0x5C:
        position += 1
        try escape()
      case 0..<0x20:
        throw unexpected("in string literal")
      default:
        position += 1
      }
    }
  }

  private mutating func escape() throws(Fault) {
    switch try current() {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
      position += 1
    case 0x75:
      position += 1
      for _ in 0..<4 {
        switch try current() {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: position += 1
        default: throw unexpected("in \\u hexadecimal character escape")
        }
      }
    default:
      throw unexpected("in string escape code")
    }
  }

  private mutating func number() throws(Fault) {
    if try current() == 0x2D {
      position += 1
      guard isDigit(try current()) else { throw unexpected("in numeric literal") }
    }
    if try current() == 0x30 { position += 1 } else { digits() }
    if position < bytes.count, bytes[position] == 0x2E {
      position += 1
      guard isDigit(try current()) else {
        throw unexpected("after decimal point in numeric literal")
      }
      digits()
    }
    if position < bytes.count, bytes[position] | 0x20 == 0x65 {
      position += 1
      let byte = try current()
      if byte == 0x2B || byte == 0x2D { position += 1 }
      guard isDigit(try current()) else { throw unexpected("in exponent of numeric literal") }
      digits()
    }
  }

  private mutating func digits() {
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
  }

  private mutating func word(_ word: String) throws(Fault) {
    let expected = Array(word.utf8)
    for (index, byte) in expected.enumerated() {
      guard try current() == byte else {
        let wanted = Character(Unicode.Scalar(expected[index]))
        throw unexpected("in literal \(word) (expecting '\(wanted)')")
      }
      position += 1
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private func current() throws(Fault) -> UInt8 {
    guard position < bytes.count else { throw Fault(text: "unexpected end of JSON input") }
    return bytes[position]
  }

  private func unexpected(_ context: String) -> Fault {
    guard position < bytes.count else { return Fault(text: "unexpected end of JSON input") }
    return Fault(text: "invalid character \(goCharacter(bytes[position])) \(context)")
  }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// A byte as Go's scanner quotes it: as the character of that number, in single quotes.
private func goCharacter(_ byte: UInt8) -> String {
  switch byte {
  case 0x27: return "'\\''"
  case 0x22: return "'\"'"
  case 0x80...0xA0, 0xAD:
    return "'\\u00" + String(byte, radix: 16) + "'"
  default:
    return "'" + quoted(String(Character(Unicode.Scalar(byte)))).dropFirst().dropLast() + "'"
  }
}

/// The text as Go would have understood it: bytes that are not UTF-8 and escapes of half a
/// surrogate pair are replaced by U+FFFD. Only for texts in which Go finds no fault.
func repairedForStrictParsing(_ bytes: [UInt8]) -> [UInt8] {
  let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  var index = 0
  while index < text.count {
    guard text[index] == 0x5C, index + 1 < text.count else {
      result.append(text[index])
      index += 1
      continue
    }
    guard text[index + 1] == 0x75, let unit = hexUnit(text, index + 2) else {
      result.append(contentsOf: text[index...(index + 1)])
      index += 2
      continue
    }
    if (0xD800...0xDBFF).contains(unit), index + 11 < text.count, text[index + 6] == 0x5C,
      text[index + 7] == 0x75, let low = hexUnit(text, index + 8), (0xDC00...0xDFFF).contains(low)
    {
      result.append(contentsOf: text[index..<(index + 12)])
      index += 12
    } else if (0xD800...0xDFFF).contains(unit) {
      result.append(contentsOf: [0xEF, 0xBF, 0xBD])
      index += 6
    } else {
      result.append(contentsOf: text[index..<(index + 6)])
      index += 6
    }
  }
  return result
}

private func hexUnit(_ text: [UInt8], _ start: Int) -> UInt32? {
  guard start + 4 <= text.count else { return nil }
  return UInt32(String(decoding: text[start..<(start + 4)], as: UTF8.self), radix: 16)
}

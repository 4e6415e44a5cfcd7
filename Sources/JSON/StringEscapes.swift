// What stands behind a backslash in a string.
//
//     escape = %x22 / "\" / "/" / "b" / "f" / "n" / "r" / "t" / "u" 4HEXDIG

import Bytes

/// One escape.
enum StringEscape {
  /// Its character, and its length in the text.
  case scalar(Unicode.Scalar, length: Int)
  case invalid
  /// Half of a surrogate pair.
  case loneSurrogate
  /// The text ends within it.
  case unterminated

  /// The escape whose backslash is at an offset.
  init(_ text: Span<UInt8>, at start: Int) {
    guard start &+ 1 < text.count else {
      self = .unterminated
      return
    }
    switch text[start &+ 1] {
    case 0x22: self = .scalar("\"", length: 2)
    case 0x5C: self = .scalar("\\", length: 2)
    case 0x2F: self = .scalar("/", length: 2)
    case 0x62: self = .scalar("\u{8}", length: 2)
    case 0x66: self = .scalar("\u{C}", length: 2)
    case 0x6E: self = .scalar("\n", length: 2)
    case 0x72: self = .scalar("\r", length: 2)
    case 0x74: self = .scalar("\t", length: 2)
    case 0x75: self = Self.unicode(text, at: start)
    default: self = .invalid
    }
  }

  private static func unicode(_ text: Span<UInt8>, at start: Int) -> StringEscape {
    guard let unit = hexUnit(text, at: start) else { return .invalid }
    if let scalar = Unicode.Scalar(unit) { return .scalar(scalar, length: 6) }
    guard UTF16.isLeadSurrogate(unit), let trail = hexUnit(text, at: start &+ 6),
      UTF16.isTrailSurrogate(trail)
    else { return .loneSurrogate }
    let pair = 0x10000 &+ (UInt32(unit & 0x3FF) &<< 10 | UInt32(trail & 0x3FF))
    guard let scalar = Unicode.Scalar(pair) else { return .loneSurrogate }
    return .scalar(scalar, length: 12)
  }

  /// The code unit of `\uXXXX` at an offset, nil when there is no such escape.
  private static func hexUnit(_ text: Span<UInt8>, at start: Int) -> UInt16? {
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
}

/// Writes the characters of a string that the parser accepted, in UTF-8, its escapes replaced, from an
/// offset in an output on, which has room for as many bytes as the string has; gives where they end.
func unescape(
  _ text: Span<UInt8>, _ range: Range<Int>, into output: inout MutableSpan<UInt8>,
  at start: Int = 0
) -> Int {
  var index = range.lowerBound
  var count = start
  func tail(_ scalar: UInt32, _ shift: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: 0x80 | scalar &>> shift & 0x3F)
  }
  while index < range.upperBound {
    guard text[index] == 0x5C else {
      output[count] = text[index]
      count &+= 1
      index &+= 1
      continue
    }
    guard case .scalar(let scalar, let length) = StringEscape(text, at: index) else { break }
    index &+= length
    let value = scalar.value
    let byteCount = value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x10000 ? 3 : 4
    switch byteCount {
    case 1: output[count] = UInt8(truncatingIfNeeded: value)
    case 2: output[count] = UInt8(truncatingIfNeeded: 0xC0 | value &>> 6)
    case 3:
      output[count] = UInt8(truncatingIfNeeded: 0xE0 | value &>> 12)
      output[count &+ 1] = tail(value, 6)
    default:
      output[count] = UInt8(truncatingIfNeeded: 0xF0 | value &>> 18)
      output[count &+ 1] = tail(value, 12)
      output[count &+ 2] = tail(value, 6)
    }
    count &+= byteCount
    if byteCount > 1 { output[count &- 1] = tail(value, 0) }
  }
  return count
}

extension [UInt8] {
  /// Adds the characters of a string that the parser accepted, in UTF-8, its escapes replaced.
  mutating func appendUnescaped(_ text: Span<UInt8>, _ range: Range<Int>) {
    let start = count
    append(contentsOf: repeatElement(0, count: range.count))
    var output = mutableSpan
    let end = unescape(text, range, into: &output, at: start)
    removeLast(count - end)
  }
}

/// Whether the characters of a string that the parser accepted are these in UTF-8. Looks no further
/// than to the first difference.
func isUnescaped(_ text: Span<UInt8>, _ range: Range<Int>, _ characters: Span<UInt8>) -> Bool {
  let text = text.extracting(range)
  var index = 0
  var position = 0
  func take(_ byte: UInt8) -> Bool {
    guard position < characters.count, characters[position] == byte else { return false }
    position &+= 1
    return true
  }
  while index < text.count {
    if text[index] != 0x5C {
      guard take(text[index]) else { return false }
      index &+= 1
      continue
    }
    guard case .scalar(let scalar, let length) = StringEscape(text, at: index) else { return false }
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
      guard take(byte) else { return false }
    }
    index &+= length
  }
  return position == characters.count
}

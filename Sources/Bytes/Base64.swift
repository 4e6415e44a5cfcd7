// Base 64 of RFC 4648 §4 and §5.

/// Bytes as characters of a 64-letter alphabet, four for each three bytes.
///
/// Decoding is strict (§3.2, §3.3, §3.5): no line breaks or other foreign characters, padding exactly
/// as the form has it, and the unused bits of the last character zero. So each sequence of bytes
/// has one text only, and a signature cannot be spelt in two ways.
package enum Base64 {
  /// The bytes of a text of §4: standard alphabet, padded with `=` to whole groups of four.
  /// Nil when the text is anything else.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    let count = text.count
    guard count.isMultiple(of: 4) else { return nil }
    let padding = text.suffix(2).reversed().prefix { $0 == padByte }.count
    return decoded(text.dropLast(padding), valueOf: standardValue)
  }

  /// The bytes of a text of §4; nil as for bytes.
  package static func decode(_ text: String) -> [UInt8]? {
    decode(text.utf8)
  }

  /// The bytes of a text of §5: the alphabet that is safe in URLs and file names, without padding.
  /// Nil when the text is anything else.
  package static func decodeURL(_ text: some Collection<UInt8>) -> [UInt8]? {
    decoded(text, valueOf: urlValue)
  }

  /// The bytes of a text of §5; nil as for bytes.
  package static func decodeURL(_ text: String) -> [UInt8]? {
    decodeURL(text.utf8)
  }

  /// The text of §4: standard alphabet, padded.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text = encoded(bytes, character62: 0x2B, character63: 0x2F)
    while !text.count.isMultiple(of: 4) { text.append(padByte) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text of §5: the alphabet that is safe in URLs and file names, without padding.
  package static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: encoded(bytes, character62: 0x2D, character63: 0x5F), as: UTF8.self)
  }
}

/// `=`.
private let padByte: UInt8 = 0x3D

private func decoded(
  _ text: some Collection<UInt8>, valueOf: (UInt8) -> UInt32?
) -> [UInt8]? {
  var result: [UInt8] = []
  result.reserveCapacity(text.count / 4 * 3 + 2)
  var bits: UInt32 = 0
  var bitCount = 0
  for byte in text {
    guard let value = valueOf(byte) else { return nil }
    bits = (bits << 6 | value) & 0xFFFF
    bitCount += 6
    if bitCount >= 8 {
      bitCount -= 8
      result.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
    }
  }
  // A last group of one character holds no byte: its six bits would be left over.
  guard bitCount < 6, bits & ((1 << UInt32(bitCount)) - 1) == 0 else { return nil }
  return result
}

private func encoded(
  _ bytes: some Collection<UInt8>, character62: UInt8, character63: UInt8
) -> [UInt8] {
  func character(_ value: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value & 63)
    switch value {
    case 0..<26: return value &+ 0x41
    case 26..<52: return value &+ 0x47
    case 52..<62: return value &- 4
    case 62: return character62
    default: return character63
    }
  }
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  var bits: UInt32 = 0
  var bitCount: UInt32 = 0
  for byte in bytes {
    bits = (bits << 8 | UInt32(byte)) & 0xFFFF
    bitCount += 8
    while bitCount >= 6 {
      bitCount -= 6
      text.append(character(bits >> bitCount))
    }
  }
  if bitCount > 0 { text.append(character(bits << (6 - bitCount))) }
  return text
}

private func standardValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x2B: 62
  case 0x2F: 63
  default: letterOrDigitValue(byte)
  }
}

private func urlValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x2D: 62
  case 0x5F: 63
  default: letterOrDigitValue(byte)
  }
}

private func letterOrDigitValue(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x41...0x5A: UInt32(byte &- 0x41)
  case 0x61...0x7A: UInt32(byte &- 0x47)
  case 0x30...0x39: UInt32(byte &+ 4)
  default: nil
  }
}

// Classes of ASCII bytes, as RFC 9110 §5.6 and RFC 5234 appendix B.1 define them.
//
// Protocol text is compared and classified here as bytes, never as `String`: a string compares by
// canonical equivalence and folds case by Unicode, and a protocol does neither.

/// Questions about single bytes of protocol text. A byte above 0x7F is in no class.
package enum ASCII {
  /// Whether the byte is a `tchar` of RFC 9110 §5.6.2, what methods and field names are made of.
  @inlinable
  package static func isTokenByte(_ byte: UInt8) -> Bool {
    let half = byte < 64 ? tokenLowHalf : tokenHighHalf
    return byte < 128 && (half &>> UInt64(byte & 63)) & 1 == 1
  }

  /// Whether the byte is `DIGIT`, 0 to 9.
  @inlinable
  package static func isDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10
  }

  /// Whether the byte is `ALPHA`, A to Z in either case.
  @inlinable
  package static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26
  }

  /// Whether the byte is `ALPHA` or `DIGIT`.
  @inlinable
  package static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte)
  }

  /// Whether the byte is `HEXDIG`, in either case.
  @inlinable
  package static func isHexDigit(_ byte: UInt8) -> Bool {
    hexValue(byte) != nil
  }

  /// Whether the byte is `VCHAR`, 0x21 to 0x7E: printable and no space.
  @inlinable
  package static func isVisible(_ byte: UInt8) -> Bool {
    byte &- 0x21 < 0x5E
  }

  /// Whether the byte is a control character: below 0x20, or 0x7F.
  @inlinable
  package static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F
  }

  /// Whether the byte is optional white space of RFC 9110 §5.6.3: space or horizontal tab.
  @inlinable
  package static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09
  }

  /// The value of a hexadecimal digit of either case, nil for every other byte.
  @inlinable
  package static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// The byte with A to Z in lower case, every other byte unchanged.
  @inlinable
  package static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// The byte with a to z in upper case, every other byte unchanged.
  @inlinable
  package static func uppercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x61 < 26 ? byte & 0xDF : byte
  }

  /// The text with A to Z in lower case, every other character unchanged.
  package static func lowercased(_ text: String) -> String {
    String(decoding: text.utf8.map { lowercased($0) }, as: UTF8.self)
  }

  /// Whether two texts are the same bytes but for the case of A to Z.
  @inlinable
  package static func equalsIgnoringCase(
    _ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>
  ) -> Bool {
    left.elementsEqual(right) { lowercased($0) == lowercased($1) }
  }

  /// Whether two texts are the same bytes but for the case of A to Z.
  @inlinable
  package static func equalsIgnoringCase(_ left: String, _ right: String) -> Bool {
    equalsIgnoringCase(left.utf8, right.utf8)
  }

  /// Whether two texts are the same bytes but for the case of A to Z.
  @inlinable
  package static func equalsIgnoringCase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where lowercased(left[index]) != lowercased(right[index]) {
      return false
    }
    return true
  }

  /// Whether the text is one `token` of RFC 9110 §5.6.2: at least one byte, all of them `tchar`.
  @inlinable
  package static func isToken(_ text: some Collection<UInt8>) -> Bool {
    !text.isEmpty && text.allSatisfy { isTokenByte($0) }
  }
}

/// The token bytes below 64, one bit each: `!#$%&'*+-.` and the digits.
@usableFromInline
let tokenLowHalf: UInt64 = 0x03FF_6CFA_0000_0000

/// The token bytes from 64 to 127, one bit each: the letters and ``^_`|~``.
@usableFromInline
let tokenHighHalf: UInt64 = 0x57FF_FFFF_C7FF_FFFE

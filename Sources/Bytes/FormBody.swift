// `application/x-www-form-urlencoded`, byte by byte.
// Source: WHATWG URL §5.1.

/// Reads form bodies.
package enum FormBody {
  /// The decoded value of a field that is there exactly once; nil when it is not, and when its
  /// value is not percent-encoded properly.
  package static func value(of name: String, in body: some Collection<UInt8>) -> [UInt8]? {
    var found: [UInt8]?
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard decoded(parts[0])?.elementsEqual(name.utf8) == true else { continue }
      guard found == nil, parts.count == 2, let value = decoded(parts[1]) else { return nil }
      found = value
    }
    return found
  }

  /// The bytes that a name or a value stands for; nil when a percent sign is not followed by two
  /// hexadecimal digits.
  package static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      text.formIndex(after: &index)
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = digit(text, &index), let low = digit(text, &index) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return bytes
  }

  private static func digit<Text: Collection<UInt8>>(
    _ text: Text, _ index: inout Text.Index
  ) -> UInt8? {
    guard index < text.endIndex, let value = ASCII.hexValue(text[index]) else { return nil }
    text.formIndex(after: &index)
    return value
  }
}

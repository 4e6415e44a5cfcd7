// Text in spans of bytes.

import Bytes

extension Span<UInt8> {
  /// Whether the bytes are exactly those of the text.
  package func elementsEqual(_ text: String) -> Bool {
    let other = text.utf8.span
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// Whether the bytes are a token of RFC 9110 §5.6.2: at least one, all of them `tchar`.
  var isToken: Bool {
    for index in indices where !ASCII.isTokenByte(self[index]) { return false }
    return !isEmpty
  }

  /// The range without the spaces and tabs at its ends.
  func trimmingBlanks(in range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, ASCII.isBlank(self[start]) { start &+= 1 }
    while start < end, ASCII.isBlank(self[end &- 1]) { end &-= 1 }
    return start..<end
  }
}

extension String {
  /// The text that the bytes spell; bytes that are not UTF-8 become U+FFFD.
  package init(copying bytes: Span<UInt8>) {
    // SAFETY: the pointer is read within the closure only, which the span outlives.
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension [UInt8] {
  /// Adds the bytes at the end.
  mutating func append(copying bytes: Span<UInt8>) {
    // SAFETY: the pointer is read within the closure only, which the span outlives; the span
    // cannot be of this array, which is held exclusively.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

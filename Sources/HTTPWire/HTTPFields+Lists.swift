// Fields whose value is a comma-separated list.

import Bytes

extension HTTPFields {
  /// Whether a comma-separated list field names the option, over all its lines and whatever the
  /// case, as in `Connection: keep-alive, Upgrade`. Only for lists of tokens: a quoted comma would
  /// split an element.
  ///
  /// *Source*: RFC 9110 §5.6.1.
  package func containsOption(_ option: String, in name: String) -> Bool {
    for entry in entries where hasName(entry, name) {
      var elements = ListElements(of: entry.value)
      while let element = elements.next(in: bytes.span) {
        if ASCII.equalsIgnoringCase(bytes.span.extracting(element), option.utf8.span) {
          return true
        }
      }
    }
    return false
  }
}

/// The elements of a comma-separated list, in order, without the white space around them. Empty
/// elements are given as empty ranges, so that a caller can refuse them.
struct ListElements {
  private var rest: Range<Int>?

  /// The elements of the list that lies at a range of some bytes.
  init(of range: Range<Int>) {
    rest = range
  }

  /// The range of the next element; nil after the last one. The bytes must be the same each time.
  mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
    guard let list = rest else { return nil }
    var end = list.lowerBound
    while end < list.upperBound, bytes[end] != UInt8(ascii: ",") { end &+= 1 }
    rest = end < list.upperBound ? (end &+ 1)..<list.upperBound : nil
    return bytes.trimmingBlanks(in: list.lowerBound..<end)
  }
}

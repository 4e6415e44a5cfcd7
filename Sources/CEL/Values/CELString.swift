// Strings that may lie in a JSON document.

package import JSON

/// A CEL string: Unicode code points, compared and ordered by code point.
///
/// Swift's own `==`, `<` and hashing treat canonically equivalent texts as one and must not be used
/// on texts of expressions; this type's compare UTF-8, whose order is that of the code points.
package struct CELString: Sendable, Hashable, ExpressibleByStringLiteral {
  private enum Storage {
    case native(String)
    /// Without escapes, so that its characters are the document's bytes.
    case view(JSONText)
  }

  private let storage: Storage

  /// A string of its own.
  package init(_ text: String) { storage = .native(text) }

  package init(stringLiteral value: String) { self.init(value) }

  /// The string of a JSON document, which stays where it is unless it has escapes.
  package init(json text: JSONText) {
    storage = text.hasEscapes ? .native(text.string) : .view(text)
  }

  /// The text. Copied when the string is a view into JSON.
  package var text: String {
    switch storage {
    case .native(let text): text
    case .view(let view): view.string
    }
  }

  /// The length in UTF-8.
  @inline(__always)
  package var utf8Count: Int {
    switch storage {
    case .native(let text): text.utf8.count
    case .view(let view): view.utf8Count
    }
  }

  /// The UTF-8 bytes, without a copy.
  @inline(__always)
  package func withUTF8<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch storage {
    case .native(let text): try body(text.utf8.span)
    case .view(let view): try view.withUTF8(body)
    }
  }

  /// The length in code points, which is what `size` gives.
  package var scalarCount: Int {
    withUTF8 { bytes in
      var count = 0
      for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count &+= 1 }
      return count
    }
  }

  package static func == (left: CELString, right: CELString) -> Bool {
    guard left.utf8Count == right.utf8Count else { return false }
    return left.withUTF8 { left in
      right.withUTF8 { right in
        for index in left.indices where left[index] != right[index] { return false }
        return true
      }
    }
  }

  package func hash(into hasher: inout Hasher) {
    withUTF8 { bytes in
      // SAFETY: the hasher reads the span's own bytes during the call only.
      unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
  }

  /// Whether it begins with another.
  @inline(__always)
  func hasPrefix(_ prefix: CELString) -> Bool {
    prefix.withUTF8 { prefix in
      switch storage {
      case .view(let view): view.hasPrefix(prefix)
      case .native(let text): isPart(prefix, of: text.utf8.span, at: 0)
      }
    }
  }

  /// Whether it ends with another.
  @inline(__always)
  func hasSuffix(_ suffix: CELString) -> Bool {
    suffix.withUTF8 { suffix in
      switch storage {
      case .view(let view): view.hasSuffix(suffix)
      case .native(let text):
        isPart(suffix, of: text.utf8.span, at: text.utf8.count - suffix.count)
      }
    }
  }

  /// -1, 0 or 1: the order by code point.
  package func compare(_ other: CELString) -> Int {
    withUTF8 { left in other.withUTF8 { right in compareBytes(left, right) } }
  }
}

/// -1, 0 or 1: the order of byte sequences, a prefix first.
func compareBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
  let shared = min(left.count, right.count)
  for index in 0..<shared where left[index] != right[index] {
    return left[index] < right[index] ? -1 : 1
  }
  return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
}

/// Whether bytes stand at a place of others; not, when the place is outside.
private func isPart(_ part: Span<UInt8>, of whole: Span<UInt8>, at start: Int) -> Bool {
  guard start >= 0, part.count <= whole.count - start else { return false }
  for index in part.indices where whole[start &+ index] != part[index] { return false }
  return true
}

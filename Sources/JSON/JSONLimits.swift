// How much of a JSON text is accepted.

/// The limits of one parse. RFC 8259 §9 lets a parser set them.
package struct JSONLimits: Equatable, Sendable {
  /// How deep arrays and objects may be nested. A scalar has depth 0, `[]` has depth 1.
  package let depth: Int
  /// How many bytes the text may have.
  package let byteCount: Int

  /// Depth 128, which no real payload comes near, and ``greatestByteCount``: whoever receives the
  /// bytes limits them.
  package static let `default` = JSONLimits()

  /// The deepest nesting that can be asked for. Parsing, printing and freeing a value use the
  /// stack once for each level, and a thread's stack is finite.
  package static let greatestDepth = 1000

  /// The longest text that can be asked for, 1 GiB less one byte: offsets into it have 30 bits.
  package static let greatestByteCount = 1 &<< 30 &- 1

  /// Limits of one's own. What is outside of 0 to ``greatestDepth`` or 0 to ``greatestByteCount`` is
  /// moved to the nearer end.
  package init(depth: Int = 128, byteCount: Int = Self.greatestByteCount) {
    self.depth = min(max(depth, 0), Self.greatestDepth)
    self.byteCount = min(max(byteCount, 0), Self.greatestByteCount)
  }
}

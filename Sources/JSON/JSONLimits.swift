// How much of a JSON text is accepted.

/// The limits of one parse. RFC 8259 §9 lets a parser set them.
package struct JSONLimits: Equatable, Sendable {
  /// How deep arrays and objects may be nested. A scalar has depth 0, `[]` has depth 1.
  package let depth: Int
  /// How many bytes the text may have.
  package let byteCount: Int

  /// Depth 128, which no real payload comes near, and any length: whoever receives the bytes
  /// limits them.
  package static let `default` = JSONLimits()

  /// The deepest nesting that can be asked for. Parsing, printing and freeing a value use the
  /// stack once for each level, and a thread's stack is finite.
  package static let greatestDepth = 1000

  /// Limits of one's own. A depth outside of 0 to ``greatestDepth`` is moved to the nearer end.
  package init(depth: Int = 128, byteCount: Int = .max) {
    self.depth = min(max(depth, 0), Self.greatestDepth)
    self.byteCount = byteCount
  }
}

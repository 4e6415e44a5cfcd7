// A filter by name: several globs, some of which take back.

/// An ordered list of globs.
///
/// The last pattern that covers a name decides: a plain one lets it pass, one with a leading `!` does
/// not. A list whose first pattern begins with `!` lets everything else pass. A name that begins with
/// `!` is written `\!`.
package struct GlobList: Sendable {
  private struct Entry: Sendable {
    let glob: Glob
    let isNegated: Bool
  }

  private let style: Glob.Style
  private var entries: [Entry] = []
  /// The patterns as they were written.
  package private(set) var patterns: [String] = []

  init(_ style: Glob.Style = .name) {
    self.style = style
  }

  /// Adds a pattern at the end.
  mutating func append(_ pattern: String) throws(GlobError) {
    let isNegated = pattern.utf8.first == UInt8(ascii: "!")
    let glob = try Glob(isNegated ? String(pattern.unicodeScalars.dropFirst()) : pattern, style)
    entries.append(Entry(glob: glob, isNegated: isNegated))
    patterns.append(pattern)
  }

  /// Compiles patterns.
  package init(_ patterns: [String], _ style: Glob.Style = .name) throws(GlobError) {
    self.init(style)
    for pattern in patterns { try append(pattern) }
  }

  /// Whether the list lets a name pass.
  package func matches(_ name: String) -> Bool {
    if let last = entries.last(where: { $0.glob.matches(name) }) { return !last.isNegated }
    return entries.first?.isNegated == true
  }

  /// How many steps a character of a name takes at most (``Glob/weight``).
  var weight: Int { entries.reduce(0) { $0 + $1.glob.weight } }
}

extension GlobList: CustomStringConvertible {
  package var description: String { "[\(patterns.joined(separator: ", "))]" }
}

// Patterns for names.

import Hooks

extension FuzzTarget {
  static let glob = FuzzTarget(
    name: "glob",
    property:
      "a pattern compiles or is refused, and covers the same names as a table, as an automaton and "
      + "negated; a name without what is special covers itself"
  ) { input in
    // The pattern, a line end, the name.
    let parts = input.split(
      separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let pattern = String(decoding: parts[0], as: UTF8.self)
    let name = String(decoding: parts[1], as: UTF8.self)
    checkItself(name)
    guard let glob = try? Glob(pattern) else { return }
    let covers = glob.matches(name)

    // With so many states the automaton runs without its table. The name ends in no such padding.
    if !name.unicodeScalars.contains("\u{1}"), let large = try? Glob(pattern + padding),
      large.matches(name) != covers
    {
      violated("with a table \(pattern) covers others than without: \(name)")
    }
    guard !pattern.utf8.starts(with: "!".utf8) else { return }
    if let list = try? GlobList([pattern]), list.matches(name) != covers {
      violated("a list of \(pattern) alone does not cover what it does: \(name)")
    }
    if let negated = try? GlobList(["!\(pattern)"]), negated.matches(name) == covers {
      violated("!\(pattern) covers what \(pattern) does: \(name)")
    }
  }

  /// Covers nothing too, in more states than a table has.
  private static let padding = "{\(String(repeating: "\u{1}", count: 64)),}"

  private static func checkItself(_ name: String) {
    var escaped = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      escaped.append("\\")
      escaped.append(scalar)
    }
    guard let glob = try? Glob(String(escaped)) else { return }
    guard glob.matches(name) else { violated("an escaped name does not cover itself: \(name)") }
    if let any = try? Glob("**"), !any.matches(name) { violated("** does not cover \(name)") }
  }
}

// Patterns for names.

import Hooks

extension FuzzTarget {
  static let glob = FuzzTarget(
    name: "glob",
    property:
      "a pattern compiles or is refused, and covers the same names alone, among alternatives and "
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

    // A "**/" or a "!" is special at the start of a pattern alone.
    if !pattern.utf8.starts(with: "**".utf8),
      let either = try? Glob("{\(pattern),\(pattern)}"), either.matches(name) != covers
    {
      violated("{\(pattern),\(pattern)} does not cover what \(pattern) does: \(name)")
    }
    guard !pattern.utf8.starts(with: "!".utf8) else { return }
    if let list = try? GlobList([pattern]), list.matches(name) != covers {
      violated("a list of \(pattern) alone does not cover what it does: \(name)")
    }
    if let negated = try? GlobList(["!\(pattern)"]), negated.matches(name) == covers {
      violated("!\(pattern) covers what \(pattern) does: \(name)")
    }
  }

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

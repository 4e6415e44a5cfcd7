// The one pattern dialect, for branches, tags, files and logins.
//
//   pattern     = 1*( literal / escape / "?" / "*" / "**" / "**/" / class / alternatives )
//   escape      = "\" character
//   "?"         = one character other than "/"
//   "*"         = any number of characters other than "/"
//   "**"        = any number of characters
//   "**/"       = any number of characters and a "/"; where a segment of the name starts, nothing
//   class       = "[" [ "!" / "^" ] 1*( character / character "-" character ) "]"
//                 one character other than "/"; "]" is literal when it comes first
//   alternatives = "{" pattern *( "," pattern ) "}"   each may be empty; nested to four levels
//   literal     = any other character
//
// A pattern covers the whole name; a character is a Unicode scalar, compared as it is: neither case
// nor composition is folded, as in Git itself. Branch and tag names are the short ones (`main`, not
// `refs/heads/main`), files are named from the repository's root on. A "." is a character like any
// other, so `*` covers `.env` and `**` what is in `.tekton/`, as in the filters of GitHub Actions and in
// .gitignore. Unlike there, `docs` covers no file below `docs/` (write `docs/**`), and `?` is one
// character, not an optional one.
//
// Logins are compared without regard to the case of A to Z, as Git hosts do, and "[" is a literal
// in their patterns, since the logins of bots end in `[bot]`.
//
// A list is read from its end: the last pattern that covers a name decides (GlobList.swift).
//
// A pattern is compiled to a small non-deterministic automaton and all its states advance together
// (Thompson 1968), as the bits of one word where they are few (GlobTable.swift), so matching takes time
// linear in the name for each pattern, however its "*" and "{}" are nested.

import Bytes

/// Why a glob was refused.
package enum GlobError: Error, Equatable {
  case empty
  /// The pattern has more bytes than ``Glob/lengthLimit``.
  case tooLong
  /// A `[` without its `]`, or with nothing between.
  case unclosedClass
  /// A range whose ends are the wrong way round.
  case reversedRange
  /// A `{` without its `}`.
  case unclosedAlternatives
  /// Alternatives nested deeper than ``Glob/depthLimit``.
  case tooDeep
  /// A `\` at the end.
  case danglingEscape
}

extension GlobError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "is empty"
    case .tooLong: "has more than \(Glob.lengthLimit) bytes"
    case .unclosedClass: "has a [ without its ]"
    case .reversedRange: "has a range whose ends are the wrong way round"
    case .unclosedAlternatives: "has a { without its }"
    case .tooDeep: "has alternatives nested deeper than \(Glob.depthLimit) levels"
    case .danglingEscape: "ends in a \\ that escapes nothing"
    }
  }
}

/// A pattern for names with slashes.
package struct Glob: Sendable {
  /// What names are.
  package enum Style: Sendable {
    /// Branches, tags and files.
    case name
    /// People and bots.
    case login
  }

  /// The pattern as it was written.
  package let text: String
  private let style: Style
  private let matcher: Matcher

  private enum Matcher: Sendable {
    /// The pattern is the name.
    case literal
    case table(GlobTable, [GlobInstruction])
    case program([GlobInstruction])
  }

  /// Compiles a pattern.
  package init(_ text: String, _ style: Style = .name) throws(GlobError) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= Self.lengthLimit else { throw .tooLong }
    let folded = style == .login ? ASCII.lowercased(text) : text
    var compiler = GlobCompiler(Array(folded.unicodeScalars), style)
    let program = try compiler.compile()
    if !text.utf8.contains(where: Self.isSpecial) {
      matcher = .literal
    } else if let table = GlobTable(program) {
      matcher = .table(table, program)
    } else {
      matcher = .program(program)
    }
    self.text = text
    self.style = style
  }

  /// Whether the pattern covers the whole name. A name of more than ``nameLimit`` bytes is covered by
  /// none.
  package func matches(_ name: String) -> Bool {
    guard name.utf8.count <= Self.nameLimit else { return false }
    let folded = style == .login ? ASCII.lowercased(name) : name
    switch matcher {
    case .literal:
      return style == .login
        ? ASCII.equalsIgnoringCase(name, text) : name.utf8.elementsEqual(text.utf8)
    case .table(let table, let program): return table.matches(folded, program)
    case .program(let program):
      var states = GlobStates(program)
      states.enter(0, isSegmentStart: true)
      for scalar in folded.unicodeScalars {
        guard states.advance(over: scalar) else { return false }
      }
      return states.accepts
    }
  }

  /// How many steps a character of a name takes at most, as multiples of one step of ``GlobTable``.
  var weight: Int {
    if case .program(let program) = matcher { program.count / 4 } else { 1 }
  }

  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "["),
      UInt8(ascii: "{"):
      true
    default: false
    }
  }

  /// The longest pattern in bytes, longer than any name it may meet in practice.
  package static let lengthLimit = 512
  /// Levels of `{}`.
  package static let depthLimit = 4
  /// The longest name in bytes: Git keeps a ref in a path, and a path has 4096 bytes.
  package static let nameLimit = 4096
}

/// One step of a compiled pattern.
enum GlobInstruction: Sendable {
  /// Takes this character.
  case scalar(Unicode.Scalar)
  /// Takes any character but "/".
  case segmentCharacter
  /// Takes any character.
  case anyCharacter
  /// Takes a character but "/" that is, or is not, in the ranges.
  case oneOf([ClosedRange<UInt32>], negated: Bool)
  /// Goes on at both.
  case fork(Int, Int)
  /// Goes on there.
  case jump(Int)
  /// Goes on where a segment of the name starts: at its beginning and after a "/".
  case segmentStart
  /// The pattern is complete.
  case accept

  func takes(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .scalar(let expected): scalar == expected
    case .segmentCharacter: scalar != "/"
    case .anyCharacter: true
    case .oneOf(let ranges, let negated):
      scalar != "/" && ranges.contains { $0.contains(scalar.value) } != negated
    case .fork, .jump, .segmentStart, .accept: false
    }
  }
}

/// The states that an automaton of any size is in at once.
private struct GlobStates {
  private let program: [GlobInstruction]
  private var current: [Int] = []
  private var isIn: [Bool]
  private(set) var accepts = false

  init(_ program: [GlobInstruction]) {
    self.program = program
    isIn = Array(repeating: false, count: program.count)
  }

  /// Adds a state and all that follow from it without a character.
  mutating func enter(_ start: Int, isSegmentStart: Bool) {
    var pending = [start]
    while let index = pending.popLast() {
      guard !isIn[index] else { continue }
      isIn[index] = true
      switch program[index] {
      case .fork(let first, let second): pending += [second, first]
      case .jump(let target): pending.append(target)
      case .segmentStart: if isSegmentStart { pending.append(index + 1) }
      case .accept: accepts = true
      default: current.append(index)
      }
    }
  }

  /// Whether any state is left after the character.
  mutating func advance(over scalar: Unicode.Scalar) -> Bool {
    let before = current
    current.removeAll(keepingCapacity: true)
    accepts = false
    for index in isIn.indices { isIn[index] = false }
    for index in before where program[index].takes(scalar) {
      enter(index + 1, isSegmentStart: scalar == "/")
    }
    return accepts || !current.isEmpty
  }
}

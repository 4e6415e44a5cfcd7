import Hooks
import TestSupport
import Testing

/// Random patterns and names against a matcher that is written from the definition alone.
@Suite struct GlobPropertyTests {
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `a random pattern covers what the definition says`(seed: UInt64) throws {
    var random = Random(state: seed)
    for _ in 0..<60 {
      let pattern = Self.pattern(&random, depth: 0)
      guard !pattern.isEmpty, !pattern.hasPrefix("!") else { continue }
      let glob = try Glob(pattern)
      let parsed = GlobReference(pattern)
      for _ in 0..<40 {
        let name = Self.name(&random)
        let covers = glob.matches(name)
        #expect(covers == parsed.covers(name), "\(pattern) and \(name), seed \(seed)")
      }
    }
  }

  /// Long patterns have another automaton than short ones.
  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `a long pattern covers what its parts do`(seed: UInt64) throws {
    var random = Random(state: seed)
    for _ in 0..<20 {
      let parts = (0..<30).map { _ in Self.pattern(&random, depth: 2) }
        .filter { !$0.isEmpty && !$0.contains(",") && !$0.contains("}") }
      let whole = "{\(parts.joined(separator: ","))}"
      guard !parts.isEmpty, whole.utf8.count <= Glob.lengthLimit else { continue }
      let glob = try Glob(whole)
      let globs = try parts.map { try Glob($0) }
      for _ in 0..<30 {
        let name = Self.name(&random)
        #expect(
          glob.matches(name) == globs.contains { $0.matches(name) },
          "\(whole) and \(name), seed \(seed)")
      }
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `a list takes away and gives back from left to right`(seed: UInt64) throws {
    var random = Random(state: seed)
    for _ in 0..<40 {
      let patterns = (0..<random.below(5) + 1).compactMap { _ -> String? in
        let pattern = Self.pattern(&random, depth: 0)
        guard !pattern.isEmpty, !pattern.hasPrefix("!") else { return nil }
        return random.below(3) == 0 ? "!\(pattern)" : pattern
      }
      guard let first = patterns.first else { continue }
      let list = try GlobList(patterns)
      for _ in 0..<20 {
        let name = Self.name(&random)
        var passes = first.hasPrefix("!")
        for pattern in patterns {
          let isNegated = pattern.hasPrefix("!")
          let reference = GlobReference(isNegated ? String(pattern.dropFirst()) : pattern)
          if reference.covers(name) { passes = !isNegated }
        }
        #expect(list.matches(name) == passes, "\(list) and \(name), seed \(seed)")
      }
    }
  }

  @Test func `a pattern with nested alternatives stays small`() throws {
    // Written out these are 4^60 patterns.
    let text = String(repeating: "{a,b,c,d}", count: 56)
    let glob = try Glob(text)
    #expect(glob.matches(String(repeating: "abcd", count: 14)))
    #expect(!glob.matches(String(repeating: "abce", count: 14)))
    let nested = "{a,{b,{c,{d,**}*}?}**}"
    let repeated = String(repeating: nested, count: 20)
    #expect(try Glob(repeated).matches(String(repeating: "abcd", count: 500)))
  }

  @Test(arguments: [
    // As GitHub documents it for its filters, but for `?` and `+`.
    ("*", "server.rb", true), ("*", ".env", true), ("*", "docs/file.txt", false),
    ("**", "all/the/files.md", true), ("**", ".tekton/push.yaml", true),
    ("*.js", "app.js", true), ("*.js", "js/index.js", false), ("**.js", "js/index.js", true),
    ("**.js", "src/js/app.js", true), ("docs/*", "docs/README.md", true),
    ("docs/*", "docs/hello/x.md", false), ("docs/**", "docs/mona/octocat.txt", true),
    ("docs/**/*.md", "docs/README.md", true), ("docs/**/*.md", "docs/a/markdown/file.md", true),
    ("**/docs/**", "docs/hello.md", true), ("**/docs/**", "dir/docs/my-file.txt", true),
    ("**/docs/**", "space/docs/plan/space.doc", true), ("**/README.md", "README.md", true),
    ("**/README.md", "js/README.md", true), ("**/*src/**", "a/src/app.js", true),
    ("**/*src/**", "my-src/code/js/app.js", true), ("**/*-post.md", "my-post.md", true),
    ("**/*-post.md", "path/their-post.md", true), ("**/migrate-*.sql", "migrate-10909.sql", true),
    ("**/migrate-*.sql", "db/sept/migrate-v1.sql", true),
    // As .gitignore has it.
    ("abc/**", "abc/x/y", true), ("abc/**", "abc", false), ("a/**/b", "a/b", true),
    ("a/**/b", "a/x/y/b", true), ("foo/*", "foo/bar/hello.c", false),
    ("foo", "foo/bar", false), ("[a-c]/x", "b/x", true), ("a[!/]b", "a/b", false),
    ("\\#x", "#x", true), ("x\\ ", "x ", true),
  ])
  func `a documented pattern covers what it does elsewhere`(
    pattern: String, name: String, covers: Bool
  ) throws {
    #expect(try Glob(pattern).matches(name) == covers)
  }

  /// 20,000 comparisons: quadratic or exponential work would not end.
  @Test(.timeLimit(.minutes(TestTime.minutes)))
  func `a thousand paths and twenty patterns are compared in little time`() throws {
    let patterns = try (0..<20).map { index in
      try Glob(
        ["**/*\(index).{md,txt}", "src/{a,b,c}\(index)/**/*.swift", "**/x\(index)/**"][index % 3])
    }
    let paths = (0..<1000).map { "src/some/folder/with/a/long/name/\($0)/File\($0).swift" }
    let count = paths.reduce(0) { count, path in
      count + patterns.count { $0.matches(path) }
    }
    #expect(count == 0)
  }

  // MARK: - Making patterns and names

  private static func pattern(_ random: inout Random, depth: Int) -> String {
    var text = ""
    for _ in 0..<random.below(5) {
      switch random.below(depth < 2 ? 11 : 9) {
      case 0: text += "*"
      case 1: text += "**"
      case 2: text += "**/"
      case 3: text += "?"
      case 4: text += ["[ab]", "[!a]", "[a-c]", "[^b/]", "[]a]"][random.below(5)]
      case 5: text += ["\\*", "\\a", "\\["][random.below(3)]
      case 6: text += "/"
      case 7, 8: text += ["a", "b", "é", "."][random.below(4)]
      default:
        let parts = (0..<random.below(3) + 1).map { _ in pattern(&random, depth: depth + 1) }
        text += "{\(parts.joined(separator: ","))}"
      }
    }
    return text
  }

  private static func name(_ random: inout Random) -> String {
    (0..<random.below(8)).map { _ in ["a", "b", "c", "/", ".", "é", "*", "]"][random.below(8)] }
      .joined()
  }

  /// SplitMix64, so that a failure can be repeated.
  private struct Random {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((value ^ (value >> 31)) % UInt64(bound))
    }
  }
}

/// The dialect by its definition: sets of the places in the name where each part may end.
private struct GlobReference {
  private indirect enum Part {
    case one((Unicode.Scalar) -> Bool)
    case any((Unicode.Scalar) -> Bool)
    case segments
    case choice([[Part]])
  }

  private let parts: [Part]

  init(_ pattern: String) {
    var rest = Array(pattern.unicodeScalars)[...]
    parts = Self.sequence(&rest, isInside: false)
  }

  func covers(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    return Self.ends(parts, of: scalars, from: [0]).contains(scalars.count)
  }

  private static func ends(
    _ parts: [Part], of name: [Unicode.Scalar], from starts: Set<Int>
  ) -> Set<Int> {
    parts.reduce(starts) { places, part in
      var next: Set<Int> = []
      for place in places {
        switch part {
        case .one(let takes):
          if place < name.count, takes(name[place]) { next.insert(place + 1) }
        case .any(let takes):
          var end = place
          next.insert(end)
          while end < name.count, takes(name[end]) {
            end += 1
            next.insert(end)
          }
        case .segments:
          if place == 0 || name[place - 1] == "/" { next.insert(place) }
          for end in place..<name.count where name[end] == "/" { next.insert(end + 1) }
        case .choice(let choices):
          for choice in choices { next.formUnion(ends(choice, of: name, from: [place])) }
        }
      }
      return next
    }
  }

  private static func sequence(
    _ rest: inout ArraySlice<Unicode.Scalar>, isInside: Bool
  ) -> [Part] {
    var parts: [Part] = []
    while let scalar = rest.first {
      if isInside, scalar == "," || scalar == "}" { break }
      rest.removeFirst()
      switch scalar {
      case "\\":
        let escaped = rest.removeFirst()
        parts.append(.one { $0 == escaped })
      case "?": parts.append(.one { $0 != "/" })
      case "*" where rest.first == "*":
        rest.removeFirst()
        guard rest.first == "/" else {
          parts.append(.any { _ in true })
          continue
        }
        rest.removeFirst()
        parts.append(.segments)
      case "*": parts.append(.any { $0 != "/" })
      case "[": parts.append(characterClass(&rest))
      case "{": parts.append(choice(&rest))
      default: parts.append(.one { $0 == scalar })
      }
    }
    return parts
  }

  private static func choice(_ rest: inout ArraySlice<Unicode.Scalar>) -> Part {
    var choices: [[Part]] = []
    repeat {
      choices.append(sequence(&rest, isInside: true))
    } while rest.popFirst() == ","
    return .choice(choices)
  }

  private static func characterClass(_ rest: inout ArraySlice<Unicode.Scalar>) -> Part {
    let isNegated = rest.first == "!" || rest.first == "^"
    if isNegated { rest.removeFirst() }
    var members: [ClosedRange<Unicode.Scalar>] = []
    while let first = rest.popFirst(), first != "]" || members.isEmpty {
      if rest.first == "-", rest.dropFirst().first != "]", let high = rest.dropFirst().first {
        rest.removeFirst(2)
        members.append(first...high)
      } else {
        members.append(first...first)
      }
    }
    return .one { scalar in
      scalar != "/" && members.contains { $0.contains(scalar) } != isNegated
    }
  }
}

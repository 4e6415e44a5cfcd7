import Hooks
import TestSupport
import Testing

@Suite struct GlobTests {
  @Test(arguments: [
    ("main", ["main"], ["main2", "Main", "xmain", "main/x", ""]),
    ("*", ["main", "x", ""], ["a/b", "/"]),
    ("**", ["main", "a/b/c", ""], []),
    ("release/*", ["release/1", "release/"], ["release", "release/1/2", "xrelease/1"]),
    ("release/**", ["release/1", "release/1/2", "release/"], ["release"]),
    ("**/fix", ["fix", "a/fix", "a/b/fix"], ["afix", "a/xfix", "fix/"]),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a//"]),
    ("{**/fix,x}", ["fix", "a/fix", "x"], ["afix", "a/x"]),
    ("{a/,}**/b", ["b", "a/b", "a/x/b", "x/b"], ["ab", "xb"]),
    ("a**b", ["ab", "axb", "a/x/b"], ["a", "ba"]),
    ("v?", ["v1", "vé", "v山"], ["v", "v12", "v/"]),
    ("v[0-9]*", ["v1", "v1.2", "v9x"], ["vx", "v", "v1/2"]),
    ("v[!0-9]", ["vx", "v-"], ["v1", "v/", "v"]),
    ("v[^a]", ["vb"], ["va"]),
    ("[]a]x", ["]x", "ax"], ["bx"]),
    ("[a-]x", ["ax", "-x"], ["bx"]),
    ("[a\\]]x", ["]x", "ax"], ["\\x"]),
    ("[à-ÿ]", ["é"], ["e", "z"]),
    ("{main,master}", ["main", "master"], ["mainmaster", "main,master", ""]),
    ("rel-{1,2}{,-rc}", ["rel-1", "rel-2", "rel-1-rc"], ["rel-3", "rel-", "rel-12"]),
    ("{a,b/{c,d}}/*", ["a/x", "b/c/x", "b/d/y"], ["b/x", "c/x"]),
    ("a,b", ["a,b"], ["a"]),
    ("a}b", ["a}b"], ["ab"]),
    ("\\*", ["*"], ["x"]),
    ("\\!x", ["!x"], ["x"]),
    ("a.b+c(d)$^|", ["a.b+c(d)$^|"], ["axb+c(d)$^|"]),
    ("e\u{301}", ["e\u{301}"], ["\u{e9}", "e"]),
    ("?", ["\u{e9}", "\n"], ["e\u{301}"]),
  ])
  func `a glob covers the whole name`(pattern: String, inside: [String], outside: [String]) throws {
    let glob = try Glob(pattern)
    for name in inside { #expect(glob.matches(name), "\(pattern) should cover \(name)") }
    for name in outside { #expect(!glob.matches(name), "\(pattern) should not cover \(name)") }
  }

  @Test(arguments: [
    ("", GlobError.empty), ("[a", .unclosedClass), ("[]", .unclosedClass), ("[!]", .unclosedClass),
    ("a[b-", .unclosedClass), ("[z-a]", .reversedRange), ("{a", .unclosedAlternatives),
    ("{a,b", .unclosedAlternatives), ("a\\", .danglingEscape), ("[a\\", .danglingEscape),
    ("{{{{{a}}}}}", .tooDeep), (String(repeating: "a", count: 513), .tooLong),
  ])
  func `a malformed glob is refused`(pattern: String, error: GlobError) {
    #expect(throws: error) { try Glob(pattern) }
  }

  @Test(arguments: [
    (["main", "release/**"], ["main", "release/1"], ["dev", "release"]),
    (["**", "!wip/**"], ["main", "a/b"], ["wip/x"]),
    (
      ["release/**", "!release/old/**", "release/old/1"], ["release/1", "release/old/1"],
      ["release/old/2", "main"]
    ),
    (["!main"], ["dev", "a/b"], ["main"]),
    (["!main", "main"], ["main", "dev"], []),
    (["\\!main"], ["!main"], ["main"]),
  ])
  func `the last pattern that covers a name decides`(
    patterns: [String], inside: [String], outside: [String]
  ) throws {
    let list = try GlobList(patterns)
    for name in inside { #expect(list.matches(name), "\(list) should pass \(name)") }
    for name in outside { #expect(!list.matches(name), "\(list) should not pass \(name)") }
  }

  /// A backtracking matcher needs more than the age of the universe for this.
  @Test(.timeLimit(.minutes(TestTime.minutes)))
  func `matching takes linear time`() throws {
    let glob = try Glob(String(repeating: "*a", count: 100) + "b")
    #expect(!glob.matches(String(repeating: "a", count: 3000)))
    let nested = try Glob("{**,**/**,{*,**}*}**{a,}c")
    #expect(!nested.matches(String(repeating: "a/", count: 2000)))
  }

  @Test func `a name that no file system could hold is covered by nothing`() throws {
    #expect(!(try Glob("**").matches(String(repeating: "a", count: Glob.nameLimit + 1))))
    #expect(try Glob("**").matches(String(repeating: "a", count: Glob.nameLimit)))
  }

  /// Compares with an independent matcher by the definition, on all short names over a few letters.
  @Test(arguments: [
    "*", "**", "a*b", "a**b", "*/b", "**/b", "a/**", "a/**/b", "?b", "[ab]/*", "{a,b/}*",
    "{,a}{/,b}",
  ])
  func `the automaton agrees with the definition`(pattern: String) throws {
    let glob = try Glob(pattern)
    var names = [""]
    for _ in 0..<5 {
      names += names.flatMap { name in ["a", "b", "/"].map { name + $0 } }
      names = Array(Set(names))
    }
    for name in names {
      #expect(
        glob.matches(name) == Reference.covers(Array(pattern), Array(name), 0),
        "\(pattern) and \(name)")
    }
  }
}

/// The dialect by its definition, exponential and simple. No escapes, no negated classes.
private enum Reference {
  static func covers(_ pattern: [Character], _ name: [Character], _ at: Int) -> Bool {
    guard at < pattern.count else { return name.isEmpty }
    func rest(_ next: Int, _ dropped: Int) -> Bool {
      dropped <= name.count && covers(pattern, Array(name.dropFirst(dropped)), next)
    }
    switch pattern[at] {
    case "*" where pattern[at...].starts(with: "**/") && (at == 0 || pattern[at - 1] == "/"):
      let stops = name.indices.filter { name[$0] == "/" }.map { $0 + 1 }
      return ([0] + stops).contains { rest(at + 3, $0) }
    case "*" where pattern[at...].starts(with: "**"):
      return (0...name.count).contains { rest(at + 2, $0) }
    case "*":
      return (0...name.prefix { $0 != "/" }.count).contains { rest(at + 1, $0) }
    case "?": return name.first.map { $0 != "/" } == true && rest(at + 1, 1)
    case "[":
      let end = pattern[at...].firstIndex(of: "]") ?? at
      return name.first.map { pattern[at..<end].dropFirst().contains($0) } == true
        && rest(end + 1, 1)
    case "{":
      let end = pattern[at...].firstIndex(of: "}") ?? at
      let choices = pattern[(at + 1)..<end].split(separator: ",", omittingEmptySubsequences: false)
      return choices.contains { covers(Array($0) + pattern[(end + 1)...], name, 0) }
    default: return name.first == pattern[at] && rest(at + 1, 1)
    }
  }
}

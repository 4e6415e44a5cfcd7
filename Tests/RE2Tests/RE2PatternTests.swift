import RE2
import Testing

@Suite struct RE2PatternTests {
  @Test(arguments: [
    ("a+b", "xaab", true, false),
    ("a+b", "aab", true, true),
    ("a+b", "", false, false),
    ("", "", true, true),
    ("", "x", true, false),
    ("^v[0-9]+$", "v12", true, true),
    ("^v[0-9]+$", "v12\n", false, false),
    ("é.", "é漢", true, true),
    ("a.c", "a\u{0}c", true, true),
    ("(?i)MAIN", "main", true, true),
    ("staging|production", "production", true, true),
    ("staging|production", "preproduction", true, false),
  ])
  func `part and whole of a text match as RE2 says`(
    pattern: String, text: String, part: Bool, whole: Bool
  ) throws {
    let compiled = try RE2Pattern(pattern)
    #expect(compiled.matchesPartially(text) == part)
    #expect(compiled.matchesWhole(text) == whole)
  }

  @Test(arguments: [
    ("(", "missing ): ("), ("[a", "missing ]: [a"), ("a**", "bad repetition operator: **"),
    ("(?=a)", "invalid perl operator: (?="), ("a{1001}", "invalid repetition size: {1001}"),
    ("\\1", "invalid escape sequence: \\1"),
  ])
  func `an invalid pattern is refused with RE2's reason`(pattern: String, reason: String) {
    #expect(throws: RE2Error.invalid(reason: reason)) { try RE2Pattern(pattern) }
  }

  @Test func `a pattern that would need too much memory is refused`() {
    #expect(throws: RE2Error.self) { try RE2Pattern("((a{100}){100}){100}") }
  }

  @Test func `the length of a pattern is limited`() throws {
    let limit = RE2Pattern.lengthLimit
    #expect(throws: RE2Error.tooLong(byteCount: limit + 1)) {
      try RE2Pattern(String(repeating: "a", count: limit + 1))
    }
    _ = try RE2Pattern(String(repeating: "a", count: limit))
  }

  @Test func `a pattern that ruins a backtracking engine answers at once`() throws {
    let pattern = try RE2Pattern("(a*)*(a*)*(a*)*b")
    let duration = ContinuousClock().measure {
      #expect(!pattern.matchesWhole(String(repeating: "a", count: 100_000)))
    }
    #expect(duration < .seconds(5))
  }
}

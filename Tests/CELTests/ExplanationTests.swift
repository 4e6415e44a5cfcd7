// Why an expression has its value.

import CEL
import JSON
import Testing

@Suite struct ExplanationTests {
  private static let body = #"""
    {"ref": "refs/heads/docs", "n": 3, "t": true, "f": false, "l": [1, 2], "e": [],
    "m": {"a": 1, "b": 2}, "c": [{"k": "x"}, {"k": "y"}]}
    """#

  private func explain(_ text: String) throws -> CELExplanation {
    let program = try CELProgram(text, in: allLibraries)
    return try program.explain(
      CELActivation(["body": CELValue(json: try JSONDocument.parse(Self.body).root)]))
  }

  @Test(arguments: [
    ("body.ref == 'refs/heads/main'", "false: body.ref is \"refs/heads/docs\""),
    ("body.t && body.f", "false: body.f is false"),
    ("body.t && body.t", "true: body.t is true; body.t is true"),
    ("body.f || body.t", "true: body.t is true"), ("!body.t", "false: body.t is true"),
    ("body.n > 5", "false: body.n is 3.0"),
    ("body.n > 5 ? 1 : 2", "2: body.n > 5 is false since body.n is 3.0"),
    ("body.ref.startsWith('refs/tags/')", "false: body.ref is \"refs/heads/docs\""),
    ("has(body.m.c)", "false: body.m has only a, b"), ("has(body.m.a)", "true: body.m has a"),
    ("body.e.exists(v, v == 1)", "false: body.e is empty"),
    ("body.l.exists(v, v == 3)", "false: body.l has 2 elements, not one with v == 3"),
    ("body.l.exists(v, v == 2)", "true: v == 2 is true since v is 2.0"),
    ("body.l.all(v, v > 1)", "false: v > 1 is false since v is 1.0"),
    ("body.l.all(v, v > 0)", "true: body.l has 2 elements, all with v > 0"),
    ("body.nope == 1 || body.f", "error: no such key: nope"),
    ("body.nope == 1 && body.f", "false: body.f is false"),
    ("body.c.exists(v, v.k == 'y')", "true: v.k == \"y\" is true since v.k is \"y\""),
    ("1 + 2", "3"), ("cel.bind(v, body.n, v > 5)", "false: v is 3.0"),
  ])
  func `the summary says what decided`(text: String, summary: String) throws {
    #expect(try explain(text).summary == summary)
  }

  @Test(arguments: [
    (
      "body.ref == 'a' && body.t",
      ["body = a map", "body.ref = \"refs/heads/docs\"", "body.ref == \"a\" = false", "… = false"]
    ),
    (
      "body.l.exists(v, v == 2)",
      ["body = a map", "body.l = [1.0, 2.0]", "v = 2.0", "v == 2 = true", "… = true"]
    ),
    ("body.nope || true", ["body = a map", "body.nope: no such key: nope", "… = true"]),
    ("1 / 0 == 1", ["1 / 0: division by zero", "…: division by zero"]),
    ("[1, body.n].size()", ["body = a map", "body.n = 3.0", "[1, body.n] = [1, 3.0]", "… = 2"]),
    ("body.t ? 1 : body.nope", ["body = a map", "body.t = true", "… = 1"]),
  ])
  func `every part that was evaluated is there, and no other`(text: String, parts: [String]) throws
  {
    let explanation = try explain(text)
    let whole = try CELProgram(text, in: allLibraries).tree.printed()
    let found = explanation.parts.map { part in
      let name = part.text == whole ? "…" : part.text
      switch part.outcome {
      case .success(.map): return "\(name) = a map"
      case .success(let value): return "\(name) = \(value.literalText)"
      case .failure(let error): return "\(name): \(error)"
      }
    }
    #expect(found == parts)
  }

  @Test func `many threads explain one program`() async throws {
    let program = try CELProgram(
      "body.ref.matches('^refs/tags/') || body.n == 3.0", in: allLibraries)
    let activation = CELActivation([
      "body": CELValue(json: try JSONDocument.parse(Self.body).root)
    ])
    let summaries = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { try program.explain(activation).summary } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(summaries == ["true: body.n == 3.0 is true since body.n is 3.0"])
  }

  @Test func `explaining gives the value of evaluating`() throws {
    for (text, _) in RandomExpressions(seed: 99, count: 500) {
      guard let program = try RandomExpressions.program(text) else { continue }
      let explanation = try program.explain(RandomExpressions.activation)
      switch explanation.outcome {
      case .success(let explained):
        let value = try program.evaluate(RandomExpressions.activation)
        #expect(explained.literalText == value.literalText, "\(text)")
      case .failure(let explained):
        let error = #expect(throws: CELError.self) {
          try program.evaluate(RandomExpressions.activation)
        }
        #expect(explained.message == error?.message, "\(text)")
      }
    }
  }
}

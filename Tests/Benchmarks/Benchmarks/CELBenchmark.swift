// `benchmarks cel [WORD]`: what compiling, evaluating and explaining an expression takes; with a word
// only the rows that have it.

import CEL
import JSON

/// Expressions over a push of five commits, of which the last matches.
enum CELBenchmark {
  private static let filter = """
    body.ref.startsWith('refs/heads/') && !body.repository.private && \
    body.commits.exists(c, c.modified.exists(f, f.startsWith('src/')))
    """
  private static let environment = CELEnvironment(
    name: "benchmark", variables: ["body": .map(.string, .dyn), "header": .map(.string, .dyn)],
    libraries: [.core, .standardMacros])

  static func run(_ arguments: [String]) async throws {
    let report = BenchmarkReport(filter: arguments.first ?? "")
    let body = CELValue(json: try JSONDocument.parse(push).root)
    let activation = CELActivation(["body": body])
    for (name, text) in [
      ("filter", filter), ("text comparison", "body.ref == 'refs/heads/main'"),
      ("number comparison", "body.size > 4"), ("equal number", "body.size == 5"),
      ("presence", "has(body.repository.private)"),
      ("membership", "body.ref in ['refs/heads/dev', 'refs/heads/main']"),
      ("constant", "true"),
    ] {
      let program = try CELProgram(text, in: environment)
      guard try program.evaluate(activation).boolValue == true else {
        fatalError("\(text) is not true")
      }
      try report.measure("cel evaluate: \(name)") { keep(try program.evaluate(activation)) }
      try report.measure("cel compile: \(name)") {
        keep(try CELProgram(text, in: environment))
      }
      try report.measure("cel explain: \(name)") {
        keep(try program.explain(activation).summary)
      }
    }
  }

  /// A body with the members and lengths of GitHub's.
  private static var push: String {
    let commits = (1...5).map { index in
      let files = (1...4).map { "\"\(index == 5 && $0 == 4 ? "src" : "docs/pages")/file\($0).md\"" }
      return """
        {"id": "\(String(repeating: "0123456789", count: 4))", "tree_id": "f9d2a07e9488b91af2641b26",
        "distinct": true, "message": "Change number \(index)", "timestamp": "2026-01-01T00:00:00Z",
        "url": "https://github.com/example/app/commit/0123456789", "author": {"name": "A. Author",
        "email": "author@example.com"}, "added": [], "removed": [],
        "modified": [\(files.joined(separator: ", "))]}
        """
    }
    let repository = (1...80).map { "\"field\($0)_url\": \"https://api.github.com/field\($0)\"" }
    return """
      {"ref": "refs/heads/main", "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "size": 5,
      "repository": {"id": 186853002, "name": "app", "full_name": "example/app", "private": false,
      \(repository.joined(separator: ", "))}, "pusher": {"name": "author"},
      "commits": [\(commits.joined(separator: ", "))]}
      """
  }
}

// `benchmarks cel [ROUNDS]`: what compiling and evaluating an expression takes.

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
    let rounds = arguments.first.flatMap { Int($0) } ?? 200_000
    let body = CELValue(json: try JSONDocument.parse(push).root)
    let activation = CELActivation(["body": body])
    for (name, text) in [
      ("filter", filter), ("comparison", "body.ref == 'refs/heads/main'"),
      ("number", "body.size > 4"), ("constant", "true"),
    ] {
      let program = try CELProgram(text, in: environment)
      guard try program.evaluate(activation).boolValue == true else {
        fatalError("\(text) is not true")
      }
      let evaluation = try best(rounds) { _ = try program.evaluate(activation) }
      let compilation = try best(rounds / 20) { _ = try CELProgram(text, in: environment) }
      print("cel \(name): evaluate \(evaluation) ns, compile \(compilation) ns")
    }
  }

  /// The least mean of ten runs, in nanoseconds for each call.
  private static func best(_ rounds: Int, _ body: () throws -> Void) throws -> Int {
    let clock = ContinuousClock()
    var least = Duration.seconds(1000)
    for _ in 0..<10 {
      let start = clock.now
      for _ in 0..<max(1, rounds / 10) { try body() }
      least = min(least, clock.now - start)
    }
    let (seconds, attoseconds) = least.components
    return (Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)) / max(1, rounds / 10)
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

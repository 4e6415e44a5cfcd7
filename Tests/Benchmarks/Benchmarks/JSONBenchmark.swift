// `benchmarks json [WORD]`: what parsing to a tape and to values takes, views' lookups, and texts made
// to cost more than they weigh; with a word only the rows that have it.

import JSON

enum JSONBenchmark {
  static func run(_ arguments: [String]) async throws {
    let report = BenchmarkReport(filter: arguments.first ?? "")
    try measurePayloads(report)
    try measureViews(report)
    measureHostileTexts(report)
  }

  private static func measurePayloads(_ report: BenchmarkReport) throws {
    let pullRequests = try Payloads.files("github", "pull_request.")
    let pushes = try Payloads.files("github", "push")
    let unicode = try Payloads.files("github", "push.unicode")
    let compact = try pullRequests.map { try JSONValue.parse($0).serialized() }
    let small: [[UInt8]] = [
      Array(#"{"inputs": {"version": "1.2.3", "dryRun": true}}"#.utf8),
      Array(#"{"ref":"refs/heads/main","after":"0123456789abcdef0123456789abcdef01234567"}"#.utf8),
    ]
    let classes = [
      ("pull_request", pullRequests), ("pull_request compact", compact), ("push", pushes),
      ("push unicode", unicode), ("small", small),
    ]
    for (name, texts) in classes {
      let byteCount = texts.reduce(0) { $0 + $1.count }
      try report.measure("document: \(name)", byteCount: byteCount, calls: texts.count) {
        for text in texts { keep(try JSONDocument.parse(text)) }
      }
      try report.measure("value: \(name)", byteCount: byteCount, calls: texts.count) {
        for text in texts { keep(try JSONValue.parse(text)) }
      }
    }
  }

  private static func measureViews(_ report: BenchmarkReport) throws {
    guard let push = try Payloads.files("github", "push.json").first else { return }
    let root = try JSONDocument.parse(push).root
    report.measure("view: body[\"ref\"]") { keep(root["ref"]) }
    report.measure("view: ref has a prefix") {
      keep(root["ref"]?.text?.hasPrefix("refs/heads/"))
    }
    report.measure("view: body.repository.default_branch") {
      keep(root["repository"]?["default_branch"])
    }
    report.measure("view: an absent key of the repository") { keep(root["repository"]?["absent"]) }
    report.measure("view: all members of the repository") {
      for member in root["repository"]?.members.map(Array.init) ?? [] { keep(member.value) }
    }
    report.measure("view: materialised") { keep(root.materialised) }
    let text = "{" + (0..<1_000_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
    let many = try JSONDocument.parse(text).root
    report.measure("view: one of a million keys") { keep(many["key765432"]) }
  }

  /// 25 MiB each, the greatest body that is taken.
  private static func measureHostileTexts(_ report: BenchmarkReport) {
    let byteCount = 25 << 20
    func filled(_ opening: String, _ closing: String, _ item: (Int) -> String) -> [UInt8] {
      var text = Array(opening.utf8)
      text.reserveCapacity(byteCount)
      var number = 0
      while true {
        let next = item(number).utf8
        guard text.count + next.count + closing.utf8.count <= byteCount else { break }
        text.append(contentsOf: next)
        number += 1
      }
      if text.last == UInt8(ascii: ",") { text.removeLast() }
      return text + Array(closing.utf8)
    }
    func key(_ number: Int) -> String { String(number, radix: 36) }
    let nested = String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + ","
    let object = "{" + (0..<128).map { "\"\(key($0))\":0" }.joined(separator: ",") + "},"
    let texts: [(String, [UInt8])] = [
      ("keys", filled("{", "}") { "\"\(key($0))\":0," }),
      (
        "long keys",
        filled("{", "}") { "\"\(key($0))-0123456789012345678901234567890123456789\":0," }
      ),
      ("escaped keys", filled("{", "}") { "\"\\u0061\(key($0))\":0," }),
      ("one key", filled("{", "}") { _ in "\"k\":0," }),
      ("objects of 128 keys", filled("[", "]") { _ in object }),
      ("small objects", filled("[", "]") { _ in "{\"\":0,\"a\":0}," }),
      ("numbers", filled("[", "]") { _ in "1," }),
      ("empty arrays", filled("[", "]") { _ in "[]," }),
      ("nested arrays", filled("[", "]") { _ in nested }),
      ("one number", filled("", "") { _ in "1234567890" }),
      ("one string of escapes", filled("\"", "\"") { _ in "\\u00e9" }),
      ("two-byte characters", filled("\"", "\"") { _ in "é" }),
      ("blanks", filled("", "0") { _ in "\n\t\r " }),
      ("an error at the end", filled("\"", "\u{1}") { _ in "0123456789abcdef" }),
    ]
    for (name, text) in texts {
      report.measure("25 MiB: \(name)", byteCount: text.count) {
        keep(try? JSONDocument.parse(text))
      }
    }
  }
}

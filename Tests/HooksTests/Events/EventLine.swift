import Foundation
import Hooks
import TestSupport

/// An event in the form of `Tests/Corpus/events/expected.txt`.
enum EventLine {
  /// The expected events of each payload, by `provider/file`.
  static let expected: [String: [String]] = {
    let file = SharedData.packageRoot.appendingPathComponent("Tests/Corpus/events/expected.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    var lines: [String: [String]] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let colon = line.range(of: ": ") else { continue }
      lines[String(line[..<colon.lowerBound]), default: []].append(
        String(line[colon.upperBound...]))
    }
    return lines
  }()

  static func text(_ event: Event) -> String {
    var parts = [
      event.kind.rawValue, word(event.action), word(event.repository), word(event.ref),
      digits(event.revision), digits(event.before), word(event.sender),
    ]
    if let request = event.pullRequest {
      let labels = request.labels.map { word($0) }.joined(separator: ",")
      parts += [
        "#\(request.number)", "\(word(request.source))→\(word(request.target))",
        "author=\(word(request.author))", "draft=\(word(request.isDraft))",
        "merged=\(word(request.isMerged))", "fork=\(word(request.isFromFork))",
        "labels=\(labels.isEmpty ? "-" : labels)",
      ]
    }
    if let state = event.state { parts.append("state=\(state)") }
    if let comment = event.comment { parts.append("comment=\(word(firstLine(comment)))") }
    if let title = event.title { parts.append("title=\(word(title))") }
    if let files = event.files {
      parts.append("files=\(files.all.count)\(files.isTruncated ? "+" : "")")
    }
    return parts.joined(separator: " ")
  }

  private static func firstLine(_ text: String) -> String {
    String(text.prefix { !$0.isNewline })
  }

  private static func word(_ text: String?) -> String {
    text?.replacing(" ", with: "␣") ?? "-"
  }

  private static func word(_ flag: Bool?) -> String {
    flag.map { $0 ? "yes" : "no" } ?? "-"
  }

  private static func digits(_ revision: String?) -> String {
    revision.map { String($0.prefix(8)) } ?? "-"
  }
}

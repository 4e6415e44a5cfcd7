package import CEL
package import JSON
import YAML

extension TektonServices {
  /// The value of the first document of a text, with refusals in the words of Go's
  /// `sigs.k8s.io/yaml`. An empty text is null.
  package static func yaml(_ text: String) throws(Refusal) -> JSONValue {
    do {
      return try parseDocuments(text, file: "").first?.root.json ?? .null
    } catch {
      let prefix = "error converting YAML to JSON: yaml: "
      guard case .syntax(let problem) = error.reason else {
        throw Refusal(prefix + error.reason.description)
      }
      throw Refusal(prefix + place(error.position, problem) + reason(problem))
    }
  }

  /// Go's parser counts lines from 0 unless its scanner found the mistake.
  private static func place(_ position: YAMLPosition?, _ problem: String) -> String {
    guard let position else { return "" }
    let line = problem.contains("while scanning") ? position.line : position.line - 1
    return line > 0 ? "line \(line): " : ""
  }

  /// The scanner's words without what it was doing.
  private static func reason(_ problem: String) -> String {
    guard let context = problem.firstRange(of: " (while ") else { return problem }
    return String(problem[..<context.lowerBound])
  }
}

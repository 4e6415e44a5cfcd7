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
      let place = error.position.map { "line \($0.line): " } ?? ""
      throw Refusal(prefix + place + problem)
    }
  }
}

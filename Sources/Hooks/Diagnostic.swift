// What is wrong with a configuration, for the person who wrote it.

package import YAML

/// One finding about a configuration file.
///
/// Its description has the form that editors and terminals make clickable:
/// `hooks/app.yaml:14:7: spec.triggers[0].brnches: unknown field, did you mean "branches"?`
package struct Diagnostic: Hashable, Sendable {
  /// Whether the configuration can be used all the same.
  package enum Severity: String, Hashable, Sendable {
    /// The configuration is refused.
    case error
    /// The configuration is used; someone should look.
    case warning
  }

  package let severity: Severity
  /// The file, as it was named to us.
  package let file: String
  /// Where in the file, if the finding has a place.
  package let position: YAMLPosition?
  /// The path in the document, such as `spec.triggers[0].on`; empty for the whole document.
  package let path: String
  /// What is wrong, and what to do where that is not plain.
  package let message: String
  /// The spelling that was probably meant.
  package let suggestion: String?

  package var line: Int? { position?.line }
  package var column: Int? { position?.column }

  package init(
    _ severity: Severity, file: String, position: YAMLPosition?, path: String, message: String,
    suggestion: String? = nil
  ) {
    self.severity = severity
    self.file = file
    self.position = position
    self.path = path
    self.message = message
    self.suggestion = suggestion
  }

  /// The finding that a file is not readable as YAML.
  package init(_ error: YAMLError) {
    self.init(
      .error, file: error.file, position: error.position, path: "",
      message: error.reason.description)
  }
}

extension Diagnostic: CustomStringConvertible {
  package var description: String {
    var text = position.map { "\(file):\($0): " } ?? "\(file): "
    if severity == .warning { text += "warning: " }
    if !path.isEmpty { text += "\(path): " }
    text += message
    if let suggestion { text += ", did you mean \"\(suggestion)\"?" }
    return text
  }
}

// Why we do not know which cluster to talk to, or how.

/// A mistake in a kubeconfig file, in what it refers to, or the lack of any.
///
/// The fault is the operator's in every case; nothing here is worth a retry. No token, key or
/// password appears in it, whatever the file holds.
package struct KubeconfigError: Error, Equatable, Sendable, CustomStringConvertible {
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// No file was named, none lies in the usual places, and we are not in a cluster.
    package static let notConfigured = Self(rawValue: "notConfigured")
    /// A file cannot be read.
    package static let unreadable = Self(rawValue: "unreadable")
    /// A file is not a kubeconfig, or a field has the wrong form.
    package static let malformed = Self(rawValue: "malformed")
    /// A context, cluster, user or field that is needed is not there.
    package static let missing = Self(rawValue: "missing")
    /// A field asks for something that is not supported, and ignoring it would change what is done.
    package static let unsupported = Self(rawValue: "unsupported")
  }

  package var code: Code
  package var file: String?
  /// Counted from 1.
  package var line: Int?
  /// Counted from 1.
  package var column: Int?
  package var message: String

  package init(
    _ code: Code, file: String? = nil, line: Int? = nil, column: Int? = nil, message: String
  ) {
    self.code = code
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// `~/.kube/config:14:7: users[0].user.exec: …`
  package var description: String {
    var text = file ?? ""
    if file != nil, let line { text += ":\(line)" }
    if file != nil, line != nil, let column { text += ":\(column)" }
    return text.isEmpty ? message : "\(text): \(message)"
  }
}

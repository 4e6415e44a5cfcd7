// What Tekton's functions need from outside.

package import Crypto
package import JSON

/// Lookups that Tekton's functions make, injected, so that evaluating touches no socket and no file.
///
/// *Concurrency:* called on the thread that evaluates; must not block.
package struct TektonServices: Sendable {
  /// A text that tells why something is not there, in the words of the original.
  package struct Refusal: Error, Sendable, Equatable {
    package let text: String
    package init(_ text: String) { self.text = text }
  }

  /// Gives the value of a key of a secret in the trigger's namespace. *Errors:* such as
  /// `secrets "x" not found`.
  package var secret: @Sendable (_ key: String, _ secret: String) throws(Refusal) -> SecretBytes
  /// Gives the value of a YAML 1.1 document.
  package var parseYAML: @Sendable (_ text: String) throws(Refusal) -> JSONValue

  /// Lookups of one's own.
  package init(
    secret: @escaping @Sendable (_ key: String, _ secret: String) throws(Refusal) -> SecretBytes,
    parseYAML: @escaping @Sendable (_ text: String) throws(Refusal) -> JSONValue
  ) {
    self.secret = secret
    self.parseYAML = parseYAML
  }
}

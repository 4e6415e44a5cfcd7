// The `exec` of a user: a program that prints credentials.
// Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins

package import JSON

/// Which program to run for credentials, and what to tell it.
package struct CredentialProgram: Sendable {
  /// The forms in which it may be asked and may answer.
  package enum Version: String, Sendable {
    case v1 = "client.authentication.k8s.io/v1"
    case v1beta1 = "client.authentication.k8s.io/v1beta1"
  }

  package var version: Version
  /// A path, or a name to be looked for along `PATH`.
  package var command: String
  package var arguments: [String] = []
  /// What to set in its environment, besides what we have in ours.
  package var environment: [Variable] = []
  /// What to tell whoever lacks the program.
  package var installHint: String?
  /// What to tell it about the cluster; nil where it did not ask.
  package var cluster: JSONValue?

  /// A variable of the environment.
  package struct Variable: Hashable, Sendable {
    package var name: String
    package var value: String
  }

  /// The value of `KUBERNETES_EXEC_INFO`. It is never asked to talk to somebody: nobody is there.
  var information: String {
    var specification: JSONValue = ["interactive": false]
    if let cluster { specification["cluster"] = cluster }
    let value: JSONValue = [
      "kind": "ExecCredential", "apiVersion": .string(version.rawValue), "spec": specification,
    ]
    return String(decoding: value.serialized(.compact), as: UTF8.self)
  }
}

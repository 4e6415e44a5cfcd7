// Where secrets come from, and what may be one.

package import Crypto

/// A place that holds a secret. Describing it never shows the secret.
package enum SecretReference: Hashable, Sendable {
  /// A key of a Kubernetes Secret.
  case kubernetes(namespace: String, name: String, key: String)
  /// A file.
  case file(path: String)
  /// A variable of the environment.
  case environment(name: String)
  /// A public key, which is no secret and stands in the document itself.
  case publicKey(String)
}

/// A secret of a source, and how long it counts.
package struct SourceSecret: Hashable, Sendable {
  package let reference: SecretReference
  /// Seconds since 1970 from which on nothing matches it; nil when it does not expire.
  package let notAfter: Int64?

  package init(_ reference: SecretReference, notAfter: Int64? = nil) {
    self.reference = reference
    self.notAfter = notAfter
  }
}

extension SecretReference {
  /// The reference as a metric's label has it: `secret/github-webhook/token`.
  package var label: String {
    switch self {
    case .kubernetes(_, let name, let key): "secret/\(name)/\(key)"
    case .file(let path): "file/\(path)"
    case .environment(let name): "env/\(name)"
    case .publicKey(let text): "public-key/\(text)"
    }
  }
}

extension SecretReference: CustomStringConvertible {
  package var description: String {
    switch self {
    case .kubernetes(let namespace, let name, let key):
      "key \"\(key)\" of Secret \(namespace)/\(name)"
    case .file(let path): "file \(path)"
    case .environment(let name): "environment variable \(name)"
    case .publicKey(let text): "public key \(text)"
    }
  }
}

/// Why the content of a place cannot be a secret.
package enum SecretError: Error, Equatable {
  /// Nothing but white space: anyone could sign with it.
  case blank
  /// More bytes than ``SecretMaterial/byteLimit``: the wrong file.
  case tooLong(byteCount: Int)
}

extension SecretError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .blank: "the secret is empty or blank"
    case .tooLong(let byteCount):
      "the secret has \(byteCount) bytes, at most \(SecretMaterial.byteLimit) are allowed"
    }
  }
}

/// Turns the content of a file, a Secret's key or a variable into a secret.
package enum SecretMaterial {
  /// The secret that the bytes hold.
  ///
  /// One line feed at the end, with the carriage return before it, is not part of the secret:
  /// editors and `kubectl create secret --from-file` leave it there. Everything else is.
  package static func secret(from bytes: [UInt8]) throws(SecretError) -> SecretBytes {
    guard bytes.count <= byteLimit else { throw .tooLong(byteCount: bytes.count) }
    var end = bytes.count
    if bytes.last == UInt8(ascii: "\n") {
      end -= 1
      if end > 0, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    }
    let secret = SecretBytes(bytes[..<end])
    guard !secret.isBlank else { throw .blank }
    return secret
  }

  /// Longer than any webhook secret or token, in bytes.
  package static let byteLimit = 64 << 10
}

// What a configured secret is good for.

import Bytes
package import Crypto

/// A key that is ready for use.
package enum VerificationKey: Sendable {
  /// How a secret is written.
  package enum Form: Hashable, Sendable {
    /// The key is the text itself.
    case text
    /// The key is the base64 text behind `whsec_`. Where the prefix is optional, a secret without
    /// it is such a text too.
    case webhookSecret(prefix: Presence)
    /// The key is the base64 text of a public key, behind a prefix.
    case publicKey(prefix: String)
  }

  /// Whether something must be there.
  package enum Presence: Hashable, Sendable {
    case required
    case optional
  }

  case hmac(HMACKey)
  case ed25519(Ed25519PublicKey)

  /// The key that a secret gives for a method; nil where the secret is not written in that form.
  init?(_ secret: SecretBytes, form: Form, method: SignatureScheme.Method) {
    guard !secret.isBlank, let material = Self.material(secret, form: form) else { return nil }
    switch method {
    case .hmac(let algorithm):
      self = .hmac(HMACKey(algorithm, secret: material))
    case .ed25519:
      guard let key = material.withBytes({ Ed25519PublicKey($0) }) else { return nil }
      self = .ed25519(key)
    }
  }

  static func material(_ secret: SecretBytes, form: Form) -> SecretBytes? {
    switch form {
    case .text: return secret
    case .publicKey(let prefix): return decoded(secret, prefix: prefix, .required)
    case .webhookSecret(let presence):
      guard let key = decoded(secret, prefix: webhookPrefix, presence) else { return nil }
      return key.isEmpty ? nil : key
    }
  }

  private static func decoded(
    _ secret: SecretBytes, prefix: String, _ presence: Presence
  ) -> SecretBytes? {
    let prefix = Array(prefix.utf8)
    return secret.withBytes { bytes in
      let hasPrefix =
        bytes.count >= prefix.count && prefix.indices.allSatisfy { bytes[$0] == prefix[$0] }
      guard hasPrefix || presence == .optional else { return nil }
      // A copy for the decoder, which is wiped as the secret is.
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count)
      for index in (hasPrefix ? prefix.count : 0)..<bytes.count { text.append(bytes[index]) }
      return Base64.decode(text).map { SecretBytes($0) }
    }
  }

  private static let webhookPrefix = "whsec_"
}

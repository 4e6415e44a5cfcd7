// Proving who sent it: the other side of SenderAuthentication, for sending test deliveries.

import Bytes
package import Crypto

/// A message to be proven.
package struct UnprovenMessage {
  /// The fields that it has so far, of which some are signed.
  package var fields: [(name: String, value: String)]
  package var body: [UInt8]
  /// Its id, which stands where a signed header is missing that is not of ours to choose.
  package var id: String
  /// Seconds since 1970.
  package var time: Int64

  package init(
    fields: [(name: String, value: String)], body: [UInt8], id: String, time: Int64
  ) {
    self.fields = fields
    self.body = body
    self.id = id
    self.time = time
  }
}

extension SenderProfile {
  /// The further fields with which this sender proves a message, in the strongest of its ways that the
  /// secret fits; nil when it fits none.
  ///
  /// For a way with a key pair the secret is the private key, 32 bytes in base64, behind `whsk_` where
  /// the public one is behind `whpk_`.
  package func proof(
    of message: UnprovenMessage, secret: SecretBytes
  ) -> [(name: String, value: String)]? {
    for method in methods {
      if let fields = method.proof(of: message, secret: secret, among: methods) { return fields }
    }
    return nil
  }
}

extension AuthenticationMethod {
  fileprivate func proof(
    of message: UnprovenMessage, secret: SecretBytes, among methods: [AuthenticationMethod]
  ) -> [(name: String, value: String)]? {
    switch self {
    case .signature(let scheme): return scheme.proof(of: message, secret: secret)
    case .token(let header):
      guard SenderAuthentication.unusable([secret], for: [self]).isEmpty else { return nil }
      return [(header, secret.text)]
    case .basic:
      guard secret.text.utf8.contains(UInt8(ascii: ":")) else { return nil }
      return [("Authorization", "Basic \(Base64.encode(secret.text.utf8))")]
    case .bearer: return [("Authorization", "Bearer \(secret.text)")]
    }
  }
}

extension SignatureScheme {
  fileprivate func proof(
    of message: UnprovenMessage, secret: SecretBytes
  ) -> [(name: String, value: String)]? {
    guard let signer = signer(secret) else { return nil }
    var added: [(name: String, value: String)] = []
    func value(_ name: String) -> String {
      let known = (message.fields + added).first {
        ASCII.equalsIgnoringCase($0.name, name)
      }
      if let known { return known.value }
      added.append((name, message.id))
      return message.id
    }
    var text: [UInt8] = []
    for part in content {
      switch part {
      case .literal(let literal): text += literal.utf8
      case .body: text += message.body
      case .timestamp: text += "\(message.time)".utf8
      case .header(let name): text += value(name).utf8
      }
    }
    let digest = signer(text)
    let written =
      switch encoding {
      case .hex: Hex.encode(digest)
      case .base64: Base64.encode(digest)
      }
    if let name = timestamp?.header { added.append((name, "\(message.time)")) }
    let signature =
      switch grammar {
      case .single(let prefix): prefix + written
      case .versions(let version): "\(version),\(written)"
      case .fields(let time, let name): "\(time)=\(message.time),\(name)=\(written)"
      }
    return added + [(header, signature)]
  }

  private func signer(_ secret: SecretBytes) -> (([UInt8]) -> [UInt8])? {
    switch method {
    case .hmac:
      guard case .hmac(let key) = VerificationKey(secret, form: keyForm, method: method) else {
        return nil
      }
      return { HMAC.compute(key: key, message: $0.span) }
    case .ed25519:
      guard case .publicKey(let prefix) = keyForm else { return nil }
      let privatePrefix = prefix == "whpk_" ? "whsk_" : prefix
      guard
        let material = VerificationKey.material(
          secret, form: .publicKey(prefix: privatePrefix)),
        let key = Ed25519PrivateKey(material)
      else { return nil }
      return { key.signature(of: $0.span) }
    }
  }
}

extension SecretBytes {
  /// The secret as the header of a test delivery shows it.
  fileprivate var text: String {
    withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
  }
}

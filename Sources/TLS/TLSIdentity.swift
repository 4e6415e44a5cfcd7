// Who we are on a connection.

package import Crypto

/// A certificate chain with its private key, in PEM form.
package struct TLSIdentity: Sendable {
  /// The certificate, then the ones that lead to a root, which itself may be left out.
  package let certificateChainPEM: [UInt8]
  /// The private key, unencrypted (PKCS #8 or the older forms).
  package let privateKeyPEM: SecretBytes

  package init(certificateChainPEM: [UInt8], privateKeyPEM: SecretBytes) {
    self.certificateChainPEM = certificateChainPEM
    self.privateKeyPEM = privateKeyPEM
  }
}

/// Who is trusted to vouch for the peer.
package enum TLSTrust: Sendable {
  /// Exactly these certificates, in PEM form. Each is an anchor by itself, as in Go, so that a
  /// bundle may hold an intermediate or a self-signed server certificate.
  case certificates(pem: [UInt8])
  /// What the system's administrator trusts.
  case system
}

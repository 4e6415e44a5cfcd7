// The client's side of TLS, before there is a connection.

import COpenSSL
import Crypto

/// The settings of a client's sessions.
///
/// The server's certificate is verified, against `trust` and against the name that was dialled,
/// unless whoever makes the context skips that in so many words. Names are looked for in the certificate's
/// subjectAltName alone (RFC 9525 §6.3), never in the common name.
///
/// Made once and shared by all loops.
package final class TLSClientContext: Sendable {
  /// Whether the server has to prove who it is.
  package enum Verification: Sendable {
    case required
    /// Whoever answers is believed.
    case skipped
  }

  let handle: TLSContextHandle

  /// - Parameters:
  ///   - trust: who vouches for servers.
  ///   - identity: the certificate to present to a server that asks for one.
  ///   - verification: only where an operator asked for it, anything but `required`.
  /// - Throws: when certificate, key or trusted certificates cannot be used.
  package init(
    trust: TLSTrust, identity: TLSIdentity? = nil, verification: Verification = .required
  ) throws(TLSConfigurationError) {
    handle = try unsafe TLSContextHandle(TLS_client_method())
    try handle.trust(trust, what: "the CA bundle")
    if let identity { try handle.use(identity) }
    let mode = verification == .required ? SSL_VERIFY_PEER : SSL_VERIFY_NONE
    unsafe SSL_CTX_set_verify(handle.context, mode, nil)
    // This function, unlike the others, answers 0 for success.
    guard
      unsafe SSL_CTX_set_alpn_protos(handle.context, ALPN.offer, UInt32(ALPN.offer.count)) == 0
    else { throw .refused(.draining("configuring TLS")) }
  }
}

// What server and client contexts have in common: versions, modes, identity, trust.

import COpenSSL
import Crypto

/// The settings of many sessions; owns an `SSL_CTX`.
@safe final class TLSContextHandle: Sendable {
  // SAFETY: configured by the one thread that makes the context, before it is shared; after that
  // it is only passed to SSL_new, which is safe from any thread. Freed once, in deinit; sessions
  // hold references of their own.
  nonisolated(unsafe) let context: OpaquePointer

  /// Makes a context for `method` with TLS 1.2 and 1.3, forward secret and authenticated ciphers
  /// only, without renegotiation, compression or early data.
  init(_ method: OpaquePointer?) throws(TLSConfigurationError) {
    OpenSSLErrorQueue.clear()
    guard let context = unsafe SSL_CTX_new(method) else {
      throw .refused(.draining("making a TLS context"))
    }
    unsafe self.context = context
    // SAFETY: the context is ours alone here; the strings are copied.
    guard
      unsafe hookline_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1,
      unsafe SSL_CTX_set_cipher_list(context, Self.tls12Ciphers) == 1,
      unsafe SSL_CTX_set_max_early_data(context, 0) == 1,
      unsafe SSL_CTX_set_recv_max_early_data(context, 0) == 1
    else { throw .refused(.draining("configuring TLS")) }
    unsafe SSL_CTX_set_options(
      context,
      hookline_SSL_OP_NO_RENEGOTIATION | hookline_SSL_OP_NO_COMPRESSION
        | hookline_SSL_OP_CIPHER_SERVER_PREFERENCE)
    // Partial writes bound the work of a call; the buffer may move because callers lend a span;
    // released buffers keep an idle connection small.
    unsafe hookline_SSL_CTX_set_mode(
      context,
      Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
        | Int(SSL_MODE_RELEASE_BUFFERS))
    // Resumption goes through tickets, which the client keeps; a server-side cache would be
    // memory that a peer can make grow.
    unsafe hookline_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
  }

  deinit {
    // SAFETY: the reference that SSL_CTX_new returned.
    unsafe SSL_CTX_free(context)
  }

  /// Presents `identity` to the peer.
  func use(_ identity: TLSIdentity) throws(TLSConfigurationError) {
    let chain = try PEM.certificates(in: identity.certificateChainPEM, what: "the certificate")
    let key = try PEM.privateKey(in: identity.privateKeyPEM, what: "the private key")
    OpenSSLErrorQueue.clear()
    for (index, certificate) in chain.enumerated() {
      // SAFETY: OpenSSL takes references of its own to certificates and key.
      let done =
        index == 0
        ? unsafe SSL_CTX_use_certificate(context, certificate.handle) == 1
        : unsafe hookline_SSL_CTX_add1_chain_cert(context, certificate.handle) == 1
      guard done else { throw .refused(.draining("using the certificate")) }
    }
    guard unsafe SSL_CTX_use_PrivateKey(context, key.handle) == 1,
      unsafe SSL_CTX_check_private_key(context) == 1
    else {
      let error = CryptoError.draining("using the private key")
      let mismatches = [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH]
      throw error.faults.contains { $0.library == ERR_LIB_X509 && mismatches.contains($0.reason) }
        ? .keyMismatch : .refused(error)
    }
  }

  /// Trusts what `trust` says for verifying the peer.
  func trust(_ trust: TLSTrust, what: String) throws(TLSConfigurationError) {
    OpenSSLErrorQueue.clear()
    switch trust {
    case .system:
      guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
        throw .refused(.draining("loading the system's certificates"))
      }
    case .certificates(let pem):
      // SAFETY: the store belongs to the context and takes references of its own.
      let store = unsafe SSL_CTX_get_cert_store(context)
      for certificate in try PEM.certificates(in: pem, what: what) {
        guard unsafe X509_STORE_add_cert(store, certificate.handle) == 1 else {
          throw .refused(.draining("trusting \(what)"))
        }
      }
      // SAFETY: the parameters belong to the context.
      guard
        unsafe X509_VERIFY_PARAM_set_flags(
          SSL_CTX_get0_param(context), UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1
      else { throw .refused(.draining("trusting \(what)")) }
    }
  }

  /// What remains of TLS 1.2 when only forward secrecy with authenticated encryption is allowed
  /// (RFC 9325 §4.2). All of TLS 1.3 qualifies.
  private static let tls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
}

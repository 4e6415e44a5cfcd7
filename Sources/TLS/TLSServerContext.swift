// The server's side of TLS, before there is a connection.

import COpenSSL
import Crypto

/// What a server does about certificates of its clients.
package enum TLSClientAuthentication: Sendable {
  /// It does not ask for any.
  case none
  /// It asks; a client without one is served, one whose certificate does not verify is not.
  case optional(TLSTrust)
  /// It asks, and serves nobody without one.
  case required(TLSTrust)
}

/// The settings of a server's sessions.
///
/// TLS 1.2 and 1.3; a client that offers protocols by ALPN must offer `http/1.1` among them.
/// Sessions can be resumed by tickets; early data is never accepted, since it can be replayed.
///
/// Made once and shared by all loops. To change the certificate make another one: sessions that
/// exist keep theirs.
package final class TLSServerContext: Sendable {
  let handle: TLSContextHandle

  /// - Throws: when certificate, key or trusted certificates cannot be used.
  package init(
    identity: TLSIdentity, clients: TLSClientAuthentication = .none
  ) throws(TLSConfigurationError) {
    handle = try unsafe TLSContextHandle(TLS_server_method())
    try handle.use(identity)
    // Sessions resume only in a context with the same identifier; it must be set for clients
    // with certificates to resume at all.
    let identifier = Array("hookline".utf8)
    guard
      unsafe SSL_CTX_set_session_id_context(
        handle.context, identifier, UInt32(identifier.count)) == 1
    else { throw .refused(.draining("configuring TLS")) }
    unsafe SSL_CTX_set_alpn_select_cb(handle.context, selectHTTP11, nil)
    switch clients {
    case .none: break
    case .optional(let trust):
      try handle.trust(trust, what: "the clients' CA")
      unsafe SSL_CTX_set_verify(handle.context, SSL_VERIFY_PEER, nil)
    case .required(let trust):
      try handle.trust(trust, what: "the clients' CA")
      unsafe SSL_CTX_set_verify(
        handle.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }
  }
}

/// Where a server finds the context for its next connection.
///
/// Concurrency: asked from every loop for every connection.
package protocol TLSServerContextSource: Sendable {
  var current: TLSServerContext { get }
}

/// A context that never changes.
extension TLSServerContext: TLSServerContextSource {
  package var current: TLSServerContext { self }
}

/// Chooses `http/1.1` from the client's list (RFC 7301 §3.1), or ends the handshake with
/// no_application_protocol.
private func selectHTTP11(
  _ session: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
  _ offeredCount: UInt32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  // SAFETY: OpenSSL lends `offeredCount` bytes, which outlive the callback; the walk stays within
  // them, since each length is checked before it is used.
  let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
  var position = 0
  while position < list.count {
    let name = unsafe (position + 1)..<(position + 1 + Int(list[position]))
    guard name.upperBound <= list.count else { break }
    if unsafe list[name].elementsEqual(ALPN.http11) {
      unsafe chosen?.pointee = offered + name.lowerBound
      unsafe chosenCount?.pointee = UInt8(name.count)
      return SSL_TLSEXT_ERR_OK
    }
    position = name.upperBound
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// The one application protocol that is spoken.
enum ALPN {
  /// Its registered name.
  static let http11 = Array("http/1.1".utf8)
  /// The list that a client offers: each name behind its length.
  static let offer = [UInt8(http11.count)] + http11
}

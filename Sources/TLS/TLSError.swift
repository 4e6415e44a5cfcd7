// What can go wrong on a connection.

package import Crypto
import COpenSSL

/// The end of a TLS session that was not agreed upon.
///
/// Each is final: the session answers the same error from then on, and what it still has to send
/// (an alert) may be sent before the connection is closed.
package enum TLSError: Error, Equatable, CustomStringConvertible {
  /// The peer's certificate does not verify: unknown issuer, expired, not for this use, or
  /// none at all where one is required. The peer, or our trust bundle, is at fault.
  case untrustedCertificate(reason: String)
  /// The peer's certificate is trusted but not for the name that was dialled.
  case wrongName(expected: String)
  /// The peer gave up with an alert, such as `tlsv1 alert unknown ca`.
  case peerAlert(String)
  /// What the peer sends is not TLS, such as plain HTTP.
  case notTLS
  /// The connection ended without close_notify: what was received may be cut.
  case truncated
  /// Anything else that breaks the protocol; the peer is at fault.
  case protocolViolation([OpenSSLFault])
  /// Writing after ``TLSSession/close()``; we are at fault.
  case closed

  package var description: String {
    switch self {
    case .untrustedCertificate(let reason): "the peer's certificate is not trusted: \(reason)"
    case .wrongName(let expected): "the peer's certificate is not for \(expected)"
    case .peerAlert(let alert): "the peer ended the TLS session: \(alert)"
    case .notTLS: "the peer does not speak TLS"
    case .truncated: "the connection ended without TLS close_notify"
    case .protocolViolation(let faults):
      "TLS failed: \(faults.map(\.description).joined(separator: ", "))"
    case .closed: "the TLS session is closed"
    }
  }
}

extension TLSError {
  /// Sorts a failed call by what OpenSSL left in its queue.
  ///
  /// - Parameters:
  ///   - faults: the drained queue.
  ///   - verification: the session's `SSL_get_verify_result`.
  ///   - expectedName: the name that was dialled, on a client.
  ///   - transportEnded: whether the end of the ciphertext was announced.
  init(faults: [OpenSSLFault], verification: Int, expectedName: String?, transportEnded: Bool) {
    let reasons = faults.filter { $0.library == ERR_LIB_SSL }.map(\.reason)
    if reasons.contains(SSL_R_CERTIFICATE_VERIFY_FAILED) {
      self = .verification(Int32(truncatingIfNeeded: verification), expectedName: expectedName)
    } else if reasons.contains(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
      self = .untrustedCertificate(reason: "it sent none")
    } else if let alert = faults.first(where: {
      $0.library == ERR_LIB_SSL && $0.reason >= SSL_AD_REASON_OFFSET
    }) {
      self = .peerAlert(alert.description)
    } else if reasons.contains(SSL_R_UNEXPECTED_EOF_WHILE_READING)
      || (faults.isEmpty && transportEnded)
    {
      self = .truncated
    } else if reasons.contains(where: Self.foreignProtocolReasons.contains) {
      self = .notTLS
    } else {
      self = .protocolViolation(faults)
    }
  }

  private static func verification(_ code: Int32, expectedName: String?) -> TLSError {
    switch code {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      return .wrongName(expected: expectedName ?? "this host")
    default:
      // SAFETY: OpenSSL returns a constant, NUL-terminated string for every code.
      return .untrustedCertificate(
        reason: unsafe X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) }
          ?? "code \(code)")
    }
  }

  /// How OpenSSL says that the first bytes are no TLS record.
  private static let foreignProtocolReasons: [Int32] = [
    SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER,
    SSL_R_PACKET_LENGTH_TOO_LONG,
  ]
}

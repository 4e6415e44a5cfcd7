// What can be wrong with certificates, keys and names before anything is connected.

package import Crypto

/// TLS material that cannot be used.
///
/// Whoever configured it is at fault; it is found when a context is made, never during a
/// handshake. No text of a key is ever part of it.
package enum TLSConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The PEM text of `what` holds no certificate at all.
  case noCertificate(what: String)
  /// `what` is not PEM, or not the kind of object it should be. An encrypted key is one of these.
  case unreadable(what: String, faults: [OpenSSLFault])
  /// The private key does not belong to the certificate.
  case keyMismatch
  /// Neither a host name nor an IP address.
  case invalidName(String)
  /// OpenSSL refused for another reason, such as a key that is too short.
  case refused(CryptoError)

  package var description: String {
    switch self {
    case .noCertificate(let what): "\(what) holds no certificate in PEM form"
    case .unreadable(let what, let faults):
      "\(CryptoError(operation: "reading \(what)", faults: faults))"
    case .keyMismatch: "the private key does not belong to the certificate"
    case .invalidName(let name): "\"\(name)\" is neither a host name nor an IP address"
    case .refused(let error): "\(error)"
    }
  }
}

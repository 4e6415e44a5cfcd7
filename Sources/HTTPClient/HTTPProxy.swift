// The way to a server that cannot be reached directly.

package import TLS

/// A proxy that carries connections through.
package struct HTTPProxy: Sendable {
  /// What is spoken with it.
  package enum Kind: Sendable {
    /// HTTP/1.1 CONNECT in plain text.
    case http
    /// The same over TLS; the proxy's certificate must be for the name.
    case https(TLSClientContext, name: TLSPeerName)
    /// SOCKS version 5; the proxy finds the server's address.
    case socks5
  }

  /// A user's name and password, each of at most 255 bytes, the name without a colon.
  package struct Credentials: Sendable {
    package var user: [UInt8]
    package var password: [UInt8]

    package init(user: [UInt8], password: [UInt8]) {
      self.user = user
      self.password = password
    }
  }

  package var kind: Kind
  /// A name or an IP address, the latter without brackets.
  package var host: String
  package var port: UInt16
  package var credentials: Credentials?

  package init(_ kind: Kind, host: String, port: UInt16, credentials: Credentials? = nil) {
    self.kind = kind
    self.host = host
    self.port = port
    self.credentials = credentials
  }
}

/// Why a proxy gave no way through.
package enum HTTPProxyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Its answer to CONNECT. 407 asks for credentials, or for others.
  case refused(status: Int)
  /// Its reply to a SOCKS request (RFC 1928 §6).
  case failed(reply: UInt8)
  /// It takes none of the ways to authenticate that we have, or not our credentials.
  case credentials
  /// It does not speak the protocol.
  case malformed
  /// It closed the connection instead of answering.
  case closed

  package var description: String {
    switch self {
    case .refused(let status): "the proxy answered \(status)"
    case .failed(let reply): "the proxy answered: \(Self.text(ofReply: reply))"
    case .credentials: "the proxy does not accept the credentials, or wants some"
    case .malformed: "the proxy's answer is not of its protocol"
    case .closed: "the proxy closed the connection"
    }
  }

  private static func text(ofReply reply: UInt8) -> String {
    switch reply {
    case 1: "general failure"
    case 2: "not allowed"
    case 3: "network unreachable"
    case 4: "host unreachable"
    case 5: "connection refused"
    case 6: "time to live expired"
    default: "reply \(reply)"
    }
  }
}

// Where requests go.

package import TLS

/// One server: a host, a port, and whether TLS is spoken there.
package struct HTTPOrigin: Sendable {
  /// How the connection is protected.
  package enum Security: Sendable {
    case plain
    /// TLS; the server's certificate must be for the name.
    case tls(TLSClientContext, name: TLSPeerName)
  }

  /// A name or an IP address, the latter without brackets.
  package let host: String
  package let port: UInt16
  package let security: Security

  /// A server without TLS.
  package init(plain host: String, port: UInt16) {
    self.host = HTTPOrigin.withoutBrackets(host)
    self.port = port
    security = .plain
  }

  /// A server with TLS.
  ///
  /// - Parameter name: what the certificate must be for, when that is not the host, as for a
  ///   server behind a tunnel.
  /// - Throws: when the name is none that a certificate can have.
  package init(
    tls context: TLSClientContext, host: String, port: UInt16, name: String? = nil
  ) throws(TLSConfigurationError) {
    self.host = HTTPOrigin.withoutBrackets(host)
    self.port = port
    security = .tls(context, name: try TLSPeerName(name ?? self.host))
  }

  /// What the `Host` field says: the host, in brackets if it is an IPv6 address, and the port
  /// unless it is the scheme's own (RFC 9110 §4.2, §7.2).
  package var authority: String {
    let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return port == defaultPort ? name : "\(name):\(port)"
  }

  private var defaultPort: UInt16 {
    switch security {
    case .plain: 80
    case .tls: 443
    }
  }

  private static func withoutBrackets(_ host: String) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
  }
}

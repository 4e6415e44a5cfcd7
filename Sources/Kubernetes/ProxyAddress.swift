// The `proxy-url` of a cluster.
//
//   proxy-url = ( "http" / "https" / "socks5" ) "://" [ user [ ":" password ] "@" ]
//               ( host / "[" IPv6 "]" ) [ ":" port ] [ "/" ]

package import Bytes
import Crypto

/// Where a proxy listens that leads to the API server.
package struct ProxyAddress: Sendable, CustomStringConvertible {
  /// What is spoken with the proxy.
  package enum Scheme: String, Sendable {
    /// HTTP/1.1 CONNECT (RFC 9110 §9.3.6).
    case http
    /// The same over TLS, verified as the server is.
    case https
    /// SOCKS version 5 (RFC 1928); the proxy finds the server's address.
    case socks5

    fileprivate var defaultPort: UInt16 {
      switch self {
      case .http: 80
      case .https: 443
      case .socks5: 1080
      }
    }
  }

  package let scheme: Scheme
  package let host: String
  package let port: UInt16
  package let credentials: ClusterConfiguration.Password?

  /// Why a text is no address of a proxy.
  package enum Mistake: Error, Equatable, CustomStringConvertible {
    case scheme
    case credentials
    case path
    case address(ServerAddress.Mistake)

    package var description: String {
      switch self {
      case .scheme: "it does not begin with http://, https:// or socks5://"
      case .credentials: "its user name or password is wrongly percent-encoded or too long"
      case .path: "it has a path, a query or a fragment"
      case .address(let mistake): mistake.description
      }
    }
  }

  package init(parsing text: String) throws(Mistake) {
    guard let mark = text.firstRange(of: "://"),
      let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
    else { throw .scheme }
    self.scheme = scheme
    var rest = text[mark.upperBound...]
    if rest.last == "/" { rest.removeLast() }
    guard !rest.contains(where: { "/?#".contains($0) }) else { throw .path }
    if let at = rest.lastIndex(of: "@") {
      credentials = try Self.credentials(rest[..<at])
      rest = rest[rest.index(after: at)...]
    } else {
      credentials = nil
    }
    do throws(ServerAddress.Mistake) {
      (host, port) = try ServerAddress.hostAndPort(rest, defaultPort: scheme.defaultPort)
    } catch {
      throw .address(error)
    }
  }

  /// Without the user and the password.
  package var description: String {
    "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  private static func credentials(
    _ text: Substring
  ) throws(Mistake) -> ClusterConfiguration.Password {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let user = PercentEncoding.decode(parts[0]), !user.contains(":"),
      let password = PercentEncoding.decode(parts.count == 2 ? parts[1] : ""),
      max(user.utf8.count, password.utf8.count) <= credentialByteCountMax
    else { throw .credentials }
    return ClusterConfiguration.Password(user: user, password: SecretBytes(password))
  }

  /// What SOCKS can carry (RFC 1929 §2).
  private static let credentialByteCountMax = 255
}

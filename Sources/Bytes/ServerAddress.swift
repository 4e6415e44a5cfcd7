// Where a server is that is given a credential: an https URL, and no more of RFC 3986 than it needs.
//
//   address = "https://" ( host / "[" IPv6 "]" ) [ ":" port ] [ path ]

/// Where an API listens.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  /// A DNS name or an IP address; an IPv6 address without brackets.
  package let host: String
  package let port: UInt16
  /// What precedes every path, for servers behind a proxy; empty, or `/x` without a final slash.
  package let basePath: String

  package init(host: String, port: UInt16, basePath: String = "") {
    self.host = host
    self.port = port
    self.basePath = basePath
  }

  /// Why a text is no address.
  package enum Mistake: Error, Equatable {
    case plainHTTP
    case notHTTPS
    case userInformation
    case queryOrFragment
    case host
    case port
    case path

    package var description: String {
      switch self {
      case .plainHTTP:
        "http is not supported, since credentials would travel unprotected; use https"
      case .notHTTPS: "it does not begin with https://"
      case .userInformation: "a user name in it is not supported"
      case .queryOrFragment: "it has a query or a fragment"
      case .host: "its host is neither a name nor an IP address"
      case .port: "its port is not a number from 1 to 65535"
      case .path: "its path has characters that must be percent-encoded"
      }
    }
  }

  package init(parsing text: String) throws(Mistake) {
    guard let scheme = text.firstRange(of: "://") else { throw .notHTTPS }
    switch text[..<scheme.lowerBound].lowercased() {
    case "https": break
    case "http": throw .plainHTTP
    default: throw .notHTTPS
    }
    let rest = text[scheme.upperBound...]
    guard !rest.contains("?"), !rest.contains("#") else { throw .queryOrFragment }
    let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = rest[..<pathStart]
    guard !authority.contains("@") else { throw .userInformation }
    (host, port) = try Self.hostAndPort(authority, defaultPort: Self.defaultPort)
    basePath = try Self.path(rest[pathStart...])
  }

  /// The value of the `Host` field: an IPv6 address in brackets, the port unless it is https's own.
  package var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == Self.defaultPort ? name : "\(name):\(port)"
  }

  package var description: String { "https://\(authority)\(basePath)" }

  private static let defaultPort: UInt16 = 443

  /// The two parts of an authority without a user.
  package static func hostAndPort(
    _ authority: Substring, defaultPort: UInt16
  ) throws(Mistake) -> (String, UInt16) {
    let host: Substring
    let tail: Substring
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { throw .host }
      host = authority[authority.index(after: authority.startIndex)..<end]
      tail = authority[authority.index(after: end)...]
      guard host.contains(":"), host.utf8.allSatisfy(isAddressByte) else { throw .host }
    } else {
      let end = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<end]
      tail = authority[end...]
      guard !host.isEmpty, host.utf8.allSatisfy(isNameByte) else { throw .host }
    }
    guard !tail.isEmpty else { return (String(host), defaultPort) }
    guard tail.first == ":" else { throw .host }
    guard let port = Decimal.parse(tail.dropFirst().utf8).flatMap({ UInt16(exactly: $0) }), port > 0
    else { throw .port }
    return (String(host), port)
  }

  private static func path(_ path: Substring) throws(Mistake) -> String {
    var path = path
    while path.last == "/" { path.removeLast() }
    guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .path }
    return String(path)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
  }

  private static func isAddressByte(_ byte: UInt8) -> Bool {
    ASCII.isHexDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
  }
}

// Where a server is told to listen.

/// A place that connections are taken from.
package enum ListenerAddress: Hashable, Sendable {
  /// A TCP port.
  case network(SocketAddress)
  /// A name in the file system.
  case unix(path: String)
  /// A socket that whoever started the process has opened, by the number of its descriptor. A
  /// ``ListeningSocket`` tells the address that it really has.
  case inherited(descriptor: Int32)

  /// The address and port, of a TCP listener.
  package var socketAddress: SocketAddress? {
    if case .network(let address) = self { address } else { nil }
  }

  /// Reads what ``SocketAddress/init(parsing:)`` reads, and `unix:` before an absolute path.
  ///
  /// Errors: the operator's; each case names the offending text.
  package init(parsing text: String) throws(SocketAddressError) {
    guard text.hasPrefix(Self.unixPrefix) else {
      self = .network(try SocketAddress(parsing: text))
      return
    }
    let path = String(text.dropFirst(Self.unixPrefix.count))
    guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0),
      path.utf8.count <= SystemCall.unixPathByteCountMax
    else { throw .pathInvalid(path) }
    self = .unix(path: path)
  }

  private static let unixPrefix = "unix:"
}

extension ListenerAddress: CustomStringConvertible {
  /// As it is written for ``init(parsing:)``.
  package var description: String {
    switch self {
    case .network(let address): address.description
    case .unix(let path): Self.unixPrefix + path
    case .inherited(let descriptor): "inherited descriptor \(descriptor)"
    }
  }
}

import Glibc

/// A socket that takes connections, before a loop serves it.
///
/// It is closed when its last holder lets go.
///
/// Concurrency: made on any thread, then given to one ``Listener``.
package final class ListeningSocket: Sendable {
  /// The address it got, with the port the kernel chose for port 0; ``SocketAddress/unknown`` of a
  /// Unix socket.
  package let address: SocketAddress
  /// The address it got, of whatever kind.
  package let listenerAddress: ListenerAddress
  let socket: OwnedDescriptor
  /// The name of a Unix socket that was made here, which goes with it.
  private let name: SocketName?

  /// Whether other sockets of this process listen on the same address.
  package enum Sharing {
    case exclusive
    /// The kernel spreads connections over all sockets of the address.
    case shared
  }

  /// Connections the kernel keeps while the loop is busy. What nginx asks for; the kernel cuts it
  /// to `net.core.somaxconn`.
  package static let backlog: Int32 = 511

  /// Binds and listens. A connection made from here on waits until a loop takes it.
  ///
  /// Errors: `.listenFailed` with the address and the kernel's reason.
  package init(_ address: SocketAddress, _ sharing: Sharing) throws(ReactorError) {
    do throws(Errno) {
      socket = try ListeningSocket.open(address, sharing)
      self.address = try SystemCall.address(of: .local, socket.rawValue)
      listenerAddress = .network(self.address)
      name = nil
    } catch {
      throw ReactorError(.listenFailed, underlying: error, detail: "\(address)")
    }
  }

  /// Takes over a socket that listens.
  init(
    owning socket: consuming OwnedDescriptor, at address: ListenerAddress,
    named name: consuming SocketName?
  ) {
    self.address = address.socketAddress ?? .unknown
    listenerAddress = address
    self.socket = socket
    self.name = name
  }

  private static func open(
    _ address: SocketAddress, _ sharing: Sharing
  ) throws(Errno)
    -> OwnedDescriptor
  {
    let socket = try SystemCall.streamSocket(for: address)
    let raw = socket.rawValue
    // A restart need not wait for the old connections' last minute.
    try SystemCall.setOption(raw, level: SOL_SOCKET, name: SO_REUSEADDR, to: 1)
    if sharing == .shared {
      try SystemCall.setOption(raw, level: SOL_SOCKET, name: SO_REUSEPORT, to: 1)
    }
    if case .v6 = address.host {
      // [::] takes IPv4 as well, whatever the machine's default is.
      try SystemCall.setOption(raw, level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, to: 0)
    }
    // Linux hands these down to what is accepted, at no call each.
    try SystemCall.prepareForStreaming(raw)
    try SystemCall.bind(raw, to: address)
    try SystemCall.listen(raw, backlog: ListeningSocket.backlog)
    return socket
  }

  /// Listens on one address with several sockets, one for each loop.
  ///
  /// A fixed port is first bound alone: with sharing from the start, a second process of the same
  /// user would get half of the connections instead of an error.
  ///
  /// Errors: as ``init(_:_:)``.
  package static func bind(
    _ address: SocketAddress, count: Int
  ) throws(ReactorError)
    -> [ListeningSocket]
  {
    guard count > 1 else { return [try ListeningSocket(address, .exclusive)] }
    if address.port != 0 { _ = try ListeningSocket(address, .exclusive) }
    var sockets: [ListeningSocket] = []
    for _ in 0..<count {
      sockets.append(try ListeningSocket(sockets.first?.address ?? address, .shared))
    }
    return sockets
  }
}

// What a server is told.

package import HTTPWire
package import Reactor
package import TLS

/// Where a server listens and what it lets its peers do.
package struct HTTPServerConfiguration: Sendable {
  /// Where it listens; port 0 is any free one.
  package var listeners: [ListenerAddress]
  /// With it every listener speaks TLS; each handshake takes the context that is current then.
  package var tls: (any TLSServerContextSource)?
  /// Whether connections come through a proxy that says whose they are.
  package var proxyProtocol = ProxyProtocol.none
  /// Whether nothing is known of TLS, here or at a proxy.
  var isUnsecured: Bool { tls == nil && proxyProtocol == .none }
  package var limits: HTTPLimits
  package var timeLimits: HTTPTimeLimits

  /// Connections at the same time, over all loops: 16,384, which at the price of an idle one is
  /// some 24 MiB. At the cap the connections that have been idle longest make room, and if none is
  /// idle new ones wait in the kernel's backlog.
  package var connectionCount: Int

  /// Memory for the bodies of all requests at the same time: 256 MiB, ten of the largest, or some
  /// ten thousand of the usual size. A body that does not fit waits for ``HTTPTimeLimits/memory``.
  package var bodyBudgetByteCount = 256 * 1024 * 1024

  /// The largest body that the handler admits: 25 MiB, what Git hosts send at most. So much of the
  /// budget is kept for the body that waits longest. A larger one could still wait in vain.
  package var largestBodyByteCount = 25 * 1024 * 1024

  /// Requests on one connection: 1,000, as nginx. A long-lived connection then finds its way to
  /// another loop or replica now and again.
  package var requestsPerConnection = 1_000

  package init(
    listeners: [ListenerAddress], tls: (any TLSServerContextSource)? = nil,
    limits: HTTPLimits = .default,
    timeLimits: HTTPTimeLimits = .default, connectionCount: Int = 16_384
  ) {
    self.listeners = listeners
    self.tls = tls
    self.limits = limits
    self.timeLimits = timeLimits
    self.connectionCount = connectionCount
  }

  /// The same for TCP ports only.
  package init(
    listeners: [SocketAddress], tls: (any TLSServerContextSource)? = nil
  ) {
    self.init(listeners: listeners.map(ListenerAddress.network), tls: tls)
  }
}

/// What comes before the first byte of a connection.
package enum ProxyProtocol: Sendable {
  /// Nothing: the peer is who it is.
  case none
  /// A header of the PROXY protocol, version 1 or 2, without which a connection is closed. Only for
  /// listeners that nobody but the proxy can reach: whoever can, can say who they are.
  case required
}

/// How long a peer may take.
package struct HTTPTimeLimits: Sendable {
  /// The header of a proxy: 5 s, from the first moment. A proxy sends it at once.
  package var proxyHeader: Duration = .seconds(5)

  /// A TLS handshake: 5 s, from the first moment.
  package var handshake: Duration = .seconds(5)

  /// A request's head, from its first byte: 5 s, as Tekton's EventListener has it; a head fits a
  /// packet or two. Then 408.
  package var head: Duration = .seconds(5)

  /// A request's body, from the end of its head: 10 s. Then 408. The largest webhooks, 25 MiB,
  /// need a peer with 21 Mbit/s.
  package var body: Duration = .seconds(10)

  /// The least a body's sender must average, once ``bodyGrace`` has passed: 1 KiB/s. Then 408.
  package var bodyBytesPerSecond = 1024

  /// How long a slow start of the body is forgiven: 2 s, about one lost packet's resending.
  package var bodyGrace: Duration = .seconds(2)

  /// Waiting for memory for a body, while its sender is not read: 5 s, less than the 10 s after which
  /// GitHub gives up, so that it is told the reason. Then 503.
  package var memory: Duration = .seconds(5)

  /// Writing without the peer taking anything: 5 s. Then the connection is cut.
  package var writeStall: Duration = .seconds(5)

  /// Waiting for a request: 30 s. Then the connection is closed.
  package var idle: Duration = .seconds(30)

  /// A connection's age: 1 h. The next response says that it closes.
  package var age: Duration = .seconds(3600)

  /// Reading on after an answer that closes, so that the peer can still read it: 2 s.
  package var lingering: Duration = .seconds(2)

  /// And at most so many bytes: 256 KiB.
  package var lingeringByteCount = 256 * 1024

  package static let `default` = HTTPTimeLimits()

  package init() {}
}

// Every limit of the client.

package import HTTPWire

/// How long an ``HTTPClient`` waits and how much it holds.
package struct HTTPClientConfiguration: Sendable {
  /// For name and connection together, a proxy's consent included: 5 s. A server in the same cluster
  /// answers in milliseconds, and a lost first packet is sent again after 1 s and 3 s.
  package var connectLimit: Duration = .seconds(5)

  /// For the TLS handshake: 10 s, as in Go's clients. A server under load signs slowly.
  package var handshakeLimit: Duration = .seconds(10)

  /// From the request's first step, waiting for a connection included, to the last byte of the
  /// response: 30 s. A write to a Kubernetes API server may wait for admission webhooks, whose
  /// limit is 30 s.
  package var exchangeLimit: Duration = .seconds(30)

  /// The longest silence within a streamed response: 5 min. A watch with bookmarks says something
  /// every minute.
  package var silenceLimit: Duration = .seconds(300)

  /// The largest response body that is collected: 16 MiB, ten times what one object in etcd may
  /// have, and more than a page of a list.
  package var responseByteCountMax = 16 * 1024 * 1024

  /// Connections at once on each loop: 16. More requests wait their turn; an API server's default
  /// limit for writes is 200 in flight for all of its clients.
  package var connectionsPerLoop = 16

  /// How long an unused connection is trusted: 60 s. After that a balancer or firewall on the way
  /// may have forgotten it without saying so.
  package var idleLimit: Duration = .seconds(60)

  /// The proxy that leads to the server; nil to reach it directly.
  package var proxy: HTTPProxy?

  /// Limits of the response's head and framing.
  package var wire = HTTPLimits.default

  package init() {}
}

// An HTTP/1.1 client for one server.

import HTTPWire
package import Reactor
import Synchronization

/// Sends requests to one origin over connections that are kept and shared.
///
/// Redirects are answers like any other and never followed; there is no proxy, no cookie, no
/// content coding. One exchange at a time goes over a connection.
///
/// A request that finds its kept connection dead is sent once more, on a new one, if nothing of a
/// response had come and it is ``HTTPClientRequest/Repeatability/repeatable``. There is no other
/// retry.
///
/// *Limits*: ``HTTPClientConfiguration``.
///
/// *Errors*: ``HTTPClientError``, which says what is known about the request. A response with any
/// status is no error.
///
/// *Concurrency*: from any thread. A request made on one of the group's loops stays on it; others
/// are spread over the loops. Cancelling the task ends its request and closes the connection. The
/// client must be closed before its loops stop.
///
/// *Source*: RFC 9112 §9.3.1 for the retry.
package final class HTTPClient: Sendable {
  package let origin: HTTPOrigin
  private let configuration: HTTPClientConfiguration
  private let pools: [ConnectionPool]
  private let counters = HTTPClientCounters()
  private let turn = Atomic<Int>(0)

  package init(
    origin: HTTPOrigin, configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    loops: EventLoopGroup
  ) {
    precondition(configuration.connectionsPerLoop > 0, "a client needs a connection")
    self.origin = origin
    self.configuration = configuration
    pools = loops.loops.map { [counters] loop in
      ConnectionPool(
        origin: origin, configuration: configuration, loop: loop, resolver: loops.resolver,
        counters: counters)
    }
  }

  /// Sends a request and collects the response.
  ///
  /// - Parameter limit: for all of it; the configuration's when nil.
  package func send(
    _ request: HTTPClientRequest, within limit: Duration? = nil
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    let pool = nextPool()
    let exchange = Exchange()
    return try await pool.loop.carry(out: exchange) {
      [self, configuration] () async throws(HTTPClientError) in
      let deadline = pool.loop.now.advanced(by: limit ?? configuration.exchangeLimit)
      let (connection, response) = try await attempt(request, exchange, in: pool, deadline) {
        connection, head throws(HTTPClientError) in
        try await connection.exchange(
          head, body: request.body, responseByteCountMax: configuration.responseByteCountMax,
          deadline: deadline)
      }
      pool.giveBack(connection)
      return response
    }
  }

  /// Sends a request and returns once the response's head is there; its body is read as it comes.
  ///
  /// The request is sent whole before the response is looked at, so it should be small.
  ///
  /// - Parameter limit: until the head is there; the configuration's when nil.
  package func stream(
    _ request: HTTPClientRequest, within limit: Duration? = nil
  ) async throws(HTTPClientError) -> HTTPResponseStream {
    let pool = nextPool()
    let exchange = Exchange()
    return try await pool.loop.carry(out: exchange) {
      [self, configuration] () async throws(HTTPClientError) in
      let deadline = pool.loop.now.advanced(by: limit ?? configuration.exchangeLimit)
      let (connection, response) = try await attempt(request, exchange, in: pool, deadline) {
        connection, head throws(HTTPClientError) in
        try await connection.open(head, body: request.body, deadline: deadline)
      }
      return HTTPResponseStream(
        response, connection, pool, silenceLimit: configuration.silenceLimit)
    }
  }

  /// Closes every connection; requests in flight end with `.closed`, and so do later ones.
  package func close() async {
    for pool in pools {
      await Task(executorPreference: pool.loop) { pool.close() }.value
    }
  }

  /// What happened so far.
  package var statistics: HTTPClientStatistics { counters.statistics }

  /// The pool of the loop that the caller is on, or else the next in turn.
  private func nextPool() -> ConnectionPool {
    if let current = pools.first(where: { $0.loop.isCurrent }) { return current }
    let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return pools[Int(UInt(bitPattern: index) % UInt(pools.count))]
  }

  /// Tries on a kept or new connection and, if a kept one was dead, once more on a new one. The
  /// connection that is returned is still lent.
  private func attempt<Success>(
    _ request: HTTPClientRequest, _ exchange: Exchange, in pool: ConnectionPool,
    _ deadline: MonotonicInstant,
    _ body: (ClientConnection, HTTPRequestHead) async throws(HTTPClientError) -> Success
  ) async throws(HTTPClientError) -> (ClientConnection, Success) {
    var head = HTTPRequestHead(
      method: request.method, target: request.target, fields: request.fields)
    head.fields["host"] = origin.authority
    let first = try await pool.lend(.any, exchange, deadline: deadline)
    let isKept = first.exchangeCount > 0
    counters.countRequest(onKeptConnection: isKept)
    do throws(HTTPClientError) {
      return (
        first,
        try await Self.use(first, exchange, in: pool) { () throws(HTTPClientError) in
          try await body(first, head)
        }
      )
    } catch {
      guard isKept, request.repeatability == .repeatable, error.isDeadConnection,
        !exchange.isCancelled
      else { throw error }
    }
    counters.countRepeat()
    let second = try await pool.lend(.fresh, exchange, deadline: deadline)
    return (
      second,
      try await Self.use(second, exchange, in: pool) { () throws(HTTPClientError) in
        try await body(second, head)
      }
    )
  }

  /// Uses a lent connection, which is given back if that fails.
  private static func use<Success>(
    _ connection: ClientConnection, _ exchange: Exchange, in pool: ConnectionPool,
    _ body: () async throws(HTTPClientError) -> Success
  ) async throws(HTTPClientError) -> Success {
    exchange.whenCancelled { connection.close() }
    // The connection may serve another request by the time that a late cancellation arrives.
    defer { exchange.whenCancelled(nil) }
    do throws(HTTPClientError) {
      return try await body()
    } catch {
      pool.giveBack(connection)
      throw error
    }
  }
}

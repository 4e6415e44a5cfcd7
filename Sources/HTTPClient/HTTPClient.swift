// An HTTP/1.1 client for one server.

import HTTPWire
package import Reactor
import Synchronization
package import TLS

/// Sends requests to one origin over connections that are kept and shared.
///
/// Redirects are answers like any other and never followed; there is no cookie and no content
/// coding. One exchange at a time goes over a connection.
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
    try await carryOut(request, within: limit) { [configuration] loan throws(HTTPClientError) in
      let response = try await loan.connection.exchange(
        loan.head, body: request.body, responseByteCountMax: configuration.responseByteCountMax,
        deadline: loan.deadline)
      loan.pool.giveBack(loan.connection)
      return response
    }
  }

  /// Sends a request and returns once the response's head is there; its body is read as it comes.
  ///
  /// The request is sent whole before the response is looked at, so it should be small.
  ///
  /// - Parameters:
  ///   - limit: until the head is there; the configuration's when nil.
  ///   - silenceLimit: for each part of the body; the configuration's when nil.
  package func stream(
    _ request: HTTPClientRequest, within limit: Duration? = nil, silenceLimit: Duration? = nil
  ) async throws(HTTPClientError) -> HTTPResponseStream {
    try await carryOut(request, within: limit) { [configuration] loan throws(HTTPClientError) in
      let response = try await loan.connection.open(
        loan.head, body: request.body, deadline: loan.deadline)
      return HTTPResponseStream(
        response, loan.connection, loan.pool,
        silenceLimit: silenceLimit ?? configuration.silenceLimit)
    }
  }

  /// Uses other TLS settings from now on: renewed certificates. When it returns no request goes out
  /// on a connection that was opened with the former ones; those in flight end as they would have.
  /// A client without TLS stays as it is.
  package func replaceTLS(_ context: TLSClientContext) async {
    guard case .tls(_, let name) = origin.security else { return }
    for pool in pools {
      await Task(executorPreference: pool.loop) { pool.replace(.tls(context, name: name)) }.value
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

  /// A connection for one request.
  private struct Loan {
    let pool: ConnectionPool
    let connection: ClientConnection
    let head: HTTPRequestHead
    let deadline: MonotonicInstant
  }

  /// Brings a request to a loop and to a connection, a kept or a new one; and if a kept one was
  /// dead, once more to a new one.
  ///
  /// - Parameter body: gives the connection back or hands it on, unless it throws.
  private func carryOut<Success: Sendable>(
    _ request: HTTPClientRequest, within limit: Duration?,
    _ body: @escaping @Sendable (Loan) async throws(HTTPClientError) -> Success
  ) async throws(HTTPClientError) -> Success {
    var head = HTTPRequestHead(
      method: request.method, target: request.target, fields: request.fields)
    head.fields["host"] = origin.authority
    let pool = nextPool()
    let exchange = Exchange()
    return try await pool.loop.carry(out: exchange) {
      [head, counters, configuration] () async throws(HTTPClientError) in
      let deadline = pool.loop.now.advanced(by: limit ?? configuration.exchangeLimit)
      let first = try await pool.lend(.any, exchange, deadline: deadline)
      let isKept = first.exchangeCount > 0
      counters.countRequest(onKeptConnection: isKept)
      do throws(HTTPClientError) {
        return try await Self.use(
          Loan(pool: pool, connection: first, head: head, deadline: deadline), exchange, body)
      } catch {
        guard isKept, request.repeatability == .repeatable, error.isDeadConnection,
          !exchange.isCancelled
        else { throw error }
      }
      counters.countRepeat()
      let second = try await pool.lend(.fresh, exchange, deadline: deadline)
      return try await Self.use(
        Loan(pool: pool, connection: second, head: head, deadline: deadline), exchange, body)
    }
  }

  /// Uses a lent connection, which is given back if that fails.
  private static func use<Success>(
    _ loan: Loan, _ exchange: Exchange,
    _ body: (Loan) async throws(HTTPClientError) -> Success
  ) async throws(HTTPClientError) -> Success {
    exchange.whenCancelled { loan.connection.close() }
    // The connection may serve another request by the time that a late cancellation arrives.
    defer { exchange.whenCancelled(nil) }
    do throws(HTTPClientError) {
      return try await body(loan)
    } catch {
      loan.pool.giveBack(loan.connection)
      throw error
    }
  }
}

// The connections of one loop.

import Reactor
import TLS

/// Opens, lends and keeps connections to one origin, all on one loop.
///
/// At most a given number exist at once; whoever comes then waits in line. The connection used last
/// is lent first, so that the ones a quiet time does not need fall out of use.
///
/// Concurrency: on its loop only.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
final class ConnectionPool: @unchecked Sendable {
  /// Which connection will do.
  enum Choice {
    /// Any, kept or new.
    case any
    /// A new one: a kept one has just failed, and the others are as old.
    case fresh
  }

  /// What somebody in line is given.
  private enum Grant {
    case connection(ClientConnection)
    /// The right to open one.
    case place
    case refused(HTTPClientError.Code)
  }

  /// Somebody in line.
  private final class Waiting {
    private var continuation: CheckedContinuation<Grant, Never>?

    init(_ continuation: CheckedContinuation<Grant, Never>) {
      self.continuation = continuation
    }

    /// Gives; false if something was given before.
    func give(_ grant: Grant) -> Bool {
      guard let continuation = continuation.take() else { return false }
      continuation.resume(returning: grant)
      return true
    }
  }

  let loop: EventLoop
  private let origin: HTTPOrigin
  private var security: HTTPOrigin.Security
  /// How often the security was replaced.
  private var generation = 0
  private let configuration: HTTPClientConfiguration
  private let resolver: NameResolver
  private let counters: HTTPClientCounters

  private var idle: [ClientConnection] = []
  private var lent: [ObjectIdentifier: ClientConnection] = [:]
  private var line: [Waiting] = []
  /// Connections and rights to open one.
  private var placeCount = 0
  private var isClosed = false

  init(
    origin: HTTPOrigin, configuration: HTTPClientConfiguration, loop: EventLoop,
    resolver: NameResolver, counters: HTTPClientCounters
  ) {
    self.origin = origin
    security = origin.security
    self.configuration = configuration
    self.loop = loop
    self.resolver = resolver
    self.counters = counters
  }

  /// Lends a connection; it must come back through ``giveBack(_:)``.
  func lend(
    _ choice: Choice, _ exchange: Exchange, deadline: MonotonicInstant
  ) async throws(HTTPClientError) -> ClientConnection {
    loop.checkIsolated()
    guard !isClosed else { throw HTTPClientError(.closed, requestState: .notSent) }
    if choice == .any {
      while let connection = idle.popLast() {
        connection.whenServerEnds(nil)
        if await connection.isUsable(idleLimit: configuration.idleLimit) {
          return note(connection)
        }
        drop(connection)
      }
    }
    if placeCount >= configuration.connectionsPerLoop, let oldest = idle.first {
      idle.removeFirst()
      drop(oldest)
    }
    guard placeCount >= configuration.connectionsPerLoop else {
      placeCount += 1
      return note(try await open(deadline: deadline))
    }
    switch await standInLine(exchange, until: deadline) {
    case .connection(let connection): return note(connection)
    case .place: return note(try await open(deadline: deadline))
    case .refused(let code): throw HTTPClientError(code, requestState: .notSent)
    }
  }

  /// Takes a connection back, to be lent again if it can be.
  func giveBack(_ connection: ClientConnection) {
    lent[ObjectIdentifier(connection)] = nil
    guard !isClosed, connection.isIdle else { return drop(connection) }
    while !line.isEmpty {
      if line.removeFirst().give(.connection(connection)) { return }
    }
    idle.append(connection)
    connection.whenServerEnds { [weak self, weak connection] in
      guard let self, let connection else { return }
      idle.removeAll { $0 === connection }
      drop(connection)
    }
  }

  /// Protects connections differently from now on. None that was opened before carries another
  /// request; those in flight end as they would have.
  func replace(_ security: HTTPOrigin.Security) {
    self.security = security
    generation += 1
    let unused = idle
    idle = []
    for connection in unused { drop(connection) }
    for connection in lent.values { connection.retire() }
  }

  /// Closes every connection; requests in flight fail.
  func close() {
    isClosed = true
    for connection in idle { connection.close() }
    for connection in lent.values { connection.close() }
    idle = []
    for waiting in line { _ = waiting.give(.refused(.closed)) }
    line = []
  }

  private func note(_ connection: ClientConnection) -> ClientConnection {
    lent[ObjectIdentifier(connection)] = connection
    return connection
  }

  /// Closes a connection and hands its place on.
  private func drop(_ connection: ClientConnection) {
    connection.whenServerEnds(nil)
    connection.close()
    handPlaceOn()
  }

  private func handPlaceOn() {
    while !line.isEmpty {
      if line.removeFirst().give(.place) { return }
    }
    placeCount -= 1
  }

  private func standInLine(
    _ exchange: Exchange, until deadline: MonotonicInstant
  ) async -> Grant {
    var alarm: Task<Void, Never>?
    let grant = await withCheckedContinuation { continuation in
      let waiting = Waiting(continuation)
      line.append(waiting)
      counters.countQueued()
      exchange.whenCancelled { _ = waiting.give(.refused(.cancelled)) }
      alarm = Task(executorPreference: loop) { [loop] in
        guard (try? await loop.sleep(until: deadline)) != nil else { return }
        _ = waiting.give(.refused(.timedOut(.connectionTurn)))
      }
    }
    alarm?.cancel()
    exchange.whenCancelled(nil)
    return grant
  }

  /// Opens a connection in a place that is already counted.
  private func open(deadline: MonotonicInstant) async throws(HTTPClientError) -> ClientConnection {
    let generation = generation
    do throws(HTTPClientError) {
      let stream = try await connect(deadline: deadline)
      let connection = ClientConnection(stream, on: loop, limits: configuration.wire)
      guard !isClosed else {
        connection.close()
        throw HTTPClientError(.closed, requestState: .notSent)
      }
      if generation != self.generation { connection.retire() }
      counters.countConnection()
      return connection
    } catch {
      counters.countFailedConnection()
      handPlaceOn()
      throw error
    }
  }

  /// Comes to the server, through the proxy if there is one, and secures the connection.
  private func connect(deadline: MonotonicInstant) async throws(HTTPClientError) -> ByteStream {
    let security = security
    let proxy = configuration.proxy
    let limit = min(deadline, loop.now.advanced(by: configuration.connectLimit))
    let stream: ByteStream
    do throws(ReactorError) {
      stream = try await ByteStream.connect(
        toHost: proxy?.host ?? origin.host, port: proxy?.port ?? origin.port, on: loop,
        resolver: resolver, deadline: limit)
    } catch {
      throw HTTPClientError(error, phase: .connecting, requestState: .notSent)
    }
    do throws(HTTPClientError) {
      if let proxy { try await pass(proxy, over: stream, deadline: limit) }
      if case .tls(let context, let name) = security {
        try await secure(stream, context, name, deadline: deadline)
      }
      return stream
    } catch {
      stream.close()
      throw error
    }
  }

  private func secure(
    _ stream: ByteStream, _ context: TLSClientContext, _ name: TLSPeerName,
    deadline: MonotonicInstant
  ) async throws(HTTPClientError) {
    let limit = min(deadline, loop.now.advanced(by: configuration.handshakeLimit))
    do throws(ReactorError) {
      try await stream.startTLS(TLSSession(client: context, peer: name), deadline: limit)
    } catch {
      throw HTTPClientError(error, phase: .connecting, requestState: .notSent)
    }
  }

  /// Has a proxy lead a connection on to the server.
  private func pass(
    _ proxy: HTTPProxy, over stream: ByteStream, deadline: MonotonicInstant
  ) async throws(HTTPClientError) {
    if case .https(let context, let name) = proxy.kind {
      try await secure(stream, context, name, deadline: deadline)
    }
    var negotiation = ProxyNegotiation(proxy, toHost: origin.host, port: origin.port)
    while true {
      let step: ProxyNegotiation.Step
      do throws(HTTPProxyError) {
        step = try negotiation.next()
      } catch {
        throw HTTPClientError(.proxyFailed(error), requestState: .notSent)
      }
      do throws(ReactorError) {
        switch step {
        case .complete: return
        case .send(let bytes):
          try await stream.write(bytes, stallLimit: loop.now.duration(to: deadline))
        case .needData:
          let count = try await stream.read(deadline: deadline) { negotiation.receive($0) }
          guard count > 0 else { throw ReactorError(.connectionLost) }
        }
      } catch {
        guard error.code != .connectionLost else {
          throw HTTPClientError(.proxyFailed(.closed), requestState: .notSent)
        }
        throw HTTPClientError(error, phase: .connecting, requestState: .notSent)
      }
    }
  }
}

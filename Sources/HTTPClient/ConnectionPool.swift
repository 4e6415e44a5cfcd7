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
    let limit = min(deadline, loop.now.advanced(by: configuration.connectLimit))
    do throws(ReactorError) {
      let stream = try await ByteStream.connect(
        toHost: origin.host, port: origin.port, on: loop, resolver: resolver, deadline: limit)
      do throws(ReactorError) {
        if case .tls(let context, let name) = origin.security {
          try await stream.startTLS(
            TLSSession(client: context, peer: name), deadline: limit)
        }
      } catch {
        stream.close()
        throw error
      }
      counters.countConnection()
      let connection = ClientConnection(stream, on: loop, limits: configuration.wire)
      if isClosed {
        connection.close()
        throw ReactorError(.closed)
      }
      return connection
    } catch {
      counters.countFailedConnection()
      handPlaceOn()
      throw HTTPClientError(error, phase: .connecting, requestState: .notSent)
    }
  }
}

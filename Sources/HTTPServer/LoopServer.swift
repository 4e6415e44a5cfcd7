// One loop's share of a server.

import Glibc
import HTTPWire
import Logging
import Reactor

/// Accepts and keeps the connections of one loop.
///
/// Concurrency: on its loop only, but for what is constant.
// `@unchecked Sendable`: what is mutable is touched by the loop's thread alone.
final class LoopServer: @unchecked Sendable {
  let loop: EventLoop
  let configuration: HTTPServerConfiguration
  let time: TimeTable
  let handler: any HTTPHandler
  let logger: Logger
  /// Shared with the other loops.
  let bodyBudget: BodyBudget

  /// Says that no request is taken after the one at hand.
  private(set) var isDraining = false

  private let connectionCountMax: Int
  private var listeners: [Listener] = []
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  /// A connection that was accepted when there was no place for it.
  private var waiting: ByteStream?
  private let emptiness: Waiter
  private var spareMemory: [RequestMemory] = []
  private var dateText: [UInt8] = []
  private var dateExpiry = MonotonicInstant.distantPast

  init(
    _ configuration: HTTPServerConfiguration, on loop: EventLoop, loopCount: Int,
    handler: any HTTPHandler, bodyBudget: BodyBudget, logger: Logger
  ) {
    self.loop = loop
    self.bodyBudget = bodyBudget
    self.configuration = configuration
    time = TimeTable(configuration.timeLimits)
    self.handler = handler
    self.logger = logger
    connectionCountMax = max(1, (configuration.connectionCount + loopCount - 1) / loopCount)
    emptiness = Waiter(on: loop)
  }

  /// Starts accepting on sockets that are bound.
  func listen(on sockets: [ListeningSocket]) {
    for socket in sockets {
      do throws(ReactorError) {
        let listener = try Listener(
          socket, on: loop,
          onTrouble: { [logger] error in
            logger.warning("cannot accept connections for now", metadata: ["reason": "\(error)"])
          }
        ) { [unowned self] stream in accept(stream) }
        listeners.append(listener)
      } catch {
        logger.error("cannot accept connections", metadata: ["reason": "\(error)"])
      }
    }
  }

  /// The present as a `Date` field has it, made anew each second.
  var date: [UInt8] {
    if loop.now >= dateExpiry {
      dateText = HTTPDate.format(secondsSince1970: Int64(Glibc.time(nil)))
      // A quarter of a second late at most: finding the second's edge would cost a finer clock.
      dateExpiry = loop.now.advanced(byNanoseconds: 250_000_000)
    }
    return dateText
  }
}

// MARK: - Memory

/// What a connection needs while it reads and answers a request, and not in between.
struct RequestMemory {
  var storage = HTTPServerMachine.Storage()
  var output: [UInt8] = []
}

extension LoopServer {
  /// Lends the memory for a request, the one that was used last: it is in the processor's cache.
  func takeMemory() -> RequestMemory { spareMemory.popLast() ?? RequestMemory() }

  /// Takes memory back.
  func give(_ memory: consuming RequestMemory) {
    if spareMemory.count < LoopServer.spareMemoryCount { spareMemory.append(memory) }
  }

  /// What is kept for the next requests: enough that steady work allocates nothing, and 3 MiB at
  /// most, for each has at most 192 KiB.
  private static let spareMemoryCount = 16
}

// MARK: - Connections

extension LoopServer {
  /// Serves a connection, or has it wait when the cap is reached and nobody is idle; the kernel's
  /// backlog holds those behind it.
  private func accept(_ stream: ByteStream) {
    if connections.count >= connectionCountMax, !makeRoom() {
      waiting = stream
      for listener in listeners { listener.isPaused = true }
    } else {
      serve(stream)
    }
  }

  private func serve(_ stream: ByteStream) {
    let connection = HTTPConnection(stream, server: self)
    connections[ObjectIdentifier(connection)] = connection
    connection.start()
  }

  /// Forgets a connection that is closed.
  func ended(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if let stream = waiting.take() {
      serve(stream)
      for listener in listeners { listener.isPaused = false }
    }
    if connections.isEmpty { emptiness.end(.ready) }
  }

  /// Closes the connections that have been idle longest, a sixteenth of all, so that looking
  /// through them costs a flood of connections little each. Says whether there were any.
  ///
  /// Their places are free at once: who comes in the same turn must not look for them again.
  private func makeRoom() -> Bool {
    var idle = connections.values.compactMap { connection in
      connection.idleSince.map { (since: $0, connection: connection) }
    }
    idle.sort { $0.since < $1.since }
    for (_, connection) in idle.prefix(max(1, connectionCountMax / 16)) {
      connections[ObjectIdentifier(connection)] = nil
      connection.abort()
    }
    return !idle.isEmpty
  }
}

// MARK: - Stopping

extension LoopServer {
  /// Takes no new connection, lets what is under way finish, and returns when nothing is left or
  /// at the deadline, when what is left is cut.
  func drain(deadline: MonotonicInstant) async {
    isDraining = true
    for listener in listeners {
      listener.acceptPending()
      listener.close()
    }
    listeners = []
    waiting.take()?.close()
    for connection in connections.values { connection.drain() }
    while !connections.isEmpty {
      guard await emptiness.wait(until: deadline) == .ready else { break }
    }
    if !connections.isEmpty {
      logger.warning(
        "connections cut at the end of the drain", metadata: ["count": "\(connections.count)"])
    }
    for connection in connections.values { connection.abort() }
    emptiness.close()
  }
}

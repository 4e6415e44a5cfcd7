// The life of one connection.

import HTTPWire
import Logging
import Reactor
import TLS

/// Drives an ``HTTPServerMachine`` over a ``ByteStream``: one task from the first byte to the last.
///
/// Everything that can be decided without waiting is decided before the next wait: the requests of
/// one read are answered with one write. A wait is always for the peer, and always has a deadline
/// that follows from what the connection is in the middle of, see ``Phase``.
///
/// Concurrency: on its loop only.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
final class HTTPConnection: @unchecked Sendable {
  /// What a connection is in the middle of.
  enum Phase {
    case idle(since: MonotonicInstant)
    case head(since: MonotonicInstant)
    case body(since: MonotonicInstant, byteCount: Int)
    case responding
  }

  let loop: EventLoop
  private let stream: ByteStream
  private let server: LoopServer
  private let agesAt: MonotonicInstant
  private var peerIdentity: TLSPeerIdentity?

  private var machine: HTTPServerMachine
  private var phase: Phase
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var output: [UInt8] = []
  private var requestCount = 0
  private var streamedBody: StreamedBody?
  private var hasReleasedMemory = false

  /// A body that is being streamed, and the task that makes it.
  private struct StreamedBody {
    let writer: HTTPBodyWriter
    let task: Task<Void, any Error>
  }

  /// Answers collected before they are written even though more requests are at hand: one read's
  /// worth of small ones.
  private static let outputByteCount = 64 * 1024

  init(_ stream: ByteStream, server: LoopServer) {
    loop = stream.loop
    self.stream = stream
    self.server = server
    machine = HTTPServerMachine(limits: server.configuration.limits)
    phase = .idle(since: stream.loop.now)
    agesAt = stream.loop.now.advanced(byNanoseconds: server.time.age)
  }

  /// Serves until there is nothing more to serve, and closes.
  func run() async {
    do throws(ReactorError) {
      if let tls = server.configuration.tls {
        try await stream.startTLS(
          TLSSession(server: tls), deadline: loop.now.advanced(byNanoseconds: server.time.handshake)
        )
        peerIdentity = stream.peerIdentity
      }
      try await serve()
      try await flush()
      await stream.closeLingering(
        byteLimit: server.configuration.timeLimits.lingeringByteCount,
        deadline: loop.now.advanced(byNanoseconds: server.time.lingering))
    } catch {
      server.logger.debug(
        "connection ended", metadata: ["peer": "\(stream.peer)", "reason": "\(error)"])
      stream.close()
    }
    server.ended(self)
  }

  private func serve() async throws(ReactorError) {
    while true {
      let event: HTTPServerEvent
      do throws(HTTPReceiveError) {
        event = try machine.next(body: &body)
      } catch {
        return refuse(error)
      }
      switch event {
      case .head(let head): guard try await admit(head) else { return }
      case .body(let count): countBody(count)
      case .end: guard try await respond() else { return }
      case .needData:
        try await flush()
        guard try await fill() else { return }
      case .paused, .closed: return
      }
    }
  }
}

// MARK: - Receiving

extension HTTPConnection {
  /// Waits for bytes; false when no more are waited for.
  private func fill() async throws(ReactorError) -> Bool {
    if case .idle = phase, !machine.isIdle { phase = .head(since: loop.now) }
    let count: Int
    do throws(ReactorError) {
      count = try await stream.read(deadline: deadline) { machine.receive($0) }
    } catch {
      guard error.code == .deadlinePassed else { throw error }
      return try await deadlinePassed()
    }
    if count == 0 { machine.receiveEnd() }
    return true
  }

  /// How long the peer may take for what it is in the middle of.
  private var deadline: MonotonicInstant {
    let time = server.time
    switch phase {
    case .idle(let since):
      if server.isDraining { return .distantPast }
      return since.advanced(byNanoseconds: hasReleasedMemory ? time.idle : time.memoryRelease)
    case .head(let since):
      return since.advanced(byNanoseconds: time.head)
    case .body(let since, let count):
      return min(
        since.advanced(byNanoseconds: time.body),
        since.advanced(byNanoseconds: time.bodyAllowance(byteCount: count)))
    case .responding:
      return .distantFuture
    }
  }

  /// Decides what a passed deadline means; true to go on.
  private func deadlinePassed() async throws(ReactorError) -> Bool {
    switch phase {
    case .idle(let since):
      if !server.isDraining, !hasReleasedMemory,
        loop.now < since.advanced(byNanoseconds: server.time.idle)
      {
        releaseMemory()
        return true
      }
      return try await lookOnceMore()
    case .head, .body:
      server.logger.debug("request too slow", metadata: ["peer": "\(stream.peer)"])
      write(.text(.requestTimeout, "The request took too long to arrive.\n"), closing: true)
      return false
    case .responding:
      return false
    }
  }

  /// Takes what arrived just now, so that closing an idle connection does not cross a request; else
  /// closes.
  private func lookOnceMore() async throws(ReactorError) -> Bool {
    do throws(ReactorError) {
      let count = try await stream.read(deadline: .distantPast) { machine.receive($0) }
      if count > 0 { return true }
    } catch {
      guard error.code == .deadlinePassed else { throw error }
    }
    stream.close()
    return false
  }

  private func countBody(_ count: Int) {
    if case .body(let since, let sum) = phase {
      phase = .body(since: since, byteCount: sum + count)
    }
  }

  /// Gives back what a connection that does nothing does not need.
  private func releaseMemory() {
    machine.releaseMemory()
    output = []
    body = []
    hasReleasedMemory = true
  }
}

// MARK: - Answering

extension HTTPConnection {
  /// Lets a request in or refuses it; false when the connection ends.
  private func admit(_ head: HTTPRequestHead) async throws(ReactorError) -> Bool {
    switch server.handler.admit(head, peer: stream.peer) {
    case .refuse(let response):
      return try await send(response, isHead: head.method == .head)
    case .accept(let bodyLimit):
      do throws(HTTPReceiveError) {
        try machine.admit(bodyLimit: bodyLimit, continueTo: &output)
      } catch {
        refuse(error)
        return false
      }
      phase = .body(since: loop.now, byteCount: 0)
      self.head = head
      return true
    }
  }

  /// Has the request at hand answered; false when the connection ends.
  private func respond() async throws(ReactorError) -> Bool {
    guard let head = head.take() else { return true }
    phase = .responding
    let request = HTTPRequest(
      head: head, body: body, peer: stream.peer, peerIdentity: peerIdentity)
    body = []
    // What a GET reads is at hand, so its answer may share a write with those before it. Anything
    // else may take its time, and they should not wait for it.
    if head.method != .get { try await flush() }
    let response = await server.handler.respond(to: request)
    return try await send(response, isHead: head.method == .head)
  }

  /// Writes a response; false when the connection ends after it.
  private func send(_ response: HTTPResponse, isHead: Bool) async throws(ReactorError) -> Bool {
    requestCount += 1
    let isLast =
      response.closesConnection || server.isDraining || loop.now >= agesAt
      || requestCount >= server.configuration.requestsPerConnection
    let persistence: HTTPPersistence
    if case .stream(let produce) = response.body {
      persistence = try await send(response, body: isHead ? nil : produce, closing: isLast)
    } else {
      persistence = write(response, closing: isLast)
    }
    if output.count >= HTTPConnection.outputByteCount { try await flush() }
    phase = machine.isIdle ? .idle(since: loop.now) : .head(since: loop.now)
    hasReleasedMemory = false
    return persistence == .keepAlive
  }

  /// Answers what cannot be understood, or is too large.
  private func refuse(_ error: HTTPReceiveError) {
    server.logger.debug(
      "request refused", metadata: ["peer": "\(stream.peer)", "reason": "\(error)"])
    write(.text(error.status, "\(error.status.reasonPhrase): \(error)\n"), closing: true)
  }

  /// Adds a whole response to the output.
  @discardableResult
  private func write(_ response: HTTPResponse, closing: Bool) -> HTTPPersistence {
    let bytes: [UInt8] = if case .bytes(let bytes) = response.body { bytes } else { [] }
    do throws(HTTPSendError) {
      return try machine.writeResponse(
        HTTPResponseHead(status: response.status, fields: response.fields), bytes: bytes,
        date: server.date, persistence: closing ? .close : .keepAlive, to: &output)
    } catch {
      return replace(because: error)
    }
  }

  /// Answers 500 instead of a response that is none: a mistake of the handler's.
  private func replace(because error: HTTPSendError) -> HTTPPersistence {
    server.logger.error("response not sendable", metadata: ["reason": "\(error)"])
    do throws(HTTPSendError) {
      return try machine.writeResponse(
        HTTPResponseHead(status: .internalServerError), bytes: [], date: server.date,
        persistence: .close, to: &output)
    } catch {
      // It is not our turn: the peer was answered already, or asked for nothing.
      return .close
    }
  }

  /// Hands what was collected to the kernel.
  private func flush() async throws(ReactorError) {
    guard !output.isEmpty else { return }
    try await stream.write(output, stallLimit: server.configuration.timeLimits.writeStall)
    output.removeAll(keepingCapacity: output.capacity <= 2 * HTTPConnection.outputByteCount)
  }
}

// MARK: - Streaming

extension HTTPConnection {
  /// Sends a response whose body comes bit by bit, or only its head when there is no body to make.
  private func send(
    _ response: HTTPResponse, body produce: (@Sendable (HTTPBodyWriter) async throws -> Void)?,
    closing: Bool
  ) async throws(ReactorError) -> HTTPPersistence {
    do throws(HTTPSendError) {
      try machine.writeResponse(
        HTTPResponseHead(status: response.status, fields: response.fields), body: .chunked,
        date: server.date, persistence: closing ? .close : .keepAlive, to: &output)
    } catch {
      return replace(because: error)
    }
    try await flush()
    if let produce { try await run(produce) }
    do throws(HTTPSendError) {
      return try machine.finishResponse(to: &output)
    } catch {
      throw ReactorError(.closed, detail: error.description)
    }
  }

  /// Runs what makes a body until it is done, the peer is gone or the server drains.
  private func run(
    _ produce: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
  ) async throws(ReactorError) {
    let writer = HTTPBodyWriter(self)
    let task = Task(executorPreference: loop) { try await produce(writer) }
    streamedBody = StreamedBody(writer: writer, task: task)
    stream.onPeerEnd = { [weak self] in self?.endStreaming(.peerGone) }
    if stream.peerHasEnded { endStreaming(.peerGone) }
    if server.isDraining { endStreaming(.draining) }
    let result = await task.result
    stream.onPeerEnd = nil
    streamedBody = nil
    let wasEnded = writer.isOver
    // Nothing is written by whoever kept the writer.
    writer.end(.peerGone)
    if case .failure(let error) = result, !wasEnded {
      server.logger.debug("streamed body failed", metadata: ["reason": "\(error)"])
      throw ReactorError(.closed, detail: "the body could not be completed")
    }
  }

  /// Sends a part of the streamed body.
  func writeStreamed(_ bytes: [UInt8]) async throws {
    try machine.writeBody(bytes.span, to: &output)
    try await flush()
  }

  private func endStreaming(_ reason: HTTPBodyWriterError) {
    streamedBody?.writer.end(reason)
    streamedBody?.task.cancel()
  }
}

// MARK: - Ending

extension HTTPConnection {
  /// Since when nothing is being asked or answered; nil while something is.
  var idleSince: MonotonicInstant? {
    if case .idle(let since) = phase { since } else { nil }
  }

  /// Ends soon: an idle connection at once, one with a request after its answer, a streamed body
  /// where it is.
  func drain() {
    if case .idle = phase { stream.expireRead() }
    endStreaming(.draining)
  }

  /// Ends now.
  func abort() {
    endStreaming(.draining)
    stream.close()
  }
}

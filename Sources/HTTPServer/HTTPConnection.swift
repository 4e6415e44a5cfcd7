// The life of one connection.

import HTTPWire
import Logging
import Reactor
import TLS

/// Drives an ``HTTPConversation`` over a ``ByteStream``: one task from the first byte to the last.
///
/// What an idle connection costs is mostly the frames of its waiting functions, for which the
/// compiler keeps a place for every temporary value of what it inlines: 11 KiB in ``serve()``, once.
/// So what they call is not inlined, and a request is answered in a function of its own.
///
/// Concurrency: on its loop only. While a body is streamed the connection's task waits for the task
/// that makes it, so that the conversation has one user at a time.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
final class HTTPConnection: @unchecked Sendable {
  let loop: EventLoop
  private let stream: ByteStream
  private let server: LoopServer
  private var conversation: HTTPConversation
  private var streamedBody: StreamedBody?
  /// Where serving stopped without its task, which goes on from there.
  private var interruption: Result<HTTPConversation.Step, ReactorError>?
  /// Where it waits for memory.
  private var memory: Waiter?
  /// How often it waited for memory.
  private var memoryWaitCount = 0

  /// A body that is being streamed, and the task that makes it.
  private struct StreamedBody {
    let writer: HTTPBodyWriter
    let task: Task<Void, any Error>
  }

  init(_ stream: ByteStream, server: LoopServer) {
    loop = stream.loop
    self.stream = stream
    self.server = server
    conversation = HTTPConversation(with: stream.peer, server: server)
  }

  /// Serves until there is nothing more to serve, and closes.
  func run() async {
    do throws(ReactorError) {
      var isSpokenTo = true
      var begun: [UInt8] = []
      if case .required = server.configuration.proxyProtocol { begun = try await readProxyHeader() }
      if let tls = server.configuration.tls {
        isSpokenTo = try await startTLS(tls.current, begun: begun)
      } else {
        conversation.receive(begun.span)
      }
      if isSpokenTo {
        stream.onReadable = { [unowned self] in serveWithoutTask() }
        try await serve()
        stream.onReadable = nil
      }
      await stream.closeLingering(
        byteLimit: server.configuration.timeLimits.lingeringByteCount,
        deadline: loop.now.advanced(byNanoseconds: server.time.lingering))
    } catch {
      end(because: error)
    }
    leave()
  }

  @inline(never)
  private func end(because error: ReactorError) {
    server.logger.debug(
      "connection ended", metadata: ["peer": "\(stream.peer)", "reason": "\(error)"])
    stream.close()
  }

  @inline(never)
  private func leave() {
    conversation.releaseBody()
    server.ended(self)
  }

  /// Takes the proxy's header from the connection's beginning, and with it whose connection it is.
  ///
  /// - Returns: what arrived behind it.
  @inline(never)
  private func readProxyHeader() async throws(ReactorError) -> [UInt8] {
    let deadline = loop.now.advanced(
      by: server.configuration.timeLimits.proxyHeader)
    var bytes: [UInt8] = []
    while true {
      do throws(ProxyHeaderError) {
        if let (header, byteCount) = try ProxyHeader.parse(bytes) {
          if case .client(let client) = header { conversation.peer = client }
          return Array(bytes.dropFirst(byteCount))
        }
      } catch {
        server.logger.warning(
          "refused", metadata: ["peer": "\(stream.peer)", "cause": "\(error)"])
        throw ReactorError(.closed, detail: error.description)
      }
      let count = try await stream.read(deadline: deadline) { span in
        for index in span.indices { bytes.append(span[index]) }
      }
      guard count > 0 else { throw ReactorError(.connectionLost) }
    }
  }

  /// Shakes hands; false when the peer speaks plain HTTP, which is answered then.
  ///
  /// - Parameter begun: what of the handshake was read already.
  @inline(never)
  private func startTLS(
    _ context: TLSServerContext, begun: [UInt8]
  ) async throws(ReactorError) -> Bool {
    do throws(ReactorError) {
      let session = TLSSession(server: context)
      session.receive(begun.span)
      try await stream.startTLS(
        session,
        deadline: loop.now.advanced(byNanoseconds: server.time.handshake)
      )
    } catch {
      guard stream.wasAddressedInPlainText else { throw error }
      conversation.refusePlainText()
      try await flush()
      return false
    }
    conversation.peerIdentity = stream.peerIdentity
    return true
  }

  private func serve() async throws(ReactorError) {
    while true {
      switch try nextStep() {
      case .respond: try await respond()
      case .stream: try await streamAnswer()
      case .send:
        try await flush()
      case .wait(let deadline):
        try await flush()
        guard try await receive(until: deadline) else { return }
      case .claim(let byteCount):
        try await flush()
        try await claim(byteCount)
      case .close:
        return try await flush()
      }
    }
  }

  @inline(never)
  private func nextStep() throws(ReactorError) -> HTTPConversation.Step {
    try interruption.take()?.get() ?? conversation.next()
  }

  /// Has a request answered, and says the answer.
  @inline(never)
  private func respond() async throws(ReactorError) {
    let request = conversation.takeRequest()
    // What a GET reads is at hand, so its answer may share a write with those before it. Anything
    // else may take its time, and they should not wait for it.
    if request.head.method != .get { try await flush() }
    try await say(
      await server.handler.respond(to: request), isHead: request.head.method == .head)
  }

  /// Says an answer from the head that has a streamed body.
  @inline(never)
  private func streamAnswer() async throws(ReactorError) {
    let (response, method) = conversation.takeAnswer()
    try await say(response, isHead: method == .head)
  }

  /// Waits for the memory that the body needs, without reading on, so that the peer waits too.
  @inline(never)
  private func claim(_ byteCount: Int) async throws(ReactorError) {
    let begin = loop.now
    memoryWaitCount += 1
    // Whoever gives memory back does it on a loop of its own. If that crosses the end of this wait,
    // it must not end the next one.
    let hasClaimed = conversation.claim(byteCount) { [loop, weak self, memoryWaitCount] in
      Task(executorPreference: loop) { self?.endMemoryWait(memoryWaitCount) }
    }
    guard !hasClaimed else { return }
    let waiter = Waiter(on: loop)
    memory = waiter
    let wake = await waiter.wait(until: begin.advanced(byNanoseconds: server.time.memory))
    waiter.close()
    memory = nil
    conversation.endClaim(of: byteCount, since: begin)
    if wake == .closed { throw ReactorError(.closed) }
  }

  private func endMemoryWait(_ number: Int) {
    if number == memoryWaitCount { memory?.end(.ready) }
  }

  /// Serves what has arrived while the task waits for it, as far as that needs no waiting.
  ///
  /// - Returns: until when the task shall wait on; nil when it has to go on, with ``interruption``.
  private func serveWithoutTask() -> MonotonicInstant? {
    do throws(ReactorError) {
      var step: HTTPConversation.Step?
      var isSent = true
      while let count = try stream.tryRead({ conversation.receive($0) }) {
        if count == 0 { conversation.receiveEnd() }
        step = conversation.next()
        guard case .wait = step else { break }
        isSent = try sendAll()
        guard isSent else { break }
      }
      guard let step else { return nil }
      if case .wait(let deadline) = step, !stream.mayHaveMore, isSent { return deadline }
      interruption = .success(step)
    } catch {
      interruption = .failure(error)
    }
    return nil
  }

  /// Waits for bytes; false when the connection is closed instead.
  private func receive(until deadline: MonotonicInstant) async throws(ReactorError) -> Bool {
    while true {
      if interruption != nil { return true }
      if try receive() { return true }
      do throws(ReactorError) {
        try await stream.waitUntilReadable(deadline: deadline)
      } catch {
        guard error.code == .deadlinePassed else { throw error }
        return try deadlinePassed()
      }
    }
  }

  /// Takes what is there already; false when that is nothing.
  @inline(never)
  private func receive() throws(ReactorError) -> Bool {
    guard let count = try stream.tryRead({ conversation.receive($0) }) else { return false }
    if count == 0 { conversation.receiveEnd() }
    return true
  }

  /// Says whether to go on.
  @inline(never)
  private func deadlinePassed() throws(ReactorError) -> Bool {
    switch conversation.deadlinePassed() {
    case .goOn: true
    case .lookOnceMore: try lookOnceMore()
    }
  }

  /// Takes what arrived just now, so that closing an idle connection does not cross a request; else
  /// closes.
  private func lookOnceMore() throws(ReactorError) -> Bool {
    if let count = try stream.tryRead({ conversation.receive($0) }), count > 0 { return true }
    stream.close()
    return false
  }

  /// Hands what was collected to the kernel, as far as it takes that at once; says whether that was
  /// all.
  @inline(never)
  private func sendAll() throws(ReactorError) -> Bool {
    let isAll = try conversation.send { bytes throws(ReactorError) in try stream.tryWrite(bytes) }
    return isAll && !stream.hasUnsent
  }

  /// Hands what was collected to the kernel.
  private func flush() async throws(ReactorError) {
    if try !sendAll() { try await drainOutput() }
  }

  /// Waits until the kernel has taken what is left.
  @inline(never)
  private func drainOutput() async throws(ReactorError) {
    do throws(ReactorError) {
      try await stream.write(
        conversation.takeOutput(), stallLimit: server.configuration.timeLimits.writeStall)
    } catch {
      if error.code == .deadlinePassed { stream.reset() }
      throw error
    }
  }
}

// MARK: - Answering

extension HTTPConnection {
  /// Says an answer, and has its body made if it is streamed.
  private func say(_ response: HTTPResponse, isHead: Bool) async throws(ReactorError) {
    let isMuch = conversation.answer(response)
    if case .stream(let produce) = response.body {
      try await flush()
      if !isHead { try await run(produce) }
      do throws(HTTPSendError) {
        try conversation.finishBody()
      } catch {
        throw ReactorError(.closed, detail: error.description)
      }
    }
    if isMuch { try await flush() }
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
    try conversation.writeBody(bytes)
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
  var idleSince: MonotonicInstant? { conversation.idleSince }

  /// Ends soon: an idle connection at once, one with a request after its answer, a streamed body
  /// where it is.
  func drain() {
    if conversation.idleSince != nil { stream.expireRead() }
    endStreaming(.draining)
  }

  /// Ends now.
  func abort() {
    endStreaming(.draining)
    memory?.end(.closed)
    stream.close()
  }
}

// The life of one connection.

import HTTPWire
import Logging
import Reactor
import TLS

/// Drives an ``HTTPConversation`` over a ``ByteStream``.
///
/// A task would be most of what an idle connection costs: the frames of its waiting functions, 4 KiB
/// and more. So a connection has a task only while there is something to wait for besides bytes of
/// the peer: a handshake, an answer in the making, room to send. What arrives is served where the
/// loop reports it, as far as that needs no waiting (``serveWithoutTask()``); where it does, a task
/// goes on from there, and ends when bytes are waited for again.
///
/// Concurrency: on its loop only, and one task at most. While a body is streamed the connection's
/// task waits for the task that makes it, so that the conversation has one user at a time.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
final class HTTPConnection: @unchecked Sendable {
  let loop: EventLoop
  private let stream: ByteStream
  private let server: LoopServer
  private var conversation: HTTPConversation
  private var streamedBody: StreamedBody?
  /// Where serving stopped without a task; the next one goes on from there.
  private var interruption: Result<HTTPConversation.Step, ReactorError>?
  /// What ended the wait for bytes.
  private var wake: Waiter.Wake?
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

  /// Begins to serve; ends when there is nothing more to serve, and closes.
  func start() {
    Task(executorPreference: loop) { await self.open() }
  }

  /// Does what comes before the first request.
  private func open() async {
    do throws(ReactorError) {
      var isSpokenTo = true
      var begun: [UInt8] = []
      if case .required = server.configuration.proxyProtocol { begun = try await readProxyHeader() }
      if let tls = server.configuration.tls {
        isSpokenTo = try await startTLS(tls.current, begun: begun)
      } else {
        conversation.receive(begun.span)
      }
      if isSpokenTo { stream.onReadable = { [unowned self] in serveWithoutTask() } }
    } catch {
      return end(because: error)
    }
    await goOn()
  }

  /// Serves until bytes must be waited for, or until the end.
  private func goOn() async {
    do throws(ReactorError) {
      if let deadline = try await serve() { return waitWithoutTask(until: deadline) }
      stream.onReadable = nil
      await stream.closeLingering(
        byteLimit: server.configuration.timeLimits.lingeringByteCount,
        deadline: loop.now.advanced(byNanoseconds: server.time.lingering))
    } catch {
      return end(because: error)
    }
    leave()
  }

  private func waitWithoutTask(until deadline: MonotonicInstant) {
    // Whoever waits keeps the connection alive; closing the stream ends every wait.
    stream.whenReadable(deadline: deadline) { [self] wake in
      self.wake = wake
      Task(executorPreference: loop) { await self.goOn() }
    }
  }

  @inline(never)
  private func end(because error: ReactorError) {
    server.logger.debug(
      "connection ended", metadata: ["peer": "\(stream.peer)", "reason": "\(error)"])
    stream.close()
    leave()
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

  /// Returns until when bytes must be waited for; nil when there is nothing more to serve.
  private func serve() async throws(ReactorError) -> MonotonicInstant? {
    guard try awake() else { return nil }
    while true {
      switch try nextStep() {
      case .respond: try await respond()
      case .stream: try await streamAnswer()
      case .send:
        try await flush()
      case .wait(let deadline):
        try await flush()
        while try !receive() {
          guard stream.mayHaveMore else { return deadline }
          await loop.yield()
        }
      case .claim(let byteCount):
        try await flush()
        try await claim(byteCount)
      case .close:
        try await flush()
        return nil
      }
    }
  }

  /// Goes by what ended the wait for bytes; false when the connection is closed.
  @inline(never)
  private func awake() throws(ReactorError) -> Bool {
    switch wake.take() {
    case .ready, nil: return true
    case .closed: throw ReactorError(.closed)
    case .deadlinePassed:
      switch conversation.deadlinePassed() {
      case .goOn: return true
      case .lookOnceMore: return try lookOnceMore()
      }
    }
  }

  @inline(never)
  private func nextStep() throws(ReactorError) -> HTTPConversation.Step {
    try interruption.take()?.get() ?? conversation.next()
  }

  /// Waits for an answer, and says it.
  @inline(never)
  private func respond() async throws(ReactorError) {
    let work = conversation.takeWork()
    // What a GET reads is at hand, so its answer may share a write with those before it. Anything
    // else may take its time, and they should not wait for it.
    if work.method != .get { try await flush() }
    try await say(await work.make(), isHead: work.method == .head)
  }

  /// Says an answer that is there and has a streamed body.
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

  /// Serves what has arrived while it is waited for, as far as that needs no other waiting.
  ///
  /// - Returns: until when to wait on; nil when a task has to go on, with ``interruption``.
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

  /// Takes what is there already; false when that is nothing.
  @inline(never)
  private func receive() throws(ReactorError) -> Bool {
    guard let count = try stream.tryRead({ conversation.receive($0) }) else { return false }
    if count == 0 { conversation.receiveEnd() }
    return true
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

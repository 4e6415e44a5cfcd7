// One connection's conversation as a value.

import HTTPWire
import Logging
import Reactor
import TLS

/// What was received, what is to be sent, and what comes next on one connection: the server's rules
/// over an ``HTTPServerMachine``. It knows the time but no socket, and never waits;
/// ``HTTPConnection`` does that for it.
///
/// The driver asks ``next()`` and does as it says. Whatever can be decided without waiting is
/// decided in that call, so that the requests of one read are answered with one write.
struct HTTPConversation: ~Copyable {
  /// What the driver has to do.
  enum Step {
    /// Wait for the answer that ``takeWork()`` makes, and say it.
    case respond
    /// Say the answer that ``takeAnswer()`` gives, which has a streamed body.
    case stream
    /// Send the output, of which there is much.
    case send
    /// Send the output, then wait for bytes.
    case wait(until: MonotonicInstant)
    /// Send the output, then wait for memory: ``claim(_:onGrant:)``.
    case claim(byteCount: Int)
    /// Send the output and close, reading on so that the peer can read it.
    case close
  }

  /// What a deadline that passed leads to.
  enum Expiry {
    /// Ask what is next.
    case goOn
    /// Take what may have arrived just now, and if that is nothing, close at once.
    case lookOnceMore
  }

  /// What makes the answer to a request.
  struct Work {
    let make: @Sendable () async -> HTTPResponse
    let method: HTTPMethod
  }

  /// What a connection is in the middle of; each has its own deadline.
  private enum Phase {
    case idle(since: MonotonicInstant)
    case head(since: MonotonicInstant)
    case body(since: MonotonicInstant, byteCount: Int, limit: Int)
    case responding
    case over
  }

  /// The subject of the peer's certificate.
  var peerIdentity: TLSPeerIdentity?

  private let server: LoopServer
  /// Whose requests they are.
  var peer: SocketAddress
  private let agesAt: MonotonicInstant
  private var machine: HTTPServerMachine
  private var phase: Phase
  private var head: HTTPRequestHead?
  private var streamedAnswer: (response: HTTPResponse, method: HTTPMethod)?
  private var work: Work?
  private var body: [UInt8] = []
  private var observer: (any HTTPBodyObserver)?
  /// The memory that `body` has, until its request is answered.
  private var claim: BodyClaim?
  private var output: [UInt8] = []
  private var requestCount = 0
  /// Whether it has memory of the loop's.
  private var hasMemory = false

  /// Room kept for the next answers when the output was sent: what small answers to one read fill.
  private static let retainedByteCount = 128 * 1024
  /// Output that is sent even though more requests are at hand. With what one read can have brought
  /// it is what a peer costs that asks and does not read.
  private static let outputByteCount = 16 * 1024
  /// What a body claims when its first byte is there, unless it is smaller: most webhooks fit.
  private static let firstClaimByteCount = 16 * 1024

  init(with peer: SocketAddress, server: LoopServer) {
    self.peer = peer
    self.server = server
    machine = HTTPServerMachine(limits: server.configuration.limits)
    phase = .idle(since: server.loop.now)
    agesAt = server.loop.now.advanced(byNanoseconds: server.time.age)
  }

  /// Since when nothing is being asked or answered; nil while something is.
  var idleSince: MonotonicInstant? {
    if case .idle(let since) = phase { since } else { nil }
  }

  /// Takes bytes that arrived.
  mutating func receive(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    borrowMemory()
    machine.receive(bytes)
  }

  /// Takes the peer's end: no more bytes will arrive.
  mutating func receiveEnd() {
    machine.receiveEnd()
  }

  /// Goes as far as it can.
  mutating func next() -> Step {
    while true {
      if case .over = phase { return .close }
      if case .body = phase, let byteCount = growClaim() { return .claim(byteCount: byteCount) }
      do throws(HTTPReceiveError) {
        let event = try machine.next(body: &body)
        switch consume event {
        case .head(let head):
          if let step = try admit(consume head) { return step }
        case .body(let count): takeBody(count)
        case .end:
          // A refused request ends too, but was never in its body's phase.
          if case .body = phase, let step = respond() { return step }
        case .needData: return .wait(until: deadline)
        case .paused, .closed: phase = .over
        }
      } catch {
        server.logger.info(
          "refused",
          metadata: [
            "peer": "\(peer)", "status": "\(error.status.rawValue)", "cause": "\(error)",
          ])
        end(with: .text(error.status, "\(error.status.reasonPhrase): \(error)\n"))
      }
    }
  }

  /// Lets a request in, or answers it.
  ///
  /// - Returns: what must be done before going on, if anything.
  private mutating func admit(_ head: consuming HTTPRequestHead) throws(HTTPReceiveError) -> Step? {
    if head.isForSecuredConnection, server.configuration.isUnsecured {
      return say(
        .text(
          .misdirectedRequest, "This connection is not secured: https:// is not served on it.\n"),
        to: head.method)
    }
    switch server.handler.admit(head, peer: peer) {
    case .answer(let response): return say(response, to: head.method)
    case .accept(let bodyLimit, let observer):
      try machine.admit(bodyLimit: bodyLimit, continueTo: &output)
      phase = .body(
        since: server.loop.now, byteCount: 0, limit: head.bodyFraming.byteLimit(atMost: bodyLimit))
      self.head = head
      self.observer = observer
      return nil
    }
  }

  /// Counts what has arrived of the body, and shows it to who asked for that.
  private mutating func takeBody(_ count: Int) {
    observer?.receive(body.span.extracting(last: count))
    guard case .body(let since, let sum, let limit) = phase else { return }
    phase = .body(since: since, byteCount: sum + count, limit: limit)
  }

  /// Has the request answered that was let in and has arrived whole.
  ///
  /// - Returns: what must be done before going on, if anything.
  private mutating func respond() -> Step? {
    guard let head = head.take() else { preconditionFailure("no request was let in") }
    phase = .responding
    let body = body
    self.body = []
    let answer = server.handler.respond(
      to: HTTPRequest(
        head: head, body: body, peer: peer, peerIdentity: peerIdentity, observer: observer.take()))
    switch answer {
    case .now(let response): return say(response, to: head.method)
    case .later(let make):
      work = Work(make: make, method: head.method)
      return .respond
    }
  }

  /// Says an answer that is there, as far as that needs no waiting.
  private mutating func say(_ response: HTTPResponse, to method: HTTPMethod) -> Step? {
    if case .stream = response.body {
      streamedAnswer = (response, method)
      return .stream
    }
    return answer(response) ? .send : nil
  }

  /// What makes the answer to the request at hand.
  mutating func takeWork() -> Work {
    guard let work = work.take() else { preconditionFailure("next() did not say `respond`") }
    return work
  }

  /// The answer that has a streamed body.
  mutating func takeAnswer() -> (response: HTTPResponse, method: HTTPMethod) {
    guard let answer = streamedAnswer.take() else {
      preconditionFailure("next() did not say `stream`")
    }
    return answer
  }
}

// MARK: - Time

extension HTTPConversation {
  /// How long the peer may take for what it is in the middle of.
  private var deadline: MonotonicInstant {
    mutating get {
      if case .idle = phase, !machine.isIdle { phase = .head(since: server.loop.now) }
      let time = server.time
      switch phase {
      case .idle(let since):
        if server.isDraining { return .distantPast }
        return since.advanced(byNanoseconds: time.idle)
      case .head(let since):
        return since.advanced(byNanoseconds: time.head)
      case .body(let since, let count, _):
        return min(
          since.advanced(byNanoseconds: time.body),
          since.advanced(byNanoseconds: time.bodyAllowance(byteCount: count)))
      case .responding, .over:
        return .distantFuture
      }
    }
  }

  /// Decides what it means that the peer sent nothing until the deadline.
  mutating func deadlinePassed() -> Expiry {
    switch phase {
    case .idle:
      return .lookOnceMore
    case .head, .body:
      server.logger.info(
        "refused",
        metadata: ["peer": "\(peer)", "status": "408", "cause": "the request came too slowly"])
      end(with: .text(.requestTimeout, "The request took too long to arrive.\n"))
    case .responding, .over: break
    }
    return .goOn
  }

  /// Lends the machine the loop's memory for a request.
  private mutating func borrowMemory() {
    guard !hasMemory else { return }
    hasMemory = true
    var memory = server.takeMemory()
    machine.exchange(&memory.storage)
    swap(&output, &memory.output)
  }

  /// Gives the memory back between two requests: an idle connection has none.
  private mutating func returnMemory() {
    guard hasMemory, output.isEmpty, case .idle = phase, machine.isStorageIdle else { return }
    hasMemory = false
    var memory = RequestMemory()
    machine.exchange(&memory.storage)
    swap(&output, &memory.output)
    server.give(memory)
  }
}

// MARK: - Memory

extension HTTPConversation {
  /// Claims the memory for what has arrived of the body and is to be added to it. The claim doubles,
  /// as an array's room does, so that it is what the array takes.
  ///
  /// - Returns: how much is missing, when it is not to be had now.
  private mutating func growClaim() -> Int? {
    guard case .body(_, let count, let limit) = phase else { return nil }
    let claimed = claim?.byteCount ?? 0
    let needed = min(limit, count + machine.bufferedByteCount)
    guard needed > claimed else { return nil }
    let total = min(limit, max(needed, 2 * claimed, HTTPConversation.firstClaimByteCount))
    if claim == nil { claim = BodyClaim(on: server.bodyBudget) }
    guard claim?.grow(by: total - claimed) == true else { return total - claimed }
    body.reserveCapacity(total)
    return nil
  }

  /// Claims what was missing, now or when it is to be had; then ``endClaim(of:since:)`` must follow.
  ///
  /// - Returns: whether it was to be had now.
  mutating func claim(_ byteCount: Int, onGrant: @escaping @Sendable () -> Void) -> Bool {
    guard let hasGrown = claim?.grow(by: byteCount, onGrant: onGrant), hasGrown else {
      return false
    }
    body.reserveCapacity(claim?.byteCount ?? 0)
    return true
  }

  /// Ends the wait for memory: the body goes on, or is refused because there was none. The peer's
  /// time stood still meanwhile.
  mutating func endClaim(of byteCount: Int, since begin: MonotonicInstant) {
    guard claim?.endWait(for: byteCount) == true else {
      server.logger.warning(
        "refused",
        metadata: [
          "peer": "\(peer)", "status": "503", "cause": "no memory for the request's body",
        ])
      return end(
        with: .text(
          .serviceUnavailable, "There is no memory for the request now. Send it again later.\n",
          fields: ["Retry-After": "\(HTTPConversation.retrySeconds)"]))
    }
    body.reserveCapacity(claim?.byteCount ?? 0)
    guard case .body(let since, let count, let limit) = phase else { return }
    let waited = server.loop.now.nanoseconds &- begin.nanoseconds
    phase = .body(since: since.advanced(byNanoseconds: waited), byteCount: count, limit: limit)
  }

  /// Gives up the body and the memory it has.
  mutating func releaseBody() {
    body = []
    observer = nil
    claim = nil
  }

  /// When a sender that found no memory should come again: bodies have 10 s to arrive.
  private static let retrySeconds = 10
}

extension HTTPBodyFraming {
  /// The most bytes that a body can have which was admitted with a limit.
  fileprivate func byteLimit(atMost limit: Int) -> Int {
    if case .length(let count) = self { min(count, limit) } else { limit }
  }
}

// MARK: - Answering

extension HTTPConversation {
  /// Says an answer. Of one with a streamed body this is the head: ``writeBody(_:)`` and
  /// ``finishBody()`` are the rest.
  ///
  /// - Returns: whether so much is to be sent that it should be before going on.
  mutating func answer(_ response: HTTPResponse) -> Bool {
    claim = nil
    requestCount += 1
    let isLast =
      response.closesConnection || server.isDraining || server.loop.now >= agesAt
      || requestCount >= server.configuration.requestsPerConnection
    let persistence: HTTPPersistence = isLast ? .close : .keepAlive
    let head = HTTPResponseHead(status: response.status, fields: response.fields)
    do throws(HTTPSendError) {
      switch response.body {
      case .none:
        settle(
          try machine.writeResponse(
            head, bytes: [], date: server.date, persistence: persistence, to: &output))
      case .bytes(let bytes):
        settle(
          try machine.writeResponse(
            head, bytes: bytes, date: server.date, persistence: persistence, to: &output))
      case .stream:
        try machine.writeResponse(
          head, body: .chunked, date: server.date, persistence: persistence, to: &output)
        phase = .responding
      }
    } catch {
      server.logger.error("response not sendable", metadata: ["reason": "\(error)"])
      end(with: HTTPResponse(.internalServerError))
    }
    return output.count >= HTTPConversation.outputByteCount
  }

  /// Adds a part of a streamed body.
  mutating func writeBody(_ bytes: [UInt8]) throws(HTTPSendError) {
    try machine.writeBody(bytes.span, to: &output)
  }

  /// Ends a streamed body.
  mutating func finishBody() throws(HTTPSendError) {
    settle(try machine.finishResponse(to: &output))
  }

  /// Answers a peer that speaks plain HTTP where TLS was expected.
  mutating func refusePlainText() {
    server.logger.info(
      "refused",
      metadata: ["peer": "\(peer)", "status": "400", "cause": "plain HTTP on a TLS listener"])
    // Its request went into the handshake; the first letter of a method stands for it here.
    machine.receive([UInt8(ascii: "G")].span)
    end(with: .text(.badRequest, "This port speaks HTTPS: use https:// instead of http://.\n"))
  }

  /// Answers, and then says and hears nothing more.
  private mutating func end(with response: HTTPResponse) {
    var bytes: [UInt8] = []
    if case .bytes(let given) = response.body { bytes = given }
    // When it is not our turn, the peer was answered already, or asked for nothing.
    _ = try? machine.writeResponse(
      HTTPResponseHead(status: response.status, fields: response.fields), bytes: bytes,
      date: server.date, persistence: .close, to: &output)
    phase = .over
    releaseBody()
  }

  private mutating func settle(_ persistence: HTTPPersistence) {
    switch persistence {
    case .close: phase = .over
    case .keepAlive:
      phase = machine.isIdle ? .idle(since: server.loop.now) : .head(since: server.loop.now)
    }
  }
}

// MARK: - Output

extension HTTPConversation {
  /// Sends what it can.
  ///
  /// - Parameter write: takes bytes and says how many it took.
  /// - Returns: whether that was all; if not, ``takeOutput()`` gives the rest.
  mutating func send<Failure: Error>(
    _ write: (Span<UInt8>) throws(Failure) -> Int
  ) throws(Failure) -> Bool {
    defer { returnMemory() }
    guard !output.isEmpty else { return true }
    let count = try write(output.span)
    guard count == output.count else {
      output.removeFirst(count)
      return false
    }
    output.removeAll(keepingCapacity: output.capacity <= HTTPConversation.retainedByteCount)
    return true
  }

  /// Takes what is to be sent.
  mutating func takeOutput() -> [UInt8] {
    let bytes = output
    output = []
    return bytes
  }
}

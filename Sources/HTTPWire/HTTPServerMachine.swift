// The server's side of one connection.
//
//   receiving   head → admission → body → end → complete ┐    (closed and failed are final)
//                 ↑       └─ no body ─────↑              │
//                 └──────── the response is finished ────┘
//   answering   (nothing) → response's head → its body → (nothing)
//
// A response that begins before the request's end makes the connection close: where the next
// request would begin is in bytes that nobody reads. That is the whole defence against "reject
// early, then read the rejected body as the next request".

import Bytes

/// What the server's side reports when it is asked for the next event.
package enum HTTPServerEvent: Sendable, Equatable {
  /// A request's head. Until the driver admits the body or answers, nothing more of it is read;
  /// without a body, `end` follows at once.
  case head(HTTPRequestHead)
  /// So many bytes of the body were added to the driver's array.
  case body(byteCount: Int)
  /// The request is complete. Trailers are never merged into the head's fields.
  case end(trailers: HTTPFields)
  /// Nothing more can be said before more bytes arrive.
  case needData
  /// It is the driver's turn: to admit a body, or to finish the response. More bytes change
  /// nothing, so that a driver which does not read now holds a pipelining peer back.
  case paused
  /// No further request comes: the peer ended the connection between two requests, or a response
  /// said `close`.
  case closed
}

/// HTTP/1.1 and 1.0 for one connection, seen from the server: bytes in, events out, and responses
/// to bytes. No socket, no clock.
///
/// The driver's loop: ``receive(_:)`` what the socket gave, call ``next(body:)`` until it says
/// `needData` or `paused`; at a head decide with ``admit(bodyLimit:continueTo:)`` or by answering;
/// answer with ``writeResponse(_:body:date:persistence:to:)`` and ``finishResponse(to:)``; go on or
/// close as that says. Requests are taken one at a time and answered in order.
///
/// *Limits*: ``HTTPLimits``; a body's limit is given at its admission.
///
/// *Errors*: ``HTTPReceiveError`` from `next` and `admit`, again and again once there was one. One
/// response can still be written, which closes. ``HTTPSendError`` from writing: the output and the
/// machine are as before.
///
/// *Source*: RFC 9112.
package struct HTTPServerMachine: ~Copyable, Sendable {
  private enum Receiving {
    case head
    case admission
    case body
    case end
    case complete
    case closed
    case failed(HTTPReceiveError)
  }

  private let limits: HTTPLimits
  private var buffer = ReceiveBuffer()
  private var hasPeerEnded = false

  private var receiving = Receiving.head
  private var parser = RequestHeadParser()
  private var emptyLineCount = 0
  private var request = HTTPRequestHead(method: .get, target: "")
  private var reader: BodyReader?
  private var expectsContinue = false

  /// What the request allows, and once a response began, what it said.
  private var persistence = HTTPPersistence.close
  private var writer: BodyWriter?
  private var isLastResponseWritten = false

  /// A connection on which nothing was received.
  package init(limits: HTTPLimits = .default) {
    self.limits = limits
  }

  // MARK: Receiving

  /// Takes bytes that arrived. Once the connection is closed or in error they are dropped.
  package mutating func receive(_ bytes: Span<UInt8>) {
    switch receiving {
    case .closed, .failed: break
    default: buffer.append(bytes)
    }
  }

  /// Takes the peer's end of the connection: no more bytes will arrive. Requests that arrived
  /// whole are still given and can be answered.
  package mutating func receiveEnd() {
    hasPeerEnded = true
  }

  /// The next event. Body bytes are added to the driver's array, which so needs no copy.
  package mutating func next(
    body: inout [UInt8]
  ) throws(HTTPReceiveError) -> HTTPServerEvent {
    do throws(HTTPReceiveError) {
      switch receiving {
      case .head: return try nextHead()
      case .body: return try nextBody(&body)
      case .end:
        receiving = .complete
        return .end(trailers: reader?.trailers ?? [])
      case .admission, .complete: return .paused
      case .closed: return .closed
      case .failed(let error): throw error
      }
    } catch {
      fail(error)
      throw error
    }
  }

  /// Lets the body of the request at hand be read, up to a limit. Adds `100 Continue` to the output
  /// if the peer waits for it. Without a body there is nothing to admit, and nothing happens.
  ///
  /// *Errors*: `bodyTooLarge` if the head announces more; later from `next` if the chunks do.
  package mutating func admit(
    bodyLimit: Int, continueTo output: inout [UInt8]
  ) throws(HTTPReceiveError) {
    guard case .admission = receiving else { return }
    do throws(HTTPReceiveError) {
      reader = try BodyReader(request.bodyFraming, limit: bodyLimit)
    } catch {
      fail(error)
      throw error
    }
    receiving = .body
    // RFC 9110 §10.1.1: needless once the body has begun to arrive.
    if expectsContinue, buffer.isEmpty {
      output.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
    }
  }

  /// Whether nothing of a request has arrived and none is being answered: the connection may be
  /// closed without anybody missing anything.
  package var isIdle: Bool {
    if case .head = receiving { !parser.hasBegun && buffer.isEmpty } else { false }
  }

  /// How many received bytes wait to be read. A driver that reads while paused, to learn whether
  /// the peer is gone, limits how many it lets pile up.
  package var bufferedByteCount: Int { buffer.readableCount }

  /// The memory with which requests are read.
  package struct Storage: Sendable {
    fileprivate var buffer = ReceiveBuffer()
    fileprivate var parser = RequestHeadParser()
    fileprivate var request = HTTPRequestHead(method: .get, target: "")

    /// None yet: it is made as it is needed.
    package init() {}
  }

  /// Whether ``exchange(_:)`` may be called: nothing of a request is in the machine's storage.
  package var isStorageIdle: Bool { isIdle && writer == nil }

  /// Exchanges the machine's storage between two requests, so that it can serve another connection
  /// while this one is idle.
  package mutating func exchange(_ storage: inout Storage) {
    precondition(isStorageIdle, "a request is in the storage")
    swap(&buffer, &storage.buffer)
    swap(&parser, &storage.parser)
    swap(&request, &storage.request)
    parser.reset()
    request.method = .get
    request.version = .http11
    reader = nil
  }

  private mutating func nextHead() throws(HTTPReceiveError) -> HTTPServerEvent {
    guard let count = try readHead() else {
      guard hasPeerEnded else { return .needData }
      guard buffer.isEmpty else { throw .truncated }
      receiving = .closed
      return .closed
    }
    buffer.consume(count)
    reader = nil
    persistence = HTTPPersistence(version: request.version, fields: request.fields)
    expectsContinue = try request.expectsContinue()
    receiving = request.bodyFraming.hasBody ? .admission : .end
    return .head(request)
  }

  /// Reads on in a head. Returns its size when it is whole.
  private mutating func readHead() throws(HTTPReceiveError) -> Int? {
    if !parser.hasBegun {
      try skipEmptyLines()
      // A CR that waits for its LF begins no head.
      if buffer.first == UInt8(ascii: "\r") { return nil }
    }
    return try buffer.withReadable { bytes throws(HTTPReceiveError) in
      try parser.parse(bytes, limits: limits, into: &request)
    }
  }

  /// Drops empty lines before a request line (RFC 9112 §2.2).
  private mutating func skipEmptyLines() throws(HTTPReceiveError) {
    while let first = buffer.first {
      guard first != UInt8(ascii: "\n") else { throw .invalidLineEnding(position: 0) }
      guard first == UInt8(ascii: "\r"), buffer.readableCount > 1 else { return }
      guard buffer[1] == UInt8(ascii: "\n") else { throw .invalidLineEnding(position: 0) }
      emptyLineCount += 1
      guard emptyLineCount <= limits.emptyLineCount else {
        throw .tooManyEmptyLines(limit: limits.emptyLineCount)
      }
      buffer.consume(2)
    }
  }

  private mutating func nextBody(
    _ body: inout [UInt8]
  ) throws(HTTPReceiveError) -> HTTPServerEvent {
    let countBefore = body.count
    let isComplete = try reader?.read(from: &buffer, into: &body, limits: limits) ?? true
    if isComplete { receiving = .end }
    if body.count > countBefore { return .body(byteCount: body.count - countBefore) }
    if isComplete { return try next(body: &body) }
    if hasPeerEnded { throw .truncated }
    return .needData
  }

  private mutating func fail(_ error: HTTPReceiveError) {
    receiving = .failed(error)
    persistence = .close
    buffer.removeAll()
  }

  // MARK: Answering

  /// Writes the head of the final response to the request at hand, with the fields of the framing,
  /// of the connection and the date, which the caller's fields must not have.
  ///
  /// It may come before the request's end, to refuse it early or because a time limit passed: the
  /// connection then closes after it, and what is left of the request is dropped. A response that
  /// is streamed to an HTTP/1.0 peer is framed by the connection's end.
  ///
  /// `date` is ``HTTPDate/format(secondsSince1970:)`` of now.
  package mutating func writeResponse(
    _ head: HTTPResponseHead, body: HTTPOutgoingBody, date: [UInt8],
    persistence requested: HTTPPersistence = .keepAlive, to output: inout [UInt8]
  ) throws(HTTPSendError) {
    guard writer == nil, mayAnswer else { throw .outOfTurn }
    guard 200...999 ~= head.status.rawValue else {
      throw .invalidStatus(head.status.rawValue)
    }
    let hasNoBody = body == .none || body == .length(0)
    guard hasNoBody || !head.status.forbidsBody else { throw .bodyNotAllowed }
    try HeadWriter.check(head.fields, reserved: Self.reservedFields)

    let isChunkedForbidden = body == .chunked && request.version == .http10
    if requested == .close || !isRequestComplete || isChunkedForbidden { persistence = .close }
    if !isRequestComplete { dropRequest() }

    let framing: HTTPOutgoingBody =
      head.status.forbidsBody || isChunkedForbidden ? .none : body == .none ? .length(0) : body
    let byteCount =
      HeadWriter.overheadByteCount + HeadWriter.byteCount(of: head.fields) + date.count
    output.append(addingCapacity: byteCount) { output in
      HeadWriter.writeStatusLine(head.status, to: &output)
      HeadWriter.write(head.fields, to: &output)
      output.append(copying: "Date: ")
      output.append(copying: date.span)
      output.appendLineEnd()
      HeadWriter.writeFraming(framing, to: &output)
      switch (persistence, request.version) {
      case (.close, _): output.append(copying: "Connection: close\r\n")
      case (.keepAlive, .http10): output.append(copying: "Connection: keep-alive\r\n")
      case (.keepAlive, .http11): break
      }
      output.appendLineEnd()
    }

    writer =
      switch body {
      case _ where request.method == .head: .suppressed
      case .none: .length(0)
      case .length(let count): .length(count)
      case .chunked: isChunkedForbidden ? .untilClose : .chunked
      }
  }

  /// Writes a part of the response's body.
  package mutating func writeBody(
    _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(HTTPSendError) {
    guard var writer else { throw .outOfTurn }
    try writer.write(bytes, to: &output)
    self.writer = writer
  }

  /// Ends the response, and says what becomes of the connection once the output is sent.
  package mutating func finishResponse(
    to output: inout [UInt8]
  ) throws(HTTPSendError) -> HTTPPersistence {
    guard let writer else { throw .outOfTurn }
    try writer.finish(to: &output)
    self.writer = nil
    if hasPeerEnded, buffer.isEmpty { persistence = .close }
    switch persistence {
    case .close:
      isLastResponseWritten = true
      dropRequest()
    case .keepAlive:
      receiving = .head
      // Whatever answers the next request before its head is whole knows nothing of it yet.
      request.method = .get
      request.version = .http11
      parser.reset()
      emptyLineCount = 0
    }
    return persistence
  }

  /// Writes a whole response: ``writeResponse(_:body:date:persistence:to:)``, its body and
  /// ``finishResponse(to:)``.
  package mutating func writeResponse(
    _ head: HTTPResponseHead, bytes: [UInt8], date: [UInt8],
    persistence requested: HTTPPersistence = .keepAlive, to output: inout [UInt8]
  ) throws(HTTPSendError) -> HTTPPersistence {
    let body: HTTPOutgoingBody = bytes.isEmpty ? .none : .length(bytes.count)
    try writeResponse(head, body: body, date: date, persistence: requested, to: &output)
    try writeBody(bytes.span, to: &output)
    return try finishResponse(to: &output)
  }

  private static let reservedFields = [
    "content-length", "transfer-encoding", "connection", "date",
  ]

  private var mayAnswer: Bool {
    guard !isLastResponseWritten else { return false }
    switch receiving {
    case .head: return !isIdle
    case .closed: return false
    case .admission, .body, .end, .complete, .failed: return true
    }
  }

  /// Whether the request was read to its last byte, so that the next one begins where it ended.
  private var isRequestComplete: Bool {
    switch receiving {
    case .end, .complete: true
    default: false
    }
  }

  /// Reads nothing more of this connection.
  private mutating func dropRequest() {
    if case .failed = receiving { return }
    receiving = .closed
    buffer.removeAll()
  }
}

extension HTTPRequestHead {
  /// Whether the peer waits for `100 Continue` before it sends the body. HTTP/1.0 has no
  /// expectations, and without a body there is nothing to wait with (RFC 9110 §10.1.1).
  fileprivate func expectsContinue() throws(HTTPReceiveError) -> Bool {
    guard version >= .http11, bodyFraming.hasBody, let first = fields.firstIndex(named: "expect")
    else { return false }
    var isExpected = false
    for line in first..<fields.count where fields.hasName(fields.entries[line], "expect") {
      var elements = ListElements(of: fields.entries[line].value)
      while let element = elements.next(in: fields.bytes.span) {
        // A list may have empty elements (RFC 9110 §5.6.1.2).
        if element.isEmpty { continue }
        let expectation = fields.bytes.span.extracting(element)
        guard ASCII.equalsIgnoringCase(expectation, "100-continue".utf8.span) else {
          throw .unsupportedExpectation(position: fields.position(at: line))
        }
        isExpected = true
      }
    }
    return isExpected
  }
}

extension ReceiveBuffer {
  /// The first unread byte, nil without one.
  fileprivate var first: UInt8? { isEmpty ? nil : self[0] }
}

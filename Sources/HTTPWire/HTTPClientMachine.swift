// The client's side of one connection.
//
//   receiving   idle → head → body → end → idle or closed     (closed and failed are final)
//                ↑      └─ informational responses come first

import Bytes

/// What the client's side reports when it is asked for the next event.
package enum HTTPClientEvent: Sendable, Equatable {
  /// An informational response: the final one follows. At `100` a body that waits may be sent.
  case informational(HTTPResponseHead)
  /// The head of the final response.
  case head(HTTPResponseHead)
  /// So many bytes of the body were added to the driver's array.
  case body(byteCount: Int)
  /// The response is complete. Trailers are never merged into the head's fields.
  case end(trailers: HTTPFields)
  /// Nothing more can be said before more bytes arrive.
  case needData
  /// No request is in flight: another may be written.
  case idle
  /// The connection takes no further request.
  case closed
}

/// HTTP/1.1 for one connection, seen from the client: requests to bytes, bytes in, events out. No
/// socket, no clock.
///
/// One request is in flight at a time. The driver writes it with
/// ``writeRequest(_:body:persistence:responseBodyLimit:to:)``, ``writeBody(_:to:)`` and
/// ``finishRequest(to:)``, and calls ``next(body:)`` until `end`. A final response may come before
/// the request was sent whole; the driver then stops sending, and the connection is of no more
/// use.
///
/// *Limits*: ``HTTPLimits``; a response body's limit is given with its request.
///
/// *Errors*: ``HTTPReceiveError`` from `next`, again and again once there was one.
/// ``HTTPSendError`` from writing: the output and the machine are as before.
///
/// *Source*: RFC 9112.
package struct HTTPClientMachine: ~Copyable, Sendable {
  private enum Receiving {
    case idle
    case head
    case bodyStart
    case body
    case end
    case closed
    case failed(HTTPReceiveError)
  }

  private let limits: HTTPLimits
  private var buffer = ReceiveBuffer()
  private var hasPeerEnded = false

  private var receiving = Receiving.idle
  private var parser = ResponseHeadParser()
  private var response = HTTPResponseHead(status: .ok)
  private var reader: BodyReader?
  private var informationalCount = 0

  private var requestMethod = HTTPMethod.get
  private var acceptsContentCodings = false
  private var responseBodyLimit = Int.max
  private var persistence = HTTPPersistence.keepAlive
  private var writer: BodyWriter?

  /// A connection on which nothing was sent.
  package init(limits: HTTPLimits = .default) {
    self.limits = limits
  }

  // MARK: Asking

  /// Writes a request's head, with the fields of the framing and of the connection, which the
  /// caller's fields must not have. The fields need one valid `Host`.
  ///
  /// A response with a `Content-Encoding` is an error unless the fields have an `Accept-Encoding`.
  package mutating func writeRequest(
    _ head: HTTPRequestHead, body: HTTPOutgoingBody,
    persistence requested: HTTPPersistence = .keepAlive, responseBodyLimit: Int = .max,
    to output: inout [UInt8]
  ) throws(HTTPSendError) {
    guard isReusable else { throw .outOfTurn }
    let method = Array(head.method.rawValue.utf8)
    guard ASCII.isToken(method), head.method != .connect else { throw .invalidMethod }
    guard !head.targetBytes.isEmpty, head.targetBytes.allSatisfy({ ASCII.isVisible($0) }) else {
      throw .invalidTarget
    }
    try HeadWriter.check(head.fields, reserved: Self.reservedFields)
    guard head.fields.count(of: "host") == 1, let host = head.fields["host"],
      HostAndPort.isValid(host.utf8.span)
    else { throw .invalidHost }

    let framing: HTTPOutgoingBody =
      body == .none && head.method.anticipatesContent ? .length(0) : body
    let byteCount =
      HeadWriter.overheadByteCount + HeadWriter.byteCount(of: head.fields)
      + method.count + head.targetBytes.count
    output.append(addingCapacity: byteCount) { output in
      output.append(copying: method.span)
      output.append(UInt8(ascii: " "))
      output.append(copying: head.targetBytes.span)
      output.append(copying: " HTTP/1.1\r\n")
      HeadWriter.write(head.fields, to: &output)
      HeadWriter.writeFraming(framing, to: &output)
      if requested == .close { output.append(copying: "Connection: close\r\n") }
      output.appendLineEnd()
    }

    writer =
      switch body {
      case .none: .length(0)
      case .length(let count): .length(count)
      case .chunked: .chunked
      }
    requestMethod = head.method
    acceptsContentCodings = head.fields.firstIndex(named: "accept-encoding") != nil
    self.responseBodyLimit = responseBodyLimit
    persistence = requested
    informationalCount = 0
    parser.reset()
    receiving = .head
  }

  /// Writes a part of the request's body.
  package mutating func writeBody(
    _ bytes: Span<UInt8>, to output: inout [UInt8]
  ) throws(HTTPSendError) {
    guard var writer else { throw .outOfTurn }
    try writer.write(bytes, to: &output)
    self.writer = writer
  }

  /// Ends the request.
  package mutating func finishRequest(to output: inout [UInt8]) throws(HTTPSendError) {
    guard let writer else { throw .outOfTurn }
    try writer.finish(to: &output)
    self.writer = nil
  }

  /// Writes a whole request.
  package mutating func writeRequest(
    _ head: HTTPRequestHead, bytes: [UInt8], persistence requested: HTTPPersistence = .keepAlive,
    responseBodyLimit: Int = .max, to output: inout [UInt8]
  ) throws(HTTPSendError) {
    let body: HTTPOutgoingBody = bytes.isEmpty ? .none : .length(bytes.count)
    try writeRequest(
      head, body: body, persistence: requested, responseBodyLimit: responseBodyLimit, to: &output)
    try writeBody(bytes.span, to: &output)
    try finishRequest(to: &output)
  }

  /// Whether another request may be written.
  package var isReusable: Bool {
    guard case .idle = receiving else { return false }
    return !hasPeerEnded && buffer.isEmpty && writer == nil
  }

  private static let reservedFields = ["content-length", "transfer-encoding", "connection"]

  // MARK: Receiving

  /// Takes bytes that arrived.
  package mutating func receive(_ bytes: Span<UInt8>) {
    if case .failed = receiving { return }
    buffer.append(bytes)
  }

  /// Takes the server's end of the connection: no more bytes will arrive.
  package mutating func receiveEnd() {
    hasPeerEnded = true
  }

  /// The next event. Body bytes are added to the driver's array, which so needs no copy.
  package mutating func next(
    body: inout [UInt8]
  ) throws(HTTPReceiveError) -> HTTPClientEvent {
    do throws(HTTPReceiveError) {
      switch receiving {
      case .idle, .closed:
        guard buffer.isEmpty else { throw .unsolicitedBytes }
        if hasPeerEnded { receiving = .closed }
        if case .idle = receiving { return .idle }
        return .closed
      case .head: return try nextHead()
      case .bodyStart:
        reader = try BodyReader(response.bodyFraming, limit: responseBodyLimit)
        receiving = .body
        return try nextBody(&body)
      case .body: return try nextBody(&body)
      case .end: return endResponse()
      case .failed(let error): throw error
      }
    } catch {
      receiving = .failed(error)
      buffer.removeAll()
      throw error
    }
  }

  private mutating func nextHead() throws(HTTPReceiveError) -> HTTPClientEvent {
    let count = try buffer.withReadable { bytes throws(HTTPReceiveError) in
      try parser.parse(bytes, limits: limits, into: &response)
    }
    guard let count else {
      guard hasPeerEnded else { return .needData }
      if buffer.isEmpty, informationalCount == 0 { throw .closedBeforeResponse }
      throw .truncated
    }
    buffer.consume(count)
    response.bodyFraming = try HTTPBodyFraming.decide(
      .response(response.status, to: requestMethod), version: response.version,
      fields: response.fields)
    if response.status.isInformational {
      guard response.status != .switchingProtocols else { throw .unexpectedUpgrade }
      informationalCount += 1
      guard informationalCount <= limits.informationalResponseCount else {
        throw .tooManyInformationalResponses(limit: limits.informationalResponseCount)
      }
      parser.reset()
      return .informational(response)
    }
    if !acceptsContentCodings { try response.checkContentCoding() }
    let allowed = HTTPPersistence(version: response.version, fields: response.fields)
    if allowed == .close || response.bodyFraming == .untilClose { persistence = .close }
    receiving = .bodyStart
    return .head(response)
  }

  private mutating func nextBody(
    _ body: inout [UInt8]
  ) throws(HTTPReceiveError) -> HTTPClientEvent {
    let countBefore = body.count
    var isComplete = try reader?.read(from: &buffer, into: &body, limits: limits) ?? true
    if hasPeerEnded, reader?.endsWithConnection == true { isComplete = true }
    if isComplete { receiving = .end }
    if body.count > countBefore { return .body(byteCount: body.count - countBefore) }
    if isComplete { return endResponse() }
    if hasPeerEnded { throw .truncated }
    return .needData
  }

  private mutating func endResponse() -> HTTPClientEvent {
    // A request that was not sent whole leaves the connection where no other can follow.
    let isReusable = persistence == .keepAlive && writer == nil
    writer = nil
    receiving = isReusable ? .idle : .closed
    return .end(trailers: reader?.trailers ?? [])
  }
}

extension HTTPResponseHead {
  /// Refuses a content coding; `identity` is none.
  fileprivate func checkContentCoding() throws(HTTPReceiveError) {
    for (index, entry) in fields.entries.enumerated()
    where fields.hasName(entry, "content-encoding") {
      let value = fields.bytes.span.extracting(entry.value)
      guard ASCII.equalsIgnoringCase(value, "identity".utf8.span) else {
        throw .unrequestedContentCoding(position: fields.position(at: index))
      }
    }
  }
}

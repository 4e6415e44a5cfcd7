// The server's side of HTTP/1.1.

import HTTPWire

extension FuzzTarget {
  static let requestHead = FuzzTarget(
    name: "request-head",
    property: "a head that is accepted reads the same when it is written and read again"
  ) { input in
    var machine = HTTPServerMachine()
    machine.receive(input.span)
    var body: [UInt8] = []
    guard case .head(let head)? = try? machine.next(body: &body) else { return }
    guard !head.path.isEmpty, !head.path.contains("?"), head.query?.count ?? 0 < head.target.count
    else { violated("the path of \(head.target) is \(head.path)") }

    guard head.fields["host"] != nil else { return }
    var fields: HTTPFields = []
    for field in head.fields where !writtenFields.contains(field.name.lowercased()) {
      fields.append(field)
    }
    var sent = head
    sent.fields = fields
    let again = reread(sent)
    guard again.target == head.target, again.method == head.method,
      Array(again.fields.prefix(fields.count)) == Array(fields)
    else { violated("\(head) became \(again)") }
  }

  static let chunkedBody = FuzzTarget(
    name: "chunked-body",
    property: "a body decodes to the same in any pieces, and again once it is chunked anew"
  ) { input in
    let start = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let whole = ServerTranscript([start, input])
    let cut = ServerTranscript([start] + Cuts.pieces(of: input))
    guard whole == cut else { violated("\(cut) in pieces is not \(whole)") }

    guard let request = whole.requests.first else { return }
    var client = HTTPClientMachine()
    var output: [UInt8] = []
    do throws(HTTPSendError) {
      let head = HTTPRequestHead(method: .post, target: "/", fields: ["Host": "a"])
      try client.writeRequest(head, body: .chunked, to: &output)
      for piece in Cuts.pieces(of: request.body) {
        try client.writeBody(piece.span, to: &output)
      }
      try client.finishRequest(to: &output)
    } catch {
      violated("a body cannot be written: \(error)")
    }
    // Many small chunks may be refused for what they cost, which is no difference of the bodies.
    let again = ServerTranscript([output])
    if case .failed(.excessiveChunkOverhead) = again.outcome { return }
    guard again.requests.first?.body == request.body else { violated("the body became \(again)") }
  }

  static let server = FuzzTarget(
    name: "server",
    property: "a connection's bytes are the same requests and the same refusal in any pieces"
  ) { input in
    let whole = ServerTranscript([input])
    let cut = ServerTranscript(Cuts.pieces(of: input))
    guard whole == cut else { violated("\(cut) in pieces is not \(whole)") }
  }

  /// Fields that the writing machine adds itself.
  private static let writtenFields = ["content-length", "transfer-encoding", "connection"]

  /// What a server reads of a head that a client wrote.
  private static func reread(_ head: HTTPRequestHead) -> HTTPRequestHead {
    var client = HTTPClientMachine()
    var output: [UInt8] = []
    // What the writer adds to a head at the limit must not be what is found.
    var limits = HTTPLimits()
    limits.fieldCount += writtenFields.count
    limits.headByteCount += 1024
    var server = HTTPServerMachine(limits: limits)
    var body: [UInt8] = []
    do {
      try client.writeRequest(head, bytes: [], to: &output)
      server.receive(output.span)
      guard case .head(let again) = try server.next(body: &body) else {
        violated("\(head) was written incompletely")
      }
      return again
    } catch {
      violated("\(head) was accepted, and cannot be sent: \(error)")
    }
  }
}

/// What a server made of a connection that ended behind its last byte. It admits every body and
/// answers each request with an empty 200.
private struct ServerTranscript: Equatable {
  struct Request: Equatable {
    var head: HTTPRequestHead
    var body: [UInt8]
    var trailers: HTTPFields
  }

  enum Outcome: Equatable {
    case closed
    case incomplete
    case failed(HTTPReceiveError)
  }

  private(set) var heads: [HTTPRequestHead] = []
  private(set) var requests: [Request] = []
  private(set) var outcome = Outcome.incomplete

  private static let bodyLimit = 1 << 20
  private static let date = HTTPDate.format(secondsSince1970: 0)

  init(_ pieces: [[UInt8]]) {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    do throws(HTTPReceiveError) {
      for piece in pieces {
        machine.receive(piece.span)
        try drain(&machine, &body)
      }
      machine.receiveEnd()
      try drain(&machine, &body)
    } catch {
      outcome = .failed(error)
      var output: [UInt8] = []
      // A refusal can always be sent, once, unless the connection said `close` before.
      let refusal = HTTPResponseHead(status: .badRequest)
      guard (try? machine.writeResponse(refusal, bytes: [], date: Self.date, to: &output)) == .close
      else { violated("\(error) cannot be answered") }
    }
  }

  private mutating func drain(
    _ machine: inout HTTPServerMachine, _ body: inout [UInt8]
  ) throws(HTTPReceiveError) {
    var output: [UInt8] = []
    while true {
      switch try machine.next(body: &body) {
      case .head(let head):
        heads.append(head)
        try machine.admit(bodyLimit: Self.bodyLimit, continueTo: &output)
      case .body: break
      case .end(let trailers):
        guard let head = heads.last else { violated("a request ends that has no head") }
        requests.append(Request(head: head, body: body, trailers: trailers))
        body = []
        do throws(HTTPSendError) {
          _ = try machine.writeResponse(
            HTTPResponseHead(status: .ok), bytes: [], date: Self.date, to: &output)
        } catch {
          violated("a complete request cannot be answered: \(error)")
        }
      case .needData: return
      case .paused: violated("the machine waits for an answer that was given")
      case .closed:
        outcome = .closed
        return
      }
    }
  }
}

import Testing

@testable import HTTPWire

/// A client and a server as two values: what one writes, the other reads.
@Suite struct RoundTripTests {
  /// Moves the bytes in pieces of one size, as a network might.
  private func pieces(_ bytes: [UInt8], of size: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: size).map {
      Array(bytes[$0..<min($0 + size, bytes.count)])
    }
  }

  private func receive(
    _ bytes: [UInt8], by size: Int, _ server: inout HTTPServerMachine, _ output: inout [UInt8]
  ) throws -> ReceivedRequest? {
    var body: [UInt8] = []
    var head: HTTPRequestHead?
    for piece in pieces(bytes, of: size) {
      server.receive(piece.span)
      loop: while true {
        switch try server.next(body: &body) {
        case .head(let received):
          head = received
          try server.admit(bodyLimit: .max, continueTo: &output)
        case .body: continue
        case .end(let trailers):
          return head.map { ReceivedRequest(head: $0, body: body, trailers: trailers) }
        case .needData, .paused, .closed: break loop
        }
      }
    }
    return nil
  }

  private func receive(
    _ bytes: [UInt8], by size: Int, _ client: inout HTTPClientMachine
  ) throws -> ReceivedResponse? {
    var body: [UInt8] = []
    var head: HTTPResponseHead?
    for piece in pieces(bytes, of: size) {
      client.receive(piece.span)
      loop: while true {
        switch try client.next(body: &body) {
        case .head(let received): head = received
        case .body, .informational: continue
        case .end(let trailers):
          return head.map { ReceivedResponse(head: $0, body: body, trailers: trailers) }
        case .needData, .idle, .closed: break loop
        }
      }
    }
    return nil
  }

  static let bodies: [[UInt8]?] = [
    nil, [], Array("x".utf8), Array("0\r\n\r\nGET / HTTP/1.1\r\n\r\n".utf8),
    (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) },
  ]

  @Test(arguments: [HTTPMethod.get, .head, .post, .delete], [false, true])
  func `what is written on one side is read on the other, again and again`(
    method: HTTPMethod, isStreamed: Bool
  ) throws {
    var client = HTTPClientMachine()
    var server = HTTPServerMachine()
    let fields: HTTPFields = ["Host": "a:1", "X-Empty": "", "X-Twice": "1", "x-twice": "2, 3"]

    for (body, size) in zip(Self.bodies, [1, 7, 1000, 3, 4096]) {
      let isWithBody = isStreamed && body != nil
      let sent = HTTPRequestHead(method: method, target: "/p?q", fields: fields)
      var upstream: [UInt8] = []
      if isWithBody {
        try client.writeRequest(sent, body: .chunked, to: &upstream)
        for piece in pieces(body ?? [], of: 999) {
          try client.writeBody(piece.span, to: &upstream)
        }
        try client.finishRequest(to: &upstream)
      } else {
        try client.writeRequest(sent, bytes: body ?? [], to: &upstream)
      }

      var downstream: [UInt8] = []
      let request = try #require(try receive(upstream, by: size, &server, &downstream))
      #expect(request.head.method == method)
      #expect(request.head.target == "/p?q")
      #expect(Array(request.head.fields.prefix(4)) == Array(fields))
      #expect(request.body == body ?? [])

      let answer = HTTPResponseHead(status: .accepted, fields: ["X": "y"])
      if isStreamed {
        try server.writeResponse(answer, body: .chunked, date: testDate, to: &downstream)
        for piece in pieces(request.body, of: 500) {
          try server.writeBody(piece.span, to: &downstream)
        }
        #expect(try server.finishResponse(to: &downstream) == .keepAlive)
      } else {
        let fate = try server.writeResponse(
          answer, bytes: request.body, date: testDate, to: &downstream)
        #expect(fate == .keepAlive)
      }

      let response = try #require(try receive(downstream, by: size, &client))
      #expect(response.head.status == .accepted)
      #expect(response.head.fields["x"] == "y")
      #expect(response.head.fields["date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
      #expect(response.body == (method == .head ? [] : request.body))
      let isReusable = client.isReusable
      #expect(isReusable)
    }
  }

  @Test func `a head that was read can be written again and reads the same`() throws {
    let input = "PUT /a?b HTTP/1.1\r\nHost: a\r\nX:\t y \r\nZ:\r\nX: \u{E9}\r\n\r\n"
    let first = try #require(ServerTranscript(input).requests.first)
    var client = HTTPClientMachine()
    var output: [UInt8] = []
    try client.writeRequest(first.head, body: .none, to: &output)
    let second = try #require(ServerTranscript([output]).requests.first)
    #expect(Array(second.head.fields.dropLast()) == Array(first.head.fields))
    #expect(second.head.target == first.head.target)
  }
}

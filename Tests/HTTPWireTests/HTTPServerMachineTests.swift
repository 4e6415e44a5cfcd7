import Testing

@testable import HTTPWire

@Suite struct HTTPServerMachineTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

  /// Receives the input and takes the events up to the request's head.
  private func begin(
    _ input: String, _ machine: inout HTTPServerMachine
  ) throws -> HTTPRequestHead {
    machine.receive(Array(input.utf8).span)
    var body: [UInt8] = []
    guard case .head(let head) = try machine.next(body: &body) else {
      throw HTTPReceiveError.truncated
    }
    return head
  }

  // MARK: Receiving

  @Test func `requests on one connection are given in order`() {
    let transcript = ServerTranscript(
      "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
        + "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        + "POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n")

    #expect(transcript.outcome == .idle)
    #expect(transcript.requests.map(\.head.path) == ["/a", "/d", "/e"])
    #expect(transcript.requests.map(\.head.query) == ["b=c", nil, nil])
    #expect(transcript.requests.map { text($0.body) } == ["", "abc", "de"])
    #expect(transcript.requests.last?.trailers["x-sum"] == "1")
    #expect(transcript.requests.last?.head.fields["x-sum"] == nil)
  }

  @Test func `the second of two pipelined requests waits for the first one's answer`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    let request = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(try begin(request + request, &machine).path == "/1")
    #expect(try machine.next(body: &body) == .end(trailers: []))
    #expect(try machine.next(body: &body) == .paused)
    #expect(machine.bufferedByteCount == request.utf8.count)
    let ok = HTTPResponseHead(status: .ok)
    try machine.writeResponse(ok, body: .chunked, date: testDate, to: &output)
    try machine.writeBody(Array("x".utf8).span, to: &output)
    #expect(try machine.next(body: &body) == .paused)
    #expect(try machine.finishResponse(to: &output) == .keepAlive)
    guard case .head = try machine.next(body: &body) else {
      Issue.record("the second request was not given")
      return
    }
  }

  @Test func `a body is not read before it is admitted`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    _ = try begin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", &machine)
    #expect(try machine.next(body: &body) == .paused)
    #expect(body.isEmpty)
    try machine.admit(bodyLimit: 3, continueTo: &output)
    #expect(try machine.next(body: &body) == .body(byteCount: 2))
    #expect(try machine.next(body: &body) == .needData)
    machine.receive(Array("c".utf8).span)
    #expect(try machine.next(body: &body) == .body(byteCount: 1))
    #expect(try machine.next(body: &body) == .end(trailers: []))
    #expect(text(body) == "abc")
    #expect(output.isEmpty)
  }

  @Test func `a body over the limit is refused from its length alone`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    _ = try begin(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", &machine)
    let error = HTTPReceiveError.bodyTooLarge(limit: 3)
    #expect(throws: error) { try machine.admit(bodyLimit: 3, continueTo: &output) }
    #expect(throws: error) { try machine.next(body: &body) }
    #expect(output.isEmpty)
    #expect(error.status == .contentTooLarge)
    let persistence = try machine.writeResponse(
      HTTPResponseHead(status: error.status), bytes: [], date: testDate, to: &output)
    #expect(persistence == .close)
  }

  @Test(arguments: [
    "Content-Length: 5\r\n\r\nabcd", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
  ])
  func `a connection that ends within a body gives no request`(rest: String) {
    let transcript = ServerTranscript.ofEveryCut(
      "POST / HTTP/1.1\r\nHost: a\r\n\(rest)", end: .closed)
    #expect(transcript.outcome == .failed(.truncated))
    #expect(transcript.requests.isEmpty)
    #expect(transcript.error?.fault == .environment)
  }

  @Test(arguments: [
    ("", Outcome.closed), ("\r\n", .closed), ("\r", .failed(.truncated)),
    ("GET / HT", .failed(.truncated)),
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .closed),
  ])
  func `a connection may end between requests, not within one`(input: String, outcome: Outcome) {
    #expect(ServerTranscript(input, end: .closed).outcome == outcome)
  }

  @Test func `requests that came before the peer's end are answered, and the last one closes`()
    throws
  {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    machine.receive(Array((request + request).utf8).span)
    machine.receiveEnd()
    var fates: [HTTPPersistence] = []
    while case .head = try machine.next(body: &body) {
      #expect(try machine.next(body: &body) == .end(trailers: []))
      fates.append(
        try machine.writeResponse(
          HTTPResponseHead(status: .ok), bytes: [], date: testDate, to: &output))
    }
    #expect(fates == [.keepAlive, .close])
  }

  @Test func `an error stays, and one answer can still be written`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    machine.receive(Array("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n".utf8).span)
    _ = try machine.next(body: &body)
    _ = try machine.writeResponse(
      HTTPResponseHead(status: .ok), bytes: [], date: testDate, to: &output)
    for _ in 0..<2 {
      #expect(throws: HTTPReceiveError.invalidMethod(position: 8)) {
        try machine.next(body: &body)
      }
      machine.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span)
    }
    #expect(machine.bufferedByteCount == 0)
    output = []
    let bad = HTTPResponseHead(status: .badRequest)
    // The request before was HEAD; this answer has its body.
    let persistence = try machine.writeResponse(
      bad, bytes: Array("no".utf8), date: testDate, to: &output)
    #expect(persistence == .close)
    #expect(text(output).hasSuffix("Content-Length: 2\r\nConnection: close\r\n\r\nno"))
    #expect(throws: HTTPSendError.outOfTurn) {
      try machine.writeResponse(bad, bytes: [], date: testDate, to: &output)
    }
    #expect(throws: HTTPReceiveError.invalidMethod(position: 8)) { try machine.next(body: &body) }
  }

  @Test func `a request whose head takes too long can be answered, and then closes`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    let timeout = HTTPResponseHead(status: .requestTimeout)
    var isIdle = machine.isIdle
    #expect(isIdle)
    #expect(throws: HTTPSendError.outOfTurn) {
      try machine.writeResponse(timeout, bytes: [], date: testDate, to: &output)
    }
    machine.receive(Array("GET / HT".utf8).span)
    #expect(try machine.next(body: &body) == .needData)
    isIdle = machine.isIdle
    #expect(!isIdle)
    let persistence = try machine.writeResponse(timeout, bytes: [], date: testDate, to: &output)
    #expect(persistence == .close)
    #expect(try machine.next(body: &body) == .closed)
  }

  // MARK: Expectations

  @Test func `the peer is told to continue when its body is admitted`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n", &machine)
    try machine.admit(bodyLimit: 1, continueTo: &output)
    #expect(text(output) == "HTTP/1.1 100 Continue\r\n\r\n")
    try machine.admit(bodyLimit: 1, continueTo: &output)
    #expect(text(output) == "HTTP/1.1 100 Continue\r\n\r\n", "it is said once")
  }

  @Test(arguments: [
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
    "POST / HTTP/1.0\r\nExpect: anything\r\nContent-Length: 1\r\n\r\n",
  ])
  func `nothing is said where nobody waits`(input: String) throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin(input, &machine)
    try machine.admit(bodyLimit: 1, continueTo: &output)
    #expect(output.isEmpty)
  }

  @Test(arguments: [
    ("x", 26), ("100-continue, x", 26), ("100-continue;a", 26), ("100-continue\r\nExpect: x", 48),
  ])
  func `another expectation fails`(value: String, position: Int) {
    let transcript = ServerTranscript(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: \(value)\r\nContent-Length: 1\r\n\r\n")
    #expect(transcript.error == .unsupportedExpectation(position: position))
    #expect(transcript.error?.status == .expectationFailed)
  }

  @Test func `an early answer takes the place of the continue, and closes`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", &machine)
    let persistence = try machine.writeResponse(
      HTTPResponseHead(status: .notFound), bytes: [], date: testDate, to: &output)
    #expect(persistence == .close)
    #expect(text(output).hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    try machine.admit(bodyLimit: 1, continueTo: &output)
    #expect(!text(output).contains("100"))
  }

  // MARK: Answering

  @Test(arguments: [
    ("GET", "1.1", "", HTTPPersistence.keepAlive, ""),
    ("GET", "1.1", "Connection: keep-alive\r\n", .keepAlive, ""),
    ("GET", "1.1", "Connection: close\r\n", .close, "Connection: close\r\n"),
    ("GET", "1.1", "Connection: x, CLOSE\t,y\r\n", .close, "Connection: close\r\n"),
    ("GET", "1.1", "Connection: x\r\nConnection: close\r\n", .close, "Connection: close\r\n"),
    ("GET", "1.1", "Connection: closed\r\n", .keepAlive, ""),
    ("GET", "1.0", "", .close, "Connection: close\r\n"),
    ("GET", "1.0", "Connection: Keep-Alive\r\n", .keepAlive, "Connection: keep-alive\r\n"),
    ("GET", "1.0", "Connection: keep-alive, close\r\n", .close, "Connection: close\r\n"),
  ])
  func `the connection lives as the request and its version say`(
    method: String, version: String, fields: String, fate: HTTPPersistence, written: String
  ) throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n", &machine)
    let persistence = try machine.writeResponse(
      HTTPResponseHead(status: .ok), bytes: Array("ok".utf8), date: testDate, to: &output)
    #expect(persistence == fate)
    #expect(
      text(output)
        == "HTTP/1.1 200 OK\r\n\(Self.date)Content-Length: 2\r\n\(written)\r\nok")
  }

  @Test func `the driver can close, and then nothing more is read`() throws {
    var machine = HTTPServerMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    _ = try begin(request + request, &machine)
    let persistence = try machine.writeResponse(
      HTTPResponseHead(status: .ok), bytes: [], date: testDate, persistence: .close, to: &output)
    #expect(persistence == .close)
    #expect(text(output).contains("Connection: close\r\n"))
    machine.receive(Array(request.utf8).span)
    #expect(try machine.next(body: &body) == .closed)
    #expect(machine.bufferedByteCount == 0)
  }

  @Test func `the answer to HEAD has the fields of the answer to GET and no body`() throws {
    var outputs: [String] = []
    for method in ["GET", "HEAD"] {
      var machine = HTTPServerMachine()
      var output: [UInt8] = []
      _ = try begin("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
      let persistence = try machine.writeResponse(
        HTTPResponseHead(status: .ok, fields: ["X": "y"]), bytes: Array("ok".utf8), date: testDate,
        to: &output)
      #expect(persistence == .keepAlive)
      outputs.append(text(output))
    }
    #expect(outputs[0] == outputs[1] + "ok")
  }

  @Test(arguments: [204, 304])
  func `a status without a body has no length`(code: Int) throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    let head = HTTPResponseHead(status: HTTPStatus(rawValue: code))
    for body in [HTTPOutgoingBody.length(1), .chunked] {
      #expect(throws: HTTPSendError.bodyNotAllowed) {
        try machine.writeResponse(head, body: body, date: testDate, to: &output)
      }
    }
    _ = try machine.writeResponse(head, bytes: [], date: testDate, to: &output)
    #expect(text(output) == "HTTP/1.1 \(head.status)\r\n\(Self.date)\r\n")
  }

  @Test func `a stream is chunked, and an empty piece does not end it`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    try machine.writeResponse(
      HTTPResponseHead(status: .ok), body: .chunked, date: testDate, to: &output)
    #expect(
      text(output) == "HTTP/1.1 200 OK\r\n\(Self.date)Transfer-Encoding: chunked\r\n\r\n")
    output = []
    try machine.writeBody([UInt8](repeating: 0x61, count: 26).span, to: &output)
    try machine.writeBody([UInt8]().span, to: &output)
    try machine.writeBody(Array("b".utf8).span, to: &output)
    #expect(try machine.finishResponse(to: &output) == .keepAlive)
    #expect(text(output) == "1a\r\n\(String(repeating: "a", count: 26))\r\n1\r\nb\r\n0\r\n\r\n")
  }

  @Test func `a stream to HTTP 1.0 ends with the connection`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &machine)
    try machine.writeResponse(
      HTTPResponseHead(status: .ok), body: .chunked, date: testDate, to: &output)
    try machine.writeBody(Array("abc".utf8).span, to: &output)
    #expect(try machine.finishResponse(to: &output) == .close)
    #expect(text(output) == "HTTP/1.1 200 OK\r\n\(Self.date)Connection: close\r\n\r\nabc")
  }

  @Test func `a body keeps to its announced length`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    try machine.writeResponse(
      HTTPResponseHead(status: .ok), body: .length(2), date: testDate, to: &output)
    let before = output
    #expect(throws: HTTPSendError.bodyTooLong) {
      try machine.writeBody(Array("abc".utf8).span, to: &output)
    }
    try machine.writeBody(Array("a".utf8).span, to: &output)
    #expect(throws: HTTPSendError.bodyTooShort) { try machine.finishResponse(to: &output) }
    try machine.writeBody(Array("b".utf8).span, to: &output)
    #expect(try machine.finishResponse(to: &output) == .keepAlive)
    #expect(text(output) == text(before) + "ab")
  }

  @Test(arguments: [
    (HTTPField(name: "X", value: "a\r\nInjected: 1"), HTTPSendError.invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: "a\nb"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: "a\rb"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: "a\u{0}b"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: "a\u{7F}"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: " a"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "X", value: "a\t"), .invalidFieldValue(name: "X")),
    (HTTPField(name: "", value: "a"), .invalidFieldName),
    (HTTPField(name: "X Y", value: "a"), .invalidFieldName),
    (HTTPField(name: "X:", value: "a"), .invalidFieldName),
    (HTTPField(name: "X\r\nY", value: "a"), .invalidFieldName),
    (HTTPField(name: "\u{E9}", value: "a"), .invalidFieldName),
    (HTTPField(name: "content-length", value: "1"), .reservedField(name: "content-length")),
    (HTTPField(name: "Transfer-Encoding", value: "a"), .reservedField(name: "transfer-encoding")),
    (HTTPField(name: "Connection", value: "close"), .reservedField(name: "connection")),
    (HTTPField(name: "Date", value: "now"), .reservedField(name: "date")),
  ])
  func `a field that would break the message is refused, and nothing is written`(
    field: HTTPField, error: HTTPSendError
  ) throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    var fields: HTTPFields = ["A": "b"]
    fields.append(field)
    #expect(throws: error) {
      try machine.writeResponse(
        HTTPResponseHead(status: .ok, fields: fields), bytes: [], date: testDate, to: &output)
    }
    #expect(output.isEmpty)
    // The machine is as before: another answer can be given.
    let persistence = try machine.writeResponse(
      HTTPResponseHead(status: .internalServerError), bytes: [], date: testDate, to: &output)
    #expect(persistence == .keepAlive)
  }

  @Test(arguments: [-1, 0, 99, 100, 101, 199, 1000])
  func `a status that ends no exchange is refused`(code: Int) throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    #expect(throws: HTTPSendError.invalidStatus(code)) {
      try machine.writeResponse(
        HTTPResponseHead(status: HTTPStatus(rawValue: code)), bytes: [], date: testDate,
        to: &output)
    }
    #expect(output.isEmpty)
  }

  @Test func `bytes of values above ASCII are sent as they are`() throws {
    var machine = HTTPServerMachine()
    var output: [UInt8] = []
    _ = try begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &machine)
    _ = try machine.writeResponse(
      HTTPResponseHead(status: .ok, fields: ["X": "Grüße\t1"]), bytes: [], date: testDate,
      to: &output)
    #expect(text(output).contains("X: Grüße\t1\r\n"))
  }

  @Test func `storage serves one connection after the other, and leaves nothing behind`() throws {
    var first = HTTPServerMachine()
    var storage = HTTPServerMachine.Storage()
    var body: [UInt8] = []
    for round in 0..<2 {
      var output: [UInt8] = []
      first.exchange(&storage)
      _ = try begin("HEAD /\(round) HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &first)
      let mayExchange = first.isStorageIdle
      #expect(!mayExchange)
      #expect(try first.next(body: &body) == .end(trailers: []))
      _ = try first.writeResponse(
        HTTPResponseHead(status: .ok), bytes: [1], date: testDate, to: &output)
      first.exchange(&storage)
      #expect(try first.next(body: &body) == .needData)

      var second = HTTPServerMachine()
      second.exchange(&storage)
      second.receive("GE".utf8.span)
      #expect(try second.next(body: &body) == .needData)
      // Whatever answers it before the head is whole knows nothing of the other's request.
      output = []
      _ = try second.writeResponse(
        HTTPResponseHead(status: .requestTimeout), bytes: [0x78], date: testDate,
        persistence: .close, to: &output)
      #expect(text(output).hasSuffix("Connection: close\r\n\r\nx"))
      storage = HTTPServerMachine.Storage()
    }
  }
}

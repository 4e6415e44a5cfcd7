import Testing

@testable import HTTPWire

@Suite struct HTTPClientMachineTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func request(
    _ method: HTTPMethod = .get, _ target: String = "/", fields: HTTPFields = ["Host": "a"]
  ) -> HTTPRequestHead {
    HTTPRequestHead(method: method, target: target, fields: fields)
  }

  // MARK: Asking

  @Test(arguments: [
    (HTTPMethod.get, "", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
    (.delete, "", "DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n"),
    (.post, "", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    (.put, "", "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    (.patch, "", "PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    (.post, "abc", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
    (.delete, "abc", "DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
  ])
  func `a request says its length where one is expected`(
    method: HTTPMethod, body: String, written: String
  ) throws {
    var machine = HTTPClientMachine()
    var output: [UInt8] = []
    try machine.writeRequest(request(method, "/x"), bytes: Array(body.utf8), to: &output)
    #expect(text(output) == written)
  }

  @Test func `a request can be streamed and can ask for the connection's end`() throws {
    var machine = HTTPClientMachine()
    var output: [UInt8] = []
    try machine.writeRequest(request(.post), body: .chunked, persistence: .close, to: &output)
    try machine.writeBody(Array("abc".utf8).span, to: &output)
    try machine.finishRequest(to: &output)
    #expect(
      text(output)
        == "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + "3\r\nabc\r\n0\r\n\r\n")
  }

  @Test(
    arguments: [
      (HTTPMethod(rawValue: ""), "/", ["Host": "a"], HTTPSendError.invalidMethod),
      (HTTPMethod(rawValue: "G T"), "/", ["Host": "a"], .invalidMethod),
      (HTTPMethod(rawValue: "GET\r\nX: y\r\n"), "/", ["Host": "a"], .invalidMethod),
      (.connect, "a:443", ["Host": "a"], .invalidMethod),
      (.get, "", ["Host": "a"], .invalidTarget),
      (.get, "/ HTTP/1.1\r\nX: y", ["Host": "a"], .invalidTarget),
      (.get, "/a b", ["Host": "a"], .invalidTarget),
      (.get, "/\n", ["Host": "a"], .invalidTarget),
      (.get, "/\u{E9}", ["Host": "a"], .invalidTarget),
      (.get, "/", [:], .invalidHost),
      (.get, "/", ["Host": ""], .invalidHost),
      (.get, "/", ["Host": "a/b"], .invalidHost),
      (.get, "/", ["Host": "a", "host": "a"], .invalidHost),
      (.get, "/", ["Host": "a\r\nX: y"], .invalidFieldValue(name: "Host")),
      (
        .get, "/", ["Host": "a", "Authorization": "Bearer x\r\n"],
        .invalidFieldValue(name: "Authorization")
      ),
      (.get, "/", ["Host": "a", "Content-Length": "1"], .reservedField(name: "content-length")),
      (.get, "/", ["Host": "a", "Connection": "x"], .reservedField(name: "connection")),
    ] as [(HTTPMethod, String, HTTPFields, HTTPSendError)])
  func `a request that would break its lines is refused, and nothing is written`(
    method: HTTPMethod, target: String, fields: HTTPFields, error: HTTPSendError
  ) throws {
    var machine = HTTPClientMachine()
    var output: [UInt8] = []
    #expect(throws: error) {
      try machine.writeRequest(request(method, target, fields: fields), bytes: [], to: &output)
    }
    #expect(output.isEmpty)
    let isReusable = machine.isReusable
    #expect(isReusable)
  }

  @Test func `a second request waits for the first one's answer`() throws {
    var machine = HTTPClientMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    try machine.writeRequest(request(), bytes: [], to: &output)
    #expect(throws: HTTPSendError.outOfTurn) {
      try machine.writeRequest(request(), bytes: [], to: &output)
    }
    machine.receive(Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".utf8).span)
    while try machine.next(body: &body) != .idle {}
    #expect(text(body) == "x")
    try machine.writeRequest(request(), bytes: [], to: &output)
  }

  // MARK: Receiving

  /// Checks what a client makes of the answer to one GET, however it is cut.
  private func expect(
    _ input: String, method: HTTPMethod = .get, fields: HTTPFields = ["Host": "a"],
    end: InputEnd = .open, _ outcome: Outcome, body: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let transcript = ClientTranscript.ofEveryCut(
      Array(input.utf8), method: method, requestFields: fields, end: end)
    #expect(transcript.outcome == outcome, sourceLocation: sourceLocation)
    #expect(
      transcript.responses.map { text($0.body) } == (body.map { [$0] } ?? []),
      sourceLocation: sourceLocation)
  }

  @Test func `a body ends where its framing says`() {
    expect("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", .idle, body: "ab")
    expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .idle, body: "")
    expect(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", .idle,
      body: "a")
    expect("HTTP/1.1 200 OK\r\n\r\nab", .incomplete)
    expect("HTTP/1.1 200 OK\r\n\r\nab", end: .closed, .closed, body: "ab")
    expect("HTTP/1.0 200 OK\r\n\r\n", end: .closed, .closed, body: "")
    expect("HTTP/1.1 204 No Content\r\n\r\n", .idle, body: "")
    expect("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", .idle, body: "")
    expect("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", method: .head, .idle, body: "")
    expect(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", method: .head, .idle, body: "")
  }

  @Test func `a connection lives as the response and its version say`() {
    let ok = "Content-Length: 0\r\n"
    expect("HTTP/1.1 200 OK\r\n\(ok)Connection: close\r\n\r\n", .closed, body: "")
    expect("HTTP/1.0 200 OK\r\n\(ok)\r\n", .closed, body: "")
    expect("HTTP/1.0 200 OK\r\n\(ok)Connection: keep-alive\r\n\r\n", .idle, body: "")
  }

  @Test func `informational responses come before the final one`() throws {
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    let input =
      "HTTP/1.1 100 Continue\r\n\r\n\(early)HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    let transcript = ClientTranscript.ofEveryCut(input)
    #expect(transcript.informational.map(\.status) == [.continue, .earlyHints])
    #expect(transcript.responses.map(\.head.status) == [.created])
    let many = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17)
    expect(many, .failed(.tooManyInformationalResponses(limit: 16)))
    expect("HTTP/1.1 101 Switching Protocols\r\n\r\n", .failed(.unexpectedUpgrade))
  }

  @Test(arguments: [
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      HTTPReceiveError.repeatedContentLength(position: 36)
    ),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      .conflictingFraming(position: 36)
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .invalidContentLength(position: 17)),
    (
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      .transferEncodingInHTTP10(position: 17)
    ),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      .unsupportedTransferCoding(position: 36)
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .invalidTransferEncoding(position: 36)),
    (
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n",
      .unrequestedContentCoding(position: 17)
    ),
    ("HTTP/1.1 200\r\n\r\n", .invalidStatusLine(position: 12)),
    ("HTTP/1.1  200 OK\r\n\r\n", .invalidStatusLine(position: 9)),
    ("HTTP/1.1\t200 OK\r\n\r\n", .invalidStatusLine(position: 8)),
    ("HTTP/1.1 20 OK\r\n\r\n", .invalidStatusLine(position: 11)),
    ("HTTP/1.1 2000 OK\r\n\r\n", .invalidStatusLine(position: 12)),
    ("HTTP/1.1 099 OK\r\n\r\n", .invalidStatusLine(position: 9)),
    ("HTTP/1.1 +20 OK\r\n\r\n", .invalidStatusLine(position: 9)),
    ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .invalidStatusLine(position: 14)),
    ("HTTP/1.1 200 OK\n\n", .invalidLineEnding(position: 15)),
    ("HTTP/1.1 200 OK\rX: y\r\n\r\n", .invalidLineEnding(position: 15)),
    ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion(major: 2)),
    ("http/1.1 200 OK\r\n\r\n", .invalidVersion(position: 0)),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", .invalidVersion(position: 0)),
    ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedLine(position: 23)),
  ])
  func `a response that can be read in two ways is refused`(
    input: String, error: HTTPReceiveError
  ) {
    expect(input, .failed(error))
  }

  @Test(arguments: ["", " "])
  func `a reason may be empty behind its space`(reason: String) {
    expect("HTTP/1.1 200 \(reason)\r\nContent-Length: 0\r\n\r\n", .idle, body: "")
    expect("HTTP/1.1 599 \u{E9}\t\r\nContent-Length: 0\r\n\r\n", .idle, body: "")
  }

  @Test func `a content coding is given to who asked for one`() {
    let input = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
    expect(input, fields: ["Host": "a", "Accept-Encoding": "gzip"], .idle, body: "x")
    expect(
      "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", .idle,
      body: "x")
  }

  @Test func `an end within a response is not its end`() {
    expect("", end: .closed, .failed(.closedBeforeResponse))
    #expect(HTTPReceiveError.closedBeforeResponse.isStaleConnection)
    expect("HTTP/1.1 200", end: .closed, .failed(.truncated))
    expect("HTTP/1.1 100 Continue\r\n\r\n", end: .closed, .failed(.truncated))
    expect("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", end: .closed, .failed(.truncated))
    expect(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", end: .closed,
      .failed(.truncated))
  }

  @Test func `bytes that answer nothing are an error`() throws {
    for connection in ["", "Connection: close\r\n"] {
      let transcript = ClientTranscript.ofEveryCut(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(connection)\r\nx")
      #expect(transcript.responses.count == 1)
      #expect(transcript.outcome == .failed(.unsolicitedBytes))
    }
    var machine = HTTPClientMachine()
    var body: [UInt8] = []
    machine.receive(Array("HTTP/1.1 408 Request Timeout\r\n\r\n".utf8).span)
    let isReusable = machine.isReusable
    #expect(!isReusable)
    #expect(throws: HTTPReceiveError.unsolicitedBytes) { try machine.next(body: &body) }
  }

  @Test func `a body over its limit is an error, behind its head`() {
    for input in [
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nabcd",
    ] {
      let transcript = ClientTranscript.ofEveryCut(input, bodyLimit: 3)
      #expect(transcript.heads.map(\.status) == [.ok])
      #expect(transcript.outcome == .failed(.bodyTooLarge(limit: 3)))
    }
  }

  @Test func `an answer before the request's end leaves no connection to use`() throws {
    var machine = HTTPClientMachine()
    var body: [UInt8] = []
    var output: [UInt8] = []
    try machine.writeRequest(request(.post), body: .length(10), to: &output)
    try machine.writeBody(Array("abc".utf8).span, to: &output)
    machine.receive(Array("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n".utf8).span)
    guard case .head = try machine.next(body: &body) else {
      Issue.record("no head")
      return
    }
    #expect(try machine.next(body: &body) == .end(trailers: []))
    #expect(try machine.next(body: &body) == .closed)
    #expect(throws: HTTPSendError.outOfTurn) {
      try machine.writeBody(Array("d".utf8).span, to: &output)
    }
  }

  @Test func `a connection that the server ended is not used again`() throws {
    var machine = HTTPClientMachine()
    var body: [UInt8] = []
    #expect(try machine.next(body: &body) == .idle)
    machine.receiveEnd()
    let isReusable = machine.isReusable
    #expect(!isReusable)
    #expect(try machine.next(body: &body) == .closed)
  }
}

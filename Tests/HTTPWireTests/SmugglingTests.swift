import Testing

@testable import HTTPWire

/// The known classes of request smuggling: inputs on which two parsers have disagreed about where a
/// message ends. Each is refused, or read in the one way that the RFC gives it.
@Suite struct SmugglingTests {
  private static let evil = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"

  private func post(_ fields: String, _ body: String = "") -> [UInt8] {
    Array("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)".utf8)
  }

  /// The input is refused however it is cut, and nothing behind it is taken for a request.
  private func expectRefused(
    _ input: [UInt8], status: HTTPStatus = .badRequest,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let transcript = ServerTranscript.ofEveryCut(input)
    #expect(transcript.error?.status == status, sourceLocation: sourceLocation)
    #expect(transcript.requests.isEmpty, sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Content-Length: 4\r\nTransfer-Encoding : chunked",
    "Content-Length: 4\r\nTransfer-Encoding:\tchunked",
    "Content-Length: 4\r\nTransfer-Encoding: xchunked",
    "Content-Length: 4\r\nTransfer-Encoding: chunked\u{B}",
    "Content-Length: 4\r\nTransfer-Encoding:\u{B}chunked",
    "Content-Length: 4\r\n Transfer-Encoding: chunked",
    "Content-Length: 4\r\nX: y\r\n Transfer-Encoding: chunked",
    "Content-Length: 4\r\nX: y\nTransfer-Encoding: chunked",
    "Content-Length: 4\r\nX: y\rTransfer-Encoding: chunked",
    "Content-Length: 4\r\nTransfer-Encoding\r\n: chunked",
    "Content-Length: 4\r\nTransfer-Encoding: identity",
    "Content-Length: 4\r\nTransfer-Encoding:",
    "Content-Length: 4\r\n\u{1}Transfer-Encoding: chunked",
    "Content-Length: 4\r\nTransfer-Encod\u{131}ng: chunked",
    "Content-Length: 4\r\nTransfer-Encoding: \u{A0}chunked",
    "Content-Length: 4\r\nTransfer-Encoding: ,chunked",
    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x",
  ])
  func `two ways to tell the length are refused, disguised or not`(fields: String) {
    expectRefused(post(fields, "0\r\n\r\n" + Self.evil))
  }

  @Test func `a field that only resembles the coding frames nothing`() {
    let input = post("Content-Length: 5\r\nTransfer_Encoding: chunked", "0\r\n\r\n" + Self.evil)
    let transcript = ServerTranscript.ofEveryCut(input)
    #expect(transcript.requests.map(\.body) == [Array("0\r\n\r\n".utf8), []])
    #expect(transcript.requests.map(\.head.path) == ["/", "/evil"])
  }

  @Test(arguments: [
    "1Z", "0_2e", "+5", "-1", "-18446744073709551616", "0x5", "", "5, 5", "5 5", "5\u{B}", "5\u{0}",
    "18446744073709551621", "99999999999999999999", "5.0", "5e0", "\"5\"", "5;", "0b1", "٥",
  ])
  func `a length that some read by its beginning is refused`(value: String) {
    expectRefused(post("Content-Length: \(value)", "hello" + Self.evil))
  }

  @Test func `a length with a leading zero is decimal`() {
    let transcript = ServerTranscript([post("Content-Length: 010", "0123456789" + Self.evil)])
    #expect(transcript.requests.map(\.head.path) == ["/", "/evil"])
  }

  @Test(arguments: [
    ["5", "0"], ["0", "5"], ["5", "5"],
  ])
  func `two lengths are refused, whichever a parser would take`(values: [String]) {
    expectRefused(
      post("Content-Length: \(values[0])\r\nContent-Length: \(values[1])", "hello" + Self.evil))
  }

  @Test(arguments: [
    "5\r\r;ABCD\r\n0\r\n\r\n",
    "5\n\r\nhello\r\n0\r\n\r\n",
    "0\n\r\n",
    "5\r\nhelloXX0\r\n\r\n",
    "5;a=\"\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nX: \"\r\n\r\n",
    "5;\r0\r\n\r\n",
    "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "5;a\nhello\r\n0\r\n\r\n",
    "Z\r\n5\r\nhello\r\n0\r\n\r\n",
    "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "-0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "\u{FF10}\r\n\r\n",
  ])
  func `a chunk line with two readings is refused`(body: String) {
    expectRefused(post("Transfer-Encoding: chunked", body + Self.evil))
  }

  @Test(arguments: [
    "X: a\u{0}b", "X: a\rb", "X: a\nb", "no colon", ": empty", "X Y: z", ":", "X: y\r\nZ\r\n W: 1",
    "X: y\r\n\rX",
  ])
  func `a head with two readings is refused`(fields: String) {
    expectRefused(post(fields, Self.evil))
  }

  @Test(arguments: [
    "GET\t/\tHTTP/1.1", "GET /\nHTTP/1.1", "GET / HTTP/1.1 x", "GET / HTTP/1.1\u{0}",
    "GET / /x HTTP/1.1", "GET /\u{B}x HTTP/1.1", "GET /",
  ])
  func `a request line with two readings is refused`(line: String) {
    expectRefused(Array("\(line)\r\nHost: a\r\n\r\n\(Self.evil)".utf8))
  }

  @Test func `the host of an absolute target wins over the field`() throws {
    let transcript = ServerTranscript("POST http://a/hook HTTP/1.1\r\nHost: b\r\n\r\n")
    #expect(transcript.requests.map(\.head.host) == ["a"])
  }

  @Test func `garbage behind a request does not undo it, and ends the connection`() {
    let input = Array(("GET / HTTP/1.1\r\nHost: a\r\n\r\n" + "\u{0}garbage" + Self.evil).utf8)
    let transcript = ServerTranscript.ofEveryCut(input)
    #expect(transcript.requests.map(\.head.path) == ["/"])
    #expect(transcript.outcome == .failed(.invalidMethod(position: 0)))
  }

  @Test func `nothing behind close is a request`() {
    let input = Array(
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + Self.evil).utf8)
    let transcript = ServerTranscript.ofEveryCut(input)
    #expect(transcript.requests.map(\.head.path) == ["/"])
    #expect(transcript.outcome == .closed)
  }

  @Test(arguments: [
    "Content-Length: 31", "Transfer-Encoding: chunked",
    "Expect: 100-continue\r\nContent-Length: 31",
  ])
  func `the body of a request that was answered early is never read as a request`(
    fields: String
  ) throws {
    for pieces in Cut.all(of: post(fields, Self.evil + Self.evil)) {
      var machine = HTTPServerMachine()
      var body: [UInt8] = []
      var output: [UInt8] = []
      var heads = 0
      for piece in pieces {
        machine.receive(piece.span)
        while case .head = try machine.next(body: &body) {
          heads += 1
          let persistence = try machine.writeResponse(
            HTTPResponseHead(status: .notFound), bytes: [], date: testDate, to: &output)
          #expect(persistence == .close)
        }
      }
      #expect(heads == 1)
      #expect(body.isEmpty)
      #expect(try machine.next(body: &body) == .closed)
      #expect(String(decoding: output, as: UTF8.self).contains("\r\nConnection: close\r\n"))
    }
  }
}

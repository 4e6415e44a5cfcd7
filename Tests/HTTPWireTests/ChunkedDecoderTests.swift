import Testing

@testable import HTTPWire

@Suite struct ChunkedDecoderTests {
  private static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func input(_ body: String) -> [UInt8] { Array((Self.head + body).utf8) }

  @Test(arguments: [
    ("0\r\n\r\n", ""),
    ("5\r\nhello\r\n0\r\n\r\n", "hello"),
    ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
    ("1\r\na\r\n2\r\nbc\r\n000\r\n\r\n", "abc"),
    ("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
    ("00000000000000000000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
    ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
    ("5;a\r\nhello\r\n0;b\r\n\r\n", "hello"),
    ("5;a=b;c=\"d;e\\\"f\\\\ \";g\r\nhello\r\n0\r\n\r\n", "hello"),
    ("5 ;a\r\nhello\r\n0\r\n\r\n", "hello"),
    ("5\t; a = b ;\tc\t=\t\"\" ;d\r\nhello\r\n0\r\n\r\n", "hello"),
    ("5;\u{21}#$%&'*+-.^_`|~=1\r\nhello\r\n0\r\n\r\n", "hello"),
    ("5;a=\"\u{E4}\t\"\r\nhello\r\n0\r\n\r\n", "hello"),
    ("0\r\nX: y\r\nContent-Length: 7\r\nHost: evil\r\n\r\n", ""),
  ])
  func `a body is decoded however it is cut`(body: String, decoded: String) {
    let transcript = ServerTranscript.ofEveryCut(input(body))
    #expect(transcript.outcome == .idle)
    #expect(transcript.requests.map(\.body) == [Array(decoded.utf8)])
  }

  @Test func `trailers stay apart from the fields`() throws {
    let transcript = ServerTranscript(
      [input("0\r\nX-Hub-Signature-256: sha256=00\r\nContent-Length: 9\r\nHost: evil\r\n\r\n")])
    let request = try #require(transcript.requests.first)
    #expect(request.trailers.map(\.name) == ["X-Hub-Signature-256", "Content-Length", "Host"])
    #expect(request.head.fields.map(\.name) == ["Host", "Transfer-Encoding"])
    #expect(request.head.host == "a")
  }

  @Test(
    arguments: [
      ("\r\n", .invalidChunkSize(position: 0)),
      ("g\r\n", .invalidChunkSize(position: 0)),
      (" 5\r\nhello", .invalidChunkSize(position: 0)),
      ("\t5\r\nhello", .invalidChunkSize(position: 0)),
      ("+5\r\nhello", .invalidChunkSize(position: 0)),
      ("-5\r\nhello", .invalidChunkSize(position: 0)),
      ("0x5\r\nhello", .invalidChunkSize(position: 1)),
      ("5h\r\nhello", .invalidChunkSize(position: 1)),
      ("5_0\r\nhello", .invalidChunkSize(position: 1)),
      ("5 \r\nhello", .invalidChunkSize(position: 2)),
      ("5\t\r\nhello", .invalidChunkSize(position: 2)),
      ("5 5\r\nhello", .invalidChunkSize(position: 2)),
      ("5\nhello\r\n", .invalidChunkSize(position: 1)),
      ("5\u{0}\r\nhello", .invalidChunkSize(position: 1)),
      (";a\r\n", .invalidChunkSize(position: 0)),
      ("5\r\r;ABCD\r\n", .invalidLineEnding(position: 1)),
      ("5\rhello", .invalidLineEnding(position: 1)),
      ("FFFFFFFFFFFFFFFFF\r\n", .chunkSizeTooLarge(position: 15)),
      ("FFFFFFFFFFFFFFFF\r\n", .chunkSizeTooLarge(position: 15)),
      ("8000000000000000\r\n", .chunkSizeTooLarge(position: 15)),
      ("7FFFFFFFFFFFFFFF\r\n", .bodyTooLarge(limit: 1 << 20)),
      ("100001\r\n", .bodyTooLarge(limit: 1 << 20)),
      ("5;\r\nhello", .invalidChunkExtension(position: 2)),
      ("5;;a\r\nhello", .invalidChunkExtension(position: 2)),
      ("5;=a\r\nhello", .invalidChunkExtension(position: 2)),
      ("5;a=\r\nhello", .invalidChunkExtension(position: 4)),
      ("5;a \r\nhello", .invalidChunkExtension(position: 4)),
      ("5;a=b \r\nhello", .invalidChunkSize(position: 6)),
      ("5;a=b=c\r\nhello", .invalidChunkExtension(position: 5)),
      ("5;a\nb\r\nhello", .invalidChunkExtension(position: 3)),
      ("5;a\r;b\r\nhello", .invalidLineEnding(position: 3)),
      ("5;a=\"b\r\nhello\r\n0\r\n\r\n", .invalidChunkExtension(position: 6)),
      ("5;a=\"b\\\r\nhello\r\n", .invalidChunkExtension(position: 7)),
      ("5;a=\"b\"c\r\nhello", .invalidChunkExtension(position: 7)),
      ("5;a=\"\u{1}\"\r\nhello", .invalidChunkExtension(position: 5)),
      ("5\r\nhello0\r\n\r\n", .invalidChunkEnd(position: 8)),
      ("5\r\nhelloXX0\r\n\r\n", .invalidChunkEnd(position: 8)),
      ("5\r\nhello\n0\r\n\r\n", .invalidChunkEnd(position: 8)),
      ("5\r\nhello\r0\r\n\r\n", .invalidChunkEnd(position: 9)),
      ("5\r\nhello\r\n\r\n", .invalidChunkSize(position: 10)),
      ("0\n\r\n", .invalidChunkSize(position: 1)),
      ("0\r\n\n", .invalidLineEnding(position: 0)),
      ("0\r\n\rX", .invalidLineEnding(position: 0)),
      ("0\r\n X: y\r\n\r\n", .foldedLine(position: 0)),
      ("0\r\nX: y\r\n z\r\n\r\n", .foldedLine(position: 6)),
      ("0\r\nX : y\r\n\r\n", .whitespaceBeforeColon(position: 1)),
      ("0\r\nX\r\n\r\n", .invalidFieldName(position: 1)),
      ("0\r\nX: \u{1}\r\n\r\n", .invalidFieldValue(position: 3)),
    ] as [(String, HTTPReceiveError)])
  func `what is not the coding is refused at the same byte however it is cut`(
    body: String, error: HTTPReceiveError
  ) {
    #expect(ServerTranscript.ofEveryCut(input(body)).outcome == .failed(error))
  }

  @Test func `extensions are limited in their total`() {
    let extensions = ";" + String(repeating: "x", count: 1023)
    let chunk = "1\(extensions)\r\na\r\n"
    let four = ServerTranscript([input(String(repeating: chunk, count: 4) + "0\r\n\r\n")])
    #expect(four.outcome == .idle)
    let five = ServerTranscript([input(String(repeating: chunk, count: 5) + "0\r\n\r\n")])
    #expect(five.error == .chunkExtensionsTooLong(limit: 4096))
    let endless = ServerTranscript([input("1;" + String(repeating: "x", count: 16_384))])
    #expect(endless.error == .chunkExtensionsTooLong(limit: 4096))
  }

  @Test func `a body of confetti is refused, one of small chunks is not`() {
    func body(_ chunk: String, _ count: Int) -> [UInt8] {
      input(String(repeating: chunk, count: count) + "0\r\n\r\n")
    }
    // A few thousand one-byte chunks are free.
    #expect(ServerTranscript([body("1\r\na\r\n", 10_000)]).outcome == .idle)
    guard case .excessiveChunkOverhead = ServerTranscript([body("1\r\na\r\n", 20_000)]).error else {
      Issue.record("confetti was accepted")
      return
    }
    #expect(ServerTranscript([body("4\r\nabcd\r\n", 100_000)]).outcome == .idle)
  }

  @Test func `trailers are limited in bytes and in number`() {
    let limits = HTTPLimits()
    let many = String(repeating: "a: b\r\n", count: limits.fieldCount)
    #expect(ServerTranscript([input("0\r\n\(many)\r\n")]).outcome == .idle)
    #expect(
      ServerTranscript([input("0\r\n\(many)a: b\r\n\r\n")]).error
        == .tooManyFields(limit: limits.fieldCount))
    let long = "a: " + String(repeating: "b", count: 5000) + "\r\n"
    #expect(
      ServerTranscript([input("0\r\n\(long)\(long)\r\n")]).error
        == .trailersTooLarge(limit: limits.trailerByteCount))
  }

  @Test func `a body is counted against its limit chunk by chunk`() {
    let body = input("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    #expect(ServerTranscript([body], bodyLimit: 5).outcome == .idle)
    let refused = ServerTranscript([body], bodyLimit: 4)
    #expect(refused.error == .bodyTooLarge(limit: 4))
    #expect(refused.requests.isEmpty)
  }
}

import Testing

@testable import HTTPWire

/// The rules for a request's head, one row each.
@Suite struct RequestHeadTests {
  private func expectSame(
    _ input: String, _ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bytes = Array(input.utf8)
    let transcript = ServerTranscript.ofEveryCut(bytes)
    #expect(transcript.outcome == outcome, sourceLocation: sourceLocation)
  }

  // MARK: What is accepted

  @Test func `values are bytes, not text`() throws {
    let value: [UInt8] = [0xC3, 0x28, 0xFF, 0x80]
    let input = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
    let request = try #require(ServerTranscript.ofEveryCut(input).requests.first)
    #expect(request.head.fields.last == HTTPField(name: "X", value: value))
  }

  @Test(arguments: [
    "X:", "X: ", "X:\t", "X: \t ", "X:a", "X: a", "X:\ta\t", "X:   a   ", "X: a b\tc",
    "!#$%&'*+-.^_`|~09azAZ: x",
  ])
  func `a field line is accepted`(line: String) throws {
    let input = Array("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n".utf8)
    let colon = try #require(line.firstIndex(of: ":"))
    let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
    let trimmed = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    let request = try #require(ServerTranscript.ofEveryCut(input).requests.first)
    #expect(request.head.fields.last == HTTPField(name: String(line[..<colon]), value: trimmed))
  }

  @Test(
    arguments: [
      ("GET", "/", "/", nil, "h"),
      ("GET", "/a/b?c=d?e", "/a/b", "c=d?e", "h"),
      ("GET", "/?", "/", "", "h"),
      ("GET", "//a//b", "//a//b", nil, "h"),
      ("GET", "/a%2Fb", "/a%2Fb", nil, "h"),
      ("GET", "/\"|[]{}^`\\<>#", "/\"|[]{}^`\\<>#", nil, "h"),
      ("POST", "http://other/hook", "/hook", nil, "other"),
      ("POST", "HTTP://Other:8080/hook?x", "/hook", "x", "Other:8080"),
      ("POST", "https://[::1]:443", "/", nil, "[::1]:443"),
      ("GET", "http://other?x=1", "/", "x=1", "other"),
      ("OPTIONS", "*", "*", nil, "h"),
      ("BREW", "/pot", "/pot", nil, "h"),
    ] as [(String, String, String, String?, String)])
  func `a target is taken apart`(
    method: String, target: String, path: String, query: String?, host: String
  ) throws {
    let transcript = ServerTranscript("\(method) \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
    let head = try #require(transcript.requests.first?.head)
    #expect(head.method == HTTPMethod(rawValue: method))
    #expect(head.target == target)
    #expect(head.path == path)
    #expect(head.query == query)
    #expect(head.host == host)
  }

  @Test(arguments: [("HTTP/1.0", HTTPVersion.http10), ("HTTP/1.1", .http11), ("HTTP/1.9", .http11)])
  func `a version is known by its major number`(text: String, version: HTTPVersion) {
    let transcript = ServerTranscript("GET / \(text)\r\nHost: a\r\n\r\n")
    #expect(transcript.requests.map(\.head.version) == [version])
  }

  @Test func `up to four empty lines before a request are skipped`() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    expectSame(String(repeating: "\r\n", count: 4) + request, .idle)
    expectSame(
      String(repeating: "\r\n", count: 5) + request, .failed(.tooManyEmptyLines(limit: 4)))
    // The count begins again with each request.
    expectSame(String(repeating: "\r\n\r\n\r\n" + request, count: 3), .idle)
  }

  // MARK: What is refused

  @Test(
    arguments: [
      ("\n", .invalidLineEnding(position: 0)),
      ("\rX", .invalidLineEnding(position: 0)),
      ("\r\r\n", .invalidLineEnding(position: 0)),
      (" GET / HTTP/1.1\r\n", .invalidMethod(position: 0)),
      ("\t", .invalidMethod(position: 0)),
      ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", .invalidMethod(position: 0)),
      ("GET\r\n", .invalidMethod(position: 3)),
      ("GET\t/ HTTP/1.1\r\n", .invalidMethod(position: 3)),
      ("G@T / HTTP/1.1\r\n", .invalidMethod(position: 1)),
      ("GET\u{0} / HTTP/1.1\r\n", .invalidMethod(position: 3)),
      ("\u{131}ET / HTTP/1.1\r\n", .invalidMethod(position: 0)),
      ("GET  / HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET \t/ HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET /\r\n", .invalidTarget(position: 5)),
      ("GET /\n", .invalidTarget(position: 5)),
      ("GET /\tHTTP/1.1\r\n", .invalidTarget(position: 5)),
      ("GET /\u{0} HTTP/1.1\r\n", .invalidTarget(position: 5)),
      ("GET /\u{7F} HTTP/1.1\r\n", .invalidTarget(position: 5)),
      ("GET /\u{E9} HTTP/1.1\r\n", .invalidTarget(position: 5)),
      ("GET / /evil HTTP/1.1\r\n", .invalidVersion(position: 6)),
      ("GET /  HTTP/1.1\r\n", .invalidVersion(position: 6)),
      ("GET / http/1.1\r\n", .invalidVersion(position: 6)),
      ("GET / HTTP/1.1 \r\n", .invalidVersion(position: 14)),
      ("GET / HTTP/1.1\t\r\n", .invalidVersion(position: 14)),
      ("GET / HTTP/01.1\r\n", .invalidVersion(position: 12)),
      ("GET / HTTP/11.1\r\n", .invalidVersion(position: 12)),
      ("GET / HTTP/1.32\r\n", .invalidVersion(position: 14)),
      ("GET / HTTP/1.\r\n", .invalidVersion(position: 13)),
      ("GET / HTTP/1\r\n", .invalidVersion(position: 12)),
      ("GET / HTTP 1.1\r\n", .invalidVersion(position: 10)),
      ("GET / HTTP/+1.1\r\n", .invalidVersion(position: 11)),
      ("GET / HTTP/0.9\r\n", .invalidVersion(position: 11)),
      ("GET / RTSP/1.0\r\n", .invalidVersion(position: 6)),
      ("GET / HTTP/2.0\r\n", .unsupportedVersion(major: 2)),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion(major: 2)),
      ("GET / HTTP/1.1\n", .invalidLineEnding(position: 14)),
      ("GET / HTTP/1.1\rHost: a\r\n", .invalidLineEnding(position: 14)),
      ("GET * HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("OPTIONS ** HTTP/1.1\r\n", .invalidTarget(position: 8)),
      ("GET hook HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET a:443 HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET ftp://a/ HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET http:/a HTTP/1.1\r\n", .invalidTarget(position: 4)),
      ("GET http:///a HTTP/1.1\r\n", .invalidTarget(position: 11)),
      ("GET http://u@a/ HTTP/1.1\r\n", .invalidTarget(position: 11)),
      ("GET http://u:p@a/ HTTP/1.1\r\n", .invalidTarget(position: 11)),
      ("GET http://a:b/ HTTP/1.1\r\n", .invalidTarget(position: 11)),
      ("CONNECT a:443 HTTP/1.1\r\n", .unsupportedMethod),
      ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", .methodTooLong(limit: 32)),
    ] as [(String, HTTPReceiveError)])
  func `a request line outside the grammar is refused`(line: String, error: HTTPReceiveError) {
    expectSame(line, .failed(error))
  }

  @Test(
    arguments: [
      (" X: y\r\n", .foldedLine(position: 16)),
      ("\tX: y\r\n", .foldedLine(position: 16)),
      (" \r\n", .foldedLine(position: 16)),
      ("A: b\r\n c\r\n", .foldedLine(position: 22)),
      ("A: b\r\n\tc\r\n", .foldedLine(position: 22)),
      ("A:\r\n b\r\n", .foldedLine(position: 20)),
      ("A : b\r\n", .whitespaceBeforeColon(position: 17)),
      ("A\t: b\r\n", .whitespaceBeforeColon(position: 17)),
      ("A B: c\r\n", .whitespaceBeforeColon(position: 17)),
      (": b\r\n", .invalidFieldName(position: 16)),
      ("A\r\n", .invalidFieldName(position: 17)),
      ("A\n", .invalidFieldName(position: 17)),
      ("A@: b\r\n", .invalidFieldName(position: 17)),
      ("\u{1}A: b\r\n", .invalidFieldName(position: 16)),
      ("A\u{0}: b\r\n", .invalidFieldName(position: 17)),
      ("\u{E9}: b\r\n", .invalidFieldName(position: 16)),
      ("(A): b\r\n", .invalidFieldName(position: 16)),
      ("A: b\nC: d\r\n", .invalidLineEnding(position: 20)),
      ("A: b\rC: d\r\n", .invalidLineEnding(position: 20)),
      ("A:\n", .invalidLineEnding(position: 18)),
      ("A: \r\r\n", .invalidLineEnding(position: 19)),
      ("A: b\u{0}c\r\n", .invalidFieldValue(position: 20)),
      ("A: \u{B}\r\n", .invalidFieldValue(position: 19)),
      ("A: b\u{C}c\r\n", .invalidFieldValue(position: 20)),
      ("A: b\u{7F}c\r\n", .invalidFieldValue(position: 20)),
      ("A: b\u{1B}[31m\r\n", .invalidFieldValue(position: 20)),
      ("\n", .invalidLineEnding(position: 16)),
      ("\rX", .invalidLineEnding(position: 16)),
      ("\r\r\n", .invalidLineEnding(position: 16)),
    ] as [(String, HTTPReceiveError)])
  func `a field line outside the grammar is refused`(lines: String, error: HTTPReceiveError) {
    expectSame("GET / HTTP/1.1\r\n" + lines, .failed(error))
    expectSame("POST / HTTP/1.0\r\n" + lines, .failed(error.moved(by: 1)))
  }

  @Test(
    arguments: [
      ("", .missingHost),
      ("Host: a\r\nHost: a\r\n", .repeatedHost(position: 25)),
      ("Host: a\r\nhost: b\r\n", .repeatedHost(position: 25)),
      ("Host:\r\n", .invalidHost(position: 16)),
      ("Host: a b\r\n", .invalidHost(position: 16)),
      ("Host: a, b\r\n", .invalidHost(position: 16)),
      ("Host: a/b\r\n", .invalidHost(position: 16)),
      ("Host: u@a\r\n", .invalidHost(position: 16)),
      ("Host: a:99999x\r\n", .invalidHost(position: 16)),
      ("Host: [::1\r\n", .invalidHost(position: 16)),
    ] as [(String, HTTPReceiveError)])
  func `HTTP 1.1 needs exactly one valid host`(fields: String, error: HTTPReceiveError) {
    expectSame("GET / HTTP/1.1\r\n\(fields)\r\n", .failed(error))
    // An absolute target does not stand in for the field.
    let target = "http://other/"
    expectSame(
      "GET \(target) HTTP/1.1\r\n\(fields)\r\n",
      .failed(error.moved(by: target.utf8.count - 1)))
  }

  @Test func `HTTP 1.0 needs no host, but not a bad one`() {
    expectSame("GET / HTTP/1.0\r\n\r\n", .closed)
    expectSame(
      "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .failed(.repeatedHost(position: 25)))
  }

  // MARK: Limits

  @Test func `a request line may have 8192 bytes`() {
    func request(_ byteCount: Int) -> String {
      let target = "/" + String(repeating: "x", count: byteCount - "GET / HTTP/1.1".utf8.count)
      return "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
    }
    for byteCount in [8000, 8192] {
      #expect(ServerTranscript(request(byteCount)).outcome == .idle)
    }
    let pieces = request(8193).utf8.map { [$0] }
    #expect(ServerTranscript(request(8193)).error == .startLineTooLong(limit: 8192))
    #expect(ServerTranscript(pieces).error == .startLineTooLong(limit: 8192))
    let endless = ServerTranscript("GET /" + String(repeating: "x", count: 10_000))
    #expect(endless.error?.status == .uriTooLong)
  }

  @Test func `a field line may have 8192 bytes`() {
    func request(_ byteCount: Int, name: String = "X") -> String {
      let value = String(repeating: "y", count: byteCount - name.utf8.count - 1)
      return "GET / HTTP/1.1\r\nHost: a\r\n\(name):\(value)\r\n\r\n"
    }
    #expect(ServerTranscript(request(8192)).outcome == .idle)
    #expect(ServerTranscript(request(8192).utf8.map { [$0] }).outcome == .idle)
    for input in [request(8193), "GET / HTTP/1.1\r\n" + String(repeating: "x", count: 9000)] {
      let error = HTTPReceiveError.fieldLineTooLong(limit: 8192)
      #expect(ServerTranscript(input).error == error)
      #expect(ServerTranscript(input.utf8.map { [$0] }).error == error)
    }
  }

  @Test func `a head may have 100 fields and 32 KiB`() {
    func request(fields: Int, valueByteCount: Int = 1) -> String {
      let line = "X: \(String(repeating: "y", count: valueByteCount))\r\n"
      return "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: line, count: fields - 1))\r\n"
    }
    #expect(ServerTranscript(request(fields: 100)).outcome == .idle)
    let tooMany = ServerTranscript(request(fields: 101))
    #expect(tooMany.error == .tooManyFields(limit: 100))
    #expect(tooMany.error?.status == .requestHeaderFieldsTooLarge)
    #expect(ServerTranscript(request(fields: 50, valueByteCount: 600)).outcome == .idle)
    let input = request(fields: 60, valueByteCount: 600)
    #expect(ServerTranscript(input).error == .headTooLarge(limit: 32768))
    #expect(ServerTranscript(input.utf8.map { [$0] }).error == .headTooLarge(limit: 32768))
  }

  @Test func `a head of exactly the limit is accepted, one byte more is not`() {
    var limits = HTTPLimits()
    let input = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
    for cut in [[Array(input.utf8)], input.utf8.map { [$0] }] {
      limits.headByteCount = input.utf8.count
      #expect(ServerTranscript(cut, limits: limits).outcome == .idle)
      limits.headByteCount -= 1
      #expect(
        ServerTranscript(cut, limits: limits).error
          == .headTooLarge(limit: limits.headByteCount))
    }
  }
}

extension HTTPReceiveError {
  /// The same error with its position so many bytes later.
  fileprivate func moved(by offset: Int) -> HTTPReceiveError {
    switch self {
    case .foldedLine(let position): .foldedLine(position: position + offset)
    case .whitespaceBeforeColon(let position): .whitespaceBeforeColon(position: position + offset)
    case .invalidFieldName(let position): .invalidFieldName(position: position + offset)
    case .invalidFieldValue(let position): .invalidFieldValue(position: position + offset)
    case .invalidLineEnding(let position): .invalidLineEnding(position: position + offset)
    case .repeatedHost(let position): .repeatedHost(position: position + offset)
    case .invalidHost(let position): .invalidHost(position: position + offset)
    default: self
    }
  }
}

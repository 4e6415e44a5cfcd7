import Glibc
import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerTests {
  @Test func `a request is answered and the connection kept`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      for _ in 1...3 {
        try await client.send("GET /live HTTP/1.1\r\n\(host)\r\n")
        let answer = try await client.receive(through: "\r\n\r\n-")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 1\r\n"))
        #expect(answer.contains("Date: "))
        #expect(!answer.contains("Connection"))
      }
      client.stream.close()
    }
  }

  @Test func `the date is now`() async throws {
    try await Fixture().run { fixture in
      let earliest = time(nil)
      let answer = try await fixture.exchange("GET /last HTTP/1.1\r\n\(host)\r\n")
      let field = try #require(answer.components(after: "Date: "))
      // It is made anew four times a second, and cut to whole ones.
      let dates = (earliest - 2...time(nil) + 1).map {
        String(decoding: HTTPDate.format(secondsSince1970: Int64($0)), as: UTF8.self)
      }
      #expect(dates.contains(field))
    }
  }

  @Test(arguments: [("http", "200"), ("https", "421"), ("HTTPS", "421")])
  func `a target of https is not served without TLS`(scheme: String, status: String) async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "GET \(scheme)://a/last HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(answer.statuses == [status])
    }
  }

  @Test func `close is honoured and what follows it is not read`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "GET /a HTTP/1.1\r\n\(host)Connection: close\r\n\r\nGET /b HTTP/1.1\r\n\(host)\r\n")
      #expect(answer.statuses == ["200"])
      #expect(answer.contains("Connection: close\r\n"))
      #expect(fixture.handler.requests == ["GET /a 0"])
    }
  }

  @Test func `a hundred pipelined requests are answered in order`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      var requests = ""
      for index in 0..<100 {
        let body = "<\(index)>"
        requests +=
          "POST /echo HTTP/1.1\r\n\(host)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
      }
      try await client.send("GET /held HTTP/1.1\r\n\(host)\r\n" + requests)
      while fixture.handler.heldCount == 0 { try await fixture.settle() }
      #expect(fixture.handler.requests.count == 1)
      fixture.handler.release()
      let answer = try await client.receive(through: "<99>")
      #expect(answer.statuses == Array(repeating: "200", count: 101))
      var rest = answer[...]
      for index in 0..<100 {
        let range = try #require(rest.firstRange(of: "<\(index)>"))
        rest = rest[range.upperBound...]
      }
      client.stream.close()
    }
  }

  @Test func `a body arrives byte by byte`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      for byte in Array("POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello".utf8) {
        try await client.send([byte])
        await client.stream.loop.yield()
      }
      _ = try await client.receive(through: "hello")
      client.stream.close()
    }
  }

  @Test func `a chunked body arrives whole`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
          + "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n")
      let answer = try await client.receive(through: "hello!")
      #expect(answer.contains("Content-Length: 6\r\n"))
      client.stream.close()
    }
  }

  @Test func `a large answer reaches a client that reads late`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /large HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      try await fixture.settle()
      let answer = try await client.receiveAll()
      #expect(answer.utf8.count > 8 << 20)
    }
  }

  @Test func `a response without a body says nothing of one`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "GET /empty HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n"))
      #expect(!answer.contains("Content-Length"))
    }
  }

  @Test func `HEAD is answered with the head alone`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "HEAD /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(answer.contains("Content-Length: 1\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func `the handler may end the connection`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange("GET /last HTTP/1.1\r\n\(host)\r\n")
      #expect(answer.contains("Connection: close\r\n"))
    }
  }

  @Test func `a field that would split the response becomes a 500`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange("GET /wrong HTTP/1.1\r\n\(host)\r\n")
      #expect(answer.statuses == ["500"])
      #expect(!answer.contains("b: c"))
    }
  }

  @Test func `a connection takes so many requests and no more`() async throws {
    try await Fixture { $0.requestsPerConnection = 3 }.run { fixture in
      let request = "GET /live HTTP/1.1\r\n\(host)\r\n"
      let answer = try await fixture.exchange(request + request + request + request)
      #expect(answer.statuses == ["200", "200", "200"])
      #expect(answer.count(of: "Connection: close") == 1)
    }
  }

  /// Bytes that are no request, and what they are answered.
  struct Refusal: CustomTestStringConvertible {
    let testDescription: String
    let status: String
    let bytes: String

    init(_ description: String, _ status: String, _ bytes: String) {
      testDescription = description
      self.status = status
      self.bytes = bytes
    }
  }

  static let refusals = [
    Refusal("no host", "400", "GET / HTTP/1.1\r\n\r\n"),
    Refusal("a later version", "505", "GET / HTTP/2.0\r\n\(host)\r\n"),
    Refusal(
      "a long target", "414",
      "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\(host)\r\n"),
    Refusal(
      "a long field", "431",
      "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "a", count: 9000))\r\n\r\n"),
    Refusal(
      "a coding nobody knows", "501",
      "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n"),
    Refusal("two lengths", "400", "POST / HTTP/1.1\r\n\(host)Content-Length: 5, 6\r\n\r\n"),
    Refusal(
      "no chunk size", "400",
      "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nx\r\n"),
    Refusal(
      "an expectation nobody meets", "417",
      "POST / HTTP/1.1\r\n\(host)Expect: money\r\nContent-Length: 1\r\n\r\n"),
    Refusal("the beginning of TLS", "400", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"),
  ]

  @Test(arguments: refusals)
  func `what is no request is refused and the connection closed`(
    refusal: Refusal
  ) async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(refusal.bytes)
      #expect(answer.statuses == [refusal.status])
      #expect(answer.contains("Connection: close\r\n"))
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `a second listener on a fixed port is refused`() async throws {
    try await Fixture().run { fixture in
      #expect(throws: HTTPServerError.self) {
        _ = try Fixture { $0.listeners = [.network(fixture.address)] }
      }
    }
  }
}

extension String {
  /// What stands between a mark and the end of its line.
  fileprivate func components(after mark: String) -> String? {
    ranges(of: mark).first.map { String(self[$0.upperBound...].prefix { $0 != "\r\n" }) }
  }
}

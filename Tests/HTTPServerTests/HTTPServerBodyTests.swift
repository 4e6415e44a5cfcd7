import HTTPWire
import Reactor
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerBodyTests {
  @Test func `a client that waits is told to go on`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
      #expect(try await client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("hello")
      #expect(try await client.receive(through: "hello").statuses == ["200"])
      client.stream.close()
    }
  }

  @Test(arguments: [
    ("/refused", 5, "404"),
    ("/small", 11, "413"),
  ])
  func `a client that waits is refused from the head alone`(
    path: String, length: Int, status: String
  ) async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "POST \(path) HTTP/1.1\r\n\(host)Content-Length: \(length)\r\nExpect: 100-continue\r\n\r\n")
      #expect(answer.statuses == [status])
      #expect(answer.contains("Connection: close\r\n"))
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test(arguments: [
    "Content-Length: 9\r\n\r\n|some |b|ody",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nso|me \r\n|4\r\nbo|dy\r\n0\r\n\r\n",
    "Content-Length: 0\r\n\r\n", "\r\n",
  ])
  func `an observer is shown the body as it comes, before the request is answered`(
    rest: String
  ) async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      // The second request's observer is another one.
      for _ in 0..<2 {
        try await client.send("POST /observed HTTP/1.1\r\n\(host)")
        for part in rest.split(separator: "|") {
          try await client.send(String(part))
          try await fixture.settle()
        }
        let count = rest.contains("|") ? 9 : 0
        let answer = try await client.receive(through: "seen \(count)")
        #expect(answer.statuses == ["200"])
      }
      client.stream.close()
    }
  }

  @Test func `what is answered from the head keeps its turn, and HEAD has no body`() async throws {
    try await Fixture().run { fixture in
      let requests = [
        "GET /now", "HEAD /now", "POST /echo", "GET /now/streamed", "HEAD /now/streamed",
        "GET /now",
      ]
      let text = requests.map { "\($0) HTTP/1.1\r\n\(host)\r\n" }.joined()
      let client = try await fixture.connect()
      try await client.send(text + "GET /last HTTP/1.1\r\n\(host)\r\n")
      let answer = try await client.receiveAll()
      #expect(answer.statuses == Array(repeating: "200", count: 7))
      #expect(answer.ranges(of: "\r\n\r\nnow").count == 2)
      #expect(answer.ranges(of: "bit by bit").count == 1)
      #expect(fixture.handler.requests == ["POST /echo 0", "GET /last 0"])
    }
  }

  @Test func `answers given at once and later ones keep the order of their requests`() async throws
  {
    try await Fixture().run { fixture in
      let paths = ["at-once", "echo", "at-once/streamed", "at-once", "empty", "at-once"]
      let text = paths.map {
        "POST /\($0) HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc"
      }
      .joined()
      let client = try await fixture.connect()
      try await client.send(text + "HEAD /at-once/streamed HTTP/1.1\r\n\(host)\r\n")
      try await client.send("POST /last HTTP/1.1\r\n\(host)\r\n")
      let answer = try await client.receiveAll()
      #expect(answer.statuses == ["200", "200", "200", "200", "204", "200", "200", "200"])
      #expect(answer.ranges(of: "at once 3").count == 3)
      #expect(answer.ranges(of: "bit by bit").count == 1)
    }
  }

  @Test func `a large answer at once waits for room and the next request for it`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "POST /at-once/large HTTP/1.1\r\n\(host)\r\nPOST /last HTTP/1.1\r\n\(host)\r\n")
      let answer = try await client.receiveAll()
      #expect(answer.utf8.count > 8 << 20)
      #expect(answer.statuses == ["200", "200"])
    }
  }

  @Test func `a body that the head's answer does not want ends the connection`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "POST /now HTTP/1.1\r\n\(host)Content-Length: 30\r\n\r\nGET /live HTTP/1.1\r\n\(host)\r\n")
      #expect(answer.statuses == ["200"])
      #expect(answer.contains("Connection: close\r\n"))
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `a refused request without a body leaves the connection open`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "GET /refused HTTP/1.1\r\n\(host)\r\nGET /live HTTP/1.1\r\n\(host)\r\n")
      let answer = try await client.receive(through: "\r\n\r\n-")
      #expect(answer.statuses == ["404", "200"])
      client.stream.close()
    }
  }

  @Test func `an answer to a body that is too large is readable while the client sends on`()
    async throws
  {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(
        "POST /small HTTP/1.1\r\n\(host)Content-Length: 10000000\r\n\r\n")
      let chunk = [UInt8](repeating: 0x61, count: 16_000)
      for _ in 0..<8 { try await client.send(chunk) }
      let answer = try await client.receiveAll()
      #expect(answer.statuses == ["413"])
    }
  }

  @Test func `a chunked body is refused as soon as it is too large`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "POST /small HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\n")
      #expect(answer.statuses == ["413"])
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `the body of a refused request is not read as the next one`() async throws {
    try await Fixture().run { fixture in
      let hidden = "GET /hidden HTTP/1.1\r\n\(host)\r\n"
      let answer = try await fixture.exchange(
        "POST /refused HTTP/1.1\r\n\(host)Content-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)")
      #expect(answer.statuses == ["404"])
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test(arguments: [
    "POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhell",
    "POST /echo HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "POST /echo HTTP/1.1\r\n\(host)Content-Le",
  ])
  func `a request cut by the client's end is not handed over`(bytes: String) async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send(bytes)
      client.stream.shutdownWriting()
      let answer = try await client.receiveAll()
      #expect(answer.statuses == ["400"])
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `a client that ends its side after a request is still answered`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello")
      client.stream.shutdownWriting()
      let answer = try await client.receiveAll()
      #expect(answer.hasSuffix("\r\n\r\nhello"))
    }
  }

  @Test func `a streamed body comes in chunks and leaves the connection open`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      for _ in 1...2 {
        try await client.send("GET /count HTTP/1.1\r\n\(host)\r\n")
        let answer = try await client.receive(through: "0\r\n\r\n")
        #expect(answer.contains("Transfer-Encoding: chunked\r\n"))
        #expect(answer.hasSuffix("2\r\n1\n\r\n2\r\n2\n\r\n2\r\n3\n\r\n0\r\n\r\n"))
      }
      client.stream.close()
    }
  }

  @Test func `a streamed body that fails is cut without its last chunk`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange("GET /broken HTTP/1.1\r\n\(host)\r\n")
      #expect(answer.hasSuffix("1\r\na\r\n"))
    }
  }

  @Test func `a streamed body ends when its reader goes away`() async throws {
    try await Fixture().run { fixture in
      let client = try await fixture.connect()
      try await client.send("GET /watch HTTP/1.1\r\n\(host)\r\n")
      _ = try await client.receive(through: "begun\n")
      client.stream.close()
      while fixture.handler.requests.last != "watch ended" { try await fixture.settle() }
    }
  }
}

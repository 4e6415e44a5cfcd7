import HTTPWire
import TestSupport
import Testing

@testable import HTTPClient

/// Answers of every kind, as servers send them.
@Suite(.timeLimit(.minutes(TestTime.minutes))) struct HTTPClientResponseTests {
  private let request = HTTPClientRequest(.get, "/api/v1/namespaces")

  @Test(arguments: Transport.allCases)
  func `the request arrives as it was made`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        let (head, body) = try connection.readRequest()
        connection.report(head)
        connection.report(String(decoding: body, as: UTF8.self))
        try connection.send(response("201 Created", "made"))
      }
    ) { (harness) async throws in
      let response = try await harness.client.send(
        HTTPClientRequest(
          .post, "/apis/tekton.dev/v1?dryRun=All",
          fields: ["Accept": "application/json", "Authorization": "Bearer t"],
          body: Array("{}".utf8)))
      #expect(response.status == .created)
      #expect(response.body == Array("made".utf8))
      #expect(
        await harness.report() == """
          POST /apis/tekton.dev/v1?dryRun=All HTTP/1.1\r
          Accept: application/json\r
          Authorization: Bearer t\r
          host: 127.0.0.1:\(harness.server.port)\r
          Content-Length: 2
          """)
      #expect(await harness.report() == "{}")
    }
  }

  @Test(arguments: Transport.allCases, [1, 7, 4096, 100_000])
  func `a long chunked answer is put together`(
    transport: Transport, chunkByteCount: Int
  ) async throws {
    let body = (0..<(chunkByteCount == 1 ? 3_000 : 400_000)).map { UInt8(truncatingIfNeeded: $0) }
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        var coded: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: chunkByteCount) {
          let chunk = body[start..<min(start + chunkByteCount, body.count)]
          coded +=
            Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk
            + Array("\r\n".utf8)
        }
        try connection.send(coded + Array("0\r\nX-Trailer: t\r\n\r\n".utf8))
        try connection.readRequest()
        try connection.send(response())
      }
    ) { (harness) async throws in
      let long = try await harness.client.send(request)
      #expect(long.status == .ok)
      #expect(long.body == body)
      // The connection's next answer is not out of step.
      #expect(try await harness.client.send(request).body == Array("ok".utf8))
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test(arguments: [
    ("404 Not Found", "404 page not found\n"), ("500 Internal Server Error", "boom"),
    ("503 Service Unavailable", ""), ("429 Too Many Requests", "slow down"),
    ("307 Temporary Redirect", "elsewhere"), ("401 Unauthorized", "who?"),
  ])
  func `an error in plain text is an answer, and a redirect is not followed`(
    status: String, body: String
  ) async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(
        response(status, body, "Content-Type: text/plain\r\nLocation: http://127.0.0.1:1/\r\n"))
    }) { (harness) async throws in
      let response = try await harness.client.send(request)
      #expect("\(response.status.rawValue)" == status.prefix(3))
      #expect(response.body == Array(body.utf8))
      #expect(response.fields["content-type"] == "text/plain")
      #expect(harness.client.statistics.requestCount == 1)
    }
  }

  @Test(arguments: Transport.allCases)
  func `an answer may end with its connection`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send("HTTP/1.1 200 OK\r\n\r\nuntil ")
        try connection.send("the end")
      }
    ) { (harness) async throws in
      for count in 1...2 {
        let response = try await harness.client.send(request)
        #expect(response.body == Array("until the end".utf8))
        #expect(harness.server.connectionCount == count)
      }
    }
  }

  @Test func `a TLS connection that ends without close_notify cuts the answer`() async throws {
    try await withHarness(
      over: .tls,
      { connection in
        try connection.readRequest()
        try connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the")
        connection.closeWithoutNotice()
      }
    ) { (harness) async throws in
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(request)
      }
      #expect(error?.requestState == .answeredPartly(.ok))
    }
  }

  @Test func `informational answers are passed over`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send("HTTP/1.1 100 Continue\r\n\r\n")
      try connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response())
      try connection.readRequest()
      try connection.send(response("200 OK", "second"))
    }) { (harness) async throws in
      #expect(try await harness.client.send(request).body == Array("ok".utf8))
      #expect(try await harness.client.send(request).body == Array("second".utf8))
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test func `an answer without a body leaves the connection in step`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send("HTTP/1.1 204 No Content\r\n\r\n")
      try connection.readRequest()
      try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      try connection.readRequest()
      try connection.send(response())
    }) { (harness) async throws in
      #expect(try await harness.client.send(request).status == .noContent)
      #expect(try await harness.client.send(HTTPClientRequest(.head, "/")).body.isEmpty)
      #expect(try await harness.client.send(request).body == Array("ok".utf8))
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n12345678901234567",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n12345678901234567\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\n12345678901234567",
  ])
  func `an answer over the limit is refused`(answer: String) async throws {
    try await withHarness(
      configure: { $0.responseByteCountMax = 16 },
      { connection in
        try connection.readRequest()
        try connection.send(answer)
        connection.waitForEnd()
      }
    ) { (harness) async throws in
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(request)
      }
      #expect(error?.code == .invalidResponse(.bodyTooLarge(limit: 16)))
      #expect(error?.requestState == .answeredPartly(.ok))
    }
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
  ])
  func `what is no proper answer is refused`(answer: String) async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(answer)
      connection.waitForEnd()
    }) { (harness) async throws in
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(request)
      }
      guard case .invalidResponse = error?.code else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(error?.requestState == .answeredPartly(nil))
      // The connection is not used again.
      #expect(await harness.report() == "ended")
    }
  }

  @Test func `a request that would inject a line is not sent`() async throws {
    try await withHarness({ $0.waitForEnd() }) { (harness) async throws in
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(
          HTTPClientRequest(.get, "/", fields: ["X-Name": "a\r\nX-Injected: b"]))
      }
      #expect(error?.code == .invalidRequest(.invalidFieldValue(name: "X-Name")))
      #expect(error?.requestState == .notSent)
    }
  }

  @Test(arguments: Transport.allCases, ["Connection: close\r\n", ""])
  func `an answer that comes while a large body is being sent is read`(
    transport: Transport, fields: String
  ) async throws {
    try await withHarness(
      over: transport,
      { connection in
        // The body is never read, so the client cannot send it whole: the kernel keeps up to 4 MiB for
        // the sender (net.ipv4.tcp_wmem) and little for a receiver that does not read. What goes
        // beyond that costs memory and, under a sanitizer, tens of seconds.
        try connection.readHead()
        try connection.send(response("413 Content Too Large", "too much", fields))
        try connection.wait(for: "answered")
        connection.report("was answered")
      }
    ) { (harness) async throws in
      let response = try await harness.client.send(
        HTTPClientRequest(.post, "/", body: [UInt8](repeating: 0x78, count: 12 << 20)))
      #expect(response.status == .contentTooLarge)
      #expect(response.body == Array("too much".utf8))
      harness.server.tell("answered")
      #expect(await harness.report() == "was answered")
    }
  }

  @Test(arguments: Transport.allCases)
  func `a large body arrives whole`(transport: Transport) async throws {
    let body = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try await withHarness(
      over: transport,
      { connection in
        let received = try connection.readRequest().body
        try connection.send(response("200 OK", received == body ? "same" : "different"))
      }
    ) { (harness) async throws in
      let response = try await harness.client.send(HTTPClientRequest(.post, "/", body: body))
      #expect(response.body == Array("same".utf8))
    }
  }
}

import HTTPWire
import Reactor
import TLS
import TestSupport
import Testing

@testable import HTTPClient

/// Connections that are kept, die, stall or cannot be made.
@Suite(.timeLimit(.minutes(TestTime.minutes))) struct HTTPClientConnectionTests {
  private let get = HTTPClientRequest(.get, "/")
  private let post = HTTPClientRequest(.post, "/", body: Array("{}".utf8))
  private let repeatablePost = HTTPClientRequest(
    .post, "/", body: Array("{}".utf8), repeatability: .repeatable)

  private static let serveForever: ScriptedServer.Script = { connection in
    while true {
      try connection.readRequest()
      try connection.send(response())
    }
  }

  // MARK: Keeping

  @Test(arguments: Transport.allCases)
  func `a hundred requests in turn share one connection`(transport: Transport) async throws {
    try await withHarness(over: transport, Self.serveForever) { (harness) async throws in
      for _ in 0..<100 {
        #expect(try await harness.client.send(post).status == .ok)
      }
      #expect(harness.server.connectionCount == 1)
      #expect(
        harness.client.statistics
          == HTTPClientStatistics(
            connectionCount: 1, requestCount: 100, keptConnectionCount: 99, repeatCount: 0))
    }
  }

  @Test(arguments: Transport.allCases)
  func `a hundred requests at once share as many connections as are allowed`(
    transport: Transport
  ) async throws {
    try await withHarness(
      over: transport, loopCount: 2, configure: { $0.connectionsPerLoop = 2 }, Self.serveForever
    ) { (harness) async throws in
      try await withThrowingTaskGroup(of: HTTPStatus.self) { group in
        for _ in 0..<100 {
          group.addTask { try await harness.client.send(post).status }
        }
        for try await status in group { #expect(status == .ok) }
      }
      #expect(harness.server.connectionCount <= 4)
      #expect(harness.client.statistics.keptConnectionCount >= 95)
    }
  }

  @Test func `a request made on a loop stays on it`() async throws {
    try await withHarness(loopCount: 3, Self.serveForever) { (harness) async throws in
      for _ in 0..<6 {
        let isSame = try await harness.loops.loops[1].run {
          _ = try await harness.client.send(post)
          return harness.loops.loops[1].isCurrent
        }
        #expect(isSame)
      }
      // Every other loop would have opened one of its own.
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test func `a server that asks to close is obeyed`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(response("200 OK", "ok", "Connection: close\r\n"))
      connection.waitForEnd()
    }) { (harness) async throws in
      for count in 1...3 {
        #expect(try await harness.client.send(post).status == .ok)
        #expect(await harness.report() == "ended")
        #expect(harness.server.connectionCount == count)
      }
    }
  }

  @Test func `a connection that was idle too long is not trusted`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send(response())
      connection.waitForEnd()
    }) { (harness) async throws in
      #expect(try await harness.client.send(post).status == .ok)
      harness.clock.advance(by: .seconds(61))
      #expect(try await harness.client.send(post).status == .ok)
      #expect(await harness.report() == "ended")
      #expect(harness.server.connectionCount == 2)
    }
  }

  @Test(arguments: Transport.allCases)
  func `bytes that answer no request end the connection`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send(response())
        try connection.wait(for: "answered")
        try connection.send(response("200 OK", "poisoned"))
        connection.waitForAcknowledgement()
        connection.report("sent")
        connection.waitForEnd()
      },
      Self.serveForever
    ) { (harness) async throws in
      #expect(try await harness.client.send(get).status == .ok)
      harness.server.tell("answered")
      #expect(await harness.report() == "sent")
      #expect(try await harness.client.send(get).body == Array("ok".utf8))
      #expect(await harness.report() == "ended")
    }
  }

  // MARK: Dying

  @Test(arguments: Transport.allCases)
  func `a kept connection that was closed is replaced`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send(response())
        connection.close()
        connection.report("closed")
      },
      Self.serveForever
    ) { (harness) async throws in
      #expect(try await harness.client.send(post).status == .ok)
      #expect(await harness.report() == "closed")
      // Even a request that must not be repeated: it goes to a live connection at once.
      #expect(try await harness.client.send(post).status == .ok)
      #expect(harness.server.connectionCount == 2)
      #expect(harness.client.statistics.repeatCount == 0)
    }
  }

  /// How a connection ends.
  enum Ending: CaseIterable, Sendable {
    case closed
    case closedWithoutNotice
    case reset

    func apply(to connection: ScriptedConnection) {
      switch self {
      case .closed: connection.close()
      case .closedWithoutNotice: connection.closeWithoutNotice()
      case .reset: connection.reset()
      }
    }
  }

  private func dyingKeptConnection(_ ending: Ending) -> ScriptedServer.Script {
    { connection in
      try connection.readRequest()
      try connection.send(response())
      try connection.readRequest()
      ending.apply(to: connection)
    }
  }

  @Test(arguments: Transport.allCases, Ending.allCases)
  func `a request that found its kept connection dead is repeated if it may be`(
    transport: Transport, ending: Ending
  ) async throws {
    for request in [get, repeatablePost] {
      try await withHarness(over: transport, dyingKeptConnection(ending), Self.serveForever) {
        (harness) async throws in
        #expect(try await harness.client.send(request).status == .ok)
        #expect(try await harness.client.send(request).status == .ok)
        #expect(harness.server.connectionCount == 2)
        #expect(harness.client.statistics.repeatCount == 1)
      }
    }
  }

  @Test(arguments: Transport.allCases, Ending.allCases)
  func `a request that must not be repeated is reported as perhaps sent`(
    transport: Transport, ending: Ending
  ) async throws {
    try await withHarness(over: transport, dyingKeptConnection(ending), Self.serveForever) {
      (harness) async throws in
      #expect(try await harness.client.send(post).status == .ok)
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(post)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.requestState == .perhapsSent)
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test(arguments: Ending.allCases)
  func `a new connection that dies is not tried again`(ending: Ending) async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      ending.apply(to: connection)
    }) { (harness) async throws in
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.requestState == .perhapsSent)
      #expect(harness.server.connectionCount == 1)
    }
  }

  @Test func `a request is repeated once only`() async throws {
    try await withHarness(
      dyingKeptConnection(.closed),
      { connection in
        try connection.readRequest()
        connection.close()
      }
    ) { (harness) async throws in
      #expect(try await harness.client.send(get).status == .ok)
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(error?.code == .connectionLost)
      #expect(harness.server.connectionCount == 2)
    }
  }

  @Test(arguments: Transport.allCases, Ending.allCases)
  func `half an answer is an error that says so, even for a kept connection`(
    transport: Transport, ending: Ending
  ) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        try connection.send(response())
        try connection.readRequest()
        try connection.send("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf")
        // A reset could overtake the bytes.
        if ending == .reset { connection.waitForAcknowledgement() }
        ending.apply(to: connection)
      },
      Self.serveForever
    ) { (harness) async throws in
      #expect(try await harness.client.send(get).status == .ok)
      let error = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.requestState == .answeredPartly(.created))
      #expect(harness.server.connectionCount == 1)
    }
  }

  // MARK: Stalling

  @Test(arguments: Transport.allCases)
  func `a server that never answers is given up on`(transport: Transport) async throws {
    try await withHarness(
      over: transport,
      { connection in
        try connection.readRequest()
        connection.report("asked")
        connection.waitForEnd()
      }
    ) { (harness) async throws in
      async let error = failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(await harness.report() == "asked")
      try await harness.advanceToTheEdge(of: .seconds(30))
      harness.server.report("still waiting")
      #expect(await harness.report() == "still waiting")
      harness.clock.advance(by: .milliseconds(1))
      #expect(await error?.code == .timedOut(.response))
      #expect(await error?.requestState == .perhapsSent)
      #expect(await harness.report() == "ended")
    }
  }

  @Test func `a server that stalls within its answer is given up on`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      connection.waitForAcknowledgement()
      connection.report("stalling")
      connection.waitForEnd()
    }) { (harness) async throws in
      async let error = failure { () async throws(HTTPClientError) in
        try await harness.client.send(get, within: .seconds(3))
      }
      #expect(await harness.report() == "stalling")
      harness.clock.advance(by: .seconds(4))
      #expect(await error?.code == .timedOut(.response))
      #expect(await error?.requestState == .answeredPartly(.ok))
    }
  }

  @Test func `a server that accepts but does not speak TLS is given up on after ten seconds`()
    async throws
  {
    let certificates = try Certificates.shared.get()
    try await withHarness({ connection in
      try connection.readSome()
      connection.report("greeted")
      connection.waitForEnd()
    }) { (harness) async throws in
      let client = HTTPClient(
        origin: try HTTPOrigin(
          tls: certificates.client, host: "127.0.0.1", port: harness.server.port),
        loops: harness.loops)
      async let error = failure { () async throws(HTTPClientError) in try await client.send(get) }
      #expect(await harness.report() == "greeted")
      try await harness.advanceToTheEdge(of: .seconds(10))
      #expect(client.statistics.failedConnectionCount == 0)
      harness.clock.advance(by: .milliseconds(1))
      #expect(await error?.code == .timedOut(.connecting))
      #expect(await error?.requestState == .notSent)
      #expect(await harness.report() == "ended")
      await client.close()
    }
  }

  @Test func `a way to the server that does not open is given up on after five seconds`()
    async throws
  {
    try await withHarness({ connection in
      try connection.readHead()
      connection.report("asked")
      connection.waitForEnd()
    }) { (harness) async throws in
      var configuration = HTTPClientConfiguration()
      configuration.proxy = HTTPProxy(.http, host: "127.0.0.1", port: harness.server.port)
      let client = HTTPClient(
        origin: HTTPOrigin(plain: "api.invalid", port: 80), configuration: configuration,
        loops: harness.loops)
      async let error = failure { () async throws(HTTPClientError) in try await client.send(get) }
      #expect(await harness.report() == "asked")
      try await harness.advanceToTheEdge(of: .seconds(5))
      #expect(client.statistics.failedConnectionCount == 0)
      harness.clock.advance(by: .milliseconds(1))
      #expect(await error?.code == .timedOut(.connecting))
      #expect(await error?.requestState == .notSent)
      await client.close()
    }
  }

  @Test func `whoever waits for a connection in vain is told so`() async throws {
    try await withHarness(
      configure: { $0.connectionsPerLoop = 1 },
      { connection in
        try connection.readRequest()
        connection.report("asked")
        try connection.readRequest()
      }
    ) { (harness) async throws in
      async let first = failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(await harness.report() == "asked")
      async let second = failure { () async throws(HTTPClientError) in
        try await harness.client.send(get, within: .seconds(2))
      }
      while harness.client.statistics.queuedCount == 0, !Task.isCancelled { await Task.yield() }
      harness.clock.advance(by: .seconds(3))
      #expect(await second?.code == .timedOut(.connectionTurn))
      #expect(await second?.requestState == .notSent)
      harness.clock.advance(by: .seconds(28))
      #expect(await first?.code == .timedOut(.response))
    }
  }

  // MARK: Connecting

  @Test func `nobody listening is an error that says the request was not sent`() async throws {
    let server = try ScriptedServer([{ _ in }])
    server.stop()
    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(origin: HTTPOrigin(plain: "127.0.0.1", port: server.port), loops: loops)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get) }
    #expect(error?.code == .cannotConnect)
    #expect(error?.requestState == .notSent)
    #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
    await client.close()
    loops.stop()
  }

  @Test func `a certificate for another name is refused before anything is sent`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try ScriptedServer(tls: certificates.server, [{ try $0.readRequest() }])
    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(
      origin: try HTTPOrigin(
        tls: certificates.client, host: "127.0.0.1", port: server.port, name: "other.test"),
      loops: loops)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(post) }
    #expect(error?.code == .tlsFailed)
    #expect(error?.requestState == .notSent)
    #expect(error?.description.contains("other.test") == true)
    await client.close()
    server.stop()
    loops.stop()
  }

  @Test func `plain HTTP where TLS is expected is refused`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try ScriptedServer([
      { connection in
        try connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.waitForEnd()
      }
    ])
    let loops = try EventLoopGroup(loopCount: 1)
    let client = HTTPClient(
      origin: try HTTPOrigin(tls: certificates.client, host: "127.0.0.1", port: server.port),
      loops: loops)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get) }
    #expect(error?.code == .tlsFailed)
    #expect(error?.requestState == .notSent)
    await client.close()
    server.stop()
    loops.stop()
  }

  // MARK: Ending

  @Test func `cancelling the task ends the request and its connection`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      connection.report("asked")
      connection.waitForEnd()
    }) { (harness) async throws in
      let task = Task {
        await failure { () async throws(HTTPClientError) in try await harness.client.send(get) }
      }
      #expect(await harness.report() == "asked")
      task.cancel()
      #expect(await task.value?.code == .cancelled)
      #expect(await task.value?.requestState == .perhapsSent)
      #expect(await harness.report() == "ended")
    }
  }

  @Test func `closing the client ends what goes on and refuses what comes`() async throws {
    try await withHarness({ connection in
      try connection.readRequest()
      connection.report("asked")
      connection.waitForEnd()
    }) { (harness) async throws in
      async let error = failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(await harness.report() == "asked")
      await harness.client.close()
      #expect(await error?.code == .closed)
      #expect(await error?.requestState == .perhapsSent)
      let later = await failure { () async throws(HTTPClientError) in
        try await harness.client.send(get)
      }
      #expect(later == HTTPClientError(.closed, requestState: .notSent))
    }
  }
}

@Suite struct HTTPOriginTests {
  @Test func `the authority is the host with a port that is not the scheme's own`() throws {
    let tls = try Certificates.shared.get().client
    #expect(HTTPOrigin(plain: "a.test", port: 80).authority == "a.test")
    #expect(HTTPOrigin(plain: "a.test", port: 443).authority == "a.test:443")
    #expect(HTTPOrigin(plain: "::1", port: 8080).authority == "[::1]:8080")
    #expect(HTTPOrigin(plain: "[::1]", port: 80).authority == "[::1]")
    #expect(try HTTPOrigin(tls: tls, host: "a.test", port: 443).authority == "a.test")
    #expect(try HTTPOrigin(tls: tls, host: "[fe80::1]", port: 6443).authority == "[fe80::1]:6443")
  }
}

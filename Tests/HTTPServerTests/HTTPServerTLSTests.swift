import HTTPWire
import Reactor
import TLS
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"

@Suite struct HTTPServerTLSTests {
  private let root: CertificateAuthority
  private let name: TLSPeerName

  init() throws {
    root = try CertificateAuthority(commonName: "root")
    name = try TLSPeerName("localhost")
  }

  private func serverContext(
    clients: TLSClientAuthentication = .none
  ) throws -> TLSServerContext {
    try TLSServerContext(
      identity: root.issue(CertificateRequest(use: .server, commonName: "s", names: [name])),
      clients: clients)
  }

  private func connect(
    to fixture: Fixture, as identity: TLSIdentity? = nil
  ) async throws -> Client {
    let client = try await fixture.connect()
    try await client.stream.startTLS(
      TLSSession(client: try clientContext(as: identity), peer: name), deadline: .distantFuture)
    return client
  }

  private func clientContext(as identity: TLSIdentity? = nil) throws -> TLSClientContext {
    try TLSClientContext(trust: .certificates(pem: root.certificatePEM), identity: identity)
  }

  @Test func `requests are answered through TLS, the large ones too`() async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let client = try await connect(to: fixture)
      let body = String(repeating: "x", count: 300_000)
      for _ in 1...2 {
        try await client.send(
          "POST /echo HTTP/1.1\r\n\(host)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let answer = try await client.receive(through: "\r\n\r\n" + body)
        #expect(answer.statuses == ["200"])
      }
      try await client.send("GET /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      // The end is said, else reading up to it would fail.
      #expect(try await client.receiveAll().hasSuffix("\r\n\r\n-"))
    }
  }

  @Test func `the handler learns whom a client's certificate names`() async throws {
    let context = try serverContext(
      clients: .required(.certificates(pem: root.certificatePEM)))
    let identity = try root.issue(
      CertificateRequest(use: .client, commonName: "jane", organizations: ["admins"]))
    try await Fixture { $0.tls = context }.run { fixture in
      let client = try await connect(to: fixture, as: identity)
      try await client.send("GET /identity HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
      #expect(try await client.receiveAll().hasSuffix("\r\n\r\njane admins"))
    }
  }

  @Test(arguments: ["GET", "POST", "DELETE", "OPTIONS", "CONNECT", "get"])
  func `plain HTTP on a TLS listener is told in plain text`(method: String) async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let answer = try await fixture.exchange(
        "\(method) /live HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc")
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(answer.statuses == ["400"])
      #expect(answer.contains("\r\nConnection: close\r\n"))
      #expect(answer.hasSuffix("This port speaks HTTPS: use https:// instead of http://.\n"))
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test(arguments: [
    [0x80, 0x2e, 1, 0, 2], [0, 0, 0, 0, 0], [0x16, 2, 0, 0, 5], [0x15, 3, 1, 0, 2],
  ])
  func `what is neither TLS nor text gets no answer in plain text`(bytes: [UInt8]) async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let client = try await fixture.connect()
      try await client.send(bytes + [UInt8](repeating: 0, count: 64))
      let answer = try await client.receiveAll()
      #expect(!answer.contains("HTTP"))
    }
  }

  /// Half a ClientHello: its record's head promises 512 bytes.
  @Test(arguments: [[], [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]])
  func `a handshake that stalls is given up after 5 seconds`(beginning: [UInt8]) async throws {
    let context = try serverContext()
    let clock = ManualClock()
    #expect(HTTPTimeLimits.default.handshake == .seconds(5))
    try await Fixture(clock: clock) { $0.tls = context }.run { fixture in
      let client = try await fixture.connect()
      try await client.send(beginning)
      try await fixture.settle()
      clock.advance(by: HTTPTimeLimits.default.handshake)
      #expect(try await client.receiveAll() == "")
    }
  }

  @Test(arguments: [
    "Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
  ])
  func `a body that is cut is no request, with close_notify or without`(
    rest: String
  )
    async throws
  {
    let context = try serverContext()
    for saysEnd in [true, false] {
      try await Fixture { $0.tls = context }.run { fixture in
        let client = try await connect(to: fixture)
        try await client.send("POST /echo HTTP/1.1\r\n\(host)\(rest)")
        if saysEnd {
          client.stream.shutdownWriting()
          #expect(try await client.receiveAll().statuses == ["400"])
        } else {
          client.stream.close()
          try await fixture.settle()
        }
        #expect(fixture.handler.requests.isEmpty)
      }
    }
  }

  @Test func `a client that has said its end still gets the answer`() async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let client = try await connect(to: fixture)
      try await client.send("POST /echo HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc")
      client.stream.shutdownWriting()
      #expect(try await client.receiveAll().hasSuffix("\r\n\r\nabc"))
    }
  }

  @Test func `two requests in records of one segment are both answered at once`() async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let client = try await fixture.connect()
      let session = TLSSession(client: try clientContext(), peer: name)
      try await client.stream.startTLS(session, deadline: .distantFuture)
      // Each becomes a record of its own; both leave with the second write.
      let request = Array("GET /live HTTP/1.1\r\n\(host)\r\n".utf8)
      #expect(try session.write(request.span) == .wrote(request.count))
      try await client.send(request)
      _ = try await client.receive(through: "\r\n\r\n-")
      _ = try await client.receive(through: "\r\n\r\n-")
      #expect(fixture.handler.requests.count == 2)
    }
  }

  @Test func `a certificate that is replaced again and again fails no handshake`() async throws {
    let first = try serverContext()
    let second = try serverContext()
    let slot = TLSServerContextSlot(first)
    try await Fixture { $0.tls = slot }.run { fixture in
      for round in 0..<20 {
        try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 0..<4 {
            group.addTask {
              let client = try await connect(to: fixture)
              try await client.send("GET /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
              return try await client.receiveAll()
            }
            slot.replace(with: round.isMultiple(of: 2) ? first : second)
            await Task.yield()
            slot.replace(with: round.isMultiple(of: 2) ? second : first)
          }
          for try await answer in group { #expect(answer.statuses == ["200"]) }
        }
      }
    }
  }

  @Test func `a connection is served with the certificate of its own beginning`() async throws {
    let other = try CertificateAuthority(commonName: "another root")
    let slot = TLSServerContextSlot(try serverContext())
    let next = try TLSServerContext(
      identity: other.issue(CertificateRequest(use: .server, commonName: "n", names: [name])))
    try await Fixture(clock: ManualClock()) { $0.tls = slot }.run { fixture in
      let early = try await fixture.connect()
      // The server's side of the handshake has begun when its loop has seen the connection.
      try await fixture.settle()
      slot.replace(with: next)
      try await early.stream.startTLS(
        TLSSession(client: try clientContext(), peer: name), deadline: .distantFuture)
      let late = try await fixture.connect()
      try await late.stream.startTLS(
        TLSSession(
          client: TLSClientContext(trust: .certificates(pem: other.certificatePEM)), peer: name),
        deadline: .distantFuture)
      for client in [early, late] {
        try await client.send("GET /live HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
        #expect(try await client.receiveAll().statuses == ["200"])
      }
    }
  }

  @Test func `stopping ends a connection that is shaking hands`() async throws {
    let context = try serverContext()
    try await Fixture(clock: ManualClock()) { $0.tls = context }.run { fixture in
      let client = try await fixture.connect()
      try await fixture.settle()
      await fixture.server.stop(deadline: .seconds(60))
      #expect(try await client.receiveAll() == "")
    }
  }
}

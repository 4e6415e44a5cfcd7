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
    let context = try TLSClientContext(
      trust: .certificates(pem: root.certificatePEM), identity: identity)
    try await client.stream.startTLS(
      TLSSession(client: context, peer: name), deadline: .distantFuture)
    return client
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

  @Test func `plain HTTP on a TLS listener is not answered in plain`() async throws {
    let context = try serverContext()
    try await Fixture { $0.tls = context }.run { fixture in
      let answer = try await fixture.exchange("GET /live HTTP/1.1\r\n\(host)\r\n")
      #expect(!answer.contains("HTTP/1.1"))
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `a handshake that does not begin is given up`() async throws {
    let context = try serverContext()
    let clock = ManualClock()
    try await Fixture(clock: clock) { $0.tls = context }.run { fixture in
      let client = try await fixture.connect()
      try await fixture.settle()
      clock.advance(by: HTTPTimeLimits.default.handshake)
      #expect(try await client.receiveAll() == "")
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

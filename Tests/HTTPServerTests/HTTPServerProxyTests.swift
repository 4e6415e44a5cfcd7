import HTTPWire
import Reactor
import TLS
import Testing

@testable import HTTPServer

private let host = "Host: a\r\n"
private let request = "GET /peer HTTP/1.1\r\n\(host)Connection: close\r\n\r\n"

@Suite struct HTTPServerProxyTests {
  @Test func `without the protocol nobody can say who they are`() async throws {
    try await Fixture().run { fixture in
      let answer = try await fixture.exchange(
        "PROXY TCP4 192.0.2.1 198.51.100.2 49153 443\r\n\(request)")
      #expect(answer.statuses == ["400"])
    }
  }

  @Test func `the client is whom the proxy names, for every request of the connection`()
    async throws
  {
    try await Fixture { $0.proxyProtocol = .required }.run { fixture in
      let client = try await fixture.connect()
      try await client.send("PROXY TCP4 192.0.2.1 198.51.100.2 49153 443\r\n")
      for _ in 1...2 {
        try await client.send("GET /peer HTTP/1.1\r\n\(host)\r\n")
        _ = try await client.receive(through: "192.0.2.1:49153")
      }
      client.stream.close()
    }
  }

  @Test func `header and request come in pieces of one byte`() async throws {
    try await Fixture { $0.proxyProtocol = .required }.run { fixture in
      let client = try await fixture.connect()
      for byte in "PROXY TCP6 2001:db8::7 ::1 49153 443\r\n\(request)".utf8 {
        try await client.send([byte])
        try await fixture.settle()
      }
      #expect(try await client.receiveAll().hasSuffix("[2001:db8::7]:49153"))
    }
  }

  @Test func `a proxy's own connection is the proxy's`() async throws {
    try await Fixture { $0.proxyProtocol = .required }.run { fixture in
      let answer = try await fixture.exchange("PROXY UNKNOWN\r\n\(request)")
      #expect(answer.contains("\r\n\r\n127.0.0.1:"))
    }
  }

  @Test(arguments: [request, "PROXY TCP4 a b c d\r\n", "", "PROXY TCP4 192.0.2.1"])
  func `a connection without a header is closed without an answer`(bytes: String) async throws {
    let clock = ManualClock()
    try await Fixture(clock: clock) { $0.proxyProtocol = .required }.run { fixture in
      let client = try await fixture.connect()
      try await client.send(bytes)
      try await fixture.settle()
      clock.advance(by: .seconds(5))
      #expect(try await client.receiveAll() == "")
      #expect(fixture.handler.requests.isEmpty)
    }
  }

  @Test func `the header comes before TLS, and the handshake may follow at once`() async throws {
    let root = try CertificateAuthority(commonName: "root")
    let name = try TLSPeerName("localhost")
    let context = try TLSServerContext(
      identity: root.issue(CertificateRequest(use: .server, commonName: "s", names: [name])))
    let clientContext = try TLSClientContext(trust: .certificates(pem: root.certificatePEM))
    try await Fixture {
      $0.tls = context
      $0.proxyProtocol = .required
    }.run { fixture in
      let client = try await fixture.connect()
      let session = TLSSession(client: clientContext, peer: name)
      _ = try session.handshake()
      // The first record leaves with the header, in one write.
      let hello = session.withPendingCiphertext { span in
        (0..<span.count).map { span[$0] }
      }
      session.markSent(hello.count)
      try await client.send(Array("PROXY TCP4 192.0.2.1 198.51.100.2 49153 443\r\n".utf8) + hello)
      try await client.stream.startTLS(session, deadline: .distantFuture)
      try await client.send(request)
      #expect(try await client.receiveAll().hasSuffix("192.0.2.1:49153"))
    }
  }
}

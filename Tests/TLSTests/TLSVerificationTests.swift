import Testing

@testable import TLS

@Suite struct TLSVerificationTests {
  let fixture: Fixture

  init() throws {
    fixture = try Fixture.shared.get()
  }

  private func server(_ request: CertificateRequest) throws -> TLSServerContext {
    try TLSServerContext(identity: fixture.authority.issue(request))
  }

  private func handshake(
    server: TLSServerContext, client: TLSClientContext? = nil,
    dialling name: String = "api.example.test"
  ) throws -> (Pair, client: Result<Bool, TLSError>, server: Result<Bool, TLSError>) {
    let pair = try Pair(client: client ?? fixture.client, server: server, dialling: name)
    let (clientEnd, serverEnd) = pair.handshake()
    return (pair, clientEnd, serverEnd)
  }

  // MARK: The server's certificate

  @Test(arguments: [
    "api.example.test", "API.Example.Test", "api.example.test.", "127.0.0.1", "::1", "[::1]",
    "0:0:0:0:0:0:0:1",
  ])
  func `a name of the certificate is accepted`(name: String) throws {
    let (_, client, server) = try handshake(server: fixture.server, dialling: name)
    #expect(client == .success(true))
    #expect(server == .success(true))
  }

  @Test(arguments: [
    "example.test", "other.example.test", "api.example.test.evil.test", "127.0.0.2", "::2",
    "server",
    "xapi.example.test",
  ])
  func `any other name is refused, the common name among them`(name: String) throws {
    let (_, client, server) = try handshake(server: fixture.server, dialling: name)
    #expect(client == .failure(.wrongName(expected: name)))
    #expect(throws: TLSError.self) { try server.get() }
  }

  @Test func `a common name is no name, even without any other`() throws {
    let server = try server(CertificateRequest(use: .server, commonName: "api.example.test"))
    let (_, client, _) = try handshake(server: server)
    #expect(client == .failure(.wrongName(expected: "api.example.test")))
  }

  @Test func `a certificate of an unknown authority is refused`() throws {
    let client = try TLSClientContext(
      trust: .certificates(pem: fixture.stranger.certificatePEM))
    let (pair, clientEnd, serverEnd) = try handshake(server: fixture.server, client: client)
    #expect(
      clientEnd
        == .failure(.untrustedCertificate(reason: "unable to get local issuer certificate")))
    #expect(serverEnd == .failure(.peerAlert("tlsv1 alert unknown ca")))
    #expect(!pair.client.isEstablished)
  }

  @Test func `a bundle of two authorities accepts both`() throws {
    let client = try TLSClientContext(
      trust: .certificates(
        pem: fixture.stranger.certificatePEM + fixture.authority.certificatePEM))
    let (_, clientEnd, _) = try handshake(server: fixture.server, client: client)
    #expect(clientEnd == .success(true))
  }

  @Test(arguments: [
    (-7200, -3600, "certificate has expired"), (3600, 7200, "certificate is not yet valid"),
  ])
  func `a certificate out of its time is refused`(
    notBefore: Int, notAfter: Int, reason: String
  ) throws {
    let server = try server(
      CertificateRequest(
        use: .server, commonName: "server", names: [TLSPeerName("api.example.test")],
        validity: CertificateValidity(
          notBefore: .seconds(notBefore), notAfter: .seconds(notAfter))))
    let (_, client, _) = try handshake(server: server)
    #expect(client == .failure(.untrustedCertificate(reason: reason)))
  }

  @Test func `a client's certificate does not serve a server`() throws {
    let server = try server(
      CertificateRequest(
        use: .client, commonName: "server", names: [TLSPeerName("api.example.test")]))
    let (_, client, _) = try handshake(server: server)
    guard case .failure(.untrustedCertificate(let reason)) = client else {
      Issue.record("\(client)")
      return
    }
    #expect(reason.contains("purpose"))
  }

  @Test func `a server's own certificate can be the one that is trusted`() throws {
    let identity = try fixture.authority.issue(
      CertificateRequest(
        use: .server, commonName: "server", names: [TLSPeerName("api.example.test")]))
    let client = try TLSClientContext(trust: .certificates(pem: identity.certificateChainPEM))
    let (_, clientEnd, _) = try handshake(
      server: TLSServerContext(identity: identity), client: client)
    #expect(clientEnd == .success(true))
  }

  @Test func `the system's trust does not hold for our authority`() throws {
    let client = try TLSClientContext(trust: .system)
    let (_, clientEnd, _) = try handshake(server: fixture.server, client: client)
    #expect(throws: TLSError.self) { try clientEnd.get() }
  }

  // MARK: The client's certificate

  private enum ClientCertificate {
    case none
    case good
    case stranger
  }

  private func client(_ certificate: ClientCertificate) throws -> TLSClientContext {
    let issuer: CertificateAuthority? =
      switch certificate {
      case .none: nil
      case .good: fixture.authority
      case .stranger: fixture.stranger
      }
    return try TLSClientContext(
      trust: .certificates(pem: fixture.authority.certificatePEM),
      identity: issuer?.issue(
        CertificateRequest(
          use: .client, commonName: "deployer", organizations: ["ci", "system:masters"])))
  }

  private func asking(_ clients: TLSClientAuthentication) throws -> TLSServerContext {
    try TLSServerContext(
      identity: fixture.authority.issue(
        CertificateRequest(
          use: .server, commonName: "server", names: [TLSPeerName("api.example.test")])),
      clients: clients)
  }

  private var trust: TLSTrust { .certificates(pem: fixture.authority.certificatePEM) }

  @Test func `a client's certificate tells its name and groups`() throws {
    for clients in [TLSClientAuthentication.optional(trust), .required(trust)] {
      let (pair, _, serverEnd) = try handshake(
        server: asking(clients), client: client(.good))
      #expect(serverEnd == .success(true))
      #expect(
        pair.server.peerIdentity
          == TLSPeerIdentity(commonName: "deployer", organizations: ["ci", "system:masters"]))
    }
  }

  @Test func `a client's certificate tells its alternative names`() throws {
    let identity = try fixture.authority.issue(
      CertificateRequest(
        use: .client, commonName: "runner", names: [TLSPeerName("runner.example.test")]))
    let context = try TLSClientContext(trust: trust, identity: identity)
    let (pair, _, serverEnd) = try handshake(server: asking(.required(trust)), client: context)
    #expect(serverEnd == .success(true))
    #expect(pair.server.peerIdentity?.alternativeNames == ["runner.example.test"])
  }

  @Test func `a server that does not ask learns nothing`() throws {
    let (pair, _, serverEnd) = try handshake(server: asking(.none), client: client(.good))
    #expect(serverEnd == .success(true))
    #expect(pair.server.peerIdentity == nil)
  }

  @Test func `a client without certificate is served only where it is optional`() throws {
    let (pair, _, optional) = try handshake(
      server: asking(.optional(trust)), client: client(.none))
    #expect(optional == .success(true))
    #expect(pair.server.peerIdentity == nil)

    let (refused, _, required) = try handshake(
      server: asking(.required(trust)), client: client(.none))
    #expect(required == .failure(.untrustedCertificate(reason: "it sent none")))
    // In TLS 1.3 the client is done before the server looks: it learns of it by reading.
    #expect(throws: TLSError.peerAlert("tlsv13 alert certificate required")) {
      try readAll(refused.client)
    }
  }

  @Test func `a client's certificate of another authority is refused`() throws {
    for clients in [TLSClientAuthentication.optional(trust), .required(trust)] {
      let (pair, _, serverEnd) = try handshake(
        server: asking(clients), client: client(.stranger))
      guard case .failure(.untrustedCertificate) = serverEnd else {
        Issue.record("\(serverEnd)")
        continue
      }
      #expect(pair.server.peerIdentity == nil)
    }
  }
}

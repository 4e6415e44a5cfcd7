import COpenSSL
import Crypto
import Testing

@testable import TLS

@Suite struct TLSContextTests {
  let fixture: Fixture

  init() throws {
    fixture = try Fixture.shared.get()
  }

  // MARK: Versions and extensions, seen through a client that is made to differ

  private func client(_ change: (OpaquePointer) -> Void) throws -> TLSClientContext {
    let client = try TLSClientContext(
      trust: .certificates(pem: fixture.authority.certificatePEM))
    unsafe change(client.handle.context)
    return client
  }

  private func pair(_ client: TLSClientContext) throws -> Pair {
    try Pair(client: client, server: fixture.server, dialling: "api.example.test")
  }

  @Test func `TLS 1-2 is spoken with forward secrecy`() throws {
    let pair = try pair(
      unsafe client { unsafe SSL_CTX_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, 0x303, nil) })
    #expect(pair.handshake().client == .success(true))
    #expect(pair.server.version == "TLSv1.2")
    #expect(try pair.server.write(Array("hello".utf8).span) == .wrote(5))
    pair.carry(from: pair.server, to: pair.client)
    #expect(try readAll(pair.client).bytes == Array("hello".utf8))
  }

  @Test func `TLS 1-1 is refused`() throws {
    let pair = try pair(
      unsafe client {
        unsafe SSL_CTX_ctrl($0, SSL_CTRL_SET_MIN_PROTO_VERSION, 0x302, nil)
        unsafe SSL_CTX_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, 0x302, nil)
        unsafe SSL_CTX_set_cipher_list($0, "DEFAULT@SECLEVEL=0")
      })
    let (client, server) = pair.handshake()
    #expect(throws: TLSError.self) { try client.get() }
    #expect(throws: TLSError.self) { try server.get() }
    // The library's own defaults may refuse it as well; the context must do so without them.
    let minimum = unsafe SSL_CTX_ctrl(
      fixture.server.handle.context, SSL_CTRL_GET_MIN_PROTO_VERSION, 0, nil)
    #expect(minimum == 0x303)
  }

  @Test func `renegotiation is refused and the session goes on`() throws {
    let pair = try pair(
      unsafe client {
        unsafe SSL_CTX_ctrl($0, SSL_CTRL_SET_MAX_PROTO_VERSION, 0x303, nil)
        unsafe SSL_CTX_clear_options($0, hookline_SSL_OP_NO_RENEGOTIATION)
      })
    #expect(pair.handshake().client == .success(true))
    unsafe SSL_renegotiate(pair.client.handle)
    unsafe SSL_do_handshake(pair.client.handle)
    #expect(pair.carry(from: pair.client, to: pair.server))
    #expect(try readAll(pair.server).end == .needsCiphertext)
    // A warning, no_renegotiation, and no second handshake.
    #expect((1..<100).contains(pair.server.pendingByteCount))
  }

  @Test(
    arguments: [
      (["h2", "http/1.1"], true, true), (["http/1.1"], true, true), ([], true, false),
      (["h2"], false, false), (["http/1.0", "http/1.11"], false, false),
    ] as [([String], Bool, Bool)])
  func `a client that offers protocols must offer http 1-1`(
    offer: [String], accepted: Bool, negotiated: Bool
  ) throws {
    let list = offer.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    let pair = try pair(
      unsafe client { unsafe SSL_CTX_set_alpn_protos($0, list, UInt32(list.count)) })
    let (client, server) = pair.handshake()
    #expect((try? client.get()) == (accepted ? true : nil))
    #expect((try? server.get()) == (accepted ? true : nil))
    #expect(pair.client.hasNegotiatedHTTP11 == negotiated)
    if !accepted {
      #expect(client == .failure(.peerAlert("tlsv1 alert no application protocol")))
    }
  }

  @Test func `a session is resumed by its ticket, without early data`() throws {
    let first = try pair(fixture.client)
    #expect(first.handshake().client == .success(true))
    // Reading takes the tickets in.
    #expect(try readAll(first.client).end == .needsCiphertext)
    let ticket = unsafe SSL_get1_session(first.client.handle)
    defer { unsafe SSL_SESSION_free(ticket) }
    #expect(unsafe SSL_SESSION_is_resumable(ticket) == 1)
    #expect(unsafe SSL_SESSION_get_max_early_data(ticket) == 0)

    let second = try pair(fixture.client)
    unsafe SSL_set_session(second.client.handle, ticket)
    #expect(second.handshake().client == .success(true))
    #expect(second.client.isResumed)
    #expect(second.server.isResumed)
  }

  // MARK: What cannot be used

  @Test func `a chain with an intermediate is sent whole`() throws {
    let identity = try fixture.authority.issue(
      CertificateRequest(
        use: .server, commonName: "server", names: [TLSPeerName("api.example.test")]))
    let chained = TLSIdentity(
      certificateChainPEM: identity.certificateChainPEM + fixture.authority.certificatePEM,
      privateKeyPEM: identity.privateKeyPEM)
    let pair = try Pair(
      client: fixture.client, server: TLSServerContext(identity: chained),
      dialling: "api.example.test")
    #expect(pair.handshake().client == .success(true))
  }

  @Test func `a key of another certificate is refused`() throws {
    let request = CertificateRequest(use: .server, commonName: "server")
    let identity = TLSIdentity(
      certificateChainPEM: try fixture.authority.issue(request).certificateChainPEM,
      privateKeyPEM: try fixture.authority.issue(request).privateKeyPEM)
    #expect(throws: TLSConfigurationError.keyMismatch) { try TLSServerContext(identity: identity) }
  }

  @Test(arguments: ["", "no PEM at all", "-----BEGIN NOTE-----\naGk=\n-----END NOTE-----\n"])
  func `text without certificates is refused by name`(text: String) throws {
    #expect(throws: TLSConfigurationError.noCertificate(what: "the CA bundle")) {
      try TLSClientContext(trust: .certificates(pem: Array(text.utf8)))
    }
  }

  @Test func `a bundle whose second certificate is broken is refused`() throws {
    let pem = fixture.authority.certificatePEM
    let error = #expect(throws: TLSConfigurationError.self) {
      try TLSClientContext(trust: .certificates(pem: pem + pem.dropLast(60)))
    }
    guard case .unreadable(what: "the CA bundle", let faults) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!faults.isEmpty)
  }

  // Made by `openssl genpkey -algorithm ed25519 -aes256`.
  @Test func `an encrypted key is refused without asking for a pass phrase`() throws {
    let encrypted = """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhAwE2Dm2VtQQICCAAw
      DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEK/M00x6oCi9R/q2YiPlSbEEQIbG
      7FxeHY99OzCtMtygtWyiZ6bVF6mxrDf3E/sWToH7zd/f8TghtXu1t1d2sbcw+K0O
      c3IK7Zqmxo/mxchUdKo=
      -----END ENCRYPTED PRIVATE KEY-----
      """
    let identity = TLSIdentity(
      certificateChainPEM: fixture.authority.certificatePEM,
      privateKeyPEM: SecretBytes(encrypted))
    let error = #expect(throws: TLSConfigurationError.self) {
      try TLSServerContext(identity: identity)
    }
    guard case .unreadable(what: "the private key", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

@Suite struct TLSPeerNameTests {
  @Test(arguments: [
    ("example.test", TLSPeerName.Kind.hostName, "example.test"),
    ("example.test.", .hostName, "example.test"), ("a-b_c.9", .hostName, "a-b_c.9"),
    ("localhost", .hostName, "localhost"), ("10.0.0.1", .ipAddress, "10.0.0.1"),
    ("[fe80::1]", .ipAddress, "fe80::1"), ("::ffff:10.0.0.1", .ipAddress, "::ffff:10.0.0.1"),
    ("abc", .hostName, "abc"),
  ])
  func `host names and addresses are told apart`(
    text: String, kind: TLSPeerName.Kind, name: String
  ) throws {
    let peer = try TLSPeerName(text)
    #expect(peer.kind == kind)
    #expect(peer.text == name)
  }

  @Test(arguments: [
    "", ".", "..", ".example.test", "a..b", "a.b..", "a b", "a,DNS:b", "a\u{0}b", "*.example.test",
    "[example.test]", "[", "[]", "::1::", "fe80::1%eth0", "exämple.test",
    String(repeating: "a", count: 64),
    Array(repeating: "abcdefg", count: 32).joined(separator: "."),
  ])
  func `anything else is no name`(text: String) {
    #expect(throws: TLSConfigurationError.invalidName(text)) { try TLSPeerName(text) }
  }
}

@Suite struct CertificateAuthorityTests {
  @Test func `an authority goes on from its PEM`() throws {
    let first = try CertificateAuthority(commonName: "authority")
    let again = try CertificateAuthority(
      certificatePEM: first.certificatePEM, privateKeyPEM: first.privateKeyPEM)
    let server = try TLSServerContext(
      identity: again.issue(
        CertificateRequest(use: .server, commonName: "s", names: [TLSPeerName("10.1.2.3")])))
    let client = try TLSClientContext(trust: .certificates(pem: first.certificatePEM))
    #expect(
      try Pair(client: client, server: server, dialling: "10.1.2.3").handshake().client
        == .success(true))
  }

  @Test func `an authority with another's key is refused`() throws {
    let fixture = try Fixture.shared.get()
    #expect(throws: TLSConfigurationError.keyMismatch) {
      try CertificateAuthority(
        certificatePEM: fixture.authority.certificatePEM,
        privateKeyPEM: fixture.stranger.privateKeyPEM)
    }
  }

  @Test func `a subject that X-509 cannot hold is refused`() throws {
    let fixture = try Fixture.shared.get()
    #expect(throws: TLSConfigurationError.self) {
      try fixture.authority.issue(
        CertificateRequest(use: .client, commonName: String(repeating: "n", count: 65)))
    }
  }

  @Test func `what is issued is PEM`() throws {
    let fixture = try Fixture.shared.get()
    let identity = try fixture.authority.issue(
      CertificateRequest(use: .client, commonName: "c"))
    let certificate = String(decoding: identity.certificateChainPEM, as: UTF8.self)
    #expect(certificate.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    #expect(certificate.hasSuffix("-----END CERTIFICATE-----\n"))
    let key = identity.privateKeyPEM.withBytes { bytes in
      String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
    #expect(key.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
  }
}

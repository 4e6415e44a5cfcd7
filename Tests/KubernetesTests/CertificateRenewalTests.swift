import Bytes
import Crypto
import JSON
import Logging
import Reactor
import Synchronization
import TLS
import Testing

@testable import Kubernetes

/// Certificates that are replaced under a running client.
@Suite(.timeLimit(.minutes(1))) struct CertificateRenewalTests {
  /// A server whose certificate can be replaced, and a client that has its files in a folder.
  private final class Cluster: Sendable {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let log = RecordingLog()
    let client: KubernetesClient
    let server: ReplayServer
    private let loops: EventLoopGroup

    init(
      _ server: ReplayServer, folder: TemporaryFolder, user: String = "token: t0ken-t0ken",
      programs: ClusterConfiguration.ProgramPolicy = .refused
    ) throws {
      self.folder = folder
      self.server = server
      let file = try folder.write(
        """
        current-context: main
        clusters:
        - name: c
          cluster: {server: "https://127.0.0.1:\(server.port)", certificate-authority: ca.crt}
        users:
        - name: u
          user: {\(user)}
        contexts:
        - name: main
          context: {cluster: c, user: u}
        """, to: "config")
      loops = try EventLoopGroup(loopCount: 1, name: "client", clock: clock)
      let log = log
      client = try KubernetesClient(
        ClusterConfiguration.load(
          kubeconfig: file, context: nil, environment: [:], programs: programs),
        loops: loops, logger: Logger(label: "test") { _ in log.handler },
        environment: ["PATH": "/usr/bin:/bin"], clock: clock)
    }

    func version() async throws(KubernetesError) { _ = try await client.serverVersion() }

    func stop() async {
      await client.close()
      server.stop()
      loops.stop()
    }
  }

  private let answers = Array(repeating: Reply.text("200 OK", "{\"gitVersion\":\"v1\"}"), count: 20)

  private func context(
    of authority: CertificateAuthority, clients: TLSClientAuthentication = .none
  ) throws -> TLSServerContext {
    try TLSServerContext(
      identity: authority.issue(
        CertificateRequest(
          use: .server, commonName: "api", names: [try TLSPeerName("127.0.0.1")])),
      clients: clients)
  }

  private func pem(_ authorities: CertificateAuthority...) -> String {
    authorities.map { String(decoding: $0.certificatePEM, as: UTF8.self) }.joined()
  }

  @Test func `a CA bundle that rotates costs no request`() async throws {
    let old = try CertificateAuthority(commonName: "old")
    let new = try CertificateAuthority(commonName: "new")
    let folder = try TemporaryFolder()
    try folder.write(pem(old), to: "ca.crt")
    let cluster = try Cluster(
      try await ReplayServer(try context(of: old), answers), folder: folder)
    try await cluster.version()
    try folder.write(pem(old, new), to: "ca.crt")
    cluster.clock.advance(by: .seconds(300))
    try await cluster.version()
    // The bundle changed, so the connection that was opened with the old one is not used again.
    #expect(cluster.server.connectionCount == 2)
    cluster.server.replaceTLS(try context(of: new))
    cluster.clock.advance(by: .seconds(61))
    try await cluster.version()
    #expect(cluster.server.connectionCount == 3)
    try folder.write(pem(new), to: "ca.crt")
    cluster.clock.advance(by: .seconds(300))
    try await cluster.version()
    await cluster.stop()
  }

  @Test func `a server that rotates before our five minutes are over costs no request either`()
    async throws
  {
    let old = try CertificateAuthority(commonName: "old")
    let new = try CertificateAuthority(commonName: "new")
    let folder = try TemporaryFolder()
    try folder.write(pem(old), to: "ca.crt")
    let cluster = try Cluster(
      try await ReplayServer(try context(of: old), answers), folder: folder)
    try await cluster.version()
    try folder.write(pem(new), to: "ca.crt")
    cluster.server.replaceTLS(try context(of: new))
    cluster.clock.advance(by: .seconds(61))
    try await cluster.version()
    await cluster.stop()
  }

  @Test func `a wrong bundle fails for good and is never a reason not to verify`() async throws {
    let right = try CertificateAuthority(commonName: "right")
    let wrong = try CertificateAuthority(commonName: "wrong")
    let folder = try TemporaryFolder()
    try folder.write(pem(right), to: "ca.crt")
    let cluster = try Cluster(
      try await ReplayServer(try context(of: right), answers), folder: folder)
    try await cluster.version()
    try folder.write(pem(wrong), to: "ca.crt")
    cluster.clock.advance(by: .seconds(300))
    for _ in 0..<2 {
      let error = await #expect(throws: KubernetesError.self) { try await cluster.version() }
      #expect(error?.code == .transport(.tlsFailed))
      #expect(error?.outcome == .notPerformed)
    }
    #expect(cluster.server.requests.count == 1)
    await cluster.stop()
  }

  @Test(arguments: ["", "-----BEGIN CERT", nil])
  func `a bundle that is broken or away for a while changes nothing`(_ text: String?) async throws {
    let authority = try CertificateAuthority(commonName: "CA")
    let folder = try TemporaryFolder()
    try folder.write(pem(authority), to: "ca.crt")
    let cluster = try Cluster(
      try await ReplayServer(try context(of: authority), answers), folder: folder)
    try await cluster.version()
    if let text { try folder.write(text, to: "ca.crt") } else { try folder.remove("ca.crt") }
    cluster.clock.advance(by: .seconds(300))
    try await cluster.version()
    #expect(cluster.log.lines.contains { $0.contains("replaced certificates cannot be used") })
    await cluster.stop()
  }

  @Test func `a renewed client certificate is presented on new connections`() async throws {
    let authority = try CertificateAuthority(commonName: "CA")
    let folder = try TemporaryFolder()
    try folder.write(pem(authority), to: "ca.crt")
    func write(_ name: String) throws {
      let identity = try authority.issue(CertificateRequest(use: .client, commonName: name))
      try folder.write(String(decoding: identity.certificateChainPEM, as: UTF8.self), to: "c.pem")
      try folder.write(String(decoding: identity.privateKeyPEM.copy(), as: UTF8.self), to: "k.pem")
    }
    try write("first")
    let asking = TLSClientAuthentication.required(.certificates(pem: authority.certificatePEM))
    let cluster = try Cluster(
      try await ReplayServer(try context(of: authority, clients: asking), answers), folder: folder,
      user: "client-certificate: c.pem, client-key: k.pem")
    try await cluster.version()
    try write("second")
    cluster.clock.advance(by: .seconds(299))
    try await cluster.version()
    // A connection of its own, since the first was idle for too long.
    #expect(cluster.server.clientNames == ["first", "first"])
    cluster.clock.advance(by: .seconds(1))
    try await cluster.version()
    #expect(cluster.server.clientNames == ["first", "first", "second"])
    await cluster.stop()
  }

  @Test func `a certificate from a program is presented, and asked for again when refused`()
    async throws
  {
    let authority = try CertificateAuthority(commonName: "CA")
    let folder = try TemporaryFolder()
    try folder.write(pem(authority), to: "ca.crt")
    for name in ["first", "second"] {
      let identity = try authority.issue(CertificateRequest(use: .client, commonName: name))
      let answer: JSONValue = [
        "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
        "status": [
          "clientCertificateData": .string(
            String(decoding: identity.certificateChainPEM, as: UTF8.self)),
          "clientKeyData": .string(String(decoding: identity.privateKeyPEM.copy(), as: UTF8.self)),
        ],
      ]
      try folder.write(String(decoding: answer.serialized(.compact), as: UTF8.self), to: name)
    }
    // The first run gives the first certificate, each later one the second.
    try folder.write(
      "#!/bin/sh\ncd \"${0%/*}\" && cat first 2>/dev/null && mv first used || cat second\n",
      to: "auth")
    try folder.makeExecutable("auth")
    let asking = TLSClientAuthentication.required(.certificates(pem: authority.certificatePEM))
    let server = try await ReplayServer(
      try context(of: authority, clients: asking),
      [answers[0], .text("401 Unauthorized", "{}"), answers[0], answers[0]])
    let cluster = try Cluster(
      server, folder: folder,
      user: "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./auth}",
      programs: .allowed)
    try await cluster.version()
    #expect(server.clientNames == ["first"])
    try await cluster.version()
    #expect(server.clientNames == ["first", "second"])
    #expect(server.requests.count == 3)
    try await cluster.version()
    #expect(server.clientNames == ["first", "second"])
    await cluster.stop()
  }
}

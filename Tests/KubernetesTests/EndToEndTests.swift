import Bytes
import Crypto
import HTTPWire
import JSON
import Logging
import Reactor
import TLS
import TestSupport
import Testing

@testable import Kubernetes

/// The client as the product makes it, against a server with TLS on a real socket.
@Suite(.timeLimit(.minutes(TestTime.minutes))) struct EndToEndTests {
  static let authority = Result { try CertificateAuthority(commonName: "cluster CA") }

  let run: JSONValue = [
    "apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": ["name": "a"],
  ]
  let resources = Reply.text(
    "200 OK",
    """
    {"kind":"APIResourceList","groupVersion":"tekton.dev/v1",
    "resources":[{"name":"pipelineruns","kind":"PipelineRun","namespaced":true}]}
    """)

  private func created(_ name: String = "a") -> Reply {
    .text("201 Created", "{\"kind\":\"PipelineRun\",\"metadata\":{\"name\":\"\(name)\"}}")
  }

  // MARK: Set-up

  /// Server and client; the client is made from a kubeconfig file.
  private struct Pair {
    let server: ReplayServer
    let client: KubernetesClient
    let clock: ManualClock
  }

  private func withPair(
    names: [String] = ["127.0.0.1"], validity: CertificateValidity = .leaf,
    clients: TLSClientAuthentication = .none, cluster: String = "",
    user: String = "token: t0ken-t0ken", isAuthorityGiven: Bool = true,
    trusting: CertificateAuthority? = nil, _ replies: [Reply], _ body: (Pair) async throws -> Void
  ) async throws {
    let authority = try Self.authority.get()
    let identity = try authority.issue(
      CertificateRequest(
        use: .server, commonName: "api", names: names.map { try TLSPeerName($0) },
        validity: validity))
    let server = try await ReplayServer(
      try TLSServerContext(identity: identity, clients: clients), replies)
    let folder = try TemporaryFolder()
    try folder.write(
      String(decoding: (trusting ?? authority).certificatePEM, as: UTF8.self), to: "ca.crt")
    let file = try folder.write(
      """
      current-context: main
      clusters:
      - name: c
        cluster:
          server: https://127.0.0.1:\(server.port)
          \(isAuthorityGiven ? "certificate-authority: ca.crt" : "")
          \(cluster)
      users:
      - name: u
        user: {\(user)}
      contexts:
      - name: main
        context: {cluster: c, user: u, namespace: ci}
      """, to: "config")
    let clock = ManualClock()
    let loops = try EventLoopGroup(loopCount: 1, name: "client", clock: clock)
    let client = try KubernetesClient(
      ClusterConfiguration.load(kubeconfig: file, context: nil, environment: [:]), loops: loops,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, userAgent: "hookline/1.2.3",
      clock: clock)
    do {
      try await body(Pair(server: server, client: client, clock: clock))
    } catch {
      Issue.record(error)
    }
    await client.close()
    server.stop()
    loops.stop()
  }

  private func failure(_ client: KubernetesClient) async throws -> KubernetesError {
    try await #require(throws: KubernetesError.self) { try await client.create(run) }
  }

  // MARK: Requests and answers

  @Test
  func `a create goes out whole and a hundred of them share a connection`() async throws {
    try await withPair([resources] + Array(repeating: created(), count: 100)) { pair in
      for _ in 0..<100 {
        #expect(try await pair.client.create(run)["metadata"]?["name"] == "a")
      }
      #expect(pair.server.connectionCount == 1)
      #expect(pair.server.requests.count == 101)
      let request = try #require(pair.server.requests.last)
      #expect(
        request.line
          == "POST /apis/tekton.dev/v1/namespaces/ci/pipelineruns?fieldManager=hookline"
          + "&fieldValidation=Strict HTTP/1.1")
      #expect(request.field("Authorization") == "Bearer t0ken-t0ken")
      #expect(request.field("User-Agent") == "hookline/1.2.3")
      #expect(request.field("Content-Type") == "application/json")
      #expect(try JSONValue.parse(request.body) == run)
    }
  }

  @Test(arguments: [1, 100, 1 << 20])
  func `a long chunked object arrives whole`(_ chunkByteCount: Int) async throws {
    var stored = run
    let count = chunkByteCount == 1 ? 5_000 : 1_400_000
    stored["text"] = .string(String(repeating: "ü", count: count / 2))
    let reply = Reply.bytes(
      Reply.chunked("201 Created", stored.serialized(.compact), chunkByteCount: chunkByteCount))
    try await withPair([resources, reply, created()]) { pair in
      #expect(try await pair.client.create(run) == stored)
      _ = try await pair.client.create(run)
      #expect(pair.server.connectionCount == 1)
    }
  }

  @Test(
    .enabled(if: SharedData.isPresent, "the shared test data is absent"),
    arguments: [
      ("unknown-resources", 3, KubernetesError.Code.unknownResource),
      ("too-many-requests", 3, .tooManyRequests), ("http-request-bodies", 4, .unsupported),
      ("http-request-bodies", 10, .tooLarge), ("webhook-unavailable", 2, .timeout),
      ("create-already-exists", 1, .alreadyExists), ("webhook-quota", 2, .quotaExceeded),
      ("auth-missing-and-invalid-credentials", 2, .unauthorized),
      ("create-namespace-errors", 10, .namespaceTerminating),
    ])
  func `a recorded failure survives the way, and the connection with it`(
    _ scenario: String, _ index: Int, _ code: KubernetesError.Code
  ) async throws {
    let answer = try #require(try Recording.exchange(scenario, index).answer)
    try await withPair([resources, .recorded(answer), resources, created()]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code == code)
      #expect(error.httpStatus == answer.status.rawValue)
      #expect(!String(reflecting: error).contains("t0ken-t0ken"))
      _ = try await pair.client.serverVersion()
      #expect(pair.server.connectionCount == 1)
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "the shared test data is absent"))
  func `the recorded lists of resources are read as they were sent`() async throws {
    let core = try #require(try Recording.exchange("discovery", 7).answer)
    #expect(core.fields["Transfer-Encoding"] == "chunked")
    let secret = Reply.text("200 OK", "{\"kind\":\"Secret\",\"data\":{\"token\":\"YQ==\"}}")
    try await withPair([.recorded(core, chunkByteCount: 7), secret]) { pair in
      let found = try await pair.client.get(apiVersion: "v1", kind: "Secret", name: "github")
      #expect(found["data"]?["token"] == "YQ==")
      #expect(
        pair.server.requests.map(\.line) == [
          "GET /api/v1 HTTP/1.1", "GET /api/v1/namespaces/ci/secrets/github HTTP/1.1",
        ])
    }
  }

  @Test(arguments: ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
  func `a redirect is not followed`(_ status: String) async throws {
    let redirect = Reply.text(status, "", fields: "Location: https://127.0.0.1:1/\r\n")
    try await withPair([resources, redirect]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code == .redirected)
      #expect(pair.server.requests.count == 2)
    }
  }

  // MARK: Connections that break

  @Test(arguments: [
    "", "HTTP/1.1 201 Cre", "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"kind\":",
    "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ki",
  ])
  func `half an answer leaves a create open`(_ bytes: String) async throws {
    // A create with a name is sent again on a new connection if nothing at all had come.
    let half = Reply.last(Array(bytes.utf8))
    try await withPair([resources, half, half]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code.rawValue.hasPrefix("transport."))
      #expect(error.outcome == .ambiguous)
      #expect(error.retry == .backoff)
      #expect(error.httpStatus == nil)
    }
  }

  @Test
  func `an answer that is no HTTP leaves a create open`() async throws {
    try await withPair([resources, .last(Array("SSH-2.0-x\r\n\r\n".utf8))]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code == .transport(.malformedAnswer))
      #expect(error.outcome == .ambiguous)
    }
  }

  @Test
  func `a kept connection that the server has closed costs nothing`() async throws {
    let closing = Reply.closing(
      "200 OK",
      """
      {"kind":"APIResourceList","groupVersion":"tekton.dev/v1",
      "resources":[{"name":"pipelineruns","kind":"PipelineRun","namespaced":true}]}
      """)
    try await withPair([closing, created()]) { pair in
      let stored = try await pair.client.create(run)
      #expect(stored["metadata"]?["name"] == "a")
      #expect(pair.server.connectionCount == 2)
    }
  }

  @Test
  func `a kept connection that dies under a create costs nothing if the object has a name`()
    async throws
  {
    try await withPair([resources, .last([]), created()]) { pair in
      let stored = try await pair.client.create(run)
      #expect(stored["metadata"]?["name"] == "a")
      #expect(pair.server.connectionCount == 2)
      let lines = pair.server.requests.map(\.line)
      #expect(lines.count == 3 && lines[1] == lines[2])
    }
    var generated = run
    generated["metadata"] = ["generateName": "a-"]
    try await withPair([resources, .last([]), created()]) { pair in
      let error = try await #require(throws: KubernetesError.self) {
        try await pair.client.create(generated)
      }
      #expect(error.code == .transport(.connectionLost))
      #expect(error.outcome == .ambiguous)
      #expect(pair.server.requests.count == 2)
    }
  }

  @Test
  func `a server that never answers is given up after thirty seconds`() async throws {
    try await withPair([resources, .silence]) { pair in
      async let outcome = failure(pair.client)
      var arrivals = pair.server.arrivals.makeAsyncIterator()
      _ = await arrivals.next()
      _ = await arrivals.next()
      pair.clock.advance(by: .seconds(31))
      let error = try await outcome
      #expect(error.code == .transport(.timedOut))
      #expect(error.outcome == .ambiguous)
    }
  }

  @Test
  func `a server that is not there leaves nothing open`() async throws {
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    let port = socket.address.port
    _ = consume socket
    let loops = try EventLoopGroup(loopCount: 1, name: "client")
    let client = try KubernetesClient(
      ClusterConfiguration(server: ServerAddress(host: "127.0.0.1", port: port), origin: "test"),
      loops: loops, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let error = try await #require(throws: KubernetesError.self) {
      try await client.serverVersion()
    }
    #expect(error.code == .transport(.unreachable))
    #expect(error.outcome == .notPerformed)
    await client.close()
    loops.stop()
  }

  // MARK: Who is there

  @Test(arguments: [
    (["127.0.0.1"], "", nil),
    (["api.test"], "", "127.0.0.1"),
    (["127.0.0.2"], "", "127.0.0.1"),
    (["api.test"], "tls-server-name: api.test", nil),
    (["api.test", "127.0.0.1"], "tls-server-name: other.test", "other.test"),
    (["127.0.0.1"], "tls-server-name: api.test", "api.test"),
  ])
  func `the certificate has to be for the address or the given name`(
    _ names: [String], _ cluster: String, _ missing: String?
  ) async throws {
    try await withPair(names: names, cluster: cluster, [resources, created()]) { pair in
      guard let missing else {
        _ = try await pair.client.create(run)
        return
      }
      let error = try await failure(pair.client)
      #expect(error.code == .transport(.tlsFailed))
      #expect(error.outcome == .notPerformed)
      #expect(
        error.message
          == "TLS failed: the peer's certificate is not for \(missing) (the request was not sent)")
      #expect(pair.server.requests.isEmpty)
    }
  }

  @Test
  func `a server of another authority is refused before anything is sent`() async throws {
    let other = try CertificateAuthority(commonName: "cluster CA")
    try await withPair(trusting: other, [resources, created()]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code == .transport(.tlsFailed))
      #expect(error.outcome == .notPerformed)
      #expect(error.message.hasPrefix("TLS failed: the peer's certificate is not trusted: "))
      #expect(pair.server.requests.isEmpty)
    }
  }

  @Test
  func `whoever answers is believed only if the file skips verification`() async throws {
    try await withPair(
      names: ["other.test"],
      validity: CertificateValidity(notBefore: .seconds(-7200), notAfter: .seconds(-3600)),
      cluster: "insecure-skip-tls-verify: true", isAuthorityGiven: false, [resources, created()]
    ) { pair in
      _ = try await pair.client.create(run)
    }
  }

  @Test
  func `an expired certificate is refused`() async throws {
    let past = CertificateValidity(notBefore: .seconds(-7200), notAfter: .seconds(-3600))
    try await withPair(validity: past, [resources]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code == .transport(.tlsFailed))
      #expect(
        error.message
          == "TLS failed: the peer's certificate is not trusted: certificate has expired "
          + "(the request was not sent)")
    }
  }

  @Test
  func `a client certificate is presented, and nothing goes out without the one asked for`()
    async throws
  {
    let authority = try Self.authority.get()
    let mine = try authority.issue(
      CertificateRequest(use: .client, commonName: "hookline", organizations: ["ci"]))
    let key = mine.privateKeyPEM.withBytes { bytes in
      Base64.encode(bytes.indices.map { bytes[$0] })
    }
    let certificate = Base64.encode(mine.certificateChainPEM)
    let asking = TLSClientAuthentication.required(.certificates(pem: authority.certificatePEM))
    try await withPair(
      clients: asking,
      user: "client-certificate-data: \(certificate), client-key-data: \(key)",
      [resources, created()]
    ) { pair in
      _ = try await pair.client.create(run)
      #expect(pair.server.requests.last?.field("Authorization") == nil)
    }
    try await withPair(clients: asking, [resources, created()]) { pair in
      let error = try await failure(pair.client)
      #expect(error.code.rawValue.hasPrefix("transport."))
      #expect(pair.server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    ("certificate-authority-data: bm90IFBFTQ==", "token: abc"),
    ("", "client-certificate-data: bm90IFBFTQ==, client-key-data: bm90IFBFTQ=="),
    ("tls-server-name: 'a b'", "token: abc"),
  ])
  func `certificates and names that cannot be used are told before anything is sent`(
    _ cluster: String, _ user: String
  ) async throws {
    let text = """
      current-context: main
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"\(cluster.isEmpty ? "" : ", ")\(cluster)}}]
      users: [{name: u, user: {\(user)}}]
      contexts: [{name: main, context: {cluster: c, user: u}}]
      """
    let configuration = try Kubeconfig(parsing: text, file: "/a/config").resolved(context: nil)
    let loops = try EventLoopGroup(loopCount: 1, name: "client")
    let error = #expect(throws: KubeconfigError.self) {
      try KubernetesClient(configuration, loops: loops, logger: Logger(label: "test"))
    }
    #expect(error?.code == .malformed)
    #expect(error?.description.contains("context \"main\" of /a/config") == true)
    loops.stop()
  }
}

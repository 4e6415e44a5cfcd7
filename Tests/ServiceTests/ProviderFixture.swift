import Bytes
import Crypto
import HTTPServer
import HTTPWire
import Hooks
import Logging
import Reactor
import Synchronization
import TLS
import Testing

@testable import Service

/// A Git host's API over TLS, that answers what a test has written down and notes what it is asked.
final class ProviderFixture: HTTPHandler {
  struct Reply {
    var status = HTTPStatus.ok
    var fields: HTTPFields = []
    var body = ""
  }

  private let script: @Sendable (_ target: String) -> Reply
  private let requests = Mutex<[HTTPRequestHead]>([])

  init(_ script: @escaping @Sendable (_ target: String) -> Reply) {
    self.script = script
  }

  /// What was asked for, in order.
  var targets: [String] { requests.withLock { $0.map(\.target) } }
  var authorizations: [String?] { requests.withLock { $0.map { $0.fields["Authorization"] } } }

  func admit(_ head: HTTPRequestHead, peer: SocketAddress) -> HTTPAdmission {
    requests.withLock { $0.append(head) }
    let reply = script(head.target)
    return .answer(
      HTTPResponse(reply.status, fields: reply.fields, body: .bytes(Array(reply.body.utf8))))
  }

  func respond(to request: HTTPRequest) -> HTTPAnswer { .now(HTTPResponse(.ok)) }

  /// Runs a test against the host, which listens on a free port of 127.0.0.1.
  func run(
    token: String = "api-token", trusted: Bool = true,
    _ test: (ProviderClient, ProviderAPI) async throws -> Void
  ) async throws {
    let loops = try EventLoopGroup(loopCount: 1)
    defer { loops.stop() }
    let root = try CertificateAuthority(commonName: "root")
    let identity = try root.issue(
      CertificateRequest(use: .server, commonName: "s", names: [TLSPeerName("127.0.0.1")]))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = HTTPServer(
      configuration: HTTPServerConfiguration(
        listeners: [SocketAddress(host: .loopbackV4, port: 0)],
        tls: try TLSServerContext(identity: identity)),
      loops: loops, handler: self, logger: logger)
    let port = try #require(server.start()[0].socketAddress).port
    let folder = try StateFolder()
    let file = "\(folder.path)/ca.pem"
    let other = try CertificateAuthority(commonName: "other")
    try LocalFile.replace(
      file, with: trusted ? root.certificatePEM : other.certificatePEM, readers: .owner)
    let client = ProviderClient(loops: loops) { _ in SecretBytes(token) }
    let api = ProviderAPI(
      address: ServerAddress(host: "127.0.0.1", port: port, basePath: "/api"),
      token: .environment(name: "TOKEN"), certificateAuthority: file)
    let result: Result<Void, any Error>
    do { result = .success(try await test(client, api)) } catch { result = .failure(error) }
    await client.close()
    await server.stop(deadline: .zero)
    try result.get()
  }
}

import HTTPWire
import Reactor
import TLS
import Testing

@testable import HTTPClient

/// How a test's connections are protected.
enum Transport: CaseIterable, Sendable {
  case plain
  case tls
}

/// Certificates that all tests share.
struct Certificates {
  let authority: CertificateAuthority
  let server: TLSServerContext
  let client: TLSClientContext

  static let shared = Result { try Certificates() }

  init() throws {
    authority = try CertificateAuthority(commonName: "test CA")
    server = try TLSServerContext(
      identity: authority.issue(
        CertificateRequest(use: .server, commonName: "server", names: [TLSPeerName("127.0.0.1")])))
    client = try TLSClientContext(trust: .certificates(pem: authority.certificatePEM))
  }
}

/// A scripted server, a client for it, a loop and a clock that stands still.
struct Harness {
  let server: ScriptedServer
  let client: HTTPClient
  let loops: EventLoopGroup
  let clock = ManualClock()

  init(
    _ transport: Transport = .plain, loopCount: Int = 1,
    configure: (inout HTTPClientConfiguration) -> Void = { _ in },
    _ scripts: [ScriptedServer.Script]
  ) throws {
    var configuration = HTTPClientConfiguration()
    configure(&configuration)
    let certificates = try Certificates.shared.get()
    server = try ScriptedServer(tls: transport == .tls ? certificates.server : nil, scripts)
    let origin =
      switch transport {
      case .plain: HTTPOrigin(plain: "127.0.0.1", port: server.port)
      case .tls: try HTTPOrigin(tls: certificates.client, host: "127.0.0.1", port: server.port)
      }
    loops = try EventLoopGroup(loopCount: loopCount, name: "client", clock: clock)
    client = HTTPClient(origin: origin, configuration: configuration, loops: loops)
  }

  /// Ends everything; a test calls it last.
  func stop() async {
    await client.close()
    server.stop()
    loops.stop()
  }

  /// Moves the clock to a millisecond before a limit is over, and lets the loop look at it.
  func advanceToTheEdge(of limit: Duration) async throws {
    clock.advance(by: limit - .milliseconds(1))
    for _ in 0..<2 { try await loops.loops[0].run {} }
  }

  /// Waits for the server's next report.
  func report() async -> String? {
    await server.reports.first { _ in true }
  }
}

/// Runs `body` with a harness and stops it afterwards, whatever happens. The second script, or else
/// the first, serves all connections but the first.
func withHarness(
  over transport: Transport = .plain, loopCount: Int = 1,
  configure: (inout HTTPClientConfiguration) -> Void = { _ in },
  _ script: @escaping ScriptedServer.Script, _ second: ScriptedServer.Script? = nil,
  body: (Harness) async throws -> Void
) async throws {
  let harness = try Harness(
    transport, loopCount: loopCount, configure: configure, [script, second ?? script])
  do {
    try await body(harness)
  } catch {
    await harness.stop()
    throw error
  }
  await harness.stop()
}

/// The error of a request that must fail.
func failure<Success>(
  _ body: () async throws(HTTPClientError) -> Success
) async -> HTTPClientError? {
  do throws(HTTPClientError) {
    _ = try await body()
    Issue.record("the request succeeded")
    return nil
  } catch {
    return error
  }
}

/// A response with a length.
func response(_ status: String = "200 OK", _ body: String = "ok", _ fields: String = "") -> String {
  "HTTP/1.1 \(status)\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

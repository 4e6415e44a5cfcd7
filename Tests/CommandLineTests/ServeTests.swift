import Crypto
import Foundation
import TLS
import Testing

@testable import Reactor

/// `hookline serve` as a process: where it listens, with which certificate, and how it ends.
@Suite struct ServeTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source: { type: github, secrets: [{ env: WEBHOOK_SECRET }] }
      triggers:
      - name: build
        on: [push]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
          spec: { pipelineRef: { name: build } }
    """

  private static let live = "GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

  private let folder: TemporaryFolder
  private let visitor: Visitor

  init() throws {
    folder = try TemporaryFolder()
    visitor = try Visitor()
  }

  private func serve(
    _ arguments: [String], after script: String? = nil, input: FileHandle = .nullDevice
  ) throws -> Program {
    try Program(
      [
        "serve", "--sandbox", "--admin", "127.0.0.1:0", "--loops", "2", "--config",
        try folder.write("a.yaml", Self.hook),
      ] + arguments, environment: ["WEBHOOK_SECRET": "s"], after: script, input: input)
  }

  /// The next address that the program says it listens at.
  private func address(
    of service: Program, containing text: String = ""
  ) async throws -> ListenerAddress {
    let line = try #require(await service.line(containing: "info listening address=\(text)"))
    return try ListenerAddress(parsing: #require(Program.value("address", in: line)))
  }

  @Test func `it listens at several addresses, and takes the Unix socket away`() async throws {
    let path = folder.path + "/hookline.sock"
    let service = try serve([
      "--listen", "127.0.0.1:0", "--listen", "[::]:0", "--listen", "unix:\(path)",
    ])
    var dual = try await address(of: service, containing: "[::]")
    // Every address: of IPv4 too.
    dual = .network(SocketAddress(host: .loopbackV4, port: dual.socketAddress?.port ?? 0))
    for place in [try await address(of: service, containing: "127"), dual, .unix(path: path)] {
      let answer = try await visitor.answer(to: Self.live, at: place)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(place)")
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o660)

    let second = try serve(["--listen", "unix:\(path)"])
    let refused = await second.end()
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains(path), "\(refused.errors)")
    #expect(try await visitor.answer(to: Self.live, at: .unix(path: path)).contains(" 200 OK"))

    service.terminate()
    #expect(await service.end().exitCode == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
    visitor.leave()
  }

  @Test(arguments: ["nonsense", "unix:relative", "127.0.0.1:99999"])
  func `an address that is none is wrong usage`(text: String) async throws {
    let outcome = await (try serve(["--listen", text])).end()
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("--listen"), "\(outcome.errors)")
  }

  @Test(arguments: [
    ["--body-memory", "24"], ["--connections", "0"], ["--body-timeout", "3601"],
    ["--idle-timeout", "0"], ["--failure-burst", "0"], ["--failures-per-second", "-1"],
    ["--trusted-proxy", "10.0.0.0/33"], ["--trusted-proxy", "proxy"],
  ])
  func `a limit out of its range is wrong usage`(arguments: [String]) async throws {
    let outcome = await (try serve(["--listen", "127.0.0.1:0"] + arguments)).end()
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains(arguments[0]), "\(outcome.errors)")
  }

  /// Three requests that fail, in one write, lest one is forgiven before the next comes.
  private static func failures(_ fields: String = "") -> String {
    String(repeating: "GET /none HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", count: 3)
  }

  private static func statuses(_ answer: String) -> [Substring] {
    answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
  }

  @Test func `an address fails as often as it may, and a trusted proxy says whose that is`()
    async throws
  {
    let service = try serve([
      "--listen", "127.0.0.1:0", "--failure-burst", "2", "--trusted-proxy", "127.0.0.0/8",
    ])
    let place = try await address(of: service)
    for client in ["192.0.2.1", "192.0.2.2"] {
      let answer = try await visitor.answer(
        to: Self.failures("X-Forwarded-For: \(client)\r\n"), at: place)
      #expect(Self.statuses(answer) == ["404", "404", "429"], "\(client)")
    }
    service.terminate()
    #expect(await service.end().exitCode == 0)
    visitor.leave()
  }

  @Test func `with the PROXY protocol a connection says whose it is, or is closed`() async throws {
    let service = try serve([
      "--listen", "127.0.0.1:0", "--proxy-protocol", "--failure-burst", "1",
    ])
    let place = try await address(of: service)
    for client in ["192.0.2.1", "192.0.2.2"] {
      let header = "PROXY TCP4 \(client) 192.0.2.9 1024 80\r\n"
      let answer = try await visitor.answer(to: header + Self.failures(), at: place)
      #expect(Self.statuses(answer) == ["404", "429"], "\(client)")
    }
    let refused = try? await visitor.answer(to: Self.live, at: place)
    #expect(refused ?? "" == "")
    service.terminate()
    #expect(await service.end().exitCode == 0)
    visitor.leave()
  }

  @Test func `a socket that a supervisor passes is used, and no port is opened beside it`()
    async throws
  {
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    let handle = FileHandle(fileDescriptor: socket.socket.rawValue, closeOnDealloc: false)
    let service = try serve(
      [], after: "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$", input: handle)
    #expect(try await address(of: service) == .network(socket.address))
    let answer = try await visitor.answer(to: Self.live, at: .network(socket.address))
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    service.terminate()
    let outcome = await service.end()
    #expect(outcome.exitCode == 0)
    #expect(!outcome.errors.contains(":8080"), "\(outcome.errors)")
    visitor.leave()
  }

  @Test func `a certificate is served, renewed on SIGHUP, and kept when the new one is bad`()
    async throws
  {
    let authorities = try (1...2).map { try CertificateAuthority(commonName: "root \($0)") }
    let identities = try authorities.map {
      try $0.issue(
        CertificateRequest(use: .server, commonName: "s", names: [TLSPeerName("localhost")]))
    }
    let clients = try authorities.map {
      try TLSClientContext(trust: .certificates(pem: $0.certificatePEM))
    }
    func write(_ identity: TLSIdentity) throws -> [String] {
      let key = identity.privateKeyPEM.withBytes { bytes in bytes.indices.map { bytes[$0] } }
      return [
        "--tls-key", try folder.write("key", String(decoding: key, as: UTF8.self)), "--tls-cert",
        try folder.write(
          "certificate", String(decoding: identity.certificateChainPEM, as: UTF8.self)),
      ]
    }
    let service = try serve(["--listen", "127.0.0.1:0"] + write(identities[0]))
    let place = try await address(of: service)
    let first = try await visitor.answer(to: Self.live, at: place, tls: clients[0])
    #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
    let plain = try await visitor.answer(to: Self.live, at: place)
    #expect(plain.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))

    _ = try write(identities[1])
    kill(service.identifier, SIGHUP)
    // The watch may see one file before the other is written.
    #expect(await service.line(containing: "certificate replaced") != nil)
    let second = try await visitor.answer(to: Self.live, at: place, tls: clients[1])
    #expect(second.hasPrefix("HTTP/1.1 200 OK\r\n"))

    _ = try folder.write("key", "no key")
    kill(service.identifier, SIGHUP)
    #expect(await service.line(containing: "the old one stays in use") != nil)
    let third = try await visitor.answer(to: Self.live, at: place, tls: clients[1])
    #expect(third.hasPrefix("HTTP/1.1 200 OK\r\n"))
    let ready = try await visitor.answer(
      to: Self.live.replacing("/live", with: "/ready"), at: place, tls: clients[1])
    #expect(ready.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(ready.contains("certificate not renewed, the old one stays in use\n"))
    service.terminate()
    let outcome = await service.end()
    #expect(outcome.exitCode == 0)
    #expect(!outcome.errors.contains("PRIVATE KEY"))
    visitor.leave()
  }

  @Test(arguments: [
    ["--tls-cert", "x"], ["--tls-key", "x"], ["--tls-client-ca", "x"],
    ["--tls-cert", "/no/such/file", "--tls-key", "/no/such/file"],
    ["--tls-cert", "x", "--tls-key", "x", "--tls-client-auth", "optional"],
  ])
  func `a certificate without its key, or that is not there, is wrong usage`(
    arguments: [String]
  ) async throws {
    let outcome = await (try serve(arguments)).end()
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("tls") || outcome.errors.contains("no such file"))
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `the first signal lets a request finish, the second does not`(signal: Int32) async throws {
    defer { visitor.leave() }
    for _ in 1...Self.attempts {
      let outcome = try await outcomeOfTwoSignals(signal)
      // On a machine that was too slow the request had timed out before the first signal came, and
      // nothing was left to wait for: that says nothing about the second.
      if outcome.errors.contains("came too slowly") { continue }
      #expect(outcome.exitCode == 1)
      #expect(outcome.errors.contains("stopped at once"), "\(outcome.errors)")
      #expect(!outcome.errors.contains(" stopped\n"), "\(outcome.errors)")
      return
    }
    Issue.record("no request lasted until the signal in \(Self.attempts) attempts")
  }

  private static let attempts = 10

  private func outcomeOfTwoSignals(_ signal: Int32) async throws -> Program.Outcome {
    let service = try serve(["--listen", "127.0.0.1:0"])
    let place = try await address(of: service)
    try await visitor.begin(
      "POST /hooks/ci/app HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + "Content-Length: 100\r\n\r\n{", at: place)
    // Its answer comes after the first request was seen.
    for _ in 1...8 { _ = try await visitor.answer(to: Self.live, at: place) }
    kill(service.identifier, signal)
    #expect(await service.line(containing: " draining") != nil)
    kill(service.identifier, SIGTERM)
    return await service.end()
  }
}

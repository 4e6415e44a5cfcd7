import Crypto
import Foundation
import JSON
import Synchronization
import TLS
import Testing
import YAML

@testable import Reactor

/// `hookline run` against a service with the sandbox, as processes.
@Suite struct RunCommandTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: default }
    spec:
      manual:
        callers:
        - { name: ops, secret: { env: OPS_TOKEN }, triggers: [deploy, broken] }
      triggers:
      - name: deploy
        on: [manual]
        inputs:
        - { name: environment, required: true, enum: [staging, production] }
        - { name: replicas, type: number, default: 1 }
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: deploy- }
          spec: { pipelineRef: { name: deploy }, params: [{ name: e, value: $(inputs.environment) }] }
      - name: broken
        on: [manual]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: broken- }
          spec: {}
    """

  private let folder: TemporaryFolder
  private let visitor: Visitor
  private let tokenFile: String
  private var kubeconfig: String { folder.path + "/kubeconfig" }

  init() throws {
    folder = try TemporaryFolder()
    visitor = try Visitor()
    tokenFile = try folder.write("token", "ops-token-of-test\n")
  }

  private func serve(_ arguments: [String] = []) async throws -> (Program, address: String) {
    let service = try Program(
      [
        "serve", "--sandbox", "--kubeconfig", kubeconfig, "--admin", "127.0.0.1:0", "--loops", "2",
        "--listen", "127.0.0.1:0", "--config", try folder.write("a.yaml", Self.hook),
        "--dashboard-url", "https://tekton.example.com/{namespace}/{name}",
      ] + arguments, environment: ["OPS_TOKEN": "ops-token-of-test"])
    let line = try #require(await service.line(containing: "info listening address="))
    return (service, try #require(Program.value("address", in: line)))
  }

  private func start(
    _ trigger: String, at address: String, _ arguments: [String] = [],
    environment: [String: String] = [:]
  ) throws -> Program {
    try Program(
      ["run", "default/app", trigger, "--server", "http://\(address)"]
        + (environment.isEmpty ? ["--token-file", tokenFile] : []) + arguments,
      environment: environment)
  }

  /// Does what Tekton's controller would: sets the condition of a run in the sandbox.
  private func finish(_ name: String, status: String, reason: String) async throws {
    let text = try String(contentsOfFile: kubeconfig, encoding: .utf8)
    let root = try #require(try parseDocuments(text, file: "kubeconfig").first?.root.json)
    let cluster = try #require(root["clusters"]?[0]?["cluster"])
    let token = try #require(root["users"]?[0]?["user"]?["token"]?.stringValue)
    let authority = try #require(
      cluster["certificate-authority-data"]?.stringValue.flatMap { Data(base64Encoded: $0) })
    let server = try #require(cluster["server"]?.stringValue)
    let place = try ListenerAddress(parsing: String(server.trimmingPrefix("https://")))
    let body = """
      {"status":{"conditions":[{"type":"Succeeded","status":"\(status)","reason":"\(reason)",\
      "message":"Tasks Completed: 1 (Failed: 1)","lastTransitionTime":"2026-11-24T20:00:00Z"}]}}
      """
    let answer = try await visitor.answer(
      to: """
        PATCH /apis/tekton.dev/v1/namespaces/default/pipelineruns/\(name)/status HTTP/1.1\r
        Host: localhost\r
        Authorization: Bearer \(token)\r
        Content-Type: application/merge-patch+json\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """, at: place, tls: TLSClientContext(trust: .certificates(pem: [UInt8](authority))))
    #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
  }

  @Test func `a run is started once, and the way to follow it is printed`() async throws {
    let (service, address) = try await serve()
    let arguments = ["--input", "environment=staging", "--idempotency-key", "k"]
    let first = await (try start("deploy", at: address, arguments + ["--wait", "30s"])).end()
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.output.contains("state   created"), "\(first.output)")
    let name = try #require(first.output.split(separator: "default/deploy-").dropFirst().first)
      .prefix(10)
    #expect(
      first.output.contains("tkn pipelinerun logs -f deploy-\(name) -n default"))
    #expect(first.output.contains("https://tekton.example.com/default/deploy-\(name)\n"))
    // Not a terminal: whole lines, without escapes.
    #expect(first.errors.contains("default/deploy-\(name): created after 0 s\n"), "\(first.errors)")
    #expect(!first.errors.contains("\u{1B}"))

    let second = await
      (try start(
        "deploy", at: address, arguments + ["--output", "json"],
        environment: ["HOOKLINE_TOKEN": "ops-token-of-test"])).end()
    #expect(second.exitCode == 0)
    let json = try JSONValue.parse(Array(second.output.utf8))
    #expect(json["duplicate"] == true)
    #expect(json["decisions"]?[0]?["run"]?["name"] == .string("deploy-\(name)"))
    service.terminate()
    _ = await service.end()
    visitor.leave()
  }

  @Test(arguments: [
    ("False", "Failed", Int32(1), "state   failed"), ("True", "Succeeded", 0, "state   succeeded"),
  ])
  func `waiting for completion ends with the run`(
    status: String, reason: String, exitCode: Int32, state: String
  ) async throws {
    let (service, address) = try await serve()
    let inputs = try folder.write("inputs.json", #"{"environment": "moon", "replicas": 2}"#)
    let running = try start(
      "deploy", at: address,
      ["--inputs", inputs, "--input", "environment=staging", "--for", "completion"])
    let line = try #require(await running.line(containing: "default/deploy-"))
    let name = try #require(line.split(separator: ":").first?.split(separator: "/").last)
    try await finish(String(name), status: status, reason: reason)
    let outcome = await running.end()
    #expect(outcome.exitCode == exitCode, "\(outcome.errors)")
    #expect(outcome.output.contains(state), "\(outcome.output)")
    if exitCode != 0 {
      let words = "error: default/\(name) failed: Failed: Tasks Completed: 1 (Failed: 1)\n"
      #expect(outcome.errors.hasSuffix(words), "\(outcome.errors)")
    }
    service.terminate()
    _ = await service.end()
    visitor.leave()
  }

  @Test func `Ctrl-C ends the waiting and says how to follow the run`() async throws {
    let (service, address) = try await serve()
    let running = try start(
      "deploy", at: address, ["--input", "environment=staging", "--for", "completion"])
    #expect(await running.line(containing: "default/deploy-") != nil)
    kill(running.identifier, SIGINT)
    let outcome = await running.end()
    #expect(outcome.exitCode == 130)
    #expect(outcome.output.contains("tkn pipelinerun logs -f deploy-"))
    #expect(outcome.errors.hasSuffix("error: no longer waiting: it goes on\n"), "\(outcome.errors)")
    service.terminate()
    _ = await service.end()
    visitor.leave()
  }

  @Test func `what is refused is said with the words of whoever refused it`() async throws {
    let (service, address) = try await serve()
    let dead = await (try start("broken", at: address, ["--wait", "30s"])).end()
    #expect(dead.exitCode == 1)
    #expect(dead.output.contains("state   dead"), "\(dead.output)")
    #expect(dead.errors.contains("denied the request"), "\(dead.errors)")

    let inputs = ["--input", "environment=moon", "--input", "replicas=2", "--input", "x=1"]
    let wrong = await (try start("deploy", at: address, inputs)).end()
    #expect(wrong.exitCode == 1 && wrong.output.isEmpty)
    for words in [
      "inputs.x: unknown", "inputs.environment: \"moon\" is not one of \"staging\", \"production\"",
      "inputs.replicas: expected a number, found a string, \"2\": write name:=value",
    ] {
      #expect(wrong.errors.contains(words), "\(wrong.errors)")
    }
    let stranger = await
      (try start(
        "deploy", at: address, environment: ["HOOKLINE_TOKEN": "not-this-one"])).end()
    #expect(stranger.exitCode == 1)
    #expect(stranger.errors.contains("401 Unauthorized"))
    let forbidden = await (try start("no-such", at: address)).end()
    #expect(forbidden.exitCode == 1 && forbidden.errors.contains("403 Forbidden"))
    let json = await (try start("deploy", at: address, ["--output", "json"])).end()
    #expect(json.exitCode == 1)
    #expect(
      try JSONValue.parse(Array(json.output.utf8))["error"]?["problems"]?[0]?["path"]
        == "inputs.environment")
    let log = await {
      service.terminate(); return await service.end()
    }()
    #expect(!log.errors.contains("ops-token-of-test"))
    visitor.leave()
  }

  @Test(arguments: [
    ["run"], ["run", "app", "deploy"], ["run", "a/b/c", "deploy"],
    ["run", "a/b", "c"], ["run", "a/b", "c", "--token-env", "UNSET"],
    ["run", "a/b", "c", "--token-file", "/no/such/file"],
    ["run", "a/b", "c", "--token-file", "x", "--token-env", "y"],
    ["run", "a/b", "c", "--token-env", "PATH", "--input", "x"],
    ["run", "a/b", "c", "--token-env", "PATH", "--input", "x:=y"],
    ["run", "a/b", "c", "--token-env", "PATH", "--wait", "never"],
    ["run", "a/b", "c", "--token-env", "PATH", "--for", "ever"],
    ["run", "a/b", "c", "--token-env", "PATH", "--server", "http://127.0.0.1:1?token=x"],
    ["run", "a/b", "c", "--token-env", "PATH", "--server", "http://ops:token@127.0.0.1:1"],
  ])
  func `wrong usage is exit code 2 and sends nothing`(arguments: [String]) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.exitCode == 2, "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `nobody there is a failure, with the key that makes a repetition safe`() async throws {
    let outcome = try await Program.run(
      ["run", "a/b", "c", "--token-env", "PATH", "--server", "http://127.0.0.1:1", "--wait", "5s"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("cannot connect"))
    #expect(outcome.errors.contains("--idempotency-key "))
  }

  @Test func `over TLS the certificate is checked`() async throws {
    let authority = try CertificateAuthority(commonName: "root")
    let identity = try authority.issue(
      CertificateRequest(use: .server, commonName: "s", names: [TLSPeerName("localhost")]))
    let key = identity.privateKeyPEM.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    let trusted = try folder.write("ca", String(decoding: authority.certificatePEM, as: UTF8.self))
    let (service, address) = try await serve([
      "--tls-key", try folder.write("key", String(decoding: key, as: UTF8.self)), "--tls-cert",
      try folder.write("cert", String(decoding: identity.certificateChainPEM, as: UTF8.self)),
    ])
    let port = try #require(address.split(separator: ":").last)
    let arguments = [
      "run", "default/app", "deploy", "--server", "https://localhost:\(port)", "--token-file",
      tokenFile, "--input", "environment=staging",
    ]
    let good = try await Program.run(arguments + ["--cacert", trusted])
    #expect(good.exitCode == 0, "\(good.errors)")
    let bad = try await Program.run(arguments)
    #expect(bad.exitCode == 1)
    #expect(bad.errors.contains("TLS failed"), "\(bad.errors)")
    service.terminate()
    _ = await service.end()
    visitor.leave()
  }
}

/// A server with one answer for each connection; nil closes it unanswered.
private final class ScriptedService: Sendable {
  let port: UInt16
  private let requests = Mutex<[String]>([])

  init(answers: [String?]) throws {
    let socket = try ListeningSocket(SocketAddress(host: .loopbackV4, port: 0), .exclusive)
    port = socket.address.port
    Thread.detachNewThread { [self] in
      let listener = socket.socket.rawValue
      for answer in answers {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, 60_000) == 1 else { break }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var text = ""
        // The call's body ends with two braces.
        while !text.hasSuffix("}}") {
          waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
          guard unsafe poll(&waiting, 1, 60_000) == 1 else { break }
          let count = unsafe read(connection, &bytes, bytes.count)
          guard count > 0 else { break }
          text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        requests.withLock { $0.append(text) }
        if let answer {
          let reply = Array(
            ("HTTP/1.1 201 Created\r\n"
              + "Content-Type: application/json\r\nContent-Length: \(answer.utf8.count)\r\n"
              + "Connection: close\r\n\r\n" + answer).utf8)
          _ = unsafe write(connection, reply, reply.count)
        }
        close(connection)
      }
    }
  }

  /// The values of a header field in all requests.
  func values(of field: String) -> [String] {
    requests.withLock { requests in
      requests.flatMap { request in
        request.split(separator: "\r\n").filter { $0.hasPrefix("\(field): ") }
          .map { String($0.dropFirst(field.count + 2)) }
      }
    }
  }
}

@Suite struct LostConnectionTests {
  @Test func `a call whose connection is lost is made again under the same key`() async throws {
    let service = try ScriptedService(answers: [
      nil, #"{"delivery":"d","decisions":[{"trigger":"c","run":{"namespace":"a","name":"c-1"}}]}"#,
    ])
    let outcome = try await Program.run(
      ["run", "a/b", "c", "--server", "http://127.0.0.1:\(service.port)"],
      environment: ["HOOKLINE_TOKEN": "t"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a/c-1"))
    let keys = service.values(of: "Idempotency-Key")
    #expect(keys.count == 2 && Set(keys).count == 1)
    #expect(service.values(of: "Authorization") == ["Bearer t", "Bearer t"])
  }
}

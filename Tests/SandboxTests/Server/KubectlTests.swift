// The real kubectl against the sandbox, over real sockets and TLS.

import Foundation
import JSON
import Logging
import Reactor
import Testing

@testable import Sandbox

/// One kubectl that is installed.
struct Kubectl: Sendable, CustomTestStringConvertible {
  var path: String

  var testDescription: String { path }

  static let installed = [
    "/usr/bin/kubectl", "/usr/local/bin/kubectl", "/opt/kubectl-debian/usr/bin/kubectl",
  ].filter { FileManager.default.isExecutableFile(atPath: $0) }.map { Kubectl(path: $0) }

  /// What a command printed, and how it ended.
  struct Outcome: Sendable {
    var code: Int32
    var output: String
    var errors: String
  }
}

/// A sandbox with a folder for kubectl's files.
private final class KubectlSession: Sendable {
  private let kubectl: Kubectl
  private let folder: URL
  private let loops: EventLoopGroup
  let server: SandboxServer

  init(_ kubectl: Kubectl) throws {
    self.kubectl = kubectl
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("kubectl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    loops = try EventLoopGroup(loopCount: 1, name: "kubectl-test")
    var logger = Logger(label: "sandbox")
    logger.logLevel = .critical
    server = try SandboxServer.start(
      listen: SocketAddress(host: .loopbackV4, port: 0),
      kubeconfigPath: folder.appendingPathComponent("config").path, loops: loops, logger: logger)
  }

  func stop() async throws {
    await server.stop()
    loops.stop()
    try FileManager.default.removeItem(at: folder)
  }

  /// Runs kubectl with its standard input. Waits on a thread of its own.
  func run(_ arguments: String, input: String = "") async throws -> Kubectl.Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: kubectl.path)
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.environment = [
      "KUBECONFIG": folder.appendingPathComponent("config").path, "HOME": folder.path,
      "PATH": "/usr/bin:/bin",
    ]
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    stdin.fileHandleForWriting.write(Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        let errors = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(
          returning: Kubectl.Outcome(
            code: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self)))
      }
    }
  }

  /// Runs a command that has to succeed, and gives what it printed.
  func succeed(
    _ arguments: String, input: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let outcome = try await run(arguments, input: input)
    #expect(outcome.code == 0, "\(arguments): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output
  }
}

@Suite(.enabled(if: !Kubectl.installed.isEmpty, "kubectl is not installed"))
struct KubectlTests {
  private static let run = """
    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata: {name: run-a, labels: {app: shop}}
    spec: {pipelineRef: {name: build}}
    """

  @Test(arguments: Kubectl.installed)
  func `a run is created, listed, described, changed and deleted`(kubectl: Kubectl) async throws {
    let session = try KubectlSession(kubectl)
    #expect(
      try await session.succeed("create -f -", input: Self.run)
        == "pipelinerun.tekton.dev/run-a created\n")
    let table = try await session.succeed("get pr")
    #expect(table.contains("SUCCEEDED") && table.contains("run-a"))
    #expect(
      try await session.succeed("get pr -l app=shop -o name") == "pipelinerun.tekton.dev/run-a\n")
    let description = try await session.succeed("describe pr run-a")
    #expect(description.contains("Service Account Name:  default"))
    _ = try await session.succeed("label pr run-a team=web")
    let yaml = try await session.succeed("get pr run-a -o yaml")
    #expect(yaml.contains("team: web") && yaml.contains("pipeline: 1h0m0s"))
    #expect(
      try await session.succeed("delete pr run-a").contains("\"run-a\" deleted"))
    #expect(try await session.run("get pr run-a").code == 1)
    try await session.stop()
  }

  @Test(arguments: Kubectl.installed)
  func `apply creates, leaves alone and changes`(kubectl: Kubectl) async throws {
    let session = try KubectlSession(kubectl)
    let manifest = """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: hookline}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: a, image: one, env: [{name: X, value: "1"}]}]}
      """
    let first = try await session.succeed("apply -f -", input: manifest)
    #expect(first.contains("serviceaccount/hookline created"))
    let second = try await session.succeed("apply -f -", input: manifest)
    #expect(second.contains("deployment.apps/web unchanged"))
    let third = try await session.succeed(
      "apply -f -", input: manifest.replacingOccurrences(of: "image: one", with: "image: two"))
    #expect(third.contains("deployment.apps/web configured"))
    let images = try await session.succeed(
      "get deploy web -o jsonpath={.spec.template.spec.containers[*].image}")
    #expect(images == "two")
    try await session.stop()
  }

  @Test(arguments: Kubectl.installed)
  func `what kubectl sends as protobuf is understood`(kubectl: Kubectl) async throws {
    let session = try KubectlSession(kubectl)
    _ = try await session.succeed("create namespace ci")
    _ = try await session.succeed("create serviceaccount hookline -n ci")
    _ = try await session.succeed("create secret generic s --from-literal=token=x -n ci")
    #expect(try await session.succeed("get secret s -n ci -o jsonpath={.data.token}") == "eA==")
    #expect(try await session.succeed("auth can-i create pipelineruns") == "yes\n")
    #expect(try await session.succeed("delete namespace ci").contains("deleted"))
    #expect(try await session.run("get namespace ci").code == 1)
    try await session.stop()
  }

  @Test(arguments: Kubectl.installed)
  func `a watch shows what is created while it is open`(kubectl: Kubectl) async throws {
    let session = try KubectlSession(kubectl)
    async let watched = session.run("get pr -w -o name --request-timeout=4s")
    // The list that precedes the watch shows it if the watch starts late.
    _ = try await session.succeed("create -f -", input: Self.run)
    #expect(try await watched.output.contains("pipelinerun.tekton.dev/run-a"))
    try await session.stop()
  }

  @Test(arguments: Kubectl.installed)
  func `a mistake in a run is told as a cluster with Tekton tells it`(
    kubectl: Kubectl
  ) async throws {
    let session = try KubectlSession(kubectl)
    let outcome = try await session.run(
      "create --validate=false -f -",
      input: Self.run.replacingOccurrences(of: "pipelineRef: {name: build}", with: ""))
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.contains(
        "admission webhook \"validation.webhook.pipeline.tekton.dev\" denied the request: "
          + "validation failed: expected exactly one, got neither: spec.pipelineRef, "
          + "spec.pipelineSpec"))
    try await session.stop()
  }
}

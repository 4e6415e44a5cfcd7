import Crypto
import Foundation
import JSON
import Testing

@testable import Reactor

/// The promise, with the built program: what was acknowledged survives it.
@Suite struct PromiseTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: default }
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

  private let folder: TemporaryFolder
  private let secret: String
  private let configuration: String
  private let push: String

  init() throws {
    folder = try TemporaryFolder()
    secret = try folder.write("secret", "s3cret")
    configuration = try folder.write("hooks.yaml", Self.hook)
    push = try folder.write(
      "push.json",
      """
      {"ref": "refs/heads/main", "after": "\(String(repeating: "a", count: 40))",
       "repository": {"full_name": "octo/app"}, "sender": {"login": "octocat"}}
      """)
  }

  private var state: String { folder.path + "/state" }
  private var cluster: String { folder.path + "/kubeconfig" }

  /// A sandbox as a process of its own, at one address each time, with its objects on disk.
  private func sandbox(listen: String = "127.0.0.1:0") async throws -> (Program, address: String) {
    let program = try Program([
      "sandbox", "--listen", listen, "--kubeconfig", cluster, "--state", folder.path + "/objects",
    ])
    let line = try #require(await program.line(containing: "sandbox listening"))
    return (program, try #require(Program.value("address", in: line)))
  }

  private func serve() async throws -> (Program, hooks: String, admin: String) {
    let program = try Program(
      [
        "serve", "--config", configuration, "--kubeconfig", cluster, "--state", state,
        "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--loops", "2",
      ], environment: ["WEBHOOK_SECRET": "s3cret"])
    let admin = try #require(await program.line(containing: "admin listening"))
    let hooks = try #require(await program.line(containing: "info listening"))
    return (
      program, "http://" + (try #require(Program.value("address", in: hooks))),
      "http://" + (try #require(Program.value("address", in: admin)))
    )
  }

  private func send(
    to address: String, delivery: String, query: String = ""
  ) async throws -> (status: String, json: JSONValue) {
    let outcome = try await Program.run([
      "send", "--url", "\(address)/hooks/default/app\(query)", "--event", "push",
      "--secret-file", secret, "--payload", push, "--delivery", delivery,
    ])
    let lines = outcome.output.split(separator: "\n", maxSplits: 1)
    return (
      String(lines.first ?? ""), try JSONValue.parse(Array((lines.last ?? "").utf8))
    )
  }

  private func deliveries(_ arguments: [String], at admin: String) async throws -> Program.Outcome {
    try await Program.run(["deliveries"] + arguments + ["--admin", admin])
  }

  @Test func `a delivery that was acknowledged before a kill is created once after it`()
    async throws
  {
    let (first, address) = try await sandbox()
    // The API server goes away, so that nothing can be created before the kill.
    kill(first.identifier, SIGKILL)
    _ = await first.end()

    let (one, hooks, _) = try await serve()
    let reply = try await send(to: hooks, delivery: "d-1")
    #expect(reply.status == "202 Accepted")
    kill(one.identifier, SIGKILL)
    _ = await one.end()

    let (second, _) = try await sandbox(listen: address)
    let (two, hooksAgain, admin) = try await serve()
    let again = try await send(to: hooksAgain, delivery: "d-1", query: "?wait=60s")
    #expect(again.status == "200 OK", "\(again.json)")
    #expect(again.json["duplicate"] == true)
    #expect(again.json["delivery"] == reply.json["delivery"])
    #expect(again.json["decisions"]?[0]?["state"] == "created")

    let id = try #require(reply.json["delivery"]?.stringValue)
    let name = try #require(again.json["decisions"]?[0]?["run"]?["name"]?.stringValue)
    let list = try await deliveries(["list"], at: admin)
    #expect(list.exitCode == 0)
    #expect(list.output.contains(id) && list.output.contains("default/\(name):created"))
    let shown = try await deliveries(["show", id, "--output", "json"], at: admin)
    let json = try JSONValue.parse(Array(shown.output.utf8))
    #expect(json["state"] == "done" && json["sourceDelivery"] == "d-1")
    let replay = try await deliveries(["replay", id], at: admin)
    #expect(replay.output == "default/\(name): exists\n")
    let forced = try await deliveries(["replay", id, "--force"], at: admin)
    #expect(forced.exitCode == 0)
    #expect(!forced.output.contains(name) && forced.output.contains("build=default/build-"))
    let unknown = try await deliveries(["show", "nonsense"], at: admin)
    #expect(unknown.exitCode == 1 && unknown.output.isEmpty)
    let wrong = try await deliveries(["list", "--state", "lost"], at: admin)
    #expect(wrong.exitCode == 2)

    two.terminate()
    #expect(await two.end().exitCode == 0)
    second.terminate()
    _ = await second.end()
  }

  @Test func `a second process on the same journal refuses to start`() async throws {
    let (cluster, _) = try await sandbox()
    let (service, _, _) = try await serve()
    let second = try await Program.run(
      [
        "serve", "--config", configuration, "--kubeconfig", self.cluster, "--state", state,
        "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
      ], environment: ["WEBHOOK_SECRET": "s3cret"])
    #expect(second.exitCode == 1)
    #expect(second.errors.contains(state), "\(second.errors)")
    service.terminate()
    #expect(await service.end().exitCode == 0)
    cluster.terminate()
    _ = await cluster.end()
  }

  @Test func `asking where nobody listens says what to look at`() async throws {
    let outcome = try await Program.run(["deliveries", "list", "--admin", "http://127.0.0.1:1"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.contains("--admin"))
  }
}

import Foundation
import JSON
import TestSupport
import Testing

/// `hookline explain` and `hookline test`.
@Suite struct ExplainTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source: { type: github, secrets: [{ env: WEBHOOK_SECRET }] }
      manual:
        callers: [{ name: ops, secret: { env: TOKEN }, triggers: [deploy] }]
      triggers:
      - name: build
        on: [push]
        branches: [main]
        vars: { short: "event.revision.substring(0, 7)" }
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
          spec: { params: [{ name: TAG, value: $(vars.short) }] }
      - name: docs
        on: [push]
        paths: ["docs/**"]
        run: { apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: { generateName: docs- } }
      - name: deploy
        on: [manual]
        inputs: [{ name: to, required: true }]
        run: { apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: { generateName: deploy- } }
    """

  private static let push = """
    {"ref": "refs/heads/main", "after": "\(String(repeating: "a", count: 40))",
     "commits": [{"added": ["src/a.swift"], "modified": [], "removed": []}],
     "repository": {"full_name": "octo/app"}, "sender": {"login": "octo\\u001b[31mcat"}}
    """

  private static func explain(
    _ folder: TemporaryFolder, _ arguments: [String], payload: String = push
  ) async throws -> Program.Outcome {
    try await Program.run(
      [
        "explain", "--config", try folder.write("app.yaml", hook), "--payload",
        try folder.write("payload.json", payload),
      ] + arguments)
  }

  @Test func `explain says what every trigger would do and why`() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Self.explain(folder, ["--header", "X-GitHub-Event: push"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "hook ci/app")
    #expect(
      lines.dropFirst().first
        == "  push of octo/app, branch main, revision aaaaaaaaaaaa, by octo\u{FFFD}[31mcat, 1 file")
    #expect(lines.contains { $0.hasPrefix("    build   run   PipelineRun ci/build-") })
    #expect(lines.contains { $0.hasSuffix("vars.short: \"aaaaaaa\"") })
    #expect(
      lines.contains(
        "    docs    skip  path: no changed file matches [docs/**]: 1 file, first src/a.swift"))
    #expect(lines.contains("    deploy  skip  event: push is none of [manual]"))
  }

  @Test func `explain prints JSON with the form of replies`() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Self.explain(
      folder, ["--event", "push", "--hook", "ci/app", "--provider", "github", "--output", "json"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let decisions = try JSONValue.parse(outcome.output)["hooks"]?[0]?["events"]?[0]?["decisions"]
    #expect(decisions?[0]?["runs"]?[0]?["kind"] == "PipelineRun")
    #expect(decisions?[1]?["skip"]?["reason"] == "path")
  }

  @Test func `explain takes a manual call, and refuses what the service would`() async throws {
    let folder = try TemporaryFolder()
    let call = ["--event", "manual", "--trigger", "deploy"]
    let good = try await Self.explain(folder, call, payload: #"{"inputs": {"to": "a"}}"#)
    #expect(good.exitCode == 0, "\(good.errors)")
    #expect(good.output.contains("inputs.to: \"a\""), "\(good.output)")
    let bad = try await Self.explain(folder, call, payload: "{}")
    #expect(bad.exitCode == 1)
    #expect(bad.output.contains("refused: inputs.to: missing"), "\(bad.output)")
    let nameless = try await Self.explain(folder, [])
    #expect(nameless.exitCode == 1)
    #expect(nameless.output.contains("X-GitHub-Event is missing"), "\(nameless.output)")
  }

  @Test(arguments: [
    (["--hook", "ci/other"], "ci/app"), (["--provider", "gitlab"], "[github]"),
    (["--header", "nonsense"], "Name: value"),
  ])
  func `wrong usage of explain is exit code 2 with what there is`(
    arguments: [String], words: String
  ) async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Self.explain(folder, arguments)
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  // MARK: - Tests in documents

  @Test func `the tests of the shipped example pass`() async throws {
    let example = SharedData.packageRoot.appendingPathComponent(
      "deploy/examples/build-and-deploy/hook.yaml"
    ).path
    let outcome = try await Program.run(["test", example])
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasSuffix(" tests, all passed\n"), "\(outcome.output)")
    let valid = try await Program.run(["validate", example])
    #expect(valid.exitCode == 0, "\(valid.errors)")
  }

  private static let tests =
    hook + """

        tests:
        - name: main is built
          event: push
          payloadFile: push.json
          expect: { build: { run: { spec.params.TAG: bbbbbbb } }, docs: { skip: path } }
        - name: docs are built
          event: push
          payloadFile: push.json
          expect: { build: run, docs: run }
        - name: nothing else
          event: push
          payloadFile: push.json
          expect: { build: run }
      """

  @Test func `a test that fails is exit code 1 with a difference`() async throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("push.json", Self.push)
    let path = try folder.write("app.yaml", Self.tests)
    let outcome = try await Program.run(["test", folder.path])
    #expect(outcome.exitCode == 1, "\(outcome.errors)")
    #expect(
      outcome.output == """
        FAIL  ci/app: main is built  (\(path):27:5)
              build spec.params.TAG
              - "bbbbbbb"
              + "aaaaaaa"
        FAIL  ci/app: docs are built  (\(path):31:5)
              docs
              - run
              + skip: path: no changed file matches [docs/**]: 1 file, first src/a.swift
        ok    ci/app: nothing else
        3 tests, 2 failed

        """, "\(outcome.output)")
    let json = try await Program.run(["test", path, "--output", "json"])
    #expect(json.exitCode == 1)
    let report = try JSONValue.parse(json.output)
    #expect(report["passed"] == 1)
    #expect(report["failed"] == 2)
    #expect(report["tests"]?[0]?["differences"]?[0]?["path"] == "spec.params.TAG")
    #expect(report["tests"]?[0]?["line"] == 27)
    #expect(report["tests"]?[2]?["passed"] == true)
  }

  @Test func `a payload that is not there fails the test, and the validation`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("app.yaml", Self.tests)
    let outcome = try await Program.run(["test", path])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("push.json"), "\(outcome.output)")
    let validation = try await Program.run(["validate", path])
    #expect(validation.exitCode == 2)
    #expect(validation.errors.contains("push.json"), "\(validation.errors)")
  }

  @Test func `documents without tests, or with mistakes, do not pass`() async throws {
    let folder = try TemporaryFolder()
    let none = try await Program.run(["test", try folder.write("app.yaml", Self.hook)])
    #expect(none.exitCode == 1)
    #expect(none.errors.contains("there are no tests"), "\(none.errors)")
    let broken = try folder.write(
      "app.yaml", Self.tests.replacing("docs: run", with: "dcs: run"))
    let mistake = try await Program.run(["test", broken])
    #expect(mistake.exitCode == 2)
    #expect(mistake.errors.contains("did you mean \"docs\"?"), "\(mistake.errors)")
  }
}

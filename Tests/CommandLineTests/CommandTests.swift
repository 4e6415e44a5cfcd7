import Testing

@Suite struct CommandTests {
  private static let hook = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets:
        - env: WEBHOOK_SECRET
      triggers:
      - name: build
        on: [push]
        branches: [main]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
          spec:
            pipelineRef: { name: build }
            params:
            - { name: message, value: $(event.message ?? "none") }
    """

  private static let push = """
    {"ref": "refs/heads/main", "after": "\(String(repeating: "a", count: 40))",
     "repository": {"full_name": "octo/app"}, "sender": {"login": "octocat"},
     "head_commit": {"id": "\(String(repeating: "a", count: 40))",
                     "message": "say $(params.secret): yes"}}
    """

  @Test func `version prints the version`() async throws {
    let outcome = try await Program.run(["version"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasPrefix("hookline "))
  }

  @Test(arguments: [["no-such-command"], ["serve"], ["version", "--bad"], ["send", "--url", "x"]])
  func `wrong usage is exit code 2, with words on standard error`(
    arguments: [String]
  )
    async throws
  {
    let outcome = try await Program.run(arguments)
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("Usage") || outcome.errors.contains("usage"))
    #expect(outcome.output == "")
  }

  @Test func `validate accepts a good file`() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(["validate", try folder.write("a.yaml", Self.hook)])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output == "valid: 1 hook, 1 trigger\n")
  }

  @Test func `validate prints every error with its place and a suggestion, exit code 2`()
    async throws
  {
    let folder = try TemporaryFolder()
    let broken = Self.hook.replacing("branches:", with: "brnches:")
      .replacing("on: [push]", with: "on: [psh]")
    let path = try folder.write("app.yaml", broken)
    let outcome = try await Program.run(["validate", folder.path])
    #expect(outcome.exitCode == 2)
    let expected =
      "\(path):12:5: spec.triggers[0].brnches: unknown field, did you mean \"branches\"?"
    #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    #expect(outcome.errors.contains("did you mean \"push\"?"), "\(outcome.errors)")
  }

  @Test(arguments: ["/no/such/path", "/proc/self/mem"])
  func `validate says which file cannot be read`(path: String) async throws {
    let outcome = try await Program.run(["validate", path])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains(path))
  }

  @Test func `render prints the run as YAML, and nothing in a value reaches Tekton`()
    async throws
  {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run([
      "render", "--config", try folder.write("a.yaml", Self.hook), "--hook", "ci/app", "--event",
      "push", "--payload", try folder.write("push.json", Self.push),
    ])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("---\n"))
    #expect(outcome.output.contains("kind: PipelineRun"))
    #expect(outcome.output.contains("say $$(params.secret): yes"), "\(outcome.output)")
  }

  @Test func `render says why a trigger makes no run`() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run([
      "render", "--config", try folder.write("a.yaml", Self.hook), "--hook", "ci/app", "--event",
      "push", "--payload",
      try folder.write("push.json", Self.push.replacing("heads/main", with: "heads/topic")),
    ])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("build: skip: branch: branch topic"), "\(outcome.errors)")
  }

  @Test func `serve without a cluster says what to give`() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(
      ["serve", "--config", try folder.write("a.yaml", Self.hook)],
      environment: ["WEBHOOK_SECRET": "s"])
    #expect(outcome.exitCode == 2)
    for word in ["--kubeconfig", "KUBECONFIG", "--sandbox"] {
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
  }

  @Test(arguments: [nil, "", " \n"])
  func `a secret that is absent or blank refuses to start`(secret: String?) async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(
      [
        "serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--config",
        try folder.write("a.yaml", Self.hook),
      ],
      environment: secret.map { ["WEBHOOK_SECRET": $0] } ?? [:])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errors.contains("WEBHOOK_SECRET"), "\(outcome.errors)")
  }

  @Test func `a signed push becomes a run in the sandbox, once`() async throws {
    let folder = try TemporaryFolder()
    let service = try Program(
      [
        "serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--loops", "1",
        "--config", try folder.write("a.yaml", Self.hook),
      ],
      environment: ["WEBHOOK_SECRET": "s3cret"])
    let line = try #require(await service.line(containing: "info listening address="))
    let address = try #require(Program.value("address", in: line))
    let secret = try folder.write("secret", "s3cret\n")
    let payload = try folder.write("push.json", Self.push)

    func send(secretFile: String) async throws -> Program.Outcome {
      try await Program.run([
        "send", "--url", "http://\(address)/hooks/ci/app", "--provider", "github", "--event",
        "push", "--secret-file", secretFile, "--payload", payload, "--delivery", "d-1",
      ])
    }
    let refused = try await send(secretFile: try folder.write("wrong", "wrong"))
    #expect(refused.exitCode == 1)
    #expect(refused.output.hasPrefix("401 Unauthorized\n"))
    let first = try await send(secretFile: secret)
    #expect(first.exitCode == 0, "\(first.output)\(first.errors)")
    #expect(first.output.hasPrefix("202 Accepted\n"))
    #expect(first.output.contains("\"name\":\"build-"))
    let second = try await send(secretFile: secret)
    #expect(second.output.hasPrefix("200 OK\n"))
    #expect(second.output.contains("\"duplicate\":true"))

    service.terminate()
    let outcome = await service.end()
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("s3cret"))
  }

  @Test func `an address that is taken is said so, exit code 1`() async throws {
    let folder = try TemporaryFolder()
    let config = try folder.write("a.yaml", Self.hook)
    let arguments = ["serve", "--sandbox", "--loops", "1", "--config", config]
    let environment = ["WEBHOOK_SECRET": "s"]
    let first = try Program(
      arguments + ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], environment: environment)
    let line = try #require(await first.line(containing: " admin listening address="))
    let taken = try #require(Program.value("address", in: line))
    let second = try await Program.run(
      arguments + ["--listen", "127.0.0.1:0", "--admin", taken], environment: environment)
    #expect(second.exitCode == 1)
    #expect(second.errors.contains(taken), "\(second.errors)")
    first.terminate()
    #expect(await first.end().exitCode == 0)
  }
}

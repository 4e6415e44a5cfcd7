import Foundation
import JSON
import Testing

@Suite struct EventCommandTests {
  private static func run(_ payload: String, _ options: String...) async throws -> Program.Outcome {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try payload.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await Program.run(["event", "--payload", file.path] + options)
  }

  private static let commit = "1234567890abcdef1234567890abcdef12345678"
  private static let zeros = String(repeating: "0", count: 40)

  private static let push = """
    {"ref": "refs/heads/main", "before": "\(zeros)", "after": "\(commit)",
     "head_commit": {"id": "\(commit)", "message": "Fix \\u001b[31mit\\n\\nBecause."},
     "commits": [{"added": ["a.txt"], "modified": ["b \\"c\\".txt"], "removed": []}],
     "repository": {"full_name": "acme/app", "clone_url": "https://github.com/acme/app.git"},
     "sender": {"login": "octocat"}}
    """

  @Test func `text has a line for each value and begins with what a trigger may listen to`()
    async throws
  {
    let outcome = try await Self.run(
      Self.push, "--provider", "github", "--header", "x-github-event: push")
    #expect(
      outcome.output == """
        on: ["push", "github:push"]
        kind: push
        provider: github
        repository: acme/app
        cloneURL: https://github.com/acme/app.git
        branch: main
        ref: refs/heads/main
        revision: \(Self.commit)
        message: "Fix \\u{1B}[31mit\\n\\nBecause."
        title: "Fix \\u{1B}[31mit"
        sender: octocat
        files.all: ["a.txt","b \\"c\\".txt"]
        files.added: ["a.txt"]
        files.modified: ["b \\"c\\".txt"]
        files.removed: []
        files.truncated: false

        """)
    #expect(outcome.exitCode == 0)
  }

  @Test func `json is a list of what expressions see, one for each ref`() async throws {
    let payload = """
      {"eventType": "git.push", "id": "1", "resource": {"refUpdates": [
        {"name": "refs/heads/main", "oldObjectId": "\(Self.zeros)", "newObjectId": "\(Self.commit)"},
        {"name": "refs/tags/v1", "oldObjectId": "\(Self.commit)", "newObjectId": "\(Self.zeros)"}
      ]}}
      """
    let outcome = try await Self.run(payload, "--provider", "azure-devops", "--output", "json")
    let events = try JSONValue.parse(outcome.output).arrayValue ?? []
    #expect(
      events == [
        [
          "kind": "push", "provider": "azure-devops", "branch": "main", "ref": "refs/heads/main",
          "revision": .string(Self.commit),
        ],
        [
          "kind": "tag_delete", "provider": "azure-devops", "tag": "v1", "ref": "refs/tags/v1",
          "before": .string(Self.commit),
        ],
      ])
  }

  @Test(arguments: [
    (["--provider", "github", "--event", "push"], #"["push", "github:push"]"#),
    (["--provider", "gitbucket", "--event", "push"], #"["push", "gitbucket:push"]"#),
    (
      ["--provider", "gitea", "--header", "X-Gitea-Event: push", "--header", "X-Other: 1"],
      #"["push", "gitea:push"]"#
    ),
    (["--provider", "forgejo", "--event", "push"], #"["push", "forgejo:push"]"#),
  ])
  func `the event may be named by its header or alone`(
    options: [String], entries: String
  )
    async throws
  {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Self.push.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = try await Program.run(["event", "--payload", file.path] + options)
    #expect(outcome.output.hasPrefix("on: \(entries)\n"))
  }

  @Test func `an event that the body names needs no header`() async throws {
    let payload = """
      {"eventKey": "repo:refs_changed", "actor": {"name": "admin"}, "changes": [
        {"ref": {"id": "refs/heads/x"}, "toHash": "\(Self.zeros)", "type": "DELETE"}]}
      """
    let outcome = try await Self.run(payload, "--provider", "bitbucket-server")
    #expect(
      outcome.output == """
        on: ["branch_delete"]
        kind: branch_delete
        provider: bitbucket-server
        branch: x
        ref: refs/heads/x
        sender: admin

        """)
  }

  @Test(
    arguments: [
      (
        ["--provider", "github"], 2,
        "error: GitHub names its events in a header: give --header 'X-GitHub-Event: …' or --event …"
      ),
      (
        ["--provider", "gitlab", "--event", "push"], 2,
        "error: --event: GitLab names its events in the payload"
      ),
      (
        ["--provider", "github", "--event", "push", "--header", "X-GitHub-Event: push"], 2,
        "error: --event and the header X-GitHub-Event are one"
      ),
      (
        ["--provider", "github", "--header", "push"], 2,
        "error: --header push: expected 'Name: value'"
      ),
      (["--provider", "azure-devops"], 1, "eventType is missing"),
      (["--provider", "gogs", "--event", "push"], 1, "push: ref is missing or no text"),
    ] as [([String], Int32, String)])
  func `what is missing is named`(
    options: [String], exitCode: Int32, message: String
  )
    async throws
  {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try "{}".write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = try await Program.run(["event", "--payload", file.path] + options)
    #expect(outcome.exitCode == exitCode)
    #expect(outcome.errors.contains(message))
    #expect(outcome.output.isEmpty)
  }

  @Test func `a ping gives no events`() async throws {
    let outcome = try await Self.run(
      #"{"zen": "Design for failure."}"#, "--provider", "github", "--event", "ping", "--output",
      "json")
    #expect(outcome.exitCode == 0 && outcome.output == "[]\n")
  }
}

import Hooks
import JSON
import TestSupport
import Testing

@Suite struct GitHubEventsTests {
  private func problem(
    _ body: JSONValue, _ fields: [(String, String)] = [("X-GitHub-Event", "push")]
  ) -> String? {
    let source = Source(kind: .github, secrets: [])
    guard case .malformed(let problem) = source.delivery(fields: Fixture.lookup(fields), body: body)
    else { return nil }
    return problem
  }

  @Test(
    arguments: [
      ([], "the header X-GitHub-Event is missing"),
      (
        [("X-GitHub-Event", "push"), ("x-github-event", "push")],
        "more than one header X-GitHub-Event"
      ),
      ([("X-GitHub-Event", "")], "the header X-GitHub-Event is not the name of an event"),
      ([("X-GitHub-Event", "Push")], "the header X-GitHub-Event is not the name of an event"),
      ([("X-GitHub-Event", "pu\nsh")], "the header X-GitHub-Event is not the name of an event"),
      (
        [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "a"), ("X-GitHub-Delivery", "a")],
        "more than one header X-GitHub-Delivery"
      ),
      (
        [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "")],
        "the header X-GitHub-Delivery is not the id of a delivery"
      ),
      (
        [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "a b")],
        "the header X-GitHub-Delivery is not the id of a delivery"
      ),
      (
        [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "manual/ops/1")],
        "the header X-GitHub-Delivery is not the id of a delivery"
      ),
      (
        [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", String(repeating: "a", count: 129))],
        "the header X-GitHub-Delivery is not the id of a delivery"
      ),
    ] as [([(String, String)], String)])
  func `headers that name nothing are malformed`(fields: [(String, String)], message: String) {
    #expect(problem(Fixture.push(), fields) == message)
  }

  @Test(
    arguments: [
      (nil, "the payload is null, an object is expected"),
      ([], "the payload is an array, an object is expected"),
      ([:], "push: ref is missing or no text"),
      (["ref": 1], "push: ref is missing or no text"),
      (["ref": ""], "push: ref is missing or no text"),
      (["ref": "refs/heads/main"], "push: after is missing or no commit"),
      (["ref": "refs/heads/main", "after": "main"], "push: after is missing or no commit"),
      (
        ["ref": "refs/heads/main", "after": "--upload-pack=sh"],
        "push: after is missing or no commit"
      ),
    ] as [(JSONValue, String)])
  func `a push without its ref or commit is malformed`(body: JSONValue, message: String) {
    #expect(problem(body) == message)
  }

  @Test(arguments: [
    (["action"], "action is missing or no text"),
    (["pull_request"], "pull_request is missing or no object"),
    (["pull_request", "number"], "pull_request.number is missing or no number"),
    (["pull_request", "head", "sha"], "pull_request.head.sha is missing or no commit"),
    (["pull_request", "head"], "pull_request.head.sha is missing or no commit"),
    (["pull_request", "base", "ref"], "pull_request.base.ref is missing or no text"),
  ])
  func `a pull request without its essentials is malformed`(path: [String], message: String) {
    var body: JSONValue = [
      "action": "opened",
      "pull_request": [
        "number": 2, "head": ["sha": .string(Fixture.commit)], "base": ["ref": "main"],
      ],
    ]
    #expect(Fixture.event("pull_request", body) != nil)
    body[path] = nil
    #expect(problem(body, [("X-GitHub-Event", "pull_request")]) == "pull_request: \(message)")
  }

  @Test func `a push says what moved and which files changed`() throws {
    let event = try #require(Fixture.event("push", Fixture.push(message: "Fix it\n\nBecause.")))
    #expect(
      event.json == [
        "kind": "push", "provider": "github", "repository": "acme/app", "owner": "acme",
        "cloneURL": "https://github.com/acme/app.git", "webURL": "https://github.com/acme/app",
        "branch": "main", "ref": "refs/heads/main", "revision": .string(Fixture.commit),
        "before": .string(String(repeating: "a", count: 40)), "message": "Fix it\n\nBecause.",
        "title": "Fix it", "sender": "octocat",
        "files": [
          "all": ["new.txt", "a.txt", "b.txt"], "added": ["new.txt"],
          "modified": ["a.txt", "b.txt"], "removed": [], "truncated": false,
        ],
      ])
  }

  @Test func `the names of files are bytes and each is there once`() throws {
    var body = Fixture.push()
    body["commits"] = [
      ["added": ["\u{e9}", "e\u{301}", "a"], "modified": ["a"], "removed": [5, nil]],
      ["added": ["a"], "removed": ["a"]], 7,
    ]
    let files = try #require(Fixture.event("push", body)?.files)
    #expect(files.all.map { Array($0.utf8) } == ["\u{e9}", "e\u{301}", "a"].map { Array($0.utf8) })
    #expect(files.added.count == 3 && files.modified == ["a"] && files.removed == ["a"])
    body["commits"] = .array(Array(repeating: ["added": []], count: 2048))
    #expect(Fixture.event("push", body)?.files?.isTruncated == true)
  }

  @Test(arguments: [(2999, false), (3000, true)])
  func `a commit with as many files as GitHub lists may have more`(count: Int, isTruncated: Bool) {
    var body = Fixture.push()
    let names = (1..<count).map { JSONValue.string("f\($0)") }
    body["commits"] = [["added": .array(names), "modified": [], "removed": ["x"]]]
    #expect(Fixture.event("push", body)?.files?.isTruncated == isTruncated)
  }

  @Test(arguments: [nil, 5, "x", [:]] as [JSONValue])
  func `a push that does not say its commits does not say its files`(commits: JSONValue) {
    var body = Fixture.push()
    body["commits"] = commits
    let event = Fixture.event("push", body)
    #expect(event != nil && event?.files == nil)
  }

  @Test(
    arguments: [
      (["full_name": "acme/app"], "main"), (["full_name": "mallory/app"], nil), (nil, nil),
      (["full_name": 5], nil),
    ] as [(JSONValue, String?)])
  func `a workflow run has a branch of this repository alone`(
    head: JSONValue, branch: String?
  ) throws {
    let body: JSONValue = [
      "action": "completed", "repository": ["full_name": "acme/app"],
      "workflow_run": [
        "head_branch": "main", "head_sha": .string(Fixture.commit), "head_repository": head,
      ],
    ]
    let event = try #require(Fixture.event("workflow_run", body))
    #expect(event.branch == branch && event.revision == Fixture.commit)
  }

  @Test(
    arguments: [
      ("refs/heads/main", EventKind.push, "main", nil), ("refs/heads/a/b", .push, "a/b", nil),
      ("refs/tags/v1", .tag, nil, "v1"), ("refs/heads/\u{301}x", .push, "\u{301}x", nil),
      ("refs/notes/x", EventKind(rawValue: "github:push"), nil, nil),
      ("refs/heads/", EventKind(rawValue: "github:push"), nil, nil),
      ("main", EventKind(rawValue: "github:push"), nil, nil),
    ] as [(String, EventKind, String?, String?)])
  func `the ref says whether it is a branch or a tag`(
    ref: String, kind: EventKind, branch: String?, tag: String?
  ) throws {
    let event = try #require(Fixture.event("push", Fixture.push(ref)))
    #expect(event.kind == kind)
    #expect(event.branch.map { Array($0.utf8) } == branch.map { Array($0.utf8) })
    #expect(event.tag == tag && event.ref == ref)
  }

  @Test(arguments: [("refs/heads/x", EventKind.branchDelete), ("refs/tags/x", .tagDelete)])
  func `a deletion has no revision and answers to its own word alone`(
    ref: String, kind: EventKind
  ) throws {
    var body = Fixture.push(ref)
    body["after"] = .string(String(repeating: "0", count: 40))
    body["head_commit"] = .null
    let event = try #require(Fixture.event("push", body))
    #expect(event.kind == kind && event.revision == nil && event.before != nil)
    #expect(event.subscriptions == [.kind(kind)])
    // A sender that says so without the zeros means the same.
    body = Fixture.push(ref)
    body["deleted"] = true
    #expect(Fixture.event("push", body)?.kind == kind)
  }

  @Test func `a tag's revision is the commit and not the tag object`() throws {
    var body = Fixture.push("refs/tags/v1")
    body["after"] = .string(String(repeating: "b", count: 40))
    #expect(Fixture.event("push", body)?.revision == Fixture.commit)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `a pull request is described from both sides`() throws {
    let event = try #require(
      Fixture.event("pull_request", Fixture.payload("pull_request.synchronize.json")))
    #expect(event.kind == .pullRequest && event.action == "synchronize")
    #expect(event.branch == "master" && event.ref == "refs/pull/2/head")
    #expect(event.revision == "ec26c3e57ca3a959ca5aad62de7213c562f8c821" && event.before != nil)
    #expect(event.title == "Update the README with new information.")
    #expect(event.sender == "Codertocat" && event.repository == "Codertocat/Hello-World")
    let request = try #require(event.pullRequest)
    #expect(request.number == 2 && request.source == "changes" && request.target == "master")
    #expect(
      request.isDraft == false && request.isFromFork == false
        && request.isMerged == false && request.author == "Codertocat")
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `a pull request whose repositories are not the same comes from a fork`() throws {
    var body = try Fixture.payload("pull_request.opened.json")
    #expect(Fixture.event("pull_request", body)?.pullRequest?.isFromFork == false)
    body[["pull_request", "head", "repo", "full_name"]] = "mallory/Hello-World"
    #expect(Fixture.event("pull_request", body)?.pullRequest?.isFromFork == true)
    body[["pull_request", "head", "repo"]] = .null
    #expect(Fixture.event("pull_request", body)?.pullRequest?.isFromFork == true)
  }

  /// File, kind, action, branch, tag, whether there is a revision, title or comment.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)),
    arguments: [
      ("push.update.json", "push", nil, "master", nil, true),
      ("push.with-new-branch.json", "push", nil, "master", nil, true),
      ("push.tag-created.derived.json", "tag", nil, nil, "v1.2.3", true),
      ("push.json", "tag_delete", nil, nil, "simple-tag", false),
      ("push.branch-deleted.derived.json", "branch_delete", nil, "feature/old", nil, false),
      ("create.json", "github:create", nil, nil, "simple-tag", false),
      ("delete.json", "github:delete", nil, nil, "simple-tag", false),
      ("release.published.json", "release", "published", nil, "0.0.1", false),
      ("workflow_run.completed.json", "github:workflow_run", "completed", "master", nil, true),
      ("check_suite.rerequested.json", "github:check_suite", "rerequested", "changes", nil, true),
      ("check_run.rerequested.json", "github:check_run", "rerequested", "master", nil, true),
      (
        "merge_group.checks_requested.json", "merge_group", "checks_requested", "main", nil,
        true
      ),
      ("status.json", "github:status", nil, nil, nil, true),
      ("deployment.json", "github:deployment", "created", nil, nil, true),
      (
        "repository_dispatch.json", "github:repository_dispatch", "on-demand-test", "master", nil,
        false
      ),
      ("workflow_dispatch.json", "github:workflow_dispatch", nil, "master", nil, false),
      (
        "pull_request_review.submitted.json", "review", "submitted", "master",
        nil, true
      ),
    ] as [(String, String, String?, String?, String?, Bool)])
  func `payloads are normalised`(
    file: String, kind: String, action: String?, branch: String?, tag: String?, hasRevision: Bool
  ) throws {
    let name = file.split(separator: ".").first.map(String.init) ?? ""
    let event = try #require(Fixture.event(name, Fixture.payload(file)))
    #expect(event.kind.rawValue == kind)
    #expect(event.action == action)
    #expect(event.branch == branch)
    #expect(event.tag == tag)
    #expect((event.revision != nil) == hasRevision)
    #expect(event.repository != nil && event.sender != nil)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `comments keep their text`() throws {
    let body = try Fixture.payload("issue_comment.created.on-pull-request.json")
    let event = try #require(Fixture.event("issue_comment", body))
    #expect(event.comment == body["comment"]?["body"]?.stringValue && event.comment != nil)
    #expect(event.title == body["issue"]?["title"]?.stringValue)
    #expect(event.kind == .comment)
    #expect(event.subscriptions == [.kind(.comment), .provider("github", event: "issue_comment")])
    #expect(event.pullRequest?.number == body["issue"]?["number"]?.intValue)
    #expect(event.pullRequest?.isFromFork == nil && event.revision == nil)
  }
}

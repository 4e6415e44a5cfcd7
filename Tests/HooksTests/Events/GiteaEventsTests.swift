import Hooks
import JSON
import Testing

/// What Gitea and its relatives send that the payloads of the shared test data do not show.
@Suite struct GiteaEventsTests {
  @Test(
    arguments: [
      (.gitea, "create", "tag", EventKind(rawValue: "gitea:create")),
      (.gitea, "delete", "branch", .branchDelete),
      (.gitea, "delete", "tag", EventKind(rawValue: "gitea:delete")),
      (.forgejo, "create", "branch", EventKind(rawValue: "forgejo:create")),
      (.forgejo, "delete", "branch", .branchDelete),
      (.gogs, "create", "branch", EventKind(rawValue: "gogs:create")),
      (.gogs, "create", "tag", .tag), (.gogs, "delete", "branch", .branchDelete),
      (.gogs, "delete", "tag", .tagDelete),
    ] as [(SourceKind, String, String, EventKind)])
  func `what comes with a push as well is no push`(
    kind: SourceKind, name: String, type: String, expected: EventKind
  ) throws {
    let body: JSONValue = ["ref": "x", "ref_type": .string(type), "sha": .string(HostEvents.one)]
    let event = try HostEvents.event(kind, name, body)
    #expect(event.kind == expected)
    #expect(event.ref == (type == "tag" ? "refs/tags/x" : "refs/heads/x"))
    #expect(event.revision == (name == "create" ? HostEvents.one : nil))
  }

  @Test(
    arguments: [(5, nil, true), (4, nil, false), (5, 5, false), (5, 6, true)]
      as [(Int, Int?, Bool)])
  func `gitea lists a few commits and may say how many there are`(
    count: Int, total: Int?, isTruncated: Bool
  ) throws {
    var body = Fixture.push()
    body["commits"] = .array(Array(repeating: ["added": ["a"]], count: count))
    body["total_commits"] = total.map { .int($0) }
    #expect(try HostEvents.event(.gitea, "push", body).files?.isTruncated == isTruncated)
  }

  @Test(
    arguments: [
      (["action": "label_updated"], "labeled"),
      (
        [
          "action": "label_updated",
          "changes": ["added_labels": [], "removed_labels": [["id": 1]]],
        ], "unlabeled"
      ),
      (["action": "label_cleared"], "unlabeled"), (["action": "synchronized"], "synchronize"),
      (["action": "milestoned"], "milestoned"),
    ] as [(JSONValue, String)])
  func `gitea's actions are said in GitHub's words`(body: JSONValue, action: String) throws {
    var body = body
    body["pull_request"] = ["number": 3, "base": ["ref": "main"]]
    let event = try HostEvents.event(.gitea, "pull_request", body)
    #expect(event.kind == .pullRequest && event.action == action && event.revision == nil)
  }

  @Test(
    arguments: [
      ("pull_request_approved", nil, "approved"),
      ("pull_request_rejected", nil, "changes_requested"),
      ("pull_request_comment", nil, "commented"),
      ("pull_request", "pull_request_review_approved", "approved"),
      ("pull_request", "something", nil),
    ] as [(String, String?, String?)])
  func `gitea's reviews say what they say by type or name`(
    name: String, type: String?, state: String?
  ) throws {
    var body: JSONValue = [
      "action": "reviewed", "pull_request": ["number": 3], "review": ["content": "fine"],
    ]
    body[["review", "type"]] = type.map { .string($0) }
    let event = try HostEvents.event(.gitea, name, body)
    #expect(event.kind == .review && event.action == "submitted" && event.state == state)
    #expect(event.comment == "fine")
  }

  @Test(
    arguments: [
      (["head": ["repo": nil]], true), (["head": ["repo_id": 1], "base": ["repo_id": 2]], true),
      (["head": ["repo_id": 1], "base": ["repo_id": 1]], false), (["head": [:]], nil),
      (["head_repo": ["full_name": "b/app"], "base_repo": ["full_name": "a/app"]], true),
      (["head": ["repo": ["full_name": "acme/app"]]], false),
    ] as [(JSONValue, Bool?)])
  func `a fork is known by name or number, or not at all`(
    request: JSONValue, isFork: Bool?
  ) throws {
    var request = request
    request["number"] = 3
    let body: JSONValue = [
      "action": "opened", "pull_request": request, "repository": ["full_name": "acme/app"],
    ]
    #expect(try HostEvents.event(.forgejo, "pull_request", body).pullRequest?.isFromFork == isFork)
  }

  @Test func `gitbucket's list of commits is never the whole`() throws {
    let event = try HostEvents.event(.gitbucket, "push", Fixture.push())
    #expect(event.kind == .push && event.provider == "gitbucket")
    #expect(event.files?.isTruncated == true)
  }
}

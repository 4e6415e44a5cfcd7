import Hooks
import JSON
import Testing

/// What GitLab sends that the payloads of the shared test data do not show.
@Suite struct GitLabEventsTests {
  private static func mergeRequest(
    _ attributes: JSONObject, changes: JSONValue = [:]
  ) -> JSONValue {
    var request: JSONObject = [
      "iid": 7, "source_branch": "topic", "target_branch": "main", "source_project_id": 1,
      "target_project_id": 1, "author_id": 5, "state": "opened",
      "last_commit": ["id": .string(HostEvents.one), "message": "m"],
    ]
    for member in attributes { request[member.key] = member.value }
    return [
      "object_kind": "merge_request", "user": ["id": 5, "username": "ann"], "changes": changes,
      "object_attributes": .object(request),
    ]
  }

  @Test(
    arguments: [
      (["action": "open"], [:], "opened"), (["action": "reopen"], [:], "reopened"),
      (["action": "close"], [:], "closed"), (["action": "merge"], [:], "closed"),
      (["action": "update", "oldrev": .string(HostEvents.two)], ["labels": [:]], "synchronize"),
      (["action": "update"], ["draft": ["previous": true, "current": false]], "ready_for_review"),
      (
        ["action": "update"], ["draft": ["previous": false, "current": true]], "converted_to_draft"
      ),
      (
        ["action": "update"],
        ["labels": ["previous": [["id": 1]], "current": [["id": 1], ["id": 2]]]], "labeled"
      ),
      (
        ["action": "update"], ["labels": ["previous": [["id": 1]], "current": []]], "unlabeled"
      ),
      (["action": "update"], ["title": ["previous": "a", "current": "b"]], "edited"),
      (
        ["action": "update"], ["assignees": ["previous": [], "current": [["id": 3]]]], "assigned"
      ),
      (
        ["action": "update"], ["reviewers": ["previous": [["id": 3]], "current": []]],
        "review_request_removed"
      ),
      (["action": "update"], ["milestone_id": ["previous": nil, "current": 4]], "milestoned"),
      (["action": "update"], [:], "edited"), ([:], [:], "edited"),
    ] as [(JSONObject, JSONValue, String)])
  func `gitlab's actions are said in GitHub's words`(
    attributes: JSONObject, changes: JSONValue, action: String
  ) throws {
    let event = try HostEvents.event(.gitlab, "", Self.mergeRequest(attributes, changes: changes))
    #expect(event.kind == .pullRequest && event.action == action && event.state == nil)
    #expect(event.before == (action == "synchronize" ? HostEvents.two : nil))
    #expect(
      event.subscriptions == [.kind(.pullRequest), .provider("gitlab", event: "merge_request")])
  }

  @Test(arguments: [
    ("approved", "submitted", "approved"), ("approval", "submitted", "approved"),
    ("unapproved", "dismissed", "dismissed"), ("unapproval", "dismissed", "dismissed"),
  ])
  func `gitlab's approvals are reviews`(own: String, action: String, state: String) throws {
    let event = try HostEvents.event(.gitlab, "", Self.mergeRequest(["action": .string(own)]))
    #expect(event.kind == .review && event.action == action && event.state == state)
    #expect(event.pullRequest?.number == 7 && event.branch == "main")
  }

  @Test(
    arguments: [
      (["source_project_id": 2], true), (["source_project_id": nil], true), ([:], false),
      (
        [
          "source_project_id": "x", "source": ["path_with_namespace": "b/app"],
          "target": ["path_with_namespace": "a/app"],
        ], true
      ),
      (["source_project_id": "x"], nil),
    ] as [(JSONObject, Bool?)])
  func `gitlab's forks are known by their projects`(attributes: JSONObject, isFork: Bool?) throws {
    let event = try HostEvents.event(.gitlab, "", Self.mergeRequest(attributes))
    #expect(event.pullRequest?.isFromFork == isFork)
  }

  @Test func `gitlab's author is known when it is the sender, and a draft by either name`() throws {
    let own = try HostEvents.event(.gitlab, "", Self.mergeRequest(["work_in_progress": true]))
    #expect(own.pullRequest?.author == "ann" && own.pullRequest?.isDraft == true)
    let other = try HostEvents.event(
      .gitlab, "", Self.mergeRequest(["author_id": 6, "draft": false]))
    #expect(other.pullRequest?.author == nil && other.pullRequest?.isDraft == false)
    #expect(other.sender == "ann")
  }

  @Test(
    arguments: [
      (20, 20, false), (20, 21, true), (20, nil, true), (19, nil, false), (0, 3, true),
    ] as [(Int, Int?, Bool)])
  func `gitlab lists twenty commits and says how many there are`(
    count: Int, total: Int?, isTruncated: Bool
  ) throws {
    let commits = (0..<count).map { JSONValue.object(["added": [.string("f\($0)")]]) }
    var body: JSONValue = [
      "object_kind": "push", "ref": "refs/heads/main", "before": .string(HostEvents.two),
      "after": .string(HostEvents.one), "checkout_sha": .string(HostEvents.one),
      "commits": .array(commits),
    ]
    body["total_commits_count"] = total.map { .int($0) }
    let event = try HostEvents.event(.gitlab, "", body)
    #expect(event.files?.isTruncated == isTruncated && event.files?.added.count == count)
  }

  @Test func `gitlab's annotated tag is the commit it points to`() throws {
    let event = try HostEvents.event(
      .gitlab, "",
      [
        "object_kind": "tag_push", "ref": "refs/tags/v1", "before": .string(HostEvents.zeros),
        "after": .string(HostEvents.two), "checkout_sha": .string(HostEvents.one),
      ])
    #expect(event.kind == .tag && event.revision == HostEvents.one && event.before == nil)
  }

  @Test(
    arguments: [("create", "created"), ("update", "edited"), (nil, "created")]
      as [(String?, String)])
  func `gitlab's notes are comments`(own: String?, action: String) throws {
    var body: JSONValue = ["object_kind": "note", "object_attributes": ["note": "/build"]]
    body[["object_attributes", "action"]] = own.map { .string($0) }
    let event = try HostEvents.event(.gitlab, "", body)
    #expect(event.kind == .comment && event.action == action && event.comment == "/build")
  }
}

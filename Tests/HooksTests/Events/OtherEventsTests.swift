import Hooks
import JSON
import Testing

/// What SourceHut and senders that are no Git hosts send, and what payloads lack.
@Suite struct OtherEventsTests {
  @Test func `sourcehut's refs are one event each`() {
    let body: JSONValue = [
      "pusher": ["canonical_name": "~ann", "name": "ann"],
      "refs": [
        [
          "name": "refs/heads/main", "old": nil,
          "new": ["id": .string(HostEvents.one), "message": "a\nb"],
        ],
        ["name": "refs/tags/v1", "old": ["id": .string(HostEvents.two)], "new": nil],
      ],
    ]
    let events = HostEvents.events(.sourcehut, "repo:post-update", body)
    #expect(events.map(\.kind) == [.push, .tagDelete])
    #expect(
      events.map(\.revision) == [HostEvents.one, nil]
        && events.map(\.before) == [nil, HostEvents.two])
    #expect(events.first?.title == "a" && events.first?.sender == "~ann")
  }

  @Test func `sourcehut's GraphQL says the repository as well`() throws {
    let webhook: JSONValue = [
      "repository": ["name": "app", "owner": ["canonicalName": "~ann"]],
      "pusher": ["canonicalName": "~bob"],
      "updates": [["ref": ["name": "refs/heads/main"], "new": ["id": .string(HostEvents.one)]]],
    ]
    let event = try HostEvents.event(.sourcehut, "GIT_POST_RECEIVE", ["data": ["webhook": webhook]])
    #expect(event.kind == .push && event.repository == "~ann/app" && event.owner == "~ann")
    #expect(event.sender == "~bob" && event.branch == "main")
  }

  @Test(arguments: [1000, 1001])
  func `a push that copies a repository is refused`(count: Int) {
    let update: JSONValue = ["name": "refs/tags/x", "new": ["id": .string(HostEvents.one)]]
    let body: JSONValue = ["refs": .array(Array(repeating: update, count: count))]
    let name = "repo:post-update"
    if count == 1000 {
      #expect(HostEvents.events(.sourcehut, name, body).count == count)
    } else {
      #expect(
        HostEvents.delivery(.sourcehut, name, body)
          == .malformed("\(name): refs has more than 1000 refs"))
    }
  }

  @Test func `a deleted ref that is neither branch nor tag is nothing to listen to`() throws {
    var body = Fixture.push("refs/notes/commits")
    body["after"] = .string(HostEvents.zeros)
    let event = try HostEvents.event(.github, "push", body)
    #expect(event.subscriptions == [.kind(EventKind(rawValue: "github:ref_delete"))])
  }

  @Test(arguments: [
    ("gitlab:merge_requests", "GitLab", "merge_request"),
    ("bitbucket-server:pr:open", "Bitbucket Data Center", "pr:opened"),
    ("azure-devops:git.pushed", "Azure DevOps", "git.push"),
  ])
  func `a name that its host does not know is warned about`(
    entry: String, title: String, nearest: String
  ) throws {
    let name = try #require(entry.split(separator: ":", maxSplits: 1).last)
    #expect(
      Fixture.diagnostics(Fixture.hook("on: [\"\(entry)\"]")).contains {
        $0.hasSuffix(
          "on[0]: \"\(name)\" is no event of \(title) that we know, did you mean \"\(nearest)\"?")
      })
  }

  @Test func `a build of buildkite says its commit and its branch or tag`() throws {
    var body: JSONValue = [
      "build": ["commit": .string(HostEvents.one), "branch": "main", "message": "Fix it\n\nNow."]
    ]
    let built = try HostEvents.event(.buildkite, "build.finished", body)
    #expect(built.kind.rawValue == "buildkite:build.finished" && built.branch == "main")
    #expect(built.revision == HostEvents.one && built.title == "Fix it")
    body[["build", "tag"]] = "v1"
    let tagged = try HostEvents.event(.buildkite, "build.finished", body)
    #expect(tagged.tag == "v1" && tagged.branch == nil)
  }

  @Test func `a message of slack says who wrote what`() throws {
    let body: JSONValue = [
      "type": "event_callback",
      "event": ["type": "app_mention", "user": "U1", "text": "deploy"],
    ]
    let event = try HostEvents.event(.slack, "", body)
    #expect(event.kind.rawValue == "slack:app_mention")
    #expect(event.sender == "U1" && event.comment == "deploy")
  }

  @Test(
    arguments: [
      (.bitbucketCloud, "repo:push", [:], "push.changes is missing or no list"),
      (
        .bitbucketCloud, "repo:push",
        [
          "push": ["changes": [["new": ["name": "x", "type": "branch", "target": ["hash": "12"]]]]]
        ],
        "push.changes[0].new.target.hash is missing or no commit"
      ),
      (
        .bitbucketCloud, "repo:push", ["push": ["changes": [["old": nil, "new": nil]]]],
        "push.changes[0].old.name is missing or no text"
      ),
      (
        .bitbucketCloud, "pullrequest:created", ["pullrequest": [:]],
        "pullrequest.id is missing or no number"
      ),
      (
        .bitbucketServer, "repo:refs_changed", ["changes": [["ref": ["id": "refs/heads/x"]]]],
        "changes[0].toHash is missing or no commit"
      ),
      (
        .bitbucketServer, "pr:opened", ["pullRequest": ["id": 3]],
        "pullRequest.fromRef.latestCommit is missing or no commit"
      ),
      (
        .azureDevOps, "git.push", ["eventType": "git.push", "resource": ["refUpdates": [[:]]]],
        "resource.refUpdates[0].name is missing or no text"
      ),
      (
        .gitlab, "push", ["object_kind": "push", "ref": "refs/heads/x", "after": "1"],
        "after is missing or no commit"
      ),
      (
        .gitlab, "merge_request", ["object_kind": "merge_request", "object_attributes": [:]],
        "object_attributes.iid is missing or no number"
      ),
      (.gogs, "push", ["ref": 5], "ref is missing or no text"),
      (.gitea, "pull_request", ["action": "opened"], "pull_request is missing or no object"),
      (
        .sourcehut, "repo:post-update", ["refs": [["name": "refs/heads/x", "new": [:]]]],
        "refs[0].new.id is missing or no commit"
      ),
    ] as [(SourceKind, String, JSONValue, String)])
  func `what a payload lacks is named by its path`(
    kind: SourceKind, name: String, body: JSONValue, message: String
  ) {
    #expect(HostEvents.delivery(kind, name, body) == .malformed("\(name): \(message)"))
  }
}

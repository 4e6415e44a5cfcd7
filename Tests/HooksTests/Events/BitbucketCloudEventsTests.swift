import Hooks
import JSON
import Testing

/// What Bitbucket Cloud sends that the payloads of the shared test data do not show.
@Suite struct BitbucketCloudEventsTests {
  private static func pullRequest(
    _ key: String, _ change: (inout JSONValue) -> Void = { _ in }
  ) throws -> Event {
    var body: JSONValue = [
      "pullrequest": [
        "id": 4, "title": "T", "state": "OPEN",
        "source": [
          "branch": ["name": "topic"], "commit": ["hash": .string(HostEvents.one)],
          "repository": ["full_name": "acme/app"],
        ],
        "destination": ["branch": ["name": "main"], "repository": ["full_name": "acme/app"]],
      ],
      "repository": ["full_name": "acme/app"],
    ]
    change(&body)
    return try HostEvents.event(.bitbucketCloud, key, body)
  }

  @Test(
    arguments: [
      ("created", .pullRequest, "opened", nil), ("updated", .pullRequest, "synchronize", nil),
      ("fulfilled", .pullRequest, "closed", nil), ("rejected", .pullRequest, "closed", nil),
      ("approved", .review, "submitted", "approved"),
      ("unapproved", .review, "dismissed", "dismissed"),
      ("changes_request_created", .review, "submitted", "changes_requested"),
      ("changes_request_removed", .review, "dismissed", "dismissed"),
      ("comment_created", .comment, "created", nil), ("comment_updated", .comment, "edited", nil),
      ("comment_deleted", .comment, "deleted", nil),
      (
        "comment_resolved", EventKind(rawValue: "bitbucket-cloud:pullrequest:comment_resolved"),
        nil, nil
      ),
    ] as [(String, EventKind, String?, String?)])
  func `bitbucket's events of pull requests`(
    key: String, kind: EventKind, action: String?, state: String?
  ) throws {
    let event = try Self.pullRequest("pullrequest:\(key)")
    #expect(event.kind == kind && event.action == action && event.state == state)
    #expect(event.pullRequest?.isMerged == (key == "fulfilled"))
    #expect(event.revision == HostEvents.one && event.ref == "refs/heads/topic")
  }

  @Test func `a short hash is no revision, and a fork that is gone is a fork`() throws {
    let event = try Self.pullRequest("pullrequest:created") { body in
      body[["pullrequest", "source", "commit", "hash"]] = "1234567890ab"
      body[["pullrequest", "source", "repository"]] = .null
    }
    #expect(event.revision == nil && event.ref == nil && event.pullRequest?.isFromFork == true)
  }
}

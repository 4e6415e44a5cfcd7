// The payloads of GitHub and GitBucket as events.
//
// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads and
// https://github.com/gitbucket/gitbucket/wiki/API-WebHook.

import Bytes
import JSON

/// Reads GitHub's payloads.
struct GitHubEvents {
  private let payload: HubPayload
  private var body: JSONView { payload.body }

  init(_ delivery: NativeDelivery) {
    payload = HubPayload(delivery: delivery)
  }

  func events() throws(MalformedPayload) -> [Event] {
    switch payload.delivery.name {
    case "push": [try push()]
    case "pull_request": [try pullRequest()]
    case "pull_request_review": [review()]
    case "issue_comment", "commit_comment", "pull_request_review_comment": [payload.comment()]
    case "release": [payload.release()]
    case "merge_group": [mergeGroup()]
    default: [other()]
    }
  }

  private func push() throws(MalformedPayload) -> Event {
    var event = try payload.push()
    guard event.revision != nil else { return event }
    let commits = body["commits"]
    // GitBucket leaves out the commits that another branch has.
    let isPartial = payload.delivery.kind == .gitbucket && event.tag == nil
    event.files = ChangedFiles(
      commits: commits, hasMore: isPartial || (commits?.count ?? 0) >= Self.commitLimit,
      fileLimit: Self.fileLimit)
    return event
  }

  // MARK: - Pull requests

  private func pullRequest() throws(MalformedPayload) -> Event {
    guard body["action"]?.filledText != nil else { throw .missing("action", "text") }
    guard let request = body["pull_request"], request.kind == .object else {
      throw .missing("pull_request", "object")
    }
    guard request["number"]?.positiveNumber != nil else {
      throw .missing("pull_request.number", "number")
    }
    guard request["head"]?["sha"]?.commit != nil else {
      throw .missing("pull_request.head.sha", "commit")
    }
    guard request["base"]?["ref"]?.filledText != nil else {
      throw .missing("pull_request.base.ref", "text")
    }
    var event = payload.event(.pullRequest)
    payload.describePullRequest(of: &event)
    event.before = body["before"]?.commit
    return event
  }

  private func review() -> Event {
    var event = payload.event(.review)
    payload.describePullRequest(of: &event)
    event.comment = body["review"]?["body"]?.filledText
    event.state = body["review"]?["state"]?.filledText.map { ASCII.lowercased($0) }
    return event
  }

  private func mergeGroup() -> Event {
    var event = payload.event(.mergeGroup)
    let group = body["merge_group"]
    event.branch = group?["base_ref"]?.filledText.flatMap {
      Event.suffix(of: $0, after: Event.branchPrefix)
    }
    event.ref = group?["head_ref"]?.filledText
    event.revision = group?["head_sha"]?.commit
    event.before = group?["base_sha"]?.commit
    event.setMessage(group?["head_commit"]?["message"])
    return event
  }

  // MARK: - Everything else

  /// An event that only GitHub has, with what it says about a branch and a commit.
  private func other() -> Event {
    var event = payload.event()
    payload.describePullRequest(of: &event)
    event.comment = body["comment"]?["body"]?.filledText
    if let issue = body["issue"] { event.title = issue["title"]?.filledText }
    let name = payload.delivery.name ?? ""
    let subject = body[name]
    switch name {
    case "create", "delete":
      // The push that comes with it says the same and more, so this one is no push as well.
      event.setRef(type: body["ref_type"], name: body["ref"])
    case "workflow_run":
      // The run of a fork's pull request names the fork's branch, which may be called main as well.
      if let head = subject?["head_repository"]?["full_name"]?.filledText,
        head.utf8.elementsEqual((event.repository ?? "").utf8)
      {
        event.branch = subject?["head_branch"]?.filledText
      }
      event.revision = subject?["head_sha"]?.commit
    case "check_suite":
      event.branch = subject?["head_branch"]?.filledText
      event.revision = subject?["head_sha"]?.commit
    case "check_run":
      event.branch = subject?["check_suite"]?["head_branch"]?.filledText
      event.revision = subject?["head_sha"]?.commit
    case "status":
      event.revision = body["sha"]?.commit
    case "deployment", "deployment_status":
      event.revision = body["deployment"]?["sha"]?.commit
    case "repository_dispatch":
      event.branch = body["branch"]?.filledText
    case "workflow_dispatch":
      if let ref = body["ref"]?.filledText { event.setRef(ref) }
    default: break
    }
    return event
  }

  /// GitHub lists at most this many commits of a push.
  private static let commitLimit = 2048
  /// GitHub lists at most this many files of a commit.
  private static let fileLimit = 3000
}

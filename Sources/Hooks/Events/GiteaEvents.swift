// The payloads of Gitea, Forgejo and Gogs as events.
//
// Whose events come in pairs is read from their source, since nothing may be built twice:
//
// | what happens   | Gitea, Forgejo send | Gogs sends     |
// |----------------|---------------------|----------------|
// | new branch     | create, push        | create, push   |
// | branch deleted | delete              | delete         |
// | new tag        | create, push        | create         |
// | tag deleted    | delete, push        | delete         |
//
// Source: https://docs.gitea.com/usage/webhooks, services/repository/push.go of Gitea and
// internal/database/actions.go of Gogs.

import Bytes
import JSON

/// Reads the payloads of Gitea and its relatives.
struct GiteaEvents {
  private let payload: HubPayload
  private var body: JSONView { payload.body }
  private var isGogs: Bool { payload.delivery.kind == .gogs }

  init(_ delivery: NativeDelivery) {
    payload = HubPayload(delivery: delivery)
  }

  func events() throws(MalformedPayload) -> [Event] {
    let name = payload.delivery.name ?? ""
    switch name {
    case "push": return [try push()]
    case "create": return [create()]
    case "delete": return [delete()]
    case "issue_comment": return [payload.comment()]
    case "release": return [release()]
    // `pull_request_approved`, `pull_request_rejected` and `pull_request_comment` are reviews; the
    // names of other versions and of `X-Gitea-Event-Type` go on after the same words.
    case _ where Event.suffix(of: name, after: "pull_request") != nil || name == "pull_request":
      return [try pullRequest()]
    default:
      var event = payload.event()
      if let issue = body["issue"] { event.title = issue["title"]?.filledText }
      return [event]
    }
  }

  // MARK: - Refs

  private func push() throws(MalformedPayload) -> Event {
    var event = try payload.push()
    guard event.revision != nil else { return event }
    let commits = body["commits"]
    let count = commits?.count ?? 0
    // Versions that do not say how many commits there are list this many unless told otherwise.
    let hasMore =
      body["total_commits"]?.intValue.map { $0 > count } ?? (count >= Self.commitLimit)
    event.files = ChangedFiles(commits: commits, hasMore: hasMore)
    return event
  }

  private func create() -> Event {
    let isTag = body["ref_type"]?.stringValue == "tag"
    var event = payload.event(isGogs && isTag ? .tag : nil)
    event.setRef(type: body["ref_type"], name: body["ref"])
    event.revision = body["sha"]?.commit
    return event
  }

  private func delete() -> Event {
    let kind: EventKind? =
      switch body["ref_type"]?.stringValue {
      case "branch": .branchDelete
      case "tag": isGogs ? .tagDelete : nil
      default: nil
      }
    var event = payload.event(kind)
    event.setRef(type: body["ref_type"], name: body["ref"])
    return event
  }

  // MARK: - Pull requests

  /// Some versions leave the head's commit out, Gogs all of them: then there is no revision.
  private func pullRequest() throws(MalformedPayload) -> Event {
    if body["comment"]?.kind == .object, body["review"]?.kind != .object {
      return payload.comment()
    }
    guard let action = body["action"]?.filledText else { throw .missing("action", "text") }
    guard body["pull_request"]?.kind == .object else { throw .missing("pull_request", "object") }
    guard payload.pullRequest != nil else { throw .missing("number", "number") }
    let isReview = action == "reviewed"
    var event = payload.event(isReview ? .review : .pullRequest)
    payload.describePullRequest(of: &event)
    guard isReview else {
      event.action = self.action(action)
      return event
    }
    event.action = ReviewAction.submitted
    event.comment = body["review"]?["content"]?.filledText
    event.state = reviewState
    return event
  }

  private func action(_ own: String) -> String {
    switch own {
    case "synchronized": PullRequestAction.synchronize
    case "label_cleared": PullRequestAction.unlabeled
    case "label_updated":
      // Newer versions say which labels came and went.
      if let removed = body["changes"]?["removed_labels"]?.count, removed > 0,
        body["changes"]?["added_labels"]?.count ?? 0 == 0
      {
        PullRequestAction.unlabeled
      } else {
        PullRequestAction.labeled
      }
    default: own
    }
  }

  /// The review's type, or the event that it is named after: `pull_request_approved`, in some versions
  /// `pull_request_review_approved`.
  private var reviewState: String? {
    let type = body["review"]?["type"]?.filledText ?? payload.delivery.name ?? ""
    return switch type {
    case "pull_request_approved", "pull_request_review_approved": ReviewState.approved
    case "pull_request_rejected", "pull_request_review_rejected": ReviewState.changesRequested
    case "pull_request_comment", "pull_request_review_comment": ReviewState.commented
    default: nil
    }
  }

  private func release() -> Event {
    var event = payload.release()
    if event.action == "updated" { event.action = CommentAction.edited }
    return event
  }

  /// `FEED_MAX_COMMIT_NUM` as it is when nobody sets it.
  private static let commitLimit = 5
}

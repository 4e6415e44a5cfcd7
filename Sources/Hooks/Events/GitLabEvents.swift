// GitLab's payloads, of project, group and system hooks, as events.
//
// Source: https://docs.gitlab.com/user/project/integrations/webhook_events/,
// https://docs.gitlab.com/administration/system_hooks/, and lib/gitlab/data_builder and
// lib/gitlab/hook_data of GitLab.

import JSON

/// Reads GitLab's payloads.
struct GitLabEvents {
  let delivery: NativeDelivery
  private var body: JSONView { delivery.body }

  func events() throws(MalformedPayload) -> [Event] {
    switch delivery.name {
    case "push", "tag_push": [try push()]
    case "merge_request": [try mergeRequest()]
    case "note": [try note()]
    case "release": [release()]
    default: [other()]
    }
  }

  // MARK: - Project and user

  private func event(_ kind: EventKind? = nil) -> Event {
    var event = delivery.event(kind)
    describeOrigin(of: &event)
    return event
  }

  /// Versions without `project` have it in the merge request, and in `repository` a part of it.
  private func describeOrigin(of event: inout Event) {
    let project =
      body["project"] ?? body["object_attributes"]?["target"] ?? body["merge_request"]?["target"]
    let repository = body["repository"]
    event.repository =
      project?["path_with_namespace"]?.filledText ?? body["path_with_namespace"]?.filledText
    event.owner = Event.owner(ofRepository: event.repository)
    event.cloneURL =
      project?["git_http_url"]?.filledText ?? project?["http_url"]?.filledText
      ?? repository?["git_http_url"]?.filledText
    event.webURL = project?["web_url"]?.filledText ?? repository?["homepage"]?.filledText
    // A push has the name of whoever did it at the top; elsewhere that is somebody else's.
    event.sender = body["user"]?["username"]?.filledText
  }

  // MARK: - Push

  private func push() throws(MalformedPayload) -> Event {
    guard let ref = body["ref"]?.filledText else { throw .missing("ref", "text") }
    guard GitObject(body["after"]) != .malformed else { throw .missing("after", "commit") }
    var event = delivery.refEvent(
      ref, before: body["before"]?.commit, revision: body["after"]?.commit)
    describeOrigin(of: &event)
    event.sender = body["user_username"]?.filledText ?? event.sender
    guard event.revision != nil else { return event }
    // Of an annotated tag `after` is the tag object; this is what it points to.
    event.revision = body["checkout_sha"]?.commit ?? event.revision
    let commits = body["commits"]
    event.setMessage(commits?.commit(named: event.revision ?? "")?["message"])
    let count = commits?.count ?? 0
    let hasMore =
      body["total_commits_count"]?.intValue.map { $0 > count } ?? (count >= Self.commitLimit)
    event.files = ChangedFiles(commits: commits, hasMore: hasMore)
    return event
  }

  // MARK: - Merge requests

  private func mergeRequest() throws(MalformedPayload) -> Event {
    guard let request = body["object_attributes"], request.kind == .object else {
      throw .missing("object_attributes", "object")
    }
    guard let details = details(of: request) else {
      throw .missing("object_attributes.iid", "number")
    }
    let action = GitLabAction(request["action"]?.filledText, body: body)
    var event = event(action.state == nil ? .pullRequest : .review)
    event.action = action.name
    event.state = action.state
    describe(request, details, in: &event)
    if action.name == PullRequestAction.synchronize { event.before = request["oldrev"]?.commit }
    return event
  }

  private func details(of request: JSONView) -> PullRequest? {
    guard let number = request["iid"]?.positiveNumber else { return nil }
    var details = PullRequest(number: number)
    details.source = request["source_branch"]?.filledText
    details.target = request["target_branch"]?.filledText
    // The author is a number, and the login that goes with it is there only if it is the sender's.
    if let author = request["author_id"]?.positiveNumber,
      author == body["user"]?["id"]?.positiveNumber
    {
      details.author = body["user"]?["username"]?.filledText
    }
    details.isDraft = request["draft"]?.boolValue ?? request["work_in_progress"]?.boolValue
    details.isMerged = request["state"]?.filledText.map { $0 == "merged" }
    details.labels = (request["labels"] ?? body["labels"])?.texts("title") ?? []
    details.addedLabels = body["changes"]?["labels"].map { change in
      let before = Set(change["previous"]?.texts("title") ?? [])
      return (change["current"]?.texts("title") ?? []).filter { !before.contains($0) }
    }
    details.isFromFork = isFork(request)
    return details
  }

  private func isFork(_ request: JSONView) -> Bool? {
    // A source project that is null is one that is gone: only a fork can be.
    if request["source_project_id"]?.isNull == true { return true }
    if let source = request["source_project_id"]?.positiveNumber,
      let target = request["target_project_id"]?.positiveNumber
    {
      return source != target
    }
    guard let source = request["source"]?["path_with_namespace"]?.filledText,
      let target = request["target"]?["path_with_namespace"]?.filledText
    else { return nil }
    return !source.utf8.elementsEqual(target.utf8)
  }

  private func describe(_ request: JSONView, _ details: PullRequest, in event: inout Event) {
    let commit = request["last_commit"]
    event.setMessage(commit?["message"])
    event.title = request["title"]?.filledText
    event.setPullRequest(
      details, ref: "refs/merge-requests/\(details.number)/head",
      revision: commit?["id"]?.commit)
  }

  // MARK: - Comments and releases

  private func note() throws(MalformedPayload) -> Event {
    guard let note = body["object_attributes"], note.kind == .object else {
      throw .missing("object_attributes", "object")
    }
    var event = event(.comment)
    // Versions that do not say it send new notes alone.
    event.action = note["action"]?.filledText == "update" ? "edited" : "created"
    event.comment = note["note"]?.filledText
    if let request = body["merge_request"], let details = details(of: request) {
      describe(request, details, in: &event)
    } else if let commit = body["commit"], commit.kind == .object {
      event.revision = commit["id"]?.commit
      event.setMessage(commit["message"])
    } else {
      event.title = (body["issue"] ?? body["snippet"])?["title"]?.filledText
    }
    return event
  }

  private func release() -> Event {
    var event = event(.release)
    event.action =
      switch body["action"]?.filledText {
      case "create": "published"
      case "update": "edited"
      case "delete": "deleted"
      case let other: other
      }
    event.setTag(body["tag"])
    event.revision = body["commit"]?["id"]?.commit
    event.setMessage(body["commit"]?["message"])
    event.title = body["name"]?.filledText
    return event
  }

  // MARK: - Everything else

  private func other() -> Event {
    var event = event()
    let attributes = body["object_attributes"]
    event.action = attributes?["action"]?.filledText ?? body["action"]?.filledText
    event.title = attributes?["title"]?.filledText
    let subject: JSONView?
    switch delivery.name {
    case "pipeline": subject = attributes
    case "build": subject = body
    default: return event
    }
    let commit = body["commit"]
    event.setMessage(commit?["message"])
    event.revision = subject?["sha"]?.commit
    event.before = subject?["before_sha"]?.commit
    if let request = body["merge_request"], let details = details(of: request) {
      // The ref is a branch of the merge request's project, which may be a fork with a branch main.
      event.pullRequest = details
      return event
    }
    let isTag = subject?["tag"]?.boolValue
    if let ref = subject?["ref"]?.filledText, let isTag {
      event.setRef((isTag ? Event.tagPrefix : Event.branchPrefix) + ref)
    }
    return event
  }

  /// GitLab lists at most this many commits of a push.
  private static let commitLimit = 20
}

/// What GitLab calls an action, in GitHub's words.
private struct GitLabAction {
  let name: String
  /// What a review says; nil for everything else.
  let state: String?

  /// - Parameter own: nil for changes that GitLab does not name.
  init(_ own: String?, body: JSONView) {
    (name, state) =
      switch own {
      case "open": (PullRequestAction.opened, nil)
      case "reopen": (PullRequestAction.reopened, nil)
      case "close", "merge": (PullRequestAction.closed, nil)
      // With `approved` the last approval that it takes is there, with `approval` one of them.
      case "approved", "approval": (ReviewAction.submitted, ReviewState.approved)
      case "unapproved", "unapproval": (ReviewAction.dismissed, ReviewState.dismissed)
      case "update", nil: (Self.update(body), nil)
      case let other?: (other, nil)
      }
  }

  /// What an update changed. Of several changes the one that matters most for a build.
  private static func update(_ body: JSONView) -> String {
    if body["object_attributes"]?["oldrev"]?.commit != nil {
      return PullRequestAction.synchronize
    }
    guard let changes = body["changes"] else { return PullRequestAction.edited }
    if let isDraft = (changes["draft"] ?? changes["work_in_progress"])?["current"]?.boolValue {
      return isDraft ? PullRequestAction.convertedToDraft : PullRequestAction.readyForReview
    }
    if let labels = changes["labels"] {
      let isGain = gains(labels)
      return isGain ? PullRequestAction.labeled : PullRequestAction.unlabeled
    }
    for key in ["title", "description", "target_branch"] where changes[key] != nil {
      return PullRequestAction.edited
    }
    if let people = changes["assignees"] { return gains(people) ? "assigned" : "unassigned" }
    if let people = changes["reviewers"] {
      return gains(people)
        ? PullRequestAction.reviewRequested : PullRequestAction.reviewRequestRemoved
    }
    if let milestone = changes["milestone_id"]?["current"] {
      return milestone.isNull ? "demilestoned" : "milestoned"
    }
    return PullRequestAction.edited
  }

  /// Whether a list has something now that it had not before.
  private static func gains(_ change: JSONView) -> Bool {
    let before = Set(change["previous"]?.elements?.compactMap { $0["id"]?.intValue } ?? [])
    return change["current"]?.elements?.contains { element in
      element["id"]?.intValue.map { !before.contains($0) } ?? true
    } ?? false
  }
}

// Bitbucket Data Center's payloads as events. None of them lists files.
//
// Source: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html.

import JSON

/// Reads Bitbucket Data Center's payloads.
struct BitbucketServerEvents {
  let delivery: NativeDelivery
  private var body: JSONView { delivery.body }

  func events() throws(MalformedPayload) -> [Event] {
    switch delivery.name {
    case "repo:refs_changed": return try push()
    case "pr:opened": return [try pullRequest(PullRequestAction.opened)]
    case "pr:from_ref_updated": return [try pullRequest(PullRequestAction.synchronize)]
    case "pr:modified": return [try pullRequest(PullRequestAction.edited)]
    case "pr:merged": return [try pullRequest(PullRequestAction.closed, isMerged: true)]
    case "pr:declined", "pr:deleted":
      return [try pullRequest(PullRequestAction.closed, isMerged: false)]
    case "pr:reviewer:updated":
      let isAdded = (body["addedReviewers"]?.count ?? 0) > 0
      let action =
        isAdded ? PullRequestAction.reviewRequested : PullRequestAction.reviewRequestRemoved
      return [try pullRequest(action)]
    case "pr:reviewer:approved": return [try review(ReviewAction.submitted, ReviewState.approved)]
    case "pr:reviewer:needs_work", "pr:reviewer:changes_requested":
      return [try review(ReviewAction.submitted, ReviewState.changesRequested)]
    case "pr:reviewer:unapproved":
      return [try review(ReviewAction.dismissed, ReviewState.dismissed)]
    case "pr:comment:added": return [try comment(CommentAction.created)]
    case "pr:comment:edited": return [try comment(CommentAction.edited)]
    case "pr:comment:deleted": return [try comment(CommentAction.deleted)]
    case "repo:comment:added": return [commitComment(CommentAction.created)]
    case "repo:comment:edited": return [commitComment(CommentAction.edited)]
    case "repo:comment:deleted": return [commitComment(CommentAction.deleted)]
    default:
      // Also `mirror:repo_synchronized`, which repeats the changes that the primary told before.
      var event = event(of: body["repository"])
      if let request = body["pullRequest"], let details = details(of: request) {
        event = self.event(of: request["toRef"]?["repository"])
        describe(request, details, in: &event)
      }
      return [event]
    }
  }

  // MARK: - Repository and actor

  private func event(_ kind: EventKind? = nil, of repository: JSONView?) -> Event {
    var event = delivery.event(kind)
    describeOrigin(of: &event, repository)
    return event
  }

  private func describeOrigin(of event: inout Event, _ repository: JSONView?) {
    event.repository = Self.fullName(repository)
    event.owner = repository?["project"]?["key"]?.filledText
    event.cloneURL =
      repository?["links"]?["clone"]?.address(named: "http")
      ?? repository?["links"]?["clone"]?.address(named: "https")
    event.webURL = repository?["links"]?["self"]?[0]?["href"]?.filledText
    event.sender = body["actor"]?["name"]?.filledText
  }

  /// As in addresses: `KEY/slug`, and `~user/slug` for a personal one.
  private static func fullName(_ repository: JSONView?) -> String? {
    guard let key = repository?["project"]?["key"]?.filledText,
      let slug = repository?["slug"]?.filledText
    else { return nil }
    return "\(key)/\(slug)"
  }

  // MARK: - Push

  /// One event for each ref; a push of none is one without a ref.
  private func push() throws(MalformedPayload) -> [Event] {
    let changes = try delivery.refs(body["changes"], at: "changes")
    let isAlone = body["changes"]?.count == 1
    var events: [Event] = []
    for change in changes {
      events.append(try event(change, isAlone: isAlone, at: "changes[\(events.count)]"))
    }
    return events.isEmpty ? [event(of: body["repository"])] : events
  }

  private func event(
    _ change: JSONView, isAlone: Bool, at path: String
  ) throws(MalformedPayload) -> Event {
    guard let ref = change["ref"]?["id"]?.filledText ?? change["refId"]?.filledText else {
      throw .missing("\(path).ref.id", "text")
    }
    let hash = change["toHash"]
    guard GitObject(hash) != .malformed else { throw .missing("\(path).toHash", "commit") }
    let isDeletion = change["type"]?.stringValue == "DELETE"
    var event = delivery.refEvent(
      ref, before: change["fromHash"]?.commit, revision: isDeletion ? nil : hash?.commit)
    describeOrigin(of: &event, body["repository"])
    guard let revision = event.revision else { return event }
    // Versions from 9 on say the commits; of an annotated tag `toHash` is the tag object.
    let commit = isAlone ? body["toCommit"] : nil
    if event.tag != nil, let target = commit?["id"]?.commit {
      event.revision = target
      event.setMessage(commit?["message"])
    } else {
      event.setMessage(body["commits"]?.commit(named: revision)?["message"])
    }
    return event
  }

  // MARK: - Pull requests

  private func pullRequest(
    _ action: String, isMerged: Bool? = nil, kind: EventKind = .pullRequest
  ) throws(MalformedPayload) -> Event {
    guard let request = body["pullRequest"], request.kind == .object else {
      throw .missing("pullRequest", "object")
    }
    guard let details = details(of: request) else { throw .missing("pullRequest.id", "number") }
    guard request["fromRef"]?["latestCommit"]?.commit != nil else {
      throw .missing("pullRequest.fromRef.latestCommit", "commit")
    }
    var event = event(kind, of: request["toRef"]?["repository"])
    event.action = action
    describe(request, details, in: &event)
    event.before = body["previousFromHash"]?.commit
    if let isMerged { event.pullRequest?.isMerged = isMerged }
    return event
  }

  private func details(of request: JSONView) -> PullRequest? {
    guard let number = request["id"]?.positiveNumber else { return nil }
    let (source, target) = (request["fromRef"], request["toRef"])
    var details = PullRequest(number: number)
    details.source = Self.name(source)
    details.target = Self.name(target)
    details.author = request["author"]?["user"]?["name"]?.filledText
    details.isDraft = request["draft"]?.boolValue
    details.isMerged = request["state"]?.filledText.map { $0 == "MERGED" }
    if let from = Self.fullName(source?["repository"]),
      let to = Self.fullName(target?["repository"])
    {
      details.isFromFork = !from.utf8.elementsEqual(to.utf8)
    }
    return details
  }

  private static func name(_ ref: JSONView?) -> String? {
    ref?["displayId"]?.filledText
      ?? ref?["id"]?.filledText.flatMap { Event.suffix(of: $0, after: Event.branchPrefix) }
  }

  private func describe(_ request: JSONView, _ details: PullRequest, in event: inout Event) {
    event.setPullRequest(
      details, ref: "refs/pull-requests/\(details.number)/from",
      revision: request["fromRef"]?["latestCommit"]?.commit)
    event.title = request["title"]?.filledText
  }

  private func review(_ action: String, _ state: String) throws(MalformedPayload) -> Event {
    var event = try pullRequest(action, kind: .review)
    event.state = state
    return event
  }

  // MARK: - Comments

  private func comment(_ action: String) throws(MalformedPayload) -> Event {
    var event = try pullRequest(action, kind: .comment)
    event.comment = body["comment"]?["text"]?.filledText
    return event
  }

  private func commitComment(_ action: String) -> Event {
    var event = event(.comment, of: body["repository"])
    event.action = action
    event.comment = body["comment"]?["text"]?.filledText
    event.revision = body["commit"]?.commit
    return event
  }
}

// Bitbucket Cloud's payloads as events. None of them lists files.
//
// Source: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/.

import JSON

/// Reads Bitbucket Cloud's payloads.
struct BitbucketCloudEvents {
  let delivery: NativeDelivery
  private var body: JSONView { delivery.body }

  func events() throws(MalformedPayload) -> [Event] {
    switch delivery.name {
    case "repo:push": return try push()
    case "pullrequest:created": return [try pullRequest(PullRequestAction.opened)]
    case "pullrequest:updated": return [try pullRequest(PullRequestAction.synchronize)]
    case "pullrequest:fulfilled": return [try pullRequest(PullRequestAction.closed, isMerged: true)]
    case "pullrequest:rejected": return [try pullRequest(PullRequestAction.closed, isMerged: false)]
    case "pullrequest:approved":
      return [try review(ReviewAction.submitted, ReviewState.approved)]
    case "pullrequest:changes_request_created":
      return [try review(ReviewAction.submitted, ReviewState.changesRequested)]
    case "pullrequest:unapproved", "pullrequest:changes_request_removed":
      return [try review(ReviewAction.dismissed, ReviewState.dismissed)]
    case "pullrequest:comment_created": return [try comment(CommentAction.created)]
    case "pullrequest:comment_updated": return [try comment(CommentAction.edited)]
    case "pullrequest:comment_deleted": return [try comment(CommentAction.deleted)]
    case "repo:commit_comment_created": return [commitComment()]
    default:
      var event = event()
      if let request = body["pullrequest"], let details = details(of: request) {
        describe(request, details, in: &event)
      }
      event.revision = body["commit_status"]?["commit"]?["hash"]?.commit ?? event.revision
      return [event]
    }
  }

  // MARK: - Repository and actor

  private func event(_ kind: EventKind? = nil) -> Event {
    var event = delivery.event(kind)
    describeOrigin(of: &event)
    return event
  }

  /// A payload says no address to clone from, but all repositories are on one host.
  private func describeOrigin(of event: inout Event) {
    let repository = body["repository"]
    event.repository = repository?["full_name"]?.filledText
    event.owner = Event.owner(ofRepository: event.repository)
    event.webURL = repository?["links"]?["html"]?["href"]?.filledText
    event.cloneURL =
      repository?["links"]?["clone"]?.address(named: "https")
      ?? event.repository.map { "https://bitbucket.org/\($0).git" }
    event.sender = Self.login(body["actor"])
  }

  /// Logins were renamed to nicknames in 2019.
  private static func login(_ user: JSONView?) -> String? {
    user?["username"]?.filledText ?? user?["nickname"]?.filledText
  }

  // MARK: - Push

  /// One event for each ref; a push of none, which Bitbucket sends now and then, is one without a ref.
  private func push() throws(MalformedPayload) -> [Event] {
    let changes = try delivery.refs(body["push"]?["changes"], at: "push.changes")
    var events: [Event] = []
    for change in changes {
      events.append(try event(change, at: "push.changes[\(events.count)]"))
    }
    return events.isEmpty ? [event()] : events
  }

  private func event(_ change: JSONView, at path: String) throws(MalformedPayload) -> Event {
    let old = change["old"].flatMap { $0.isNull ? nil : $0 }
    let new = change["new"].flatMap { $0.isNull ? nil : $0 }
    let side = new == nil ? "old" : "new"
    guard let name = (new ?? old)?["name"]?.filledText else {
      throw .missing("\(path).\(side).name", "text")
    }
    let revision = new?["target"]?["hash"]?.commit
    if new != nil, revision == nil { throw .missing("\(path).new.target.hash", "commit") }
    let prefix: String
    switch (new ?? old)?["type"]?.stringValue {
    case "branch", "named_branch": prefix = Event.branchPrefix
    case "tag": prefix = Event.tagPrefix
    case .some: prefix = ""
    case nil: throw .missing("\(path).\(side).type", "text")
    }
    var event = delivery.refEvent(
      prefix + name, before: old?["target"]?["hash"]?.commit, revision: revision)
    describeOrigin(of: &event)
    event.setMessage(new?["target"]?["message"])
    return event
  }

  // MARK: - Pull requests

  private func pullRequest(
    _ action: String, isMerged: Bool? = nil, kind: EventKind = .pullRequest
  ) throws(MalformedPayload) -> Event {
    guard let request = body["pullrequest"], request.kind == .object else {
      throw .missing("pullrequest", "object")
    }
    guard let details = details(of: request) else { throw .missing("pullrequest.id", "number") }
    var event = event(kind)
    event.action = action
    describe(request, details, in: &event)
    if let isMerged { event.pullRequest?.isMerged = isMerged }
    return event
  }

  private func details(of request: JSONView) -> PullRequest? {
    guard let number = request["id"]?.positiveNumber else { return nil }
    let (source, target) = (request["source"], request["destination"])
    var details = PullRequest(number: number)
    details.source = source?["branch"]?["name"]?.filledText
    details.target = target?["branch"]?["name"]?.filledText
    details.author = Self.login(request["author"])
    details.isDraft = request["draft"]?.boolValue
    details.isMerged =
      switch request["state"]?.stringValue {
      case "MERGED": true
      case "OPEN", "DECLINED", "SUPERSEDED": false
      default: nil
      }
    if let repository = source?["repository"] {
      let from = repository["full_name"]?.filledText
      let to =
        target?["repository"]?["full_name"]?.filledText
        ?? body["repository"]?["full_name"]?.filledText
      if repository.isNull {
        // It is gone: only a fork can be.
        details.isFromFork = true
      } else if let from, let to {
        details.isFromFork = !from.utf8.elementsEqual(to.utf8)
      }
    }
    return details
  }

  /// Hashes are mostly cut to twelve digits, which name no commit for certain: then there is no
  /// revision. Bitbucket has no refs of pull requests.
  private func describe(_ request: JSONView, _ details: PullRequest, in event: inout Event) {
    let ref = details.isFromFork == false ? details.source.map { Event.branchPrefix + $0 } : nil
    event.setPullRequest(
      details, ref: ref, revision: request["source"]?["commit"]?["hash"]?.commit)
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
    event.comment = body["comment"]?["content"]?["raw"]?.filledText
    return event
  }

  private func commitComment() -> Event {
    var event = event(.comment)
    event.action = CommentAction.created
    event.comment = body["comment"]?["content"]?["raw"]?.filledText
    event.revision = body["commit"]?["hash"]?.commit
    event.setMessage(body["commit"]?["message"])
    return event
  }
}

extension JSONView {
  /// The address of a name in a list of `{"href": …, "name": …}`.
  func address(named name: String) -> String? {
    elements?.first { $0["name"]?.text?.equals(name) == true }?["href"]?.filledText
  }
}

// Azure DevOps' payloads as events. None of them lists files.
//
// Source: https://learn.microsoft.com/azure/devops/service-hooks/events.

import JSON

/// Reads the payloads of Azure DevOps.
struct AzureDevOpsEvents {
  let delivery: NativeDelivery
  private var body: JSONView { delivery.body }
  private var resource: JSONView? { delivery.body["resource"] }

  func events() throws(MalformedPayload) -> [Event] {
    switch delivery.name {
    case "git.push": return try push()
    case "git.pullrequest.created", "git.pullrequest.updated", "git.pullrequest.merged":
      return [try pullRequest()]
    case "ms.vss-code.git-pullrequest-comment-event": return [try comment()]
    case "build.complete": return [build()]
    default: return [event(of: resource?["repository"])]
    }
  }

  // MARK: - Repository

  private func event(_ kind: EventKind? = nil, of repository: JSONView?) -> Event {
    var event = delivery.event(kind)
    Self.describeOrigin(of: &event, repository)
    return event
  }

  /// A repository has a name within its project, and one address for Git and for browsers.
  private static func describeOrigin(of event: inout Event, _ repository: JSONView?) {
    event.repository = fullName(repository)
    event.owner = repository?["project"]?["name"]?.filledText
    event.cloneURL = repository?["remoteUrl"]?.filledText
    event.webURL = repository?["webUrl"]?.filledText ?? event.cloneURL
  }

  private static func fullName(_ repository: JSONView?) -> String? {
    guard let project = repository?["project"]?["name"]?.filledText,
      let name = repository?["name"]?.filledText
    else { return nil }
    return "\(project)/\(name)"
  }

  private static func login(_ identity: JSONView?) -> String? {
    identity?["uniqueName"]?.filledText
  }

  // MARK: - Push

  /// One event for each ref. Refs of pull requests are no branches.
  private func push() throws(MalformedPayload) -> [Event] {
    let updates = try delivery.refs(resource?["refUpdates"], at: "resource.refUpdates")
    var events: [Event] = []
    for update in updates {
      let path = "resource.refUpdates[\(events.count)]"
      guard let ref = update["name"]?.filledText else { throw .missing("\(path).name", "text") }
      let object = update["newObjectId"]
      guard GitObject(object) != .malformed else {
        throw .missing("\(path).newObjectId", "commit")
      }
      var event = delivery.refEvent(
        ref, before: update["oldObjectId"]?.commit, revision: object?.commit)
      describePush(&event)
      if let revision = event.revision {
        let commit = resource?["commits"]?.commit(named: revision, key: "commitId")
        event.setMessage(commit?["comment"])
      }
      events.append(event)
    }
    guard events.isEmpty else { return events }
    var event = delivery.event()
    describePush(&event)
    return [event]
  }

  private func describePush(_ event: inout Event) {
    Self.describeOrigin(of: &event, resource?["repository"])
    event.sender = Self.login(resource?["pushedBy"])
  }

  // MARK: - Pull requests

  private func pullRequest() throws(MalformedPayload) -> Event {
    guard let request = resource, request.kind == .object else {
      throw .missing("resource", "object")
    }
    var event = try event(.pullRequest, about: request, at: "resource")
    event.action = action(of: request)
    // Only these say who did it.
    event.sender =
      delivery.name == "git.pullrequest.created"
      ? event.pullRequest?.author : Self.login(request["closedBy"])
    return event
  }

  private func event(
    _ kind: EventKind, about request: JSONView, at path: String
  ) throws(MalformedPayload) -> Event {
    guard let number = request["pullRequestId"]?.positiveNumber else {
      throw .missing("\(path).pullRequestId", "number")
    }
    var details = PullRequest(number: number)
    details.source = Self.branch(request["sourceRefName"])
    details.target = Self.branch(request["targetRefName"])
    details.author = Self.login(request["createdBy"])
    details.isDraft = request["isDraft"]?.boolValue
    details.isMerged = request["status"]?.filledText.map { $0 == "completed" }
    details.labels = request["labels"]?.texts("name") ?? []
    // Only a pull request from a fork has one.
    details.isFromFork = request["forkSource"]?.kind == .object
    var event = event(kind, of: request["repository"])
    event.setPullRequest(
      details, ref: "refs/pull/\(number)/merge",
      revision: request["lastMergeSourceCommit"]?["commitId"]?.commit)
    event.title = request["title"]?.filledText
    return event
  }

  private static func branch(_ ref: JSONView?) -> String? {
    ref?.filledText.flatMap { Event.suffix(of: $0, after: Event.branchPrefix) }
  }

  private func action(of request: JSONView) -> String {
    switch request["status"]?.stringValue {
    case "completed", "abandoned": return PullRequestAction.closed
    default: break
    }
    switch delivery.name {
    case "git.pullrequest.created": return PullRequestAction.opened
    case "git.pullrequest.merged": return PullRequestAction.mergeAttempted
    default:
      guard let text = body["message"]?["text"]?.filledText else {
        return PullRequestAction.synchronize
      }
      return text.contains(Self.updateText)
        ? PullRequestAction.synchronize : PullRequestAction.edited
    }
  }

  // MARK: - Comments and builds

  private func comment() throws(MalformedPayload) -> Event {
    guard let request = resource?["pullRequest"], request.kind == .object else {
      throw .missing("resource.pullRequest", "object")
    }
    var event = try event(.comment, about: request, at: "resource.pullRequest")
    let comment = resource?["comment"]
    event.comment = comment?["content"]?.filledText
    event.sender = Self.login(comment?["author"])
    if comment?["isDeleted"]?.boolValue == true {
      event.action = CommentAction.deleted
    } else {
      let changed = comment?["lastContentUpdatedDate"]?.filledText
      let isChanged = changed != nil && changed != comment?["publishedDate"]?.filledText
      event.action = isChanged ? CommentAction.edited : CommentAction.created
    }
    return event
  }

  private func build() -> Event {
    var event = event(of: resource?["repository"])
    event.sender = Self.login(resource?["requestedFor"])
    event.revision = resource?["sourceVersion"]?.commit
    if let ref = resource?["sourceBranch"]?.filledText { event.setRef(ref) }
    return event
  }

  /// Of the sentence for people: "… updated the source branch of pull request 7 …".
  private static let updateText = "updated the source branch"
}

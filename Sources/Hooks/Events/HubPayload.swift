// What GitHub's payloads have in common with those of the hosts that took over their form: GitBucket,
// Gogs, Gitea and Forgejo. What is particular about each is in a file of its own.

import Bytes
import JSON

/// A payload in GitHub's form.
///
/// A field that is absent, null or of another type is absent.
struct HubPayload {
  let delivery: NativeDelivery

  var body: JSONView { delivery.body }

  // MARK: - Repository and sender

  /// An event of the kind with what all payloads say.
  func event(_ kind: EventKind? = nil) -> Event {
    var event = delivery.event(kind)
    describeOrigin(of: &event)
    return event
  }

  private func describeOrigin(of event: inout Event) {
    let repository = body["repository"]
    event.action = body["action"]?.filledText
    event.repository = repository?["full_name"]?.filledText
    event.owner = Self.login(repository?["owner"]) ?? repository?["owner"]?["name"]?.filledText
    event.cloneURL = repository?["clone_url"]?.filledText
    event.webURL = repository?["html_url"]?.filledText
    event.sender = Self.login(body["sender"])
  }

  /// Gitea's older versions and Gogs say `username` for what is `login` elsewhere.
  static func login(_ user: JSONView?) -> String? {
    user?["login"]?.filledText ?? user?["username"]?.filledText
  }

  // MARK: - Push

  /// The event of a ref that was pushed, without its files.
  func push() throws(MalformedPayload) -> Event {
    guard let ref = body["ref"]?.filledText else { throw .missing("ref", "text") }
    let after = body["after"]
    guard GitObject(after) != .malformed else { throw .missing("after", "commit") }
    let before = body["before"]?.commit
    let isDeletion = body["deleted"]?.boolValue == true
    var event = delivery.refEvent(ref, before: before, revision: isDeletion ? nil : after?.commit)
    describeOrigin(of: &event)
    event.sender =
      event.sender ?? Self.login(body["pusher"]) ?? body["pusher"]?["name"]?.filledText
    guard let revision = event.revision else { return event }
    let head = body["head_commit"]
    if event.tag != nil, let commit = head?["id"]?.commit {
      // Of an annotated tag `after` is the tag object; the head commit is what it points to.
      event.revision = commit
      event.setMessage(head?["message"])
    } else if head?["id"]?.text?.equals(revision) == true {
      event.setMessage(head?["message"])
    } else {
      // Gogs and older versions of Gitea have no head commit, but list it.
      event.setMessage(body["commits"]?.commit(named: revision)?["message"])
    }
    return event
  }

  // MARK: - Pull requests

  /// What the payload says about the pull request, nil when it has none.
  var pullRequest: PullRequest? {
    guard let request = body["pull_request"], request.kind == .object,
      let number = request["number"]?.positiveNumber ?? body["number"]?.positiveNumber
    else { return nil }
    let (head, base) = (request["head"], request["base"])
    var details = PullRequest(number: number)
    details.source = head?["ref"]?.filledText ?? request["head_branch"]?.filledText
    details.target = base?["ref"]?.filledText ?? request["base_branch"]?.filledText
    details.author = Self.login(request["user"])
    details.isDraft = request["draft"]?.boolValue
    details.isMerged = request["merged"]?.boolValue
    details.labels = request["labels"]?.texts("name") ?? []
    // GitHub sends an event for each label, Gitea one for all.
    if body["action"]?.stringValue == PullRequestAction.labeled {
      details.addedLabels = body["label"]?["name"]?.filledText.map { [$0] }
    } else {
      details.addedLabels = body["changes"]?["added_labels"]?.texts("name")
    }
    details.isFromFork =
      head.flatMap { isFork($0, base) }
      ?? isFork(repository: request["head_repo"], request["base_repo"])
    return details
  }

  private func isFork(_ head: JSONView, _ base: JSONView?) -> Bool? {
    if let isFork = isFork(repository: head["repo"], base?["repo"]) { return isFork }
    guard let source = head["repo_id"]?.positiveNumber,
      let target = base?["repo_id"]?.positiveNumber
    else { return nil }
    return source != target
  }

  /// A head repository that is null is one that is gone: only a fork can be.
  private func isFork(repository head: JSONView?, _ base: JSONView?) -> Bool? {
    guard let head else { return nil }
    if head.isNull { return true }
    guard let source = head["full_name"]?.filledText,
      let target = base?["full_name"]?.filledText ?? body["repository"]?["full_name"]?.filledText
    else { return nil }
    return !source.utf8.elementsEqual(target.utf8)
  }

  /// Sets the pull request, its title and revision where the payload has one.
  func describePullRequest(of event: inout Event) {
    guard let request = pullRequest else { return }
    let view = body["pull_request"]
    event.setPullRequest(
      request, ref: "refs/pull/\(request.number)/head", revision: view?["head"]?["sha"]?.commit)
    event.title = view?["title"]?.filledText
  }

  // MARK: - Comments and releases

  /// A comment on an issue, a pull request or a commit.
  func comment() -> Event {
    var event = self.event(.comment)
    describePullRequest(of: &event)
    let comment = body["comment"]
    event.comment = comment?["body"]?.filledText
    event.revision = event.revision ?? comment?["commit_id"]?.commit
    guard let issue = body["issue"] else { return event }
    event.title = issue["title"]?.filledText ?? event.title
    event.pullRequest = event.pullRequest ?? pullRequest(ofIssue: issue)
    return event
  }

  /// What an issue says about the pull request that it is: nothing about its branches and commits.
  private func pullRequest(ofIssue issue: JSONView) -> PullRequest? {
    let request = issue["pull_request"]
    guard request?.kind == .object || body["is_pull"]?.boolValue == true,
      let number = issue["number"]?.positiveNumber
    else { return nil }
    var details = PullRequest(number: number)
    details.author = Self.login(issue["user"])
    details.isDraft = issue["draft"]?.boolValue ?? request?["draft"]?.boolValue
    details.isMerged = request?["merged"]?.boolValue ?? request?["merged_at"].map { !$0.isNull }
    details.labels = issue["labels"]?.texts("name") ?? []
    return details
  }

  func release() -> Event {
    var event = self.event(.release)
    let release = body["release"]
    event.setTag(release?["tag_name"])
    event.title = release?["name"]?.filledText
    // Mostly this is the name of a branch.
    event.revision = release?["target_commitish"]?.commit
    return event
  }
}

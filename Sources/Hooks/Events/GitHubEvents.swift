// GitHub's payloads as events.

import Bytes
import JSON

/// Normalises GitHub's payloads.
enum GitHubEvents {
  static func event(_ name: String, _ body: JSONView) -> Result<Event, MalformedPayload> {
    do throws(MalformedPayload) {
      switch name {
      case "push": return .success(try push(body))
      case "pull_request": return .success(try pullRequest(body))
      default: return .success(other(name, body))
      }
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Push

  private static func push(_ body: JSONView) throws(MalformedPayload) -> Event {
    guard let ref = body["ref"]?.stringValue, !ref.isEmpty else {
      throw MalformedPayload(message: "ref is missing or no text")
    }
    guard let after = body["after"]?.stringValue, isCommit(after) else {
      throw MalformedPayload(message: "after is missing or no commit")
    }
    let isDeletion = isZero(after) || body["deleted"]?.boolValue == true
    let branch = suffix(of: ref, after: "refs/heads/")
    let tag = suffix(of: ref, after: "refs/tags/")
    let kind: EventKind =
      if branch != nil {
        isDeletion ? .branchDelete : .push
      } else if tag != nil {
        isDeletion ? .tagDelete : .tag
      } else {
        EventKind(rawValue: "github:push")
      }
    var event = base(kind, "push", body)
    (event.ref, event.branch, event.tag) = (ref, branch, tag)
    if let before = body["before"]?.stringValue, isCommit(before), !isZero(before) {
      event.before = before
    }
    event.sender = event.sender ?? body["pusher"]?["name"]?.stringValue
    guard !isDeletion else { return event }
    // After an annotated tag's push, `after` is the tag object; the head commit is what it points to.
    let head = body["head_commit"]
    event.revision = commit(head?["id"]) ?? after
    event.message = head?["message"]?.stringValue
    event.title = event.message.map(firstLine)
    event.files = body["commits"].flatMap(changedFiles)
    return event
  }

  private static func changedFiles(_ commits: JSONView) -> ChangedFiles? {
    guard let list = commits.elements else { return nil }
    var files = ChangedFiles()
    files.isTruncated = commits.count >= commitLimit
    var seen: [Set<[UInt8]>] = [[], [], [], []]
    func add(_ list: JSONView?, to names: inout [String], _ index: Int) {
      guard let list = list?.elements else { return }
      for element in list {
        guard let name = element.stringValue else { continue }
        // Bytes, not String: two compositions of one letter are two files.
        let bytes = Array(name.utf8)
        if seen[index].insert(bytes).inserted { names.append(name) }
        if seen[0].insert(bytes).inserted { files.all.append(name) }
      }
    }
    var (added, modified, removed): ([String], [String], [String]) = ([], [], [])
    for commit in list {
      let lists = [commit["added"], commit["modified"], commit["removed"]]
      let arrays = lists.map { $0?.kind == .array ? $0 : nil }
      if arrays.reduce(0, { $0 + ($1?.count ?? 0) }) >= fileLimit { files.isTruncated = true }
      add(arrays[0], to: &added, 1)
      add(arrays[1], to: &modified, 2)
      add(arrays[2], to: &removed, 3)
    }
    (files.added, files.modified, files.removed) = (added, modified, removed)
    return files
  }

  // MARK: - Pull request

  private static func pullRequest(_ body: JSONView) throws(MalformedPayload) -> Event {
    guard let action = body["action"]?.stringValue, !action.isEmpty else {
      throw MalformedPayload(message: "action is missing or no text")
    }
    guard let request = body["pull_request"], request.kind == .object else {
      throw MalformedPayload(message: "pull_request is missing or no object")
    }
    guard let details = details(of: request) else {
      throw MalformedPayload(message: "pull_request.number is missing or no number")
    }
    guard commit(request["head"]?["sha"]) != nil else {
      throw MalformedPayload(message: "pull_request.head.sha is missing or no commit")
    }
    guard details.target != nil else {
      throw MalformedPayload(message: "pull_request.base.ref is missing or no text")
    }
    var event = base(.pullRequest, "pull_request", body)
    event.action = action
    describe(request, details, in: &event)
    event.before = commit(body["before"])
    return event
  }

  private static func details(of request: JSONView) -> PullRequest? {
    guard let number = request["number"]?.intValue, number > 0 else { return nil }
    var details = PullRequest(number: number)
    details.source = nonEmpty(request["head"]?["ref"])
    details.target = nonEmpty(request["base"]?["ref"])
    details.author = nonEmpty(request["user"]?["login"])
    details.isDraft = request["draft"]?.boolValue
    details.isMerged = request["merged"]?.boolValue
    details.labels = request["labels"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
    // Without the head's repository, which GitHub sends as null when it is gone, it was a fork.
    let head = request["head"]?["repo"]?["full_name"]?.stringValue
    let base = request["base"]?["repo"]?["full_name"]?.stringValue
    details.isFromFork =
      head == nil || base == nil || head?.utf8.elementsEqual((base ?? "").utf8) == false
    return details
  }

  /// What an issue says of the pull request that it is, for its comments.
  private static func details(ofIssue issue: JSONView) -> PullRequest? {
    guard issue["pull_request"]?.kind == .object, let number = issue["number"]?.intValue,
      number > 0
    else { return nil }
    var details = PullRequest(number: number)
    details.author = nonEmpty(issue["user"]?["login"])
    details.isDraft = issue["draft"]?.boolValue
    details.labels = issue["labels"]?.elements?.compactMap { $0["name"]?.stringValue } ?? []
    return details
  }

  private static func describe(
    _ request: JSONView, _ details: PullRequest, in event: inout Event
  ) {
    event.pullRequest = details
    event.branch = details.target
    event.ref = "refs/pull/\(details.number)/head"
    event.revision = commit(request["head"]?["sha"])
    event.title = request["title"]?.stringValue
  }

  // MARK: - Everything else

  private static func other(_ name: String, _ body: JSONView) -> Event {
    var event = base(kinds[name] ?? EventKind(rawValue: "github:\(name)"), name, body)
    if let request = body["pull_request"], let details = details(of: request) {
      describe(request, details, in: &event)
    }
    event.comment = body["comment"]?["body"]?.stringValue ?? body["review"]?["body"]?.stringValue
    event.state = nonEmpty(body["review"]?["state"])
    if let issue = body["issue"] {
      event.title = issue["title"]?.stringValue
      event.pullRequest = event.pullRequest ?? details(ofIssue: issue)
    }
    switch name {
    case "create", "delete":
      let ref = nonEmpty(body["ref"])
      switch body["ref_type"]?.stringValue {
      case "branch": (event.branch, event.ref) = (ref, ref.map { "refs/heads/\($0)" })
      case "tag": (event.tag, event.ref) = (ref, ref.map { "refs/tags/\($0)" })
      default: break
      }
    case "release":
      event.tag = nonEmpty(body["release"]?["tag_name"])
      event.title = body["release"]?["name"]?.stringValue
    case "workflow_run":
      // The run of a fork's pull request names the fork's branch, which may be called main as well.
      if let head = body[name]?["head_repository"]?["full_name"]?.stringValue,
        head.utf8.elementsEqual((event.repository ?? "").utf8)
      {
        event.branch = nonEmpty(body[name]?["head_branch"])
      }
      event.revision = commit(body[name]?["head_sha"])
    case "check_suite":
      event.branch = nonEmpty(body[name]?["head_branch"])
      event.revision = commit(body[name]?["head_sha"])
    case "check_run":
      event.branch = nonEmpty(body[name]?["check_suite"]?["head_branch"])
      event.revision = commit(body[name]?["head_sha"])
    case "status":
      event.revision = commit(body["sha"])
    case "deployment", "deployment_status":
      event.revision = commit(body["deployment"]?["sha"])
    case "commit_comment":
      event.revision = commit(body["comment"]?["commit_id"])
    case "merge_group":
      event.branch = nonEmpty(body[name]?["base_ref"]).flatMap {
        suffix(of: $0, after: "refs/heads/")
      }
      event.ref = nonEmpty(body[name]?["head_ref"])
      event.revision = commit(body[name]?["head_sha"])
      event.message = body[name]?["head_commit"]?["message"]?.stringValue
    case "repository_dispatch":
      event.branch = nonEmpty(body["branch"])
    case "workflow_dispatch":
      event.ref = nonEmpty(body["ref"])
      event.branch = event.ref.flatMap { suffix(of: $0, after: "refs/heads/") }
      event.tag = event.ref.flatMap { suffix(of: $0, after: "refs/tags/") }
    default: break
    }
    return event
  }

  /// Events of whom another word is the same on all hosts.
  private static let kinds: [String: EventKind] = [
    "issue_comment": .comment, "commit_comment": .comment,
    "pull_request_review_comment": .comment, "pull_request_review": .review,
    "release": .release, "merge_group": .mergeGroup,
  ]

  private static func base(_ kind: EventKind, _ name: String, _ body: JSONView) -> Event {
    var event = Event(kind: kind, provider: "github", providerEvent: name)
    let repository = body["repository"]
    event.action = body["action"]?.stringValue
    event.repository = nonEmpty(repository?["full_name"])
    event.owner =
      nonEmpty(repository?["owner"]?["login"]) ?? nonEmpty(repository?["owner"]?["name"])
    event.cloneURL = nonEmpty(repository?["clone_url"])
    event.webURL = nonEmpty(repository?["html_url"])
    event.sender = nonEmpty(body["sender"]?["login"])
    return event
  }

  // MARK: - Values

  private static func nonEmpty(_ value: JSONView?) -> String? {
    value?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func commit(_ value: JSONView?) -> String? {
    value?.stringValue.flatMap { isCommit($0) && !isZero($0) ? $0 : nil }
  }

  /// Whether a text is the name of a Git object, SHA-1 or SHA-256.
  private static func isCommit(_ text: String) -> Bool {
    let bytes = text.utf8
    return (bytes.count == 40 || bytes.count == 64) && bytes.allSatisfy(ASCII.isHexDigit)
  }

  /// Whether a text is Git's name for no object.
  private static func isZero(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
  }

  /// What follows a prefix, compared as bytes: a combining character after the prefix is part of the
  /// name and not of the prefix.
  private static func suffix(of text: String, after prefix: String) -> String? {
    guard text.utf8.starts(with: prefix.utf8), text.utf8.count > prefix.utf8.count else {
      return nil
    }
    return String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  private static func firstLine(_ text: String) -> String {
    let line = text.utf8.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    return String(decoding: line, as: UTF8.self)
  }

  /// GitHub lists at most this many commits of a push.
  private static let commitLimit = 2048
  /// GitHub lists at most this many files of a commit.
  private static let fileLimit = 3000
}

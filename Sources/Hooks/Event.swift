// What a delivery's payload says, in the same words for every Git host.

package import JSON

/// What happened, as triggers name it in `on`.
///
/// The set is open: what has no word of its own is named after its host, as `github:workflow_run`.
package struct EventKind: RawRepresentable, Hashable, Sendable {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// A branch was made or moved.
  package static let push = EventKind(rawValue: "push")
  /// A tag was made or moved.
  package static let tag = EventKind(rawValue: "tag")
  /// A branch was deleted.
  package static let branchDelete = EventKind(rawValue: "branch_delete")
  /// A tag was deleted.
  package static let tagDelete = EventKind(rawValue: "tag_delete")
  /// Something happened to a pull request; ``Event/action`` says what.
  package static let pullRequest = EventKind(rawValue: "pull_request")
  /// Someone wrote, changed or removed a comment: on a pull request, an issue or a commit.
  package static let comment = EventKind(rawValue: "comment")
  /// Someone judged a pull request or took that back; ``Event/state`` says how.
  package static let review = EventKind(rawValue: "review")
  /// Something happened to a release.
  package static let release = EventKind(rawValue: "release")
  /// A merge queue wants a group of pull requests checked, or has done with it.
  package static let mergeGroup = EventKind(rawValue: "merge_group")
  /// Someone asked for a run.
  package static let manual = EventKind(rawValue: "manual")
  /// A trigger's schedule is due.
  package static let schedule = EventKind(rawValue: "schedule")

  /// The kinds with a word of their own.
  static let all: [EventKind] = [
    .push, .tag, .branchDelete, .tagDelete, .pullRequest, .comment, .review, .release,
    .mergeGroup, .manual, .schedule,
  ]
}

/// One thing that happened.
///
/// A field is nil when the sender does not say it: nothing is invented. Texts are the sender's and may
/// hold anything.
package struct Event: Equatable, Sendable {
  package let kind: EventKind
  /// The host that sent it, "manual" or "schedule".
  package let provider: String
  /// The host's own name of the event, such as `push` for a tag as well; nil for a manual one.
  package let providerEvent: String?

  /// What was done, such as `opened`, in GitHub's words for pull requests, comments, reviews and
  /// releases of every host, and in the host's own for what has no word of its own.
  package var action: String?
  /// The repository's full name, such as `owner/name`.
  package var repository: String?
  package var owner: String?
  package var cloneURL: String?
  /// The repository's page.
  package var webURL: String?
  /// The branch's short name; of a pull request the branch it wants to go to.
  package var branch: String?
  /// The tag's short name.
  package var tag: String?
  /// The full ref, such as `refs/heads/main`.
  package var ref: String?
  /// The commit to build, 40 or 64 hexadecimal digits; nil after a deletion.
  package var revision: String?
  /// The commit before; nil for what is new.
  package var before: String?
  /// The message of the newest commit.
  package var message: String?
  /// The message's first line, or the title of the pull request, issue or release.
  package var title: String?
  /// The login of whoever caused the event.
  package var sender: String?
  package var files: ChangedFiles?
  package var pullRequest: PullRequest?
  /// The text of a comment or review; ``sender`` wrote it.
  package var comment: String?
  /// What a review says: `approved`, `changes_requested`, `commented` or `dismissed`.
  package var state: String?
  /// The due time of a schedule, as RFC 3339 writes it.
  package var time: String?

  package init(kind: EventKind, provider: String, providerEvent: String?) {
    self.kind = kind
    self.provider = provider
    self.providerEvent = providerEvent
  }

  /// Someone's request for a run.
  package static func manual(caller: String) -> Event {
    var event = Event(kind: .manual, provider: "manual", providerEvent: nil)
    event.sender = caller
    return event
  }
}

/// The files that a push touches: each name once, in the order of the commits. A file that one commit
/// adds and a later one removes is in both lists.
package struct ChangedFiles: Equatable, Sendable {
  package var all: [String] = []
  package var added: [String] = []
  package var modified: [String] = []
  package var removed: [String] = []
  /// Whether the sender may have left commits or files out.
  package var isTruncated = false

  package init(all: [String] = [], isTruncated: Bool = false) {
    self.all = all
    self.isTruncated = isTruncated
  }
}

/// A pull request, or a merge request.
package struct PullRequest: Equatable, Sendable {
  /// The number that its page has: of a merge request the one in its project.
  package let number: Int
  /// The branch with the change.
  package var source: String?
  /// The branch it wants to go to.
  package var target: String?
  /// The login of whoever opened it.
  package var author: String?
  package var isDraft: Bool?
  package var isMerged: Bool?
  package var labels: [String] = []
  /// The labels that the event adds; nil where the sender does not say.
  package var addedLabels: [String]?
  /// Whether the change comes from another repository. Nil when the sender does not say, which is no
  /// reason to trust it.
  package var isFromFork: Bool?

  package init(number: Int) {
    self.number = number
  }
}

extension Event {
  /// The event as templates and expressions see it: absent fields are not there.
  package var json: JSONValue {
    var object = JSONObject()
    object["kind"] = .string(kind.rawValue)
    object["provider"] = .string(provider)
    let texts: [(String, String?)] = [
      ("action", action), ("repository", repository), ("owner", owner), ("cloneURL", cloneURL),
      ("webURL", webURL), ("branch", branch), ("tag", tag), ("ref", ref), ("revision", revision),
      ("before", before), ("message", message), ("title", title), ("sender", sender),
      ("comment", comment), ("state", state), ("time", time),
    ]
    for (name, text) in texts {
      if let text { object[name] = .string(text) }
    }
    object["files"] = files?.json
    object["pullRequest"] = pullRequest?.json
    return .object(object)
  }

  /// The fields of `event`, with those below them; for checking templates before any event comes.
  static let fields: [String: [String]] = [
    "kind": [], "provider": [], "action": [], "repository": [], "owner": [], "cloneURL": [],
    "webURL": [], "branch": [], "tag": [], "ref": [], "revision": [], "before": [], "message": [],
    "title": [], "sender": [], "comment": [], "state": [], "time": [],
    "files": ["all", "added", "modified", "removed", "truncated"],
    "pullRequest": [
      "number", "source", "target", "author", "draft", "merged", "labels", "fork",
    ],
  ]

  /// The fields that a manual event has.
  static let manualFields: Set<String> = ["kind", "provider", "sender"]
  /// The fields that the event of a schedule has.
  static let scheduleFields: Set<String> = ["kind", "provider", "time"]
}

extension ChangedFiles {
  fileprivate var json: JSONValue {
    func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
    return [
      "all": list(all), "added": list(added), "modified": list(modified),
      "removed": list(removed), "truncated": .bool(isTruncated),
    ]
  }
}

extension PullRequest {
  fileprivate var json: JSONValue {
    var object: JSONObject = ["number": .int(number)]
    if let source { object["source"] = .string(source) }
    if let target { object["target"] = .string(target) }
    if let author { object["author"] = .string(author) }
    if let isDraft { object["draft"] = .bool(isDraft) }
    if let isMerged { object["merged"] = .bool(isMerged) }
    object["labels"] = .array(labels.map { .string($0) })
    if let isFromFork { object["fork"] = .bool(isFromFork) }
    return .object(object)
  }
}

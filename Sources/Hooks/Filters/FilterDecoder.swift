// From a trigger's fields to its filters.
//
//   actions?: [name / "*"]        of events that have an action; where it is absent those that bring
//                                 something new: of pull requests opened, synchronize and reopened,
//                                 of comments created, of reviews submitted, of releases published,
//                                 of merge groups checks_requested
//   branches?, ignoreBranches?: [glob]   of everything but tags; of a pull request the branch it wants
//                                 to go to
//   tags?, ignoreTags?: [glob]    of tags and releases
//   paths?, ignorePaths?: [glob]  of pushes and pull requests: one changed file must be covered by paths
//                                 and not by ignorePaths
//   whenTruncated?: run / skip / fetch   where no known file passes and there may be others; run where
//                                 absent
//   labels?: [label]              of pull requests: one of them
//   authors?: [glob]              who opened the pull request, wrote the comment, caused the event
//   comments?: [command]          see CommentCommand.swift
//   drafts?: run / skip           of pull requests; run where absent
//   forks?: skip / run / ask      of pull requests and comments on them; skip where absent
//   approvers?: [login]           who may approve of runs that wait, with forks: ask
//   skipCI?: boolean              whether [skip ci] and its like count; true where absent
//
// A filter that no event of `on` can meet, or none that is asked, is an error.

import Bytes
import YAML

/// Decodes the filters of one trigger. Findings go to the reader.
struct FilterDecoder {
  private let object: PlacedObject
  private let subscriptions: [Subscription]
  private let inputs: [InputDeclaration]
  private var reader: DocumentReader

  static func decode(
    _ object: PlacedObject, subscriptions: [Subscription], inputs: [InputDeclaration],
    reader: inout DocumentReader
  ) -> EventFilters {
    var decoder = FilterDecoder(
      object: object, subscriptions: subscriptions, inputs: inputs, reader: reader)
    let filters = decoder.filters()
    reader = decoder.reader
    return filters
  }

  static let fields = [
    "actions", "branches", "ignoreBranches", "tags", "ignoreTags", "paths", "ignorePaths",
    "whenTruncated", "labels", "authors", "comments", "drafts", "forks",
    "approvers", "skipCI",
  ]

  private mutating func filters() -> EventFilters {
    let actions = reader.texts(object["actions"]) ?? []
    var filters = EventFilters()
    filters.actions = actions.map(\.text)
    filters.commands = commands(object["comments"])
    filters.branches = NameFilter(
      included: names(object["branches"]), ignored: names(object["ignoreBranches"]))
    filters.tags = NameFilter(
      included: names(object["tags"]), ignored: names(object["ignoreTags"]))
    filters.forks =
      reader.choice(object["forks"], of: ForkPolicy.self, what: "choice") ?? filters.forks
    filters.approvers = approvers(forks: filters.forks)
    filters.drafts =
      reader.choice(object["drafts"], of: DraftPolicy.self, what: "choice") ?? filters.drafts
    filters.labels = (reader.texts(object["labels"]) ?? []).map(\.text)
    filters.authors = globs(object["authors"], .login)
    filters.heedsSkipMarkers = reader.flag(object["skipCI"]) ?? true
    filters.paths = paths()
    if !subscriptions.isEmpty {
      checkApplication()
      checkActions(actions)
    }
    return filters
  }

  // MARK: - Patterns

  /// Patterns for short names of refs.
  private mutating func names(_ value: PlacedNode?) -> GlobList? {
    globs(value) { pattern in
      for prefix in ["refs/heads/", "refs/tags/"] where pattern.utf8.starts(with: prefix.utf8) {
        let short = String(decoding: pattern.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return ("names are the short ones", short)
      }
      return nil
    }
  }

  private mutating func paths() -> PathFilter? {
    let policy = reader.choice(
      object["whenTruncated"], of: TruncationPolicy.self, what: "choice")
    let included = files(object["paths"])
    let ignored = files(object["ignorePaths"])
    guard object["paths"] != nil || object["ignorePaths"] != nil else {
      if let place = object["whenTruncated"]?.place {
        reader.error(place, "says what paths and ignorePaths do, and there are none")
      }
      return nil
    }
    return PathFilter(included: included, ignored: ignored, whenTruncated: policy ?? .run)
  }

  /// Patterns for names of files in the repository.
  private mutating func files(_ value: PlacedNode?) -> GlobList? {
    globs(value) { pattern in
      let isNegated = pattern.utf8.first == UInt8(ascii: "!")
      let path = String(decoding: pattern.utf8.dropFirst(isNegated ? 1 : 0), as: UTF8.self)
      let sign = isNegated ? "!" : ""
      for prefix in ["/", "./"] where path.utf8.starts(with: prefix.utf8) {
        let rest = String(decoding: path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return ("files are named from the repository's root on, without \(prefix)", sign + rest)
      }
      guard path.utf8.last == UInt8(ascii: "/") else { return nil }
      return ("no file ends in /", sign + path + "**")
    }
  }

  private mutating func globs(
    _ value: PlacedNode?, _ style: Glob.Style = .name,
    refusing problem: (String) -> (message: String, suggestion: String)? = { _ in nil }
  ) -> GlobList? {
    guard let patterns = reader.texts(value) else { return nil }
    var list = GlobList(style)
    for pattern in patterns {
      if let problem = problem(pattern.text) {
        reader.error(pattern.place, problem.message, suggestion: problem.suggestion)
      }
      do throws(GlobError) {
        try list.append(pattern.text)
      } catch {
        reader.error(pattern.place, "the pattern \(error)")
      }
    }
    return list
  }

  private mutating func approvers(forks: ForkPolicy) -> [String] {
    let approvers = (reader.texts(object["approvers"]) ?? []).map(\.text)
    switch (object["approvers"], object["forks"]) {
    case (nil, let asked?) where forks == .ask:
      reader.error(asked.place, "nobody can approve: name people in approvers")
    case (let given?, _) where forks != .ask:
      reader.error(given.place, "there is nothing to approve of: write forks: ask")
    default: break
    }
    return approvers
  }

  // MARK: - Commands

  private mutating func commands(_ value: PlacedNode?) -> [CommentCommand] {
    var commands: [CommentCommand] = []
    for text in reader.texts(value) ?? [] {
      guard let command = command(text) else { continue }
      if commands.contains(where: { $0.word == command.word }) {
        reader.error(text.place, "another command is \(command.word), too")
      }
      commands.append(command)
    }
    return commands
  }

  private mutating func command(_ text: PlacedText) -> CommentCommand? {
    let parts = text.text.utf8.split(whereSeparator: ASCII.isBlank).map(Array.init)
    guard let word = parts.first, word.count > 1, word[0] == UInt8(ascii: "/"),
      word.allSatisfy(Self.isCommandByte)
    else {
      reader.error(
        text.place, "a command begins with / and a word, such as \"/deploy <environment>\"")
      return nil
    }
    var parameters: [String] = []
    let names = inputs.map(\.name)
    for part in parts.dropFirst() {
      let shown = String(decoding: part, as: UTF8.self)
      guard part.count > 2, part.first == UInt8(ascii: "<"), part.last == UInt8(ascii: ">") else {
        reader.error(text.place, "\"\(shown)\" is no argument", suggestion: "<\(shown)>")
        continue
      }
      let name = String(decoding: part.dropFirst().dropLast(), as: UTF8.self)
      if !names.contains(name) {
        reader.error(
          text.place, "the trigger declares no input \"\(name)\"",
          suggestion: Suggestion.nearest(to: name, among: names))
      } else if parameters.contains(name) {
        reader.error(text.place, "<\(name)> is given twice")
      }
      parameters.append(name)
    }
    return CommentCommand(
      word: String(decoding: word, as: UTF8.self), parameters: parameters)
  }

  private static func isCommandByte(_ byte: UInt8) -> Bool {
    ASCII.isVisible(byte) && byte != UInt8(ascii: "<") && byte != UInt8(ascii: "=")
  }

  // MARK: - Checks

  private var isOpen: Bool {
    subscriptions.contains { if case .provider = $0 { true } else { false } }
  }

  private func listens(to kinds: [EventKind]) -> Bool {
    isOpen || subscriptions.contains { kinds.map(Subscription.kind).contains($0) }
  }

  /// A filter that can never apply is a mistake.
  private mutating func checkApplication() {
    for (fields, kinds, message) in Self.applications where !listens(to: kinds) {
      for field in fields {
        if let place = object[field]?.place { reader.error(place, message) }
      }
    }
    if subscriptions.contains(.kind(.pullRequest)), object["whenTruncated"] == nil,
      let place = (object["paths"] ?? object["ignorePaths"])?.place
    {
      reader.warning(
        place,
        "pull requests do not list their files, so all of them pass: write whenTruncated: fetch, or "
          + "run to leave it so")
    }
    let comments = Subscription.kind(.comment)
    if object["comments"] != nil, object["authors"] == nil, object["when"] == nil,
      let place = object["comments"]?.place
    {
      reader.warning(place, "anyone who may comment can start this: say who with authors")
    }
    if subscriptions.contains(comments), object["forks"] == nil,
      let place = object["on"]?.place
    {
      reader.warning(
        place,
        "GitHub's comments do not say whether a pull request comes from a fork, so they start "
          + "nothing: write forks: run, and authors, or forks: skip to leave it so")
    }
  }

  /// Whether each kind of event in `on` that has actions can have one of those given.
  private mutating func checkActions(_ actions: [PlacedText]) {
    guard !actions.isEmpty, !isOpen, let place = object["actions"]?.place else { return }
    let kinds = EventActions.all.filter { subscriptions.contains(.kind($0.kind)) }
    let names = actions.map(\.text)
    guard !kinds.isEmpty, !names.contains(EventFilters.anyAction) else { return }
    let known = kinds.reduce(into: Set<String>()) { $0.formUnion($1.actions) }
    for action in actions where !known.contains(action.text) {
      let words = kinds.map(\.kind.rawValue).joined(separator: " or ")
      reader.warning(
        action.place, "\"\(action.text)\" is no action of \(words) that we know",
        suggestion: Suggestion.nearest(to: action.text, among: known.sorted()))
    }
    // With an unknown one nothing can be said.
    guard names.allSatisfy(known.contains) else { return }
    for kind in kinds where kind.actions.isDisjoint(with: names) {
      reader.error(place, "no \(kind.kind.rawValue) has one of these actions")
    }
  }

  private static let pullRequestKinds: [EventKind] = [.pullRequest, .comment, .review]
  /// Which fields are about which kinds of events, and what is wrong when `on` has none of them.
  private static let applications: [(fields: [String], kinds: [EventKind], message: String)] = [
    (
      ["branches", "ignoreBranches"],
      [.push, .branchDelete, .pullRequest, .comment, .review, .mergeGroup],
      "no event in on has a branch"
    ),
    (["tags", "ignoreTags"], [.tag, .tagDelete, .release], "no event in on has a tag: add tag"),
    (
      ["paths", "ignorePaths", "whenTruncated"], [.push, .pullRequest],
      "no event in on has changed files: add push or pull_request"
    ),
    (["forks", "labels"], pullRequestKinds, "no event in on is about a pull request"),
    (["drafts"], [.pullRequest], "no event in on is about a pull request: add pull_request"),
    (["comments"], [.comment, .review], "no event in on has a comment: add comment"),
    (
      ["skipCI"], [.push, .tag, .pullRequest],
      "no event in on has a commit message or a title: add push, tag or pull_request"
    ),
    (
      ["authors"], EventKind.all.filter { $0 != .manual && $0 != .schedule },
      "a manual call has no author: its caller's triggers say who may make it"
    ),
    (["actions"], EventActions.all.map(\.kind), "no event in on has an action"),
  ]
}

/// The actions of events whose actions are the same for every host, in GitHub's words; what is not here
/// is warned about, not refused.
///
/// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads.
enum EventActions {
  static let all: [(kind: EventKind, actions: Set<String>)] = [
    (
      .pullRequest,
      [
        "assigned", "auto_merge_disabled", "auto_merge_enabled", "closed", "converted_to_draft",
        "demilestoned", "dequeued", "edited", "enqueued", "labeled", "locked", "milestoned",
        "opened", "ready_for_review", "reopened", "review_request_removed", "review_requested",
        "synchronize", "unassigned", "unlabeled", "unlocked",
      ]
    ),
    (.comment, ["created", "edited", "deleted"]),
    (.review, ["submitted", "edited", "dismissed"]),
    (
      .release,
      [
        "created", "deleted", "edited", "prereleased", "published", "released", "unpublished",
      ]
    ),
    (.mergeGroup, ["checks_requested", "destroyed"]),
  ]
}

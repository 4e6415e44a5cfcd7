// The filters of a trigger, in the order in which they are asked: action, command, branch or tag, fork,
// draft, label, author, marker, path. The first that objects is the reason, and the cheap ones and those
// about who may do something come first.
//
// A manual call and a scheduled one name their trigger, so no filter is about them.

import JSON

/// Whether pull requests from other repositories run.
package enum ForkPolicy: String, CaseIterable, Sendable {
  case skip
  case run
  /// They wait until somebody approves of the revision.
  case ask
}

/// Whether pull requests that are drafts run.
package enum DraftPolicy: String, CaseIterable, Sendable {
  case run
  case skip
}

/// Why a filter does not let an event pass.
struct FilterObjection: Equatable {
  let reason: SkipReason
  let message: String

  init(_ reason: SkipReason, _ message: String) {
    self.reason = reason
    self.message = message
  }
}

/// What an event must be like, beside its kind.
struct EventFilters: Sendable {
  /// The actions that count; empty for the usual ones.
  var actions: [String] = []
  /// The commands that a comment must hold one of; empty where any comment will do.
  var commands: [CommentCommand] = []
  var branches = NameFilter()
  var tags = NameFilter()
  var forks = ForkPolicy.skip
  /// Who may approve of runs that wait.
  var approvers: [String] = []
  /// Git hosts build drafts by themselves, and whoever opens one mostly wants to see how it does.
  var drafts = DraftPolicy.run
  /// Labels of which a pull request must have one; empty where it need not.
  var labels: [String] = []
  /// Who must have caused the event.
  var authors: GlobList?
  /// Whether words such as `[skip ci]` count.
  var heedsSkipMarkers = true
  var paths: PathFilter?

  /// How an event may pass.
  struct Passage: Equatable {
    /// The inputs of the command that it holds.
    var inputs: JSONObject?
    /// What its run has to wait for.
    var hold: Hold?
    /// What is not plain about it.
    var note: String?
  }

  /// What the filters say about an event.
  enum Verdict: Equatable {
    case pass(Passage)
    case skip(FilterObjection)
    /// It takes the complete list of changed files to say.
    case fetch(String)
  }

  /// - Parameters:
  ///   - isNamedByHost: whether the trigger listens to it by the host's own name.
  ///   - inputs: those that the trigger declares.
  func verdict(
    on event: Event, isNamedByHost: Bool, inputs: [InputDeclaration], phase: DecisionPhase
  ) -> Verdict {
    // Who called is known by the token, and a schedule is nobody's doing.
    guard event.kind != .manual, event.kind != .schedule else { return .pass(Passage()) }
    if let objection = actionObjection(event, isNamedByHost: isNamedByHost) {
      return .skip(objection)
    }
    let given: (command: CommentCommand, arguments: [UInt8])?
    switch command(event) {
    case .success(let found): given = found
    case .failure(let refusal): return .skip(refusal.objection)
    }
    let objection =
      nameObjection(event) ?? forkObjection(event) ?? draftObjection(event)
      ?? labelObjection(event) ?? authorObjection(event) ?? markerObjection(event)
    if let objection { return .skip(objection) }
    var passage = Passage(hold: hold(event))
    switch paths?.verdict(on: event, phase: phase) {
    case .skip(let objection)?: return .skip(objection)
    case .fetch(let message)?: return .fetch(message)
    case .pass(let note)?: passage.note = note
    case nil: break
    }
    guard let given else { return .pass(passage) }
    switch given.command.inputs(given.arguments, declared: inputs) {
    case .accepted(let values):
      passage.inputs = values
      return .pass(passage)
    case .refused(let problems):
      // Not a failure: anyone may comment, and failures are for operators.
      return .skip(FilterObjection(.inputs, Self.sentence(problems)))
    }
  }

  /// Whether an event that an entry of `on` lets in always comes with inputs.
  func givesInputs(to subscription: Subscription) -> Bool {
    switch subscription {
    case .kind(.manual): true
    case .kind(.comment), .kind(.review): !commands.isEmpty
    default: false
    }
  }

  // MARK: - Action and command

  private func actionObjection(_ event: Event, isNamedByHost: Bool) -> FilterObjection? {
    guard let action = event.action else { return nil }
    let allowed = actions.isEmpty ? usualActions(event, isNamedByHost: isNamedByHost) : actions
    guard !allowed.isEmpty, !allowed.contains(action), !allowed.contains(Self.anyAction) else {
      return nil
    }
    return FilterObjection(
      .action, "action \(excerpt(action)) is none of [\(allowed.joined(separator: ", "))]")
  }

  /// The actions that count where none are given: those that bring something new.
  private func usualActions(_ event: Event, isNamedByHost: Bool) -> [String] {
    // An edit that makes a command of an old comment, or a deletion, is no command.
    if event.kind == .comment, !commands.isEmpty { return Self.usualActions[.comment] ?? [] }
    guard !isNamedByHost, let usual = Self.usualActions[event.kind] else { return [] }
    guard event.kind == .pullRequest else { return usual }
    return usual + (drafts == .skip ? ["ready_for_review"] : [])
      + (labels.isEmpty ? [] : ["labeled"])
  }

  private struct NoCommand: Error { let objection: FilterObjection }

  private func command(
    _ event: Event
  ) -> Result<(command: CommentCommand, arguments: [UInt8])?, NoCommand> {
    guard !commands.isEmpty, Self.mayHoldCommand(event) else { return .success(nil) }
    guard let comment = event.comment else {
      return .failure(NoCommand(objection: FilterObjection(.comment, "the event has no comment")))
    }
    if let found = CommentCommand.first(in: comment, of: commands) { return .success(found) }
    let words = commands.map(\.word).joined(separator: ", ")
    return .failure(
      NoCommand(
        objection: FilterObjection(.comment, "no line of the comment begins with \(words)")))
  }

  /// Whether commands are looked for: in comments, reviews and what has no word of its own.
  private static func mayHoldCommand(_ event: Event) -> Bool {
    switch event.kind {
    case .comment, .review: true
    default: !EventKind.all.contains(event.kind)
    }
  }

  /// Everything that is wrong with a command's inputs, as one sentence.
  private static func sentence(_ problems: [InputProblem]) -> String {
    let shown = problems.prefix(problemLimit).map {
      excerpt($0.description, limit: 2 * excerptLimit)
    }
    let rest = problems.count - shown.count
    return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }

  // MARK: - Names

  /// Tags are filtered by `tags`, everything else by `branches`.
  private func nameObjection(_ event: Event) -> FilterObjection? {
    event.tag != nil && event.branch == nil
      ? tags.objection(to: event.tag, reason: .tag, ignoreField: "ignoreTags")
      : branches.objection(to: event.branch, reason: .branch, ignoreField: "ignoreBranches")
  }

  // MARK: - Pull requests

  /// What nobody says comes from here is treated as if it came from a fork: GitHub's comments on pull
  /// requests do not say it, and a command must not be a way around the setting.
  private func forkObjection(_ event: Event) -> FilterObjection? {
    guard forks != .run, let origin = foreignOrigin(of: event) else { return nil }
    if forks == .skip { return FilterObjection(.fork, "\(origin) and forks are set to skip") }
    // An approval is of one revision.
    return hold(event) == nil
      ? FilterObjection(.fork, "\(origin) and does not name the revision to approve of") : nil
  }

  /// What a run waits for, if it has to.
  private func hold(_ event: Event) -> Hold? {
    guard forks == .ask, let origin = foreignOrigin(of: event), let request = event.pullRequest,
      let repository = event.repository, let revision = event.revision
    else { return nil }
    return Hold(
      repository: repository, pullRequest: request.number, revision: revision,
      message: "\(origin): it waits for someone to approve of \(revision)")
  }

  /// Where an event's revision comes from, as a sentence, if it may be another repository.
  private func foreignOrigin(of event: Event) -> String? {
    if let request = event.pullRequest {
      switch request.isFromFork {
      case false?: return nil
      case true?: return "pull request \(request.number) comes from a fork"
      case nil:
        return "the event does not say whether pull request \(request.number) comes from a fork"
      }
    }
    // A fork's commits can be reached, and commented on, under the name of the repository itself.
    guard event.kind == .comment, let revision = event.revision else { return nil }
    return "the event does not say whether commit \(revision) comes from a fork"
  }

  private func draftObjection(_ event: Event) -> FilterObjection? {
    guard drafts == .skip, event.kind == .pullRequest, let request = event.pullRequest,
      request.isDraft == true
    else { return nil }
    return FilterObjection(
      .draft, "pull request \(request.number) is a draft and drafts are set to skip")
  }

  private func labelObjection(_ event: Event) -> FilterObjection? {
    guard !labels.isEmpty, Self.isAboutPullRequest(event) else { return nil }
    let wanted = "[\(labels.joined(separator: ", "))]"
    guard let request = event.pullRequest else {
      return FilterObjection(.label, "the event is about no pull request, so it has no label")
    }
    guard request.labels.contains(where: { has($0) }) else {
      return FilterObjection(
        .label,
        "pull request \(request.number) has none of the labels \(wanted): it has "
          + (request.labels.isEmpty ? "none" : Self.list(request.labels)))
    }
    // Another label that is added later is no reason to run again.
    guard event.action == PullRequestAction.labeled, let added = request.addedLabels,
      !added.contains(where: { has($0) })
    else { return nil }
    return FilterObjection(
      .label, "none of the labels \(wanted) was added: \(Self.list(added)) was")
  }

  private static func list(_ labels: [String]) -> String {
    let names = labels.prefix(labelLimit).map { excerpt($0) }.joined(separator: ", ")
    return "[\(names)\(labels.count > labelLimit ? ", …" : "")]"
  }

  private func has(_ label: String) -> Bool {
    labels.contains { $0.utf8.elementsEqual(label.utf8) }
  }

  private static func isAboutPullRequest(_ event: Event) -> Bool {
    switch event.kind {
    case .pullRequest, .comment, .review: true
    default: event.pullRequest != nil
    }
  }

  // MARK: - Author and marker

  private func authorObjection(_ event: Event) -> FilterObjection? {
    guard let authors else { return nil }
    // Of a comment or review it is who wrote it that counts: a stranger may comment on anyone's
    // pull request. Nor does an action of somebody trusted make a stranger's pull request theirs.
    let author = event.kind == .pullRequest ? event.pullRequest?.author : event.sender
    guard let author else {
      return FilterObjection(
        .author,
        event.kind == .pullRequest
          ? "the event does not say who opened the pull request"
          : "the event does not say who caused it")
    }
    guard !authors.matches(author) else { return nil }
    return FilterObjection(.author, "author \(excerpt(author)) matches none of \(authors)")
  }

  private func markerObjection(_ event: Event) -> FilterObjection? {
    guard heedsSkipMarkers else { return nil }
    switch event.kind {
    case .push, .tag:
      return event.message.flatMap { SkipMarkers.first(in: $0) }.map {
        FilterObjection(.marker, "the commit message has \($0)")
      }
    case .pullRequest:
      let marker = event.title.flatMap { SkipMarkers.first(in: $0) }
      if let marker { return FilterObjection(.marker, "the title has \(marker)") }
      return event.message.flatMap { SkipMarkers.first(in: $0) }.map {
        FilterObjection(.marker, "the commit message has \($0)")
      }
    default: return nil
    }
  }

  /// The actions that count where a trigger gives none, for the kinds whose actions have words.
  static let usualActions: [EventKind: [String]] = [
    .pullRequest: ["opened", "synchronize", "reopened"], .comment: ["created"],
    .review: ["submitted"], .release: ["published"], .mergeGroup: ["checks_requested"],
  ]
  /// Lets every action pass.
  static let anyAction = "*"
  /// Labels in a message.
  private static let labelLimit = 10
  /// Problems in a message.
  private static let problemLimit = 8
}

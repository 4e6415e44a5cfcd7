import Hooks
import JSON
import Testing

/// The filters of triggers, one by one and in their order.
@Suite struct FilterTests {
  static func decision(
    _ fields: String, _ event: Event, phase: DecisionPhase = .reply
  ) throws -> Decision {
    let hook = try Fixture.compiled(Fixture.hook(fields))
    let trigger = try #require(hook.triggers.first)
    return trigger.decide(event, at: 0, of: Fixture.delivery(), phase: phase)
  }

  static func push(_ change: (inout Event) -> Void = { _ in }) -> Event {
    var event = Event(kind: .push, provider: "github", providerEvent: "push")
    event.branch = "main"
    change(&event)
    return event
  }

  static func request(
    _ action: String = "opened", _ change: (inout PullRequest) -> Void = { _ in }
  ) -> Event {
    var event = Event(kind: .pullRequest, provider: "github", providerEvent: "pull_request")
    (event.action, event.branch, event.repository) = (action, "main", "acme/app")
    (event.sender, event.revision) = ("octocat", Fixture.commit)
    var request = PullRequest(number: 7)
    request.isFromFork = false
    change(&request)
    event.pullRequest = request
    return event
  }

  static func comment(
    _ text: String?, action: String = "created", _ change: (inout Event) -> Void = { _ in }
  ) -> Event {
    var event = Event(kind: .comment, provider: "github", providerEvent: "issue_comment")
    (event.action, event.comment, event.sender) = (action, text, "octocat")
    change(&event)
    return event
  }

  // MARK: - Names

  @Test(
    arguments: [
      ("ignoreBranches: [\"wip/**\"]", "main", nil),
      (
        "ignoreBranches: [\"wip/**\"]", "wip/a",
        "branch: branch wip/a is ignored by ignoreBranches [wip/**]"
      ),
      ("branches: [\"**\"]\nignoreBranches: [\"wip/**\", \"!wip/keep\"]", "wip/keep", nil),
      (
        "branches: [release]\nignoreBranches: [main]", "main",
        "branch: branch main matches none of [release]"
      ),
    ] as [(String, String, String?)])
  func `branches can be left out`(fields: String, branch: String, skip: String?) throws {
    let event = Self.push { $0.branch = branch }
    #expect(try Self.decision("on: [push]\n\(fields)", event).sentence == skip)
  }

  @Test func `an event without a branch is not left out, and not asked for`() throws {
    let event = Self.comment("hello")
    #expect(try Self.decision("on: [comment]\nignoreBranches: [main]", event).sentence == nil)
    #expect(
      try Self.decision("on: [comment]\nbranches: [main]", event).sentence
        == "branch: the event has no branch")
  }

  @Test func `tags can be left out`() throws {
    var event = Event(kind: .tag, provider: "github", providerEvent: "push")
    event.tag = "v1-rc1"
    #expect(
      try Self.decision("on: [tag]\ntags: [\"v*\"]\nignoreTags: [\"*-rc*\"]", event).sentence
        == "tag: tag v1-rc1 is ignored by ignoreTags [*-rc*]")
  }

  // MARK: - Files

  static let docs = ["docs/a.md", "docs/b/c.md", "README.md"]

  @Test(
    arguments: [
      ("paths: [\"docs/**\"]", docs, nil),
      (
        "paths: [\"services/api/**\"]", docs,
        "path: no changed file matches [services/api/**]: 3 files, first docs/a.md"
      ),
      ("paths: [\"*.md\"]", docs, nil),
      (
        "paths: [\"*.md\"]", ["docs/a.md"],
        "path: no changed file matches [*.md]: 1 file, first docs/a.md"
      ),
      ("paths: [\"docs/**\", \"!docs/b/**\"]", ["docs/a.md", "docs/b/c.md"], nil),
      (
        "paths: [\"docs/**\", \"!docs/b/**\"]", ["docs/b/c.md"],
        "path: no changed file matches [docs/**, !docs/b/**]: 1 file, first docs/b/c.md"
      ),
      ("paths: [\"!docs/**\"]", docs, nil),
      (
        "ignorePaths: [\"docs/**\", \"*.md\"]", docs,
        "path: every changed file matches ignorePaths [docs/**, *.md]: 3 files, first docs/a.md"
      ),
      ("ignorePaths: [\"docs/**\"]", docs, nil),
      (
        "paths: [\"**/*.md\"]\nignorePaths: [\"docs/**\", README.md]", docs,
        "path: no changed file matches [**/*.md] outside ignorePaths [docs/**, README.md]: "
          + "3 files, first docs/a.md"
      ),
      ("paths: [\"*\"]", [".env"], nil),
      (
        "paths: [x]", ["a\u{1B}[2Jb\u{202E}\n"],
        "path: no changed file matches [x]: 1 file, first a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}"
      ),
      (
        "paths: [x]", [String(repeating: "é", count: 101)],
        "path: no changed file matches [x]: 1 file, first "
          + String(repeating: "é", count: 100) + "…"
      ),
    ] as [(String, [String], String?)])
  func `one changed file must pass`(fields: String, files: [String], skip: String?) throws {
    let event = Self.push { $0.files = ChangedFiles(all: files) }
    #expect(try Self.decision("on: [push]\n\(fields)", event).sentence == skip)
  }

  @Test(
    arguments: [
      ("run", nil, false, .reply, nil), ("run", ["b"], true, .reply, nil),
      ("run", [], false, .reply, nil),
      (
        "skip", nil, false, .reply,
        "files: the event lists no changed files and whenTruncated is skip"
      ),
      (
        "skip", ["b"], true, .afterReply,
        "files: the list of changed files is cut, no changed file matches [a]: 1 file, first b "
          + "and whenTruncated is skip"
      ),
      ("skip", ["a"], true, .reply, nil),
      ("skip", ["b"], false, .reply, "path: no changed file matches [a]: 1 file, first b"),
      (
        "fetch", nil, false, .reply,
        "deferred: the event lists no changed files: the host is asked for them"
      ),
      ("fetch", ["a"], true, .reply, nil), ("fetch", ["b"], true, .afterReply, nil),
      (
        "fetch", ["b"], false, .afterReply,
        "path: no changed file matches [a]: 1 file, first b"
      ),
    ] as [(String, [String]?, Bool, DecisionPhase, String?)])
  func `a list that is not whole is dealt with as whenTruncated says`(
    policy: String, files: [String]?, isTruncated: Bool, phase: DecisionPhase, skip: String?
  ) throws {
    let event = Self.push {
      $0.files = files.map { ChangedFiles(all: $0, isTruncated: isTruncated) }
    }
    let fields = "on: [push]\npaths: [a]\nwhenTruncated: \(policy)"
    #expect(try Self.decision(fields, event, phase: phase).sentence == skip)
  }

  @Test func `more files than are compared count as unknown`() throws {
    let files = (0..<5000).map { "\($0)/" + String(repeating: "x", count: 4000) }
    let event = Self.push { $0.files = ChangedFiles(all: files) }
    #expect(
      try Self.decision("on: [push]\npaths: [\"a/**\"]\nwhenTruncated: skip", event).sentence
        == "files: the event lists more changed files than are compared and whenTruncated is skip")
  }

  @Test(arguments: [EventKind.tag, .comment, .release, .branchDelete])
  func `events that change no file pass filters of files`(kind: EventKind) throws {
    var event = Event(kind: kind, provider: "github", providerEvent: nil)
    event.files = ChangedFiles(all: ["b"])
    event.comment = "x"
    let fields = "on: [push, \(kind.rawValue)]\npaths: [a]\nwhenTruncated: skip"
    #expect(try Self.decision(fields, event).sentence == nil)
  }

  // MARK: - Pull requests

  @Test(
    arguments: [
      (["bug", "deploy"], nil), (["Deploy"], "it has [Deploy]"), ([], "it has none"),
      ((0..<12).map { "l\($0)" }, "it has [l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, …]"),
    ] as [([String], String?)])
  func `a pull request must have one of the labels`(labels: [String], had: String?) throws {
    let event = Self.request { $0.labels = labels }
    let sentence = try Self.decision("on: [pull_request]\nlabels: [deploy, e2e]", event).sentence
    #expect(
      sentence
        == had.map { "label: pull request 7 has none of the labels [deploy, e2e]: \($0)" })
  }

  @Test func `a label that is added later starts the trigger, other changes of labels do not`()
    throws
  {
    let fields = "on: [pull_request, push]\nlabels: [deploy]"
    let labeled = Self.request("labeled") { $0.labels = ["deploy"] }
    #expect(try Self.decision(fields, labeled).sentence == nil)
    let another = Self.request("labeled") { request in
      (request.labels, request.addedLabels) = (["deploy", "bug"], ["bug"])
    }
    #expect(
      try Self.decision(fields, another).sentence
        == "label: none of the labels [deploy] was added: [bug] was")
    let unlabeled = Self.request("unlabeled") { $0.labels = ["deploy"] }
    #expect(
      try Self.decision(fields, unlabeled).sentence
        == "action: action unlabeled is none of [opened, synchronize, reopened, labeled]")
    #expect(try Self.decision(fields, Self.push()).sentence == nil)
    #expect(
      try Self.decision("on: [comment]\nlabels: [deploy]", Self.comment("x")).sentence
        == "label: the event is about no pull request, so it has no label")
  }

  @Test(
    arguments: [
      (.github, "pull_request", ["action": "labeled", "label": ["name": "bug"]]),
      (
        .gitea, "pull_request",
        ["action": "label_updated", "changes": ["added_labels": [["name": "bug"]]]]
      ),
      (
        .gitlab, "Merge Request Hook",
        [
          "object_kind": "merge_request",
          "object_attributes": ["iid": 7, "action": "update"],
          "changes": [
            "labels": [
              "previous": [["id": 1, "title": "old"]],
              "current": [["id": 1, "title": "old"], ["id": 2, "title": "bug"]],
            ]
          ],
        ]
      ),
    ] as [(SourceKind, String, JSONValue)])
  func `the labels that an event adds are read`(
    kind: SourceKind, name: String, body: JSONValue
  ) throws {
    var object = try #require(body.objectValue)
    object["pull_request"] = [
      "number": 7, "head": ["sha": .string(Fixture.commit)], "base": ["ref": "main"],
    ]
    object["number"] = 7
    let source = Source(kind: kind, secrets: [])
    let header = kind.profile.fields(event: name, delivery: "d").map { ($0.name, $0.value) }
    let delivery = source.delivery(fields: Fixture.lookup(header), body: .object(object))
    guard case .events(let events, _) = delivery else {
      Issue.record("\(delivery)")
      return
    }
    #expect(events.first?.action == "labeled")
    #expect(events.first?.pullRequest?.addedLabels == ["bug"])
  }

  @Test(
    arguments: [
      ("[octocat]", "octocat", nil), ("[OctoCat]", "octocat", nil), ("[octocat]", "OCTOCAT", nil),
      ("[\"*[bot]\"]", "dependabot[bot]", nil), ("[\"dependabot[bot]\"]", "dependabot[bot]", nil),
      (
        "[\"dependabot[bot]\"]", "dependabotb",
        "author dependabotb matches none of [dependabot[bot]]"
      ),
      ("[\"**\", \"!*[bot]\"]", "octocat", nil),
      (
        "[\"**\", \"!*[bot]\"]", "renovate[bot]",
        "author renovate[bot] matches none of [**, !*[bot]]"
      ),
      ("[\"{alice,bob}\"]", "Bob", nil),
      ("[alice]", nil, "the event does not say who caused it"),
    ] as [(String, String?, String?)])
  func `authors are people whatever the case of their names`(
    authors: String, login: String?, objection: String?
  ) throws {
    let event = Self.push { $0.sender = login }
    let sentence = try Self.decision("on: [push]\nauthors: \(authors)", event).sentence
    #expect(sentence == objection.map { "author: \($0)" })
  }

  @Test func `of a pull request its author counts, of a comment whoever wrote it`() throws {
    let fields = "on: [pull_request, comment]\nforks: run\nauthors: [alice]"
    let event = Self.request { $0.author = "alice" }
    #expect(try Self.decision(fields, event).sentence == nil)
    // Somebody trusted has reopened it, which does not make it theirs.
    let nameless = try Self.decision(fields, Self.request("reopened"))
    #expect(nameless.sentence == "author: the event does not say who opened the pull request")
    let stranger = Self.comment("/deploy") { comment in
      comment.sender = "mallory"
      comment.pullRequest = event.pullRequest
    }
    #expect(
      try Self.decision(fields, stranger).sentence
        == "author: author mallory matches none of [alice]")
  }

  @Test func `drafts run unless they are set to skip, and then run once they are ready`() throws {
    let draft = Self.request { $0.isDraft = true }
    #expect(try Self.decision("on: [pull_request]", draft).sentence == nil)
    let fields = "on: [pull_request]\ndrafts: skip"
    #expect(
      try Self.decision(fields, draft).sentence
        == "draft: pull request 7 is a draft and drafts are set to skip")
    let ready = Self.request("ready_for_review") { $0.isDraft = false }
    #expect(try Self.decision(fields, ready).sentence == nil)
    #expect(
      try Self.decision("on: [pull_request]", ready).sentence
        == "action: action ready_for_review is none of [opened, synchronize, reopened]")
  }

  // MARK: - Forks

  @Test(
    arguments: [
      (false, nil), (true, "pull request 7 comes from a fork and forks are set to skip"),
      (
        nil,
        "the event does not say whether pull request 7 comes from a fork and forks are set to skip"
      ),
    ] as [(Bool?, String?)])
  func `a comment is no way around the setting for forks`(isFork: Bool?, skip: String?) throws {
    for kind in [EventKind.comment, .review] {
      var event = Event(kind: kind, provider: "github", providerEvent: nil)
      event.comment = "/test"
      event.pullRequest = PullRequest(number: 7)
      event.pullRequest?.isFromFork = isFork
      let fields = "on: [\(kind.rawValue)]\ncomments: [/test]"
      #expect(try Self.decision(fields, event).sentence == skip.map { "fork: \($0)" })
      #expect(try Self.decision("\(fields)\nforks: run", event).sentence == nil)
    }
  }

  @Test func `a comment on a commit says as little about its origin`() throws {
    let event = Self.comment("/test") { $0.revision = Fixture.commit }
    #expect(
      try Self.decision("on: [comment]", event).sentence
        == "fork: the event does not say whether commit \(Fixture.commit) comes from a fork and "
        + "forks are set to skip")
    #expect(try Self.decision("on: [comment]", Self.comment("on an issue")).sentence == nil)
  }

  @Test func `a fork that is to be asked about is held for its revision`() throws {
    let fields = "on: [pull_request, comment]\nforks: ask\napprovers: [alice]"
    let held = try Self.decision(fields, Self.request { $0.isFromFork = true })
    guard case .held(let runs, let hold) = held else {
      Issue.record("\(held)")
      return
    }
    #expect(runs.count == 1)
    #expect((hold.repository, hold.pullRequest) == ("acme/app", 7))
    #expect(hold.revision == Fixture.commit)
    #expect(
      hold.message
        == "pull request 7 comes from a fork: it waits for someone to approve of "
        + Fixture.commit)
    #expect(try Self.decision(fields, Self.request()).sentence == nil)
    // There is nothing that an approval could be bound to.
    let comment = Self.comment("/test") { $0.pullRequest = PullRequest(number: 7) }
    #expect(
      try Self.decision(fields, comment).sentence
        == "fork: the event does not say whether pull request 7 comes from a fork and does not name "
        + "the revision to approve of")
  }

  // MARK: - Markers

  @Test(
    arguments: [
      ("fix [skip ci]", "[skip ci]"), ("[CI Skip] fix", "[ci skip]"), ("[no ci]", "[no ci]"),
      ("a\n\nb [skip actions]", "[skip actions]"), ("[actions skip]", "[actions skip]"),
      ("[skip tkn]", "[skip tkn]"), ("x[tkn skip]", "[tkn skip]"), ("***no_ci***", "***NO_CI***"),
      ("fix\n\n\nskip-checks: true", "skip-checks: true"),
      ("fix\r\n\r\nSigned-off-by: a\r\nskip-checks:true\r\n", "skip-checks: true"),
      ("[[skip ci]]", "[skip ci]"),
      ("skip ci", nil), ("[skip  ci]", nil), ("[skip ci", nil), ("skip-checks: true", nil),
      ("fix\n\nskip-checks: true\n\nmore", nil), ("fix\n\nskip-checks: false", nil),
      ("fix\nskip-checks: true", nil), ("**NO_CI**", nil), ("", nil),
    ] as [(String, String?)])
  func `a message that asks for no run gets none`(message: String, marker: String?) throws {
    let event = Self.push { $0.message = message }
    let sentence = marker.map { "skip-ci: the commit message has \($0)" }
    #expect(try Self.decision("on: [push]", event).sentence == sentence)
    #expect(try Self.decision("on: [push]\nskipCI: true", event).sentence == sentence)
    #expect(try Self.decision("on: [push]\nskipCI: false", event).sentence == nil)
  }

  @Test func `a long message is looked at from both ends`() throws {
    let middle = String(repeating: "[skip", count: 100_000)
    for (message, marker) in [
      ("[skip ci]" + middle, "[skip ci]"), (middle + "[skip ci]", "[skip ci]"),
      (middle + "\n\nskip-checks: true", "skip-checks: true"), (middle, nil),
      (middle + "[skip ci]" + middle, nil),
    ] as [(String, String?)] {
      let decision = try Self.decision("on: [push]", Self.push { $0.message = message })
      #expect(decision.sentence == marker.map { "skip-ci: the commit message has \($0)" })
    }
  }

  @Test func `a title asks as well, and a command or a manual call is an answer to it`() throws {
    var event = Self.request()
    event.title = "Docs [skip ci]"
    #expect(
      try Self.decision("on: [pull_request]", event).sentence
        == "skip-ci: the title has [skip ci]")
    let comment = Self.comment("/test") { $0.title = "Docs [skip ci]" }
    #expect(try Self.decision("on: [comment]\ncomments: [/test]", comment).sentence == nil)
    let manual = Event.manual(caller: "ops")
    let fields = "on: [manual, push]\nbranches: [x]\npaths: [x]\nauthors: [x]"
    #expect(try Self.decision(fields, manual).sentence == nil)
  }

  // MARK: - Actions

  @Test(
    arguments: [
      (.comment, "created", nil), (.comment, "edited", "[created]"),
      (.comment, "deleted", "[created]"), (.review, "submitted", nil),
      (.review, "dismissed", "[submitted]"), (.release, "published", nil),
      (.release, "created", "[published]"), (.mergeGroup, "checks_requested", nil),
      (.mergeGroup, "destroyed", "[checks_requested]"),
    ] as [(EventKind, String, String?)])
  func `only what is new counts by itself`(kind: EventKind, action: String, usual: String?) throws {
    var event = Event(kind: kind, provider: "github", providerEvent: "some_event")
    (event.action, event.comment) = (action, "x")
    let fields = "on: [\(kind.rawValue)]"
    let skip = usual.map { "action: action \(action) is none of \($0)" }
    #expect(try Self.decision(fields, event).sentence == skip)
    #expect(try Self.decision("\(fields)\nactions: [\(action)]", event).sentence == nil)
    #expect(try Self.decision("on: [\"github:some_event\"]", event).sentence == nil)
  }

  @Test func `the first filter that objects is the reason`() throws {
    var event = Self.request("closed") { request in
      (request.isFromFork, request.isDraft) = (true, true)
    }
    (event.title, event.files) = ("[skip ci]", ChangedFiles(all: ["b"]))
    let filters = [
      ("action", "actions: [opened]"), ("branch", "branches: [dev]"), ("fork", "forks: skip"),
      ("draft", "drafts: skip"), ("label", "labels: [x]"), ("author", "authors: [x]"),
      ("skip-ci", "skipCI: true"), ("path", "paths: [a]"), ("when", "when: \"false\""),
    ]
    for start in filters.indices {
      var fields = ["on: [pull_request]"] + filters[start...].map(\.1)
      if start > 0 { fields.append("actions: [\"*\"]") }
      if start > 2 { fields.append("forks: run") }
      if start > 6 { fields.append("skipCI: false") }
      let decision = try Self.decision(fields.joined(separator: "\n"), event)
      guard case .skip(let reason, _) = decision else {
        Issue.record("\(filters[start]): \(decision)")
        continue
      }
      #expect(reason.rawValue == filters[start].0)
    }
  }

  // MARK: - Configuration

  @Test(arguments: [
    ("on: [tag]\npaths: [a]", "paths: no event in on has changed files: add push or pull_request"),
    (
      "on: [pull_request]\npaths: [a]",
      "warning: spec.triggers[0].paths: pull requests do not list their files, so all of them pass: write whenTruncated: fetch, or run to leave it so"
    ),
    (
      "on: [push]\nwhenTruncated: skip",
      "whenTruncated: says what paths and ignorePaths do, and there are none"
    ),
    (
      "on: [push]\npaths: [/a]",
      "paths[0]: files are named from the repository's root on, without /, did you mean \"a\"?"
    ),
    (
      "on: [push]\npaths: [\"!./a\"]",
      "paths[0]: files are named from the repository's root on, without ./, did you mean \"!a\"?"
    ),
    (
      "on: [push]\nignorePaths: [docs/]",
      "ignorePaths[0]: no file ends in /, did you mean \"docs/**\"?"
    ),
    ("on: [push]\nlabels: [x]", "labels: no event in on is about a pull request"),
    (
      "on: [comment]\nforks: skip\ndrafts: skip",
      "drafts: no event in on is about a pull request: add pull_request"
    ),
    (
      "on: [push]\ncomments: [/x]\nauthors: [a]",
      "comments: no event in on has a comment: add comment"
    ),
    (
      "on: [branch_delete]\nskipCI: false",
      "skipCI: no event in on has a commit message or a title: add push, tag or pull_request"
    ),
    ("on: [push]\nskipCI: maybe", "skipCI: expected a boolean, found a string"),
    ("on: [pull_request]\nforks: ask", "forks: nobody can approve: name people in approvers"),
    (
      "on: [pull_request]\napprovers: [a]",
      "approvers: there is nothing to approve of: write forks: ask"
    ),
    (
      "on: [pull_request, comment]\nforks: run\nactions: [opened]",
      "actions: no comment has one of these actions"
    ),
    (
      "on: [comment]\nforks: run\nactions: [create]",
      "warning: spec.triggers[0].actions[0]: \"create\" is no action of comment that we know, did you mean \"created\"?"
    ),
    (
      "on: [review]\ncomments: [/x]",
      "warning: spec.triggers[0].comments: anyone who may comment can start this: say who with authors"
    ),
    (
      "on: [review]\nauthors: [a]\ncomments: [deploy]",
      "comments[0]: a command begins with / and a word, such as \"/deploy <environment>\""
    ),
    (
      "on: [review]\nauthors: [a]\ncomments: [\"/deploy <env>\"]",
      "comments[0]: the trigger declares no input \"env\""
    ),
    (
      "on: [review]\nauthors: [a]\ninputs: [{ name: x }]\ncomments: [\"/deploy x\"]",
      "comments[0]: \"x\" is no argument, did you mean \"<x>\"?"
    ),
    (
      "on: [review]\nauthors: [a]\ninputs: [{ name: x }]\ncomments: [\"/deploy <x> <x>\"]",
      "comments[0]: <x> is given twice"
    ),
    (
      "on: [review]\nauthors: [a]\ninputs: [{ name: x }]\ncomments: [\"/deploy <x>\", /deploy]",
      "comments[1]: another command is /deploy, too"
    ),
    (
      "on: [comment]",
      "warning: spec.triggers[0].on: GitHub's comments do not say whether a pull request comes from a fork, so they start nothing: write forks: run, and authors, or forks: skip to leave it so"
    ),
  ])
  func `a filter that nothing can meet is a mistake`(fields: String, finding: String) throws {
    let findings = Fixture.diagnostics(Fixture.hook(fields))
    #expect(findings.count == 1, "\(findings)")
    let found = try #require(findings.first)
    let expected = finding.hasPrefix("warning") ? finding : "spec.triggers[0].\(finding)"
    #expect(found.hasSuffix(": \(expected)"), "\(found)")
  }
}

extension Decision {
  /// Nil for a run, otherwise reason and message.
  var sentence: String? {
    switch self {
    case .run: nil
    case .skip(let reason, let message): "\(reason.rawValue): \(message)"
    case .fail(let message): "fail: \(message)"
    case .deferred(let deferral): "deferred: \(deferral.message)"
    case .held(_, let hold): "held: \(hold.message)"
    }
  }
}

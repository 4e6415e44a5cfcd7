import Hooks
import JSON
import TestSupport
import Testing

@Suite struct TriggerTests {
  private func decision(_ fields: String, _ event: Event) throws -> Decision {
    let hook = try Fixture.compiled(Fixture.hook(fields))
    return try #require(hook.explain(event, at: 0, of: Fixture.delivery()).first?.decision)
  }

  private func event(_ kind: EventKind, _ change: (inout Event) -> Void = { _ in }) -> Event {
    var event = Event(kind: kind, provider: "github", providerEvent: "push")
    change(&event)
    return event
  }

  @Test(
    arguments: [
      ("on: [push]", "main", nil),
      ("on: [push]\nbranches: [main]", "main", nil),
      (
        "on: [push]\nbranches: [\"docs/*\"]", "main", "branch: branch main matches none of [docs/*]"
      ),
      (
        "on: [push]\nbranches: [main, \"release/**\"]", "dev",
        "branch: branch dev matches none of [main, release/**]"
      ),
      (
        "on: [push]\nbranches: [x]", "a\u{1B}[31m\nb",
        "branch: branch a\u{FFFD}[31m\u{FFFD}b matches none of [x]"
      ),
      ("on: [tag]", "main", "event: push is none of [tag]"),
      (
        "on: [pull_request, \"github:release\"]", "main",
        "event: push is none of [pull_request, github:release]"
      ),
      ("on: [\"github:push\"]", "main", nil),
    ] as [(String, String, String?)])
  func `a push runs or is skipped with a sentence`(
    fields: String, branch: String, skip: String?
  ) throws {
    let decision = try decision(fields, event(.push) { $0.branch = branch })
    #expect(decision.sentence == skip)
  }

  @Test(
    arguments: [
      ("on: [tag]", nil), ("on: [tag]\ntags: [\"v*\"]", nil),
      ("on: [tag]\ntags: [\"w*\"]", "tag: tag v1 matches none of [w*]"),
      ("on: [push, tag]\nbranches: [main]", nil), ("on: [\"github:push\"]", nil),
      ("on: [push]", "event: tag is none of [push]"),
    ] as [(String, String?)])
  func `tags have their own filter`(fields: String, skip: String?) throws {
    #expect(try decision(fields, event(.tag) { $0.tag = "v1" }).sentence == skip)
  }

  @Test(
    arguments: [
      ("on: [push, \"github:push\"]", "event: branch_delete is none of [push, github:push]"),
      ("on: [branch_delete]", nil),
      ("on: [branch_delete]\nbranches: [x]", "branch: branch gone matches none of [x]"),
    ] as [(String, String?)])
  func `a deletion runs only where it is asked for`(fields: String, skip: String?) throws {
    #expect(try decision(fields, event(.branchDelete) { $0.branch = "gone" }).sentence == skip)
  }

  @Test(
    arguments: [
      ("on: [pull_request]", "opened", false, nil),
      ("on: [pull_request]", "synchronize", false, nil),
      ("on: [pull_request]", "reopened", false, nil),
      (
        "on: [pull_request]", "closed", false,
        "action: action closed is none of [opened, synchronize, reopened]"
      ),
      ("on: [\"github:pull_request\"]", "closed", false, nil),
      ("on: [pull_request, \"github:pull_request\"]", "labeled", false, nil),
      ("on: [pull_request]\nactions: [closed]", "closed", false, nil),
      (
        "on: [pull_request]\nactions: [closed]", "opened", false,
        "action: action opened is none of [closed]"
      ),
      ("on: [pull_request]\nactions: [\"*\"]", "labeled", false, nil),
      (
        "on: [pull_request]\nbranches: [dev]", "opened", false,
        "branch: branch main matches none of [dev]"
      ),
      (
        "on: [pull_request]", "opened", true,
        "fork: pull request 7 comes from a fork and forks are set to skip"
      ),
      (
        "on: [pull_request]\nforks: skip", "opened", true,
        "fork: pull request 7 comes from a fork and forks are set to skip"
      ),
      ("on: [pull_request]\nforks: run", "opened", true, nil),
      (
        "on: [pull_request]", "closed", true,
        "action: action closed is none of [opened, synchronize, reopened]"
      ),
    ] as [(String, String, Bool, String?)])
  func `pull requests are filtered by action, target and fork`(
    fields: String, action: String, isFork: Bool, skip: String?
  ) throws {
    let body: JSONValue = [
      "action": .string(action),
      "pull_request": [
        "number": 7,
        "head": [
          "sha": .string(Fixture.commit),
          "repo": ["full_name": .string(isFork ? "mallory/app" : "acme/app")],
        ],
        "base": ["ref": "main", "repo": ["full_name": "acme/app"]],
      ],
    ]
    let event = try #require(Fixture.event("pull_request", body))
    #expect(try decision(fields, event).sentence == skip)
  }

  @Test(
    arguments: [
      ("on: [\"github:release\"]", nil), ("on: [\"github:release\"]\nactions: [published]", nil),
      (
        "on: [\"github:release\"]\nactions: [created]",
        "action: action published is none of [created]"
      ),
      ("on: [\"github:release\"]\nbranches: [main]", "branch: the event has no branch"),
      ("on: [\"github:releases\"]", "event: release is none of [github:releases]"),
    ] as [(String, String?)])
  func `any event of the host can be listened to`(fields: String, skip: String?) throws {
    let event = try #require(
      Fixture.event("release", ["action": "published", "release": ["name": "x"]]))
    #expect(try decision(fields, event).sentence == skip)
  }

  @Test func `only triggers that listen are asked and the order is the document's`() throws {
    var text = Fixture.hook("on: [push]")
    for (name, event) in [
      ("a", "tag"), ("b", "\"github:push\""), ("c", "pull_request"), ("d", "push"),
    ] {
      text +=
        "\n  - name: \(name)\n    on: [\(event)]\n    run:\n" + Fixture.indented(Fixture.run, by: 6)
    }
    let hook = try Fixture.compiled(text)
    let event = try #require(Fixture.event("push", Fixture.push()))
    #expect(
      hook.decide(event, at: 0, of: Fixture.delivery()).map(\.trigger) == ["build", "b", "d"])
    #expect(
      hook.explain(event, at: 0, of: Fixture.delivery()).map(\.trigger)
        == ["build", "a", "b", "c", "d"])
    #expect(hook.silence(about: event) == "no trigger of ci/app listens to push")
  }

  @Test func `a redelivery derives the same names and another event others`() throws {
    let hook = try Fixture.compiled(Fixture.hook("on: [push]"))
    let event = try #require(Fixture.event("push", Fixture.push()))
    func name(_ delivery: Delivery, _ index: Int) -> String? {
      guard case .run(let runs) = hook.decide(event, at: index, of: delivery).first?.decision
      else { return nil }
      return runs.first?.name
    }
    let first = name(Delivery(id: "1", sourceID: "guid", body: [:]), 0)
    #expect(first != nil && first == name(Delivery(id: "2", sourceID: "guid", body: [:]), 0))
    #expect(first != name(Delivery(id: "1", sourceID: "guid", body: [:]), 1))
    #expect(first != name(Delivery(id: "1", sourceID: nil, body: [:]), 0))
  }
}

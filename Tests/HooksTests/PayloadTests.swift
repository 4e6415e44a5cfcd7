import Crypto
import Hooks
import JSON
import TestSupport
import Testing

/// Every payload of GitHub, as it is and broken in every field.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct PayloadTests {
  /// A hook that listens to everything and uses what it can.
  private static let hook = Result {
    let names = Set(Fixture.payloads.compactMap { $0.split(separator: ".").first.map(String.init) })
    let events =
      ["push", "tag", "branch_delete", "tag_delete", "pull_request", "\"github:push\""]
      + names.subtracting(["ping", "push", "pull_request"]).sorted().map { "\"github:\($0)\"" }
    return try Fixture.compiled(
      Fixture.hook(
        """
        on: [\(events.joined(separator: ", "))]
        actions: ["*"]
        branches: ["**", "!never/**"]
        tags: ["**"]
        forks: run
        """,
        run: """
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata:
            generateName: $(event.repository ?? "none")-
            labels: { branch: '$(event.branch ?? event.tag ?? "")' }
            annotations: { title: '$(event.title ?? event.message ?? "")' }
          spec:
            params:
            - { name: ALL, value: '$(event.files ?? event.pullRequest ?? "")' }
            - { name: EVENT, value: '$(event)' }
            - { name: OWNER, value: '$(body.repository.owner ?? "")' }
            - { name: TEXT, value: '$(event.revision ?? "none") $(event.comment ?? "") $(body.action ?? "")' }
          """))
  }

  @Test(arguments: Fixture.payloads)
  func `every payload is verified and runs, is skipped with a reason or is a ping`(
    file: String
  ) throws {
    let hook = try Self.hook.get()
    let source = try #require(hook.source)
    let bytes = try SharedData.bytes("payloads/github/\(file)")
    let fields = Fixture.lookup(
      try Fixture.headers(of: file) + [
        ("X-Hub-Signature-256", Fixture.signature(bytes, secret: "s"))
      ])
    #expect(source.mediaTypeProblem(fields) == nil)
    #expect(
      source.verify(fields: fields, body: bytes, secrets: [SecretBytes("s")]) == .verified(index: 0)
    )
    let body = try JSONValue.parse(bytes)
    guard case .events(let events, let id) = source.delivery(fields: fields, body: body) else {
      #expect(file.hasPrefix("ping"))
      return
    }
    #expect(id?.count == 36)
    for (index, event) in events.enumerated() {
      let decisions = hook.decide(event, at: index, of: Delivery(id: "d", sourceID: id, body: body))
      switch decisions.first?.decision {
      case .run(let runs):
        #expect(runs.first?.object["spec"]?["params"]?.arrayValue?.count == 4)
      case .skip(let reason, let message):
        #expect(reason == .branch && message == "the event has no branch" && event.branch == nil)
      default: Issue.record("\(file): \(decisions)")
      }
    }
  }

  /// The payloads of one event share their fields; each field is broken where it is met first.
  @Test(arguments: Set(Fixture.payloads.map(eventName)).sorted())
  func `a payload broken in any field gets an answer and no crash`(name: String) throws {
    let hook = try Self.hook.get()
    let source = try #require(hook.source)
    let fields = Fixture.lookup([("X-GitHub-Event", name)])
    var mutation = Mutation()
    var answers = 0
    for file in Fixture.payloads where Self.eventName(file) == name {
      mutation.forEach(in: try Fixture.payload(file)) { body in
        guard case .events(let events, _) = source.delivery(fields: fields, body: body) else {
          answers += 1
          return
        }
        let delivery = Delivery(id: "d", sourceID: nil, body: body)
        for event in events { answers += hook.decide(event, at: 0, of: delivery).count }
      }
    }
    #expect(answers == mutation.count)
  }

  private static func eventName(_ file: String) -> String {
    file.split(separator: ".").first.map(String.init) ?? file
  }
}

/// Breaks values in one place at a time.
private struct Mutation {
  /// How many broken values there were.
  private(set) var count = 0
  private var paths: Set<String> = []

  /// Calls the body with every value that differs in one place: a member removed, or a part replaced
  /// by one of another type. Paths that an earlier value had are left out; of a list the first two
  /// items are broken, since the rest is of their kind.
  mutating func forEach(in root: JSONValue, _ body: (JSONValue) -> Void) {
    visit(root, path: "", body)
  }

  private mutating func visit(_ value: JSONValue, path: String, _ body: (JSONValue) -> Void) {
    if paths.insert(path).inserted {
      for replacement in Self.replacements { report(replacement, body) }
    }
    switch value {
    case .object(let object):
      for member in object {
        let path = "\(path).\(member.key)"
        var changed = object
        if !paths.contains(path) {
          changed.removeValue(forKey: member.key)
          report(.object(changed), body)
        }
        visit(member.value, path: path) { inner in
          changed[member.key] = inner
          body(.object(changed))
        }
      }
    case .array(let items):
      for (index, item) in items.enumerated().prefix(2) {
        var changed = items
        visit(item, path: "\(path)[\(index)]") { inner in
          changed[index] = inner
          body(.array(changed))
        }
      }
    default: break
    }
  }

  private mutating func report(_ value: JSONValue, _ body: (JSONValue) -> Void) {
    count += 1
    body(value)
  }

  private static let replacements: [JSONValue] = [
    .null, 9_223_372_036_854_775_807, "", "x", true, [], ["x": "y"],
  ]
}

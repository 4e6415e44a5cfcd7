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
      source.authentication(secrets: [SecretBytes("s")]).verify(fields: fields, body: bytes, now: 0)
        == .verified(index: 0)
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
        answers += 1
        let delivery = Delivery(id: "d", sourceID: nil, body: body)
        for event in events {
          let decisions = hook.decide(event, at: 0, of: delivery)
          // A ref that is neither branch nor tag and was deleted is nothing to listen to.
          #expect(decisions.count == 1 || event.kind.rawValue == "github:ref_delete")
        }
      }
    }
    #expect(answers == mutation.count)
  }

  private static func eventName(_ file: String) -> String {
    file.split(separator: ".").first.map(String.init) ?? file
  }
}

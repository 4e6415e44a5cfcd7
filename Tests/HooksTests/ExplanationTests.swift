import Hooks
import JSON
import Testing

@Suite struct ExplanationTests {
  private static let header = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "d-1")]
    .map { (name: $0.0, value: $0.1) }

  private static func hook(_ fields: String) throws -> Hook {
    try Fixture.compiled(
      Fixture.hook(
        fields, run: Fixture.run,
        spec: """
          manual:
            callers: [{ name: ops, secret: { env: TOKEN }, triggers: [build] }]
          """))
  }

  private static func explain(
    _ fields: String, header: [(name: String, value: String)] = header,
    body: JSONValue = Fixture.push()
  ) throws -> JSONValue {
    try hook("on: [push, manual]\n\(fields)")
      .explanation(header: header, body: body.serialized(), id: "x").json
  }

  @Test func `every trigger's decision comes with its values`() throws {
    let explanation = try Self.explain(
      "vars: { short: 'event.revision.substring(0, 7)' }\npaths: [a]\ninputs: [{ name: a, default: b }]",
      body: Fixture.push().merging(["commits": []]))
    #expect(explanation["hook"] == "ci/app")
    #expect(explanation["events"]?[0]?["event"]?["branch"] == "main")
    let decision = explanation["events"]?[0]?["decisions"]?[0]
    #expect(decision?["trigger"] == "build")
    #expect(decision?["vars"] == ["short": "1234567"])
    #expect(decision?["inputs"] == ["a": "b"])
    #expect(
      decision?["note"] == "the event lists no changed files and whenTruncated is run")
    let run = decision?["runs"]?[0]
    #expect(run?["namespace"] == "ci")
    #expect(run?["name"]?.stringValue?.hasPrefix("build-") == true)
  }

  @Test func `the names are those that the delivery would get`() throws {
    let hook = try Self.hook("on: [push, manual]")
    let event = try #require(Fixture.event("push", Fixture.push()))
    let delivery = Delivery(id: "y", sourceID: "d-1", body: Fixture.push())
    guard case .run(let runs) = hook.decide(event, at: 0, of: delivery).first?.decision else {
      Issue.record("no run")
      return
    }
    let explanation = try Self.explain("")
    let named = explanation["events"]?[0]?["decisions"]?[0]?["runs"]?[0]
    #expect(named?["name"]?.stringValue == runs.first?.name)
  }

  @Test func `a reason and a sentence say why nothing runs`() throws {
    let decision = try Self.explain("branches: [x]")["events"]?[0]?["decisions"]?[0]
    #expect(
      decision
        == [
          "trigger": "build",
          "skip": ["reason": "branch", "message": "branch main matches none of [x]"],
        ])
  }

  @Test(arguments: [
    (nil, "the header X-GitHub-Event is missing"),
    ("ping", "a ping is answered and starts nothing"),
  ])
  func `what is no event is said`(event: String?, message: String) throws {
    let header = event.map { [(name: "X-GitHub-Event", value: $0)] } ?? []
    let explanation = try Self.explain("", header: header)
    #expect((explanation["refused"] ?? explanation["message"])?.stringValue == message)
  }

  @Test func `a manual call is explained with its inputs`() throws {
    let hook = try Self.hook("on: [push, manual]\ninputs: [{ name: a, required: true }]")
    func explain(_ trigger: String, _ body: String) -> JSONValue {
      hook.explanation(ofCall: trigger, body: Array(body.utf8), id: "x").json
    }
    let decision = explain("build", #"{"inputs": {"a": "b"}}"#)["events"]?[0]?["decisions"]?[0]
    #expect(decision?["inputs"] == ["a": "b"])
    #expect(explain("build", "{}")["refused"] == "inputs.a: missing")
    #expect(
      explain("other", "{}")["refused"]
        == "no trigger other can be started by hand; there are [build]")
    #expect(
      explain("build", "{")["refused"]?.stringValue?.hasPrefix("the body is not JSON") == true)
  }
}

extension JSONValue {
  fileprivate func merging(_ members: JSONObject) -> JSONValue {
    var object = objectValue ?? [:]
    for member in members { object[member.key] = member.value }
    return .object(object)
  }
}

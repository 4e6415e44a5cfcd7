import Hooks
import JSON
import TestSupport
import Testing

@Suite struct ExpressionTests {
  private static let run = """
    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata: { generateName: build- }
    spec:
      params:
      - { name: tag, value: "$(vars.tag)" }
      - { name: list, value: "$(vars.files)" }
    """

  private func decide(
    _ trigger: String, run: String = Fixture.run, body: JSONValue = Fixture.push()
  ) throws -> Decision {
    let hook = try Fixture.compiled(Fixture.hook("on: [push]\n\(trigger)", run: run))
    let event = try #require(Fixture.event("push", body))
    let decisions = hook.decide(event, at: 0, of: Fixture.delivery(body))
    return try #require(decisions.first).decision
  }

  @Test(
    arguments: [
      "event.branch == 'main'", "body.ref.startsWith('refs/heads/')", "!body.deleted",
      "body.commits.exists(c, 'a.txt' in c.modified)", "size(event.files.all) == 3",
      "has(event.message) && event.message.contains('Fix')", "event.kind in ['push', 'tag']",
    ])
  func `a trigger whose condition is true runs`(condition: String) throws {
    let decision = try decide("when: \(JSONValue.string(condition).serializedString())")
    guard case .run = decision else {
      Issue.record("\(decision)")
      return
    }
  }

  @Test(
    arguments: [
      ("event.branch == 'dev'", "when is false: event.branch is \"main\""),
      ("event.branch == 'main' && body.deleted", "when is false: body.deleted is false"),
      ("body.commits.exists(c, 'x' in c.added)", nil),
    ] as [(String, String?)])
  func `one whose condition is false is skipped, and says what decided`(
    condition: String, message: String?
  ) throws {
    let decision = try decide("when: \(JSONValue.string(condition).serializedString())")
    guard case .skip(let reason, let text) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(reason == .condition)
    if let message { #expect(text == message) }
  }

  @Test func `a condition without a value fails and names what is missing`() throws {
    let decision = try decide("when: body.pull_request.draft")
    guard case .fail(let message) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(message.hasPrefix("when: no such key: body.pull_request"), "\(message)")
    let typed = try decide("when: body.ref")
    #expect(typed == .fail(message: "when: the value is of type string, a bool is expected"))
  }

  @Test func `variables see earlier ones and become values of the template`() throws {
    let vars = """
      vars:
        short: event.revision.substring(0, 7)
        tag: vars.short + '-' + event.branch
        files: event.files.modified
      """
    let decision = try decide(vars, run: Self.run)
    guard case .run(let runs) = decision, let run = runs.first else {
      Issue.record("\(decision)")
      return
    }
    let parameters = run.object["spec"]?["params"]
    #expect(parameters?[0]?["value"] == "1234567-main")
    #expect(parameters?[1]?["value"] == ["a.txt", "b.txt"])
  }

  @Test func `what a variable takes from a payload is made harmless too`() throws {
    let run = Fixture.run + "\nspec: { v: \"$(vars.v)\" }"
    let decision = try decide(
      "vars: { v: event.message }", run: run, body: Fixture.push(message: "$(params.secret)"))
    guard case .run(let runs) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(runs.first?.object["spec"]?["v"] == "$$(params.secret)")
  }

  @Test(
    arguments: [
      ("when: evnt.kind == 'push'", "when: undeclared reference to 'evnt'"),
      ("when: event.brnch == 'x'", "when: event has no field \"brnch\", did you mean \"branch\"?"),
      ("when: \"1 + \"", "when: Syntax error"),
      ("when: \"'a'\"", "when: the expression is of type string, a bool is expected"),
      ("when: vars.x", "when: vars are evaluated after when and cannot be used in it"),
      ("when: inputs.x == 'a'", "when: the trigger declares no input \"x\""),
      ("vars: { a: vars.b, b: \"1\" }", "vars.a: no variable before this one is named \"b\""),
      ("vars: { a-b: \"1\" }", "vars.a-b: \"a-b\" is not the name of a variable"),
      ("vars: { 1a: \"1\" }", "\"1a\" is not the name of a variable"),
      ("when: true", "when: expected a string, found a boolean"),
    ])
  func `what cannot be right is an error of the configuration`(trigger: String, finding: String) {
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]\n\(trigger)"))
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test func `a variable that the template names and nobody made is an error`() {
    let run = Fixture.run + "\nspec: { v: \"$(vars.tga)\" }"
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]\nvars: { tag: \"'a'\" }", run: run))
    #expect(
      findings.contains {
        $0.contains("the trigger has no variable \"tga\", did you mean \"tag\"?")
      }, "\(findings)")
  }

  @Test func `an expression that never ends is cut off`() throws {
    let nested = (0..<6).reduce("true") { inner, depth in
      "lists.range(100).all(x\(depth), \(inner))"
    }
    let decision = try decide("when: \"\(nested)\"")
    guard case .fail(let message) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(message.contains("takes more than 1000000 steps"), "\(message)")
  }
}

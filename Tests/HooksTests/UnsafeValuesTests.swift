import Hooks
import JSON
import Testing

@Suite struct UnsafeValuesTests {
  private static func decide(
    policy: String, template: String, text: JSONValue
  ) throws -> Decision? {
    let run = Fixture.run + "\nspec:\n  value: '\(template)'"
    let hook = try Fixture.compiled(
      Fixture.hook("on: [push]\nunsafeValues: \(policy)", run: run))
    var body = Fixture.push()
    body["text"] = text
    let event = try #require(Fixture.event("push", body))
    let delivery = Delivery(id: "ours", sourceID: nil, body: body)
    return hook.decide(event, at: 0, of: delivery).first?.decision
  }

  @Test(
    arguments: [
      ("escape", "$(body.text)", "a $(x)", "a $$(x)"),
      ("replace", "$(body.text)", "a $(x)", "a (x)"),
      ("replace", "$(body.text)", "$$$(x)", "(x)"),
      ("replace", "$(body.text)", "$ (x) $x", "$ (x) $x"),
      ("replace", "$(body.text)(y)", "cost: $", "cost: (y)"),
      ("replace", "a$$(body.text)", "(y)", "a$$(body.text)"),
      ("replace", "$(params.own) $(body.text)", "$(x)", "$(params.own) (x)"),
      ("refuse", "$(params.own) $(body.text)", "$ (", "$(params.own) $ ("),
    ] as [(String, String, String, String)])
  func `a value reaches the run as the trigger says`(
    policy: String, template: String, text: String, expected: String
  ) throws {
    let decision = try Self.decide(policy: policy, template: template, text: .string(text))
    guard case .run(let runs) = decision else {
      Issue.record("\(String(describing: decision))")
      return
    }
    #expect(runs.first?.object["spec"]?["value"] == .string(expected))
  }

  @Test(
    arguments: [
      ("$(body.text)", "a $(x)"), ("$(body.text)(y)", "$"), ("$(body.text)", ["ok", "$(x)"]),
      ("$(body.text)", ["k": ["$(x)": 1]]),
    ] as [(String, JSONValue)])
  func `a trigger that refuses such values fails and names the path`(
    template: String, text: JSONValue
  ) throws {
    let decision = try Self.decide(policy: "refuse", template: template, text: text)
    guard case .fail(let message) = decision else {
      Issue.record("\(String(describing: decision))")
      return
    }
    #expect(message.contains("body.text"), "\(message)")
    #expect(message.contains("unsafeValues: refuse"), "\(message)")
  }

  @Test func `another word is refused with a suggestion`() {
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]\nunsafeValues: refse"))
    #expect(findings.count == 1)
    #expect(findings.first?.contains("did you mean \"refuse\"?") == true, "\(findings)")
  }
}

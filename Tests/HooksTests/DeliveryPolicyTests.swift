import Hooks
import JSON
import Testing

/// What a hook says about deliveries that come again and about the order of its runs.
@Suite struct DeliveryPolicyTests {
  private static func source(_ field: String) throws -> Source? {
    try Fixture.compiled(text(field)).source
  }

  private static func text(_ field: String) -> String {
    Fixture.hook("on: [push]").replacing("  type: github", with: "  type: github\n    \(field)")
  }

  @Test(arguments: [
    ("", Duration.seconds(86_400)), ("replayWindow: 90m", .seconds(5400)),
    ("replayWindow: 168h", .seconds(604_800)), ("replayWindow: 1s", .seconds(1)),
    ("replayWindow: none", nil),
  ])
  func `a replay window is a duration, a day if not given, or none`(
    field: String, expected: Duration?
  ) throws {
    #expect(try Self.source(field)?.replayWindow == expected)
  }

  @Test(arguments: [
    ("replayWindow: 7d", "\"7d\" is not a duration: write 24h, 90m or 30s, or none"),
    ("replayWindow: \"0\"", "0 is out of bounds: from 1s to 168h, or none"),
    ("replayWindow: 169h", "169h is out of bounds: from 1s to 168h, or none"),
    ("replayWindow: -1h", "-1h is out of bounds: from 1s to 168h, or none"),
    ("replayWindow: off-ish", "\"off-ish\" is not a duration: write 24h, 90m or 30s, or none"),
  ])
  func `a replay window that is none is refused`(field: String, finding: String) {
    let findings = Fixture.diagnostics(Self.text(field))
    #expect(findings.map { $0.drop { $0 != " " } } == [" spec.source.replayWindow: \(finding)"])
  }

  @Test(arguments: [
    ("", TriggerOrder.parallel), ("order: parallel", .parallel), ("order: serial", .serial),
  ])
  func `the order of a trigger's runs is parallel unless it says serial`(
    field: String, expected: TriggerOrder
  ) throws {
    let hook = try Fixture.compiled(Fixture.hook("on: [push]\n\(field)"))
    #expect(hook.triggers.first?.order == expected)
  }

  @Test func `another order is refused with a suggestion`() {
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]\norder: seriel"))
    #expect(findings.count == 1)
    #expect(findings.first?.contains("did you mean \"serial\"?") == true, "\(findings)")
  }

  @Test func `a delivery that must not share names has a key of its own`() {
    let usual = Delivery(id: "ours", sourceID: "theirs", body: [:])
    #expect(usual.key == "theirs")
    #expect(Delivery(id: "ours", sourceID: nil, body: [:]).key == "ours")
    #expect(Delivery(id: "ours", sourceID: "theirs", key: "ours", body: [:]).key == "ours")
  }
}

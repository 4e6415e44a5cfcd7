import CEL
import Foundation
import Hooks
import JSON
import Testing
import YAML

@Suite struct ScheduleDecoderTests {
  /// A database of one zone.
  private static let zones = TimeZoneDatabase { name in
    name == "Europe/Berlin" ? .file(Zones.file("CET-1CEST,M3.5.0,M10.5.0/3")) : .unknown
  }

  private static func compile(
    _ trigger: String, run: String = Fixture.run, head: String = ""
  ) throws -> (hook: Hook?, findings: [String]) {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata: { name: app, namespace: ci }
      spec:
      \(Fixture.indented(head, by: 2))
        triggers:
        - name: nightly
      \(Fixture.indented(trigger, by: 4))
          run:
      \(Fixture.indented(run, by: 6))
      """
    let (set, diagnostics) = HookSet.compile(
      try parseDocuments(text, file: "a.yaml"), zones: zones)
    let isUsable = !diagnostics.contains { $0.severity == .error }
    return (isUsable ? set.hooks.values.first : nil, diagnostics.map(\.description))
  }

  @Test func `a schedule alone starts a trigger, in UTC and with the latest made up for`() throws {
    let (hook, findings) = try Self.compile("schedule: \"0 3 * * *\"")
    #expect(findings == [])
    let trigger = try #require(hook?.trigger(named: "nightly"))
    #expect(trigger.subscriptions == [.kind(.schedule)])
    let schedule = try #require(trigger.schedule)
    #expect(schedule.missed == .latest)
    #expect(schedule.text == "0 3 * * * UTC")
    #expect(Zones.text(schedule.next(after: 0)) == "1970-01-01T03:00:00Z")
  }

  @Test func `the time zone is that of the database`() throws {
    let (hook, findings) = try Self.compile(
      "{ on: [schedule], schedule: \"@daily\", timeZone: Europe/Berlin, missed: all }"
        .trimmingCharacters(in: ["{", "}", " "]).replacingOccurrences(of: ", ", with: "\n"))
    #expect(findings == [])
    let schedule = try #require(hook?.trigger(named: "nightly")?.schedule)
    let due = try #require(schedule.next(after: Zones.moment("2026-07-01T12:00:00Z")))
    #expect(schedule.localText(due) == "2026-07-02T00:00:00+02:00")
    #expect(schedule.missed == .all)
    #expect(schedule.localText(0) == "1970-01-01T01:00:00+01:00")
  }

  @Test func `an event of a schedule has its time, and the inputs their defaults`() throws {
    let (hook, findings) = try Self.compile(
      """
      on: [push, manual]
      schedule: "0 3 * * *"
      branches: [main]
      inputs: [{ name: level, default: full }]
      """,
      run: Fixture.run + """

        spec: { v: "$(event.kind) $(event.time ?? \\"-\\") $(inputs.level) $(event.branch ?? \\"-\\")" }
        """,
      head: """
        source: { type: github, secrets: [{ env: S }] }
        manual: { callers: [{ name: ops, secret: { env: T }, triggers: [nightly] }] }
        """)
    #expect(findings == [])
    let hook_ = try #require(hook)
    let event = Event.scheduled(at: Zones.moment("2026-11-24T03:00:00Z"))
    let decisions = hook_.decide(event, at: 0, of: Fixture.delivery())
    guard case .run(let runs)? = decisions.first?.decision else {
      Issue.record("\(decisions)")
      return
    }
    #expect(runs[0].object["spec"]?["v"] == "schedule 2026-11-24T03:00:00Z full -")
    #expect(
      runs[0].object["metadata"]?["annotations"]?["hookline.dev/event"] == "schedule")
  }

  @Test(
    arguments: [
      ("time: \"2026-11-24T03:00:00Z\", expect: { nightly: run }", [String]()),
      ("time: \"2026-11-24T04:00:00+01:00\", expect: { nightly: run }", []),
      (
        "time: \"2026-11-24T03:01:00Z\", expect: { nightly: run }",
        ["a refusal: 2026-11-24T03:01:00Z is no time of its schedule"]
      ),
      (
        "time: \"2026-11-24T03:00:00Z\", expect: { nightly: skip }",
        ["run ci/nightly-"]
      ),
    ])
  func `a document's test says what a due time makes`(
    test: String, expected: [String]
  ) throws {
    let (hook, findings) = try Self.compile(
      "schedule: \"0 3 * * *\"", run: Fixture.run.replacing("build-", with: "nightly-"),
      head: "tests: [{ name: t, event: schedule, trigger: nightly, \(test) }]")
    #expect(findings == [])
    let compiled = try #require(hook)
    let differences = try #require(compiled.tests.first).differences(in: compiled, payload: nil)
    #expect(differences.count == expected.count)
    for (difference, words) in zip(differences, expected) {
      #expect(difference.found.hasPrefix(words), "\(difference)")
    }
  }

  @Test(
    arguments: [
      ("trigger: nightly", "tests[0].time: missing"),
      ("trigger: nightly, time: now", "tests[0].time: expected a time such as"),
      ("trigger: daily, time: \"2026-11-24T03:00:00Z\"", "there is no trigger \"daily\""),
      (
        "trigger: nightly, time: \"2026-11-24T03:00:00Z\", payload: {}",
        "tests[0].payload: a schedule has none"
      ),
    ])
  func `a test of a schedule that cannot be is refused`(test: String, finding: String) throws {
    let (_, findings) = try Self.compile(
      "schedule: \"0 3 * * *\"",
      head: "tests: [{ name: t, event: schedule, expect: { nightly: run }, \(test) }]")
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test(
    arguments: [
      ("schedule: \"0 3 * *\"", "schedule: has 4 fields, five are expected"),
      ("schedule: \"0 0 30 2 *\"", "a.yaml:8:15: spec.triggers[0].schedule: is never due"),
      ("schedule: \"@dayly\"", "did you mean \"@daily\"?"),
      ("schedule: 5", "schedule: expected a string, found a number: write \"5\" in quotes"),
      ("schedule: \"@daily\"\ntimeZone: Europe/Berln", "timeZone: unknown time zone Europe/Berln"),
      ("schedule: \"@daily\"\ntimeZone: ../../etc/passwd", "timeZone: unknown time zone"),
      ("schedule: \"@daily\"\nmissed: some", "unknown policy \"some\": expected skip, latest, all"),
      ("on: [manual]\nmissed: all", "missed: has no meaning without schedule"),
      ("on: [manual]\ntimeZone: UTC", "timeZone: has no meaning without schedule"),
      ("on: [schedule]", "on[0]: say when"),
      ("schedule: \"@daily\"\nbranches: [main]", "branches: no event in on has a branch"),
      ("inputs: [{ name: a }]\nschedule: \"@daily\"\nrun_: 1", "run_: unknown field"),
    ])
  func `what is wrong is named`(trigger: String, finding: String) throws {
    let (hook, findings) = try Self.compile(trigger)
    #expect(hook == nil)
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test(
    arguments: [
      ("$(event.branch)", "a schedule has no event.branch: write $(event.branch ?? \"…\")"),
      ("$(header[\"X-Y\"])", "a schedule has no header.x-y"),
      ("$(inputs.level)", "give the input a default"),
    ])
  func `a placeholder that a schedule cannot fill is refused`(
    placeholder: String, finding: String
  ) throws {
    let (_, findings) = try Self.compile(
      "schedule: \"@daily\"\ninputs: [{ name: level }]",
      run: Fixture.run + "\nspec: ['\(placeholder)']")
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }
}

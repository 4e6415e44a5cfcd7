import HTTPWire
import Testing

@testable import Service

@Suite struct WaitPreferenceTests {
  private func read(
    _ query: String, prefer: [String] = []
  ) -> Result<WaitPreference?, WaitPreference.Problem> {
    var fields = HTTPFields()
    for value in prefer { fields.append(name: "Prefer", value: value) }
    return WaitPreference.read(query: QueryString.parameters(query), fields: fields)
  }

  @Test(arguments: [
    ("wait=30s", Duration.seconds(30), WaitPreference.Goal.creation),
    ("wait=2m", .seconds(120), .creation), ("wait=1ms", .milliseconds(1), .creation),
    ("wait=10m&for=completion", .seconds(600), .completion),
    ("for=creation&wait=1m30s", .seconds(90), .creation),
  ])
  func `a query says how long and for what`(
    query: String, limit: Duration, goal: WaitPreference.Goal
  ) {
    #expect(
      read(query) == .success(WaitPreference(limit: limit, goal: goal, isPreference: false)))
  }

  @Test(arguments: [
    "wait=", "wait=30", "wait=-1s", "wait=0", "wait=10m1s", "wait=never", "wait=1s&wait=2s",
    "for=completion", "wait=1s&for=", "wait=1s&for=ever", "wait=1s&for=creation&for=completion",
    "wait=99999999999999999999h",
  ])
  func `a query that cannot be obeyed is refused`(query: String) {
    guard case .failure(let problem) = read(query) else {
      Issue.record("\(query) was accepted")
      return
    }
    #expect(!problem.message.isEmpty)
  }

  @Test(
    arguments: [
      (["wait=5"], 5), (["respond-async, wait = 7 ; x=y"], 7), (["Wait=9"], 9),
      (["wait=9999"], 600),
      (["wait=18446744073709551615"], 600), (["wait=99999999999999999999999"], nil),
      (["return=minimal"], nil), (["wait=soon"], nil), (["wait=0"], nil), (["wait"], nil),
      ([",;=, wait=3"], 3), (["return=minimal", "wait=4"], 4), ([";"], nil), ([""], nil),
    ] as [([String], Int64?)])
  func `a Prefer header is a wish`(values: [String], seconds: Int64?) {
    let expected = seconds.map {
      WaitPreference(limit: .seconds($0), goal: .creation, isPreference: true)
    }
    #expect(read("", prefer: values) == .success(expected))
  }

  @Test func `the query wins over the header`() {
    #expect(
      read("wait=1s", prefer: ["wait=5"])
        == .success(WaitPreference(limit: .seconds(1), goal: .creation, isPreference: false)))
    #expect(
      read("for=completion", prefer: ["wait=5"])
        == .success(WaitPreference(limit: .seconds(5), goal: .completion, isPreference: true)))
  }
}

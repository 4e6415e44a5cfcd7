import Crypto
import Hooks
import JSON
import Testing

@Suite struct ManualTests {
  private static let text = Fixture.hook(
    """
    on: [push, manual]
    inputs:
    - { name: version, pattern: "v[0-9]+", default: v0 }
    - { name: count, type: number, default: 2, enum: [1, 2, 3] }
    - { name: dry, type: boolean, default: false }
    - { name: target, required: true, enum: [staging, production] }
    - { name: note }
    """,
    run: Fixture.run + """

      spec:
        v: "$(inputs.version) $(inputs.count) $(inputs.dry) $(inputs.target ?? event.branch ?? \\"\\") $(inputs.note ?? \\"none\\") $(event.sender)"
      """,
    spec: """
      manual:
        callers:
        - { name: operator, secret: { env: A }, triggers: [build] }
        - { name: other, secret: { env: B }, triggers: [build] }
      """)

  private func check(_ body: JSONValue?) throws -> ManualInputs {
    let trigger = try #require(try Fixture.compiled(Self.text).trigger(named: "build"))
    return ManualInputs.check(body, against: trigger.inputs)
  }

  @Test func `inputs are completed with their defaults`() throws {
    guard case .accepted(let inputs) = try check(["inputs": ["target": "staging", "count": 3]])
    else {
      Issue.record("refused")
      return
    }
    #expect(
      JSONValue.object(inputs)
        == ["version": "v0", "count": 3, "dry": false, "target": "staging"])
  }

  @Test(
    arguments: [
      (nil, ["inputs.target: missing"]),
      ([:], ["inputs.target: missing"]),
      ([], ["body: expected an object, found an array"]),
      (["inputs": 5], ["inputs: expected an object, found a number"]),
      (["inputs": .null], ["inputs: expected an object, found null"]),
      (["input": [:]], ["input: unknown, did you mean \"inputs\"?", "inputs.target: missing"]),
      (
        ["inputs": ["target": "staging", "versoin": "v1"]],
        ["inputs.versoin: unknown, did you mean \"version\"?"]
      ),
      (
        [
          "inputs": [
            "version": "x", "count": "2", "dry": "true", "target": "prod", "note": 1, "z": 1,
          ]
        ],
        [
          "inputs.z: unknown", "inputs.version: \"x\" does not match v[0-9]+",
          "inputs.count: expected a number, found a string, \"2\"",
          "inputs.dry: expected a boolean, found a string, \"true\"",
          "inputs.target: \"prod\" is not one of \"staging\", \"production\"",
          "inputs.note: expected a string, found a number, 1",
        ]
      ),
      (["inputs": ["target": .null]], ["inputs.target: expected a string, found null"]),
      (["inputs": ["target": "staging", "count": 4]], ["inputs.count: 4 is not one of 1, 2, 3"]),
      (
        ["inputs": ["target": "staging", "version": "av1"]],
        ["inputs.version: \"av1\" does not match v[0-9]+"]
      ),
      (
        ["inputs": ["target": "staging", "version": "v1\n"]],
        ["inputs.version: \"v1\\n\" does not match v[0-9]+"]
      ),
    ] as [(JSONValue?, [String])])
  func `all that is wrong with the inputs is said at once`(
    body: JSONValue?, problems: [String]
  ) throws {
    guard case .refused(let found) = try check(body) else {
      Issue.record("accepted")
      return
    }
    #expect(found.map(\.description) == problems)
  }

  @Test(arguments: ["2", "2.0", "20e-1"])
  func `numbers are compared by what they amount to`(text: String) throws {
    let number = try #require(JSONNumber(text: text))
    guard case .accepted = try check(["inputs": ["target": "staging", "count": .number(number)]])
    else {
      Issue.record("refused")
      return
    }
  }

  @Test func `a manual call and a push render the same template`() throws {
    let hook = try Fixture.compiled(Self.text)
    func text(_ event: Event, _ inputs: JSONObject?) throws -> JSONValue? {
      guard
        case .run(let runs) = hook.decide(event, at: 0, of: Fixture.delivery(inputs: inputs)).first?
          .decision
      else { return nil }
      return runs.first?.object["spec"]?["v"]
    }
    guard case .accepted(let inputs) = try check(["inputs": ["target": "staging", "note": "$(x)"]])
    else { return }
    #expect(try text(.manual(caller: "operator"), inputs) == "v0 2 false staging $$(x) operator")
    let push = try #require(Fixture.event("push", Fixture.push()))
    #expect(try text(push, nil) == "v0 2 false main none octocat")
  }

  @Test(arguments: [
    ([], "build", CallerVerification.refused(.tokenMissing)),
    (["Bearer aaaa"], "build", .verified(caller: "operator")),
    (["bearer  aaaa"], "build", .verified(caller: "operator")),
    (["Bearer bbbb"], "build", .verified(caller: "other")),
    (["Bearer bbbb"], "nonsense", .forbidden(caller: "other")),
    (["Bearer cccc"], "build", .refused(.tokenWrong)),
    (["Bearer aaa"], "build", .refused(.tokenWrong)),
    (["Bearer aaaaa"], "build", .refused(.tokenWrong)),
    (["Bearer cccc"], "nonsense", .refused(.tokenWrong)),
    (["Bearer "], "build", .refused(.tokenMalformed)),
    (["Bearer"], "build", .refused(.tokenMalformed)),
    ([""], "build", .refused(.tokenMissing)), (["aaaa"], "build", .refused(.tokenMalformed)),
    (["Basic aaaa"], "build", .refused(.tokenMalformed)),
    (["Bearer aaaa b"], "build", .refused(.tokenMalformed)),
    (["Bearer aaaa", "Bearer aaaa"], "build", .refused(.tokenMalformed)),
  ])
  func `a caller is known by the token`(
    authorization: [String], trigger: String, expected: CallerVerification
  ) throws {
    let hook = try Fixture.compiled(Self.text)
    let secrets = [SecretBytes("aaaa"), SecretBytes("bbbb")]
    #expect(
      Self.verify(hook, authorization: authorization, trigger: trigger, secrets: secrets)
        == expected)
  }

  @Test func `a blank token is nobody's`() throws {
    let hook = try Fixture.compiled(Self.text)
    for (value, reason) in [
      ("Bearer ", RefusalReason.tokenMalformed), ("Bearer  ", .tokenMissing), ("", .tokenMissing),
    ] {
      #expect(
        Self.verify(
          hook, authorization: [value], trigger: "build",
          secrets: [SecretBytes(""), SecretBytes(" ")])
          == .refused(reason))
    }
  }

  private static func verify(
    _ hook: Hook, authorization: [String], trigger: String, secrets: [SecretBytes]
  ) -> CallerVerification {
    CallerAuthentication(hook.callers, secrets: secrets).verify(
      fields: Fixture.lookup(authorization.map { ("Authorization", $0) }), body: [],
      trigger: trigger, now: 0)
  }
}

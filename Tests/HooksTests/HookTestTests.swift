import Hooks
import JSON
import Testing

/// The tests that Hook documents carry.
@Suite struct HookTestTests {
  private static let trigger = """
    on: [push, manual]
    branches: [main]
    inputs: [{ name: tag, default: none }]
    """

  private static let run = """
    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata: { generateName: build-, annotations: { example.com/by: $(event.sender) } }
    spec:
      pipelineRef: { name: build }
      params:
      - { name: TAG, value: $(inputs.tag) }
      - { name: FILES, value: ["a", "b"] }
      workspaces: [{ name: source, emptyDir: {} }]
    """

  private static func document(_ tests: String) -> String {
    Fixture.hook(trigger, run: run, spec: manual) + "\n  tests:\n"
      + Fixture.indented(tests, by: 3)
  }

  private static let manual = """
    manual:
      callers: [{ name: ops, secret: { env: TOKEN }, triggers: [build] }]
    """

  /// A push, as a test has it.
  private static let push = """
    - name: t
      event: push
      payload:
        ref: refs/heads/main
        after: \(Fixture.commit)
        sender: { login: octocat }
    """

  private static func differences(_ test: String, payload: String? = nil) throws -> [TestDifference]
  {
    let hook = try Fixture.compiled(document(test))
    let test = try #require(hook.tests.first)
    let bytes: [UInt8]? =
      if case .delivery(_, .inline(let value)) = test.stimulus {
        value.serialized()
      } else {
        payload.map { Array($0.utf8) }
      }
    return test.differences(in: hook, payload: bytes)
  }

  @Test(arguments: [
    "expect: { build: run }",
    """
    expect:
      build:
        run:
          metadata.namespace: ci
          metadata.annotations["example.com/by"]: octocat
          spec.params.TAG: none
          spec.params[0].value: none
          spec.params[0]: none
          spec.params.FILES: [a, b]
          spec.params.FILES[1]: b
          spec.workspaces.source: { emptyDir: {}, name: source }
          metadata.labels["hookline.dev/trigger"]: build
    """,
  ])
  func `a test passes`(expect: String) throws {
    let differences = try Self.differences(Self.push + "\n" + Fixture.indented(expect, by: 2))
    #expect(differences == [])
  }

  @Test(
    arguments: [
      ("expect: { build: skip }", nil, "skip", "run ci/build-"),
      ("expect: { build: { skip: branch } }", nil, "skip: branch", "run ci/build-"),
      ("expect: { build: fail }", nil, "fail", "run ci/build-"),
      ("expect: { build: hold }", nil, "hold", "run ci/build-"),
      ("expect: { build: defer }", nil, "defer", "run ci/build-"),
      ("expect: {}", nil, "nothing, since the test does not name it", "run ci/build-"),
      ("refused: a", nil, "a refusal", "it is accepted"),
      (
        "expect: { build: { run: { spec.params.TAG: other } } }", "spec.params.TAG",
        "\"other\"", "\"none\""
      ),
      (
        "expect: { build: { run: { \"spec.params.FILES[7]\": a } } }", "spec.params.FILES[7]",
        "\"a\"",
        "nothing is there"
      ),
    ] as [(String, String?, String, String)])
  func `a test fails with what it found`(
    expect: String, path: String?, expected: String, found: String
  ) throws {
    let differences = try Self.differences(Self.push + "\n  " + expect)
    #expect(differences.count == 1)
    let difference = try #require(differences.first)
    #expect(difference.path == path)
    #expect(difference.expected == expected)
    #expect(difference.found.hasPrefix(found), "\(difference)")
  }

  @Test func `a skip has a reason, and another one is a difference`() throws {
    let topic = Self.push.replacing("heads/main", with: "heads/topic")
    #expect(try Self.differences(topic + "\n  expect: { build: { skip: branch } }") == [])
    #expect(try Self.differences(topic + "\n  expect: {}") == [])
    let other = try Self.differences(topic + "\n  expect: { build: { skip: fork } }")
    #expect(other.map(\.found) == ["skip: branch: branch topic matches none of [main]"])
  }

  @Test func `a test calls a trigger by hand`() throws {
    let call = "- { name: t, event: manual, trigger: build, inputs: { tag: v1 }"
    #expect(
      try Self.differences("\(call), expect: { build: { run: { spec.params.TAG: v1 } } } }") == [])
    let wrong = call.replacing("tag:", with: "tga:")
    #expect(try Self.differences("\(wrong), refused: \"did you mean\" }") == [])
    let refused = try Self.differences("\(wrong), expect: { build: run } }")
    #expect(
      refused.map(\.found) == ["a refusal: inputs.tga: unknown, did you mean \"tag\"?"])
  }

  @Test func `a payload file lies beside the document`() throws {
    let test = "- { name: t, event: push, payloadFile: a/push.json, expect: {} }"
    let hook = try Fixture.compiled(Self.document(test))
    let decoded = try #require(hook.tests.first)
    guard case .delivery(let header, .file(let path)) = decoded.stimulus else {
      Issue.record("\(decoded.stimulus)")
      return
    }
    #expect(header.map(\.name) == ["X-GitHub-Event", "X-GitHub-Delivery"])
    #expect(decoded.path(ofPayload: path) == "a/push.json")
    let (set, _) = HookSet.compile(files: [("deploy/app.yaml", Self.document(test))])
    let elsewhere = try #require(set.hooks.values.first?.tests.first)
    #expect(elsewhere.path(ofPayload: path) == "deploy/a/push.json")
    #expect(elsewhere.path(ofPayload: "/tmp/x") == "/tmp/x")
    #expect(
      decoded.differences(in: hook, payload: Array("{".utf8)).first?.found.hasPrefix(
        "a refusal: the payload is not JSON") == true)
    let event = try Self.differences(test, payload: #"{"ref": "refs/heads/x"}"#)
    #expect(
      event.map(\.found) == ["a refusal: push: after is missing or no commit"])
  }

  @Test(arguments: [
    (
      "- { name: t, event: push, payload: {}, expect: { biuld: run } }",
      "tests[0].expect.biuld: there is no trigger \"biuld\", did you mean \"build\"?"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: runs } }",
      "tests[0].expect.build: unknown decision \"runs\": expected run, skip, fail, defer, hold, did you mean \"run\"?"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: { skip: brnch } } }",
      "did you mean \"branch\"?"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: { run: {}, skip: fork } } }",
      "tests[0].expect.build: give exactly one of run, skip, fail and hold"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: { run: { \"a b\": 1 } } } }",
      "is no path: write such as"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: { run: { \"a) $(body.b\": 1 } } } }",
      "is no path: write such as"
    ),
    (
      "- { name: t, event: push, payload: {}, expect: { build: { run: { \"a ?? body.b\": 1 } } } }",
      "is no path: write such as"
    ),
    (
      "- { name: t, event: push, expect: {} }",
      "tests[0].payload: missing: give payload, or payloadFile"
    ),
    (
      "- { name: t, event: push, payload: {}, payloadFile: a, expect: {} }",
      "tests[0].payloadFile: give payload or payloadFile, not both"
    ),
    ("- { name: t, event: push, payload: {} }", "tests[0].expect: missing"),
    (
      "- { name: t, event: push, payload: {}, expect: {}, refused: a }",
      "tests[0].expect: give expect or refused, not both"
    ),
    (
      "- { name: t, event: push, payload: {}, inputs: {}, expect: {} }",
      "tests[0].inputs: only a manual call has it: write event: manual"
    ),
    (
      "- { name: t, event: manual, trigger: build, payload: {}, expect: {} }",
      "tests[0].payload: a manual call has inputs instead"
    ),
    (
      "- { name: t, event: manual, trigger: dev, expect: {} }",
      "tests[0].trigger: there is no trigger \"dev\""
    ),
    (
      "- { name: t, event: push, payload: {}, expect: {} }\n- { name: t, event: push, payload: {}, expect: {} }",
      "tests[1]: another test is named \"t\", too"
    ),
    ("- { event: push, payload: {}, expect: {} }", "tests[0].name: missing"),
    (
      "- { name: t, evnt: push, payload: {}, expect: {} }",
      "tests[0].evnt: unknown field, did you mean \"event\"?"
    ),
    ("[]", "tests: is empty"),
  ])
  func `a test's mistakes are named`(tests: String, finding: String) {
    let findings = Fixture.diagnostics(Self.document(tests))
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.contains(finding) == true, "\(findings)")
  }

  @Test func `another word for replies is refused`() throws {
    let text = Fixture.hook("on: [push]", spec: "replies: brief")
    #expect(try Fixture.compiled(text).replies == .brief)
    #expect(try Fixture.compiled(Fixture.hook("on: [push]")).replies == .full)
    #expect(
      Fixture.diagnostics(text.replacing("brief", with: "short")).first?.contains(
        "unknown choice \"short\": expected full, brief") == true)
  }
}

import Hooks
import JSON
import TestSupport
import Testing
import YAML

@Suite struct TemplateTests {
  /// What a template's `spec` becomes for a delivery of the body.
  static func render(
    spec: String, body: JSONValue = Fixture.push(), header: [(String, String)] = [],
    query: [(String, String)] = []
  ) throws -> JSONValue {
    let run = Fixture.run + "\nspec:\n" + Fixture.indented(spec, by: 2)
    let hook = try Fixture.compiled(Fixture.hook("on: [push]", run: run))
    let event = try #require(Fixture.event("push", body))
    let delivery = Delivery(
      id: "ours", sourceID: "theirs", body: body, header: header.map { (name: $0, value: $1) },
      query: query.map { (name: $0, value: $1) })
    switch hook.decide(event, at: 0, of: delivery).first?.decision {
    case .run(let runs): return try #require(runs.first?.object["spec"])
    case .fail(let message): throw Failure(message: message)
    default: throw Failure(message: "no decision")
    }
  }

  struct Failure: Error, Equatable {
    let message: String
  }

  private static let body: JSONValue = {
    var body = Fixture.push()
    body["text"] = "t"
    body["number"] = 42
    body["float"] = .number(JSONNumber(text: "1.50") ?? JSONNumber(0))
    body["yes"] = true
    body["nothing"] = .null
    body["list"] = ["a", ["b"], ["k": 1]]
    body["empty"] = ""
    body["odd key"] = ["x.y": ["é": "deep"]]
    return body
  }()

  @Test(
    arguments: [
      ("$(body.text)", "t"), ("$( body.text )", "t"), ("<$(body.text)>", "<t>"),
      ("$(body.text)$(body.text)", "tt"), ("$(body.number)", "42"), ("n=$(body.number)", "n=42"),
      ("$(body.float)", "1.50"), ("$(body.yes)", "true"), ("$(body.empty)", ""),
      ("$(body.list[0])", "a"), ("$(body.list[1][0])", "b"), ("$(body.list[2].k)", "1"),
      ("$(body.list)", ["a", ["b"], ["k": 1]]), ("$(body.list[2])", ["k": 1]),
      ("x $(body.list)", #"x ["a",["b"],{"k":1}]"#),
      (#"$(body["odd key"]["x.y"]["é"])"#, "deep"),
      (#"$(body["odd key"]["x.y"]["\u00e9"])"#, "deep"),
      ("$(event.branch)", "main"), ("$(event.files.all)", ["new.txt", "a.txt", "b.txt"]),
      ("$(event.files.all[1])", "a.txt"), ("$(event.files.truncated)", "false"),
      ("$(header.X-GitHub-Event)", "push"), (#"$(header["x-github-event"])"#, "push"),
      ("$(header.x-two)", "1, 2"), ("$(query.a)", "first"), ("$(query.b)", "& ="),
      ("$(delivery.id)", "ours"), ("$(delivery.sourceID)", "theirs"), ("$(delivery.hook)", "app"),
      ("$(delivery.namespace)", "ci"), ("$(delivery.trigger)", "build"),
      (#"$(body.absent ?? "d")"#, "d"), (#"$(body.nothing ?? "d")"#, "d"),
      (#"$(body.absent??"")"#, ""), (#"$(body.absent ?? body.text)"#, "t"),
      (#"$(body.absent ?? body.gone ?? "d")"#, "d"), (#"$(body.text ?? "d")"#, "t"),
      (#"$(body.empty ?? "d")"#, ""), (#"$(body.absent ?? "\"\\) é")"#, "\"\\) é"),
      (#"$(body.list[9] ?? "d")"#, "d"), (#"$(body.text.x ?? "d")"#, "d"),
      (#"$(body.list.x ?? "d")"#, "d"), (#"$(body[0] ?? "d")"#, "d"),
      (#"$(body.absent ?? "a)b")"#, "a)b"),
    ] as [(String, JSONValue)])
  func `a placeholder becomes the value it names`(text: String, expected: JSONValue) throws {
    let rendered = try Self.render(
      spec: "v: \(JSONValue.string(text).serializedString())", body: Self.body,
      header: [("X-GitHub-Event", "push"), ("X-Two", "1"), ("x-two", "2")],
      query: [("a", "first"), ("a", "second"), ("b", "& =")])
    #expect(rendered["v"] == expected)
  }

  @Test(arguments: [
    "$(params.x)", "$(tasks.a.results.b)", "$(context.pipelineRun.name)", "$(workspaces.w.path)",
    "$$(event.branch)", "$$(params.x)", "$$$(event.branch)", "$(eventx.y)", "$(event-x)",
    "$(Event.x)",
    "$event", "$ (event.branch)", "$(", "$()", "$", "$$", "(event.branch)", "$(results.event.path)",
    "$(headers.x)", "${event.branch}", "{{ event.branch }}", "%s \\u0022", "$(params['event.x'])",
    "$(tt.params.x)", "$(inputs_x)",
  ])
  func `what is not ours is left alone`(text: String) throws {
    let spec = "v: \(JSONValue.string(text).serializedString())"
    #expect(try Self.render(spec: spec) == ["v": .string(text)])
  }

  @Test(arguments: [
    ("$(event.branch", "the placeholder $(event.branch has no closing parenthesis"),
    ("$(event.branch x)", "\".\", \"[\", \"??\" or \")\" is expected in $(event.branch x)"),
    ("$(event.)", "a name is expected in $(event.): write [\"…\"] for other keys"),
    ("$(event.5)", "a name is expected in $(event.5): write [\"…\"] for other keys"),
    ("$(body[x])", "[0] or [\"key\"] is expected in $(body[x])"),
    ("$(body[-1])", "[0] or [\"key\"] is expected in $(body[-1])"),
    ("$(body[1234567])", "[0] or [\"key\"] is expected in $(body[1234567])"),
    ("$(body[\"x])", "[0] or [\"key\"] is expected in $(body[\"x])"),
    ("$(body[\"\\q\"])", "[0] or [\"key\"] is expected in $(body[\"\\q\"])"),
    ("$(body.x ??)", "after ?? a path or a string in double quotes is expected in $(body.x ??)"),
    (
      "$(body.x ?? 5)", "after ?? a path or a string in double quotes is expected in $(body.x ?? 5)"
    ),
    (
      "$(body.x ?? 'a')",
      "after ?? a path or a string in double quotes is expected in $(body.x ?? 'a')"
    ),
    (
      "$(body.x ?? params.y)",
      "after ?? a path or a string in double quotes is expected in $(body.x ?? params.y)"
    ),
    (
      "$(body.x ?? \"a\" ?? \"b\")",
      "\".\", \"[\", \"??\" or \")\" is expected in $(body.x ?? \"a\" ?? \"b\")"
    ),
    ("$(body.x ? \"a\")", "\".\", \"[\", \"??\" or \")\" is expected in $(body.x ? \"a\")"),
  ])
  func `a placeholder of ours that is malformed is refused at load`(text: String, message: String) {
    let run = Fixture.run + "\nspec: { v: \(JSONValue.string(text).serializedString()) }"
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]", run: run))
    #expect(findings.count == 1)
    #expect(findings.first?.hasSuffix("run.spec.v: \(message)") == true, "\(findings)")
  }

  @Test func `an absent value fails the trigger with its path and place`() {
    #expect(
      throws: Failure(
        message: "spec.triggers[0].run.spec.params[0].value: body.gone is absent: write "
          + "$(body.gone ?? \"…\") where that is allowed")
    ) {
      try Self.render(spec: "params: [{ name: A, value: $(body.gone) }]")
    }
  }

  @Test func `what holds no placeholder keeps its type`() throws {
    let spec = "a: 5\nb: true\nc: null\nd: [1.5, {}, []]\ne: { f: yes, g: \"yes\" }"
    #expect(
      try Self.render(spec: spec)
        == ["a": 5, "b": true, "c": nil, "d": [1.5, [:], []], "e": ["f": true, "g": "yes"]])
  }

  @Test func `credentials among the headers are not part of the header`() throws {
    let rendered = try Self.render(
      spec: "v: $(header)", header: [("Authorization", "Bearer x"), ("Cookie", "y"), ("A", "z")])
    #expect(rendered["v"] == ["a": "z"])
  }

  @Test func `a run larger than etcd takes fails`() {
    var body = Fixture.push()
    body["text"] = .string(String(repeating: "x", count: 300_000))
    #expect(throws: Failure.self) {
      try Self.render(
        spec: "v: [$(body.text), $(body.text), $(body.text), $(body.text)]", body: body)
    }
    #expect(throws: Failure.self) {
      try Self.render(
        spec: "v: $(body)",
        body: [
          "ref": "refs/heads/a", "after": .string(Fixture.commit),
          "l": .array(Array(repeating: 1, count: 400_000)),
        ])
    }
  }

  @Test func `metadata that a payload makes is legal`() throws {
    let run = """
      apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata:
        generateName: "$(event.branch)-"
        labels: { branch: $(event.branch), files: $(event.files), plain: x }
        annotations: { branch: $(event.branch), files: $(event.files), empty: "" }
        finalizers: [a]
      """
    let hook = try Fixture.compiled(Fixture.hook("on: [push]", run: run))
    let body = Fixture.push("refs/heads/Feature/Ümlaut_$(x)")
    let event = try #require(Fixture.event("push", body))
    guard
      case .run(let runs) = hook.decide(event, at: 0, of: Fixture.delivery(body)).first?.decision,
      let metadata = runs.first?.object["metadata"]
    else {
      Issue.record("no run")
      return
    }
    #expect(metadata["name"]?.stringValue?.hasPrefix("feature-mlaut-x-") == true)
    #expect(metadata["labels"]?["branch"] == "Feature-mlaut_-x")
    #expect(metadata["labels"]?["files"]?.stringValue?.utf8.count ?? 64 <= 63)
    #expect(metadata["annotations"]?["branch"] == "Feature/Ümlaut_$$(x)")
    #expect(metadata["annotations"]?["files"]?.stringValue?.hasPrefix("{\"all\":[") == true)
    #expect(metadata["finalizers"] == ["a"] && metadata["generateName"] == nil)
    #expect(
      metadata.objectValue?.keys == ["name", "namespace", "labels", "annotations", "finalizers"])
  }

  @Test(
    arguments: [
      ("name: fixed", "fixed", nil), ("name: a-$(event.branch)", "a-main", nil),
      ("name: a-$(event.message)", nil, "metadata.name: \"a-Fix it\" is not a valid name"),
      ("name: a\n  namespace: prod", "a", nil), ("name: a\n  namespace: $(event.branch)", "a", nil),
      (
        "name: a\n  namespace: $(event.message)", nil,
        "metadata.namespace: \"Fix it\" is not a valid namespace"
      ),
    ] as [(String, String?, String?)])
  func `a fixed name is kept`(metadata: String, name: String?, failure: String?) throws {
    let run = "apiVersion: v1\nkind: A\nmetadata:\n  \(metadata)"
    let hook = try Fixture.compiled(Fixture.hook("on: [push]", run: run))
    let event = try #require(Fixture.event("push", Fixture.push()))
    switch hook.decide(event, at: 0, of: Fixture.delivery()).first?.decision {
    case .run(let runs): #expect(runs.first?.name == name)
    case .fail(let message): #expect(message == failure)
    default: Issue.record("no decision")
    }
  }
}

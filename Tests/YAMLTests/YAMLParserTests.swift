import JSON
import Testing
import YAML

@Suite struct YAMLParserTests {
  private func value(_ text: String) throws -> JSONValue? {
    try parseDocuments(text, file: "t.yaml").first?.root.json
  }

  private func failure(_ text: String) -> (YAMLError.Reason, String)? {
    do {
      _ = try parseDocuments(text, file: "t.yaml")
      return nil
    } catch {
      return (error.reason, error.description)
    }
  }

  @Test(
    arguments: [
      ("y", true), ("Y", true), ("yes", true), ("Yes", true), ("YES", true), ("on", true),
      ("On", true), ("ON", true), ("true", true), ("True", true), ("TRUE", true), ("n", false),
      ("no", false), ("No", false), ("NO", false), ("off", false), ("OFF", false), ("false", false),
      ("\"yes\"", "yes"), ("'on'", "on"), ("yEs", "yEs"), ("tRue", "tRue"),
      ("~", nil), ("null", nil), ("Null", nil), ("NULL", nil), ("nULL", "nULL"), ("'~'", "~"),
      ("!!str yes", "yes"), ("!!str 5", "5"), ("! 5", "5"), ("!!int '5'", 5), ("!!bool 'on'", true),
      ("2001-01-01", "2001-01-01"), ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"),
      ("1:30", "1:30"), ("v1.2", "v1.2"), ("=", "="), ("+", "+"), ("--1", "--1"), ("+-1", "+-1"),
      ("0x", "0x"), ("0x+1", "0x+1"), (".", "."), ("1e", "1e"), ("1e+", "1e+"), ("e1", "e1"),
      ("1.2.3", "1.2.3"), ("a\u{301}", "a\u{301}"),
    ] as [(String, JSONValue)])
  func `scalars stand for what kubectl takes them for`(text: String, expected: JSONValue) throws {
    #expect(try value("v: \(text)") == ["v": expected])
  }

  /// The right column is what `sigs.k8s.io/yaml` converts to JSON.
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("12", "12"), ("+12", "12"), ("-12", "-12"), ("1_000", "1000"),
    ("0x1F", "31"), ("-0x1f", "-31"), ("0o17", "15"), ("017", "15"), ("0b101", "5"), ("089", "89"),
    ("9223372036854775807", "9223372036854775807"),
    ("18446744073709551615", "18446744073709551615"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("18446744073709551616", "18446744073709552000"),
    ("1.10", "1.1"), ("1.0", "1"), ("1.", "1"), (".5", "0.5"), ("-.5", "-0.5"), ("-0.0", "-0"),
    ("1e3", "1000"), ("1E-7", "1e-7"), ("1.5e-10", "1.5e-10"), ("1e21", "1e+21"),
    ("1e20", "100000000000000000000"),
    ("123456789012345678901234567890", "1.2345678901234568e+29"), ("0.000001", "0.000001"),
    ("3.14159", "3.14159"), ("!!float 1", "1"),
  ])
  func `numbers are printed as kubectl prints them`(text: String, json: String) throws {
    #expect(try value("- \(text)")?.serializedString() == "[\(json)]")
  }

  @Test func `a float too large for a double is a text`() throws {
    #expect(try value("- 1e400") == ["1e400"])
  }

  @Test func `keys are their texts whatever they look like`() throws {
    let text = "on: 1\nyes: 2\n5: 3\n~: 4\n1.10: 5\n\"q\": 6\n"
    let object = try #require(try value(text)?.objectValue)
    #expect(object.keys == ["on", "yes", "5", "~", "1.10", "q"])
  }

  @Test func `positions of keys and values are where they stand`() throws {
    let text = "# note\na:\n  - b: é x\n    cc:  [1, two]\n  - |\n    text\n"
    let root = try #require(try parseDocuments(text, file: "f").first?.root)
    let list = try #require(root.mapping?.entry("a"))
    #expect(root.position == YAMLPosition(line: 2, column: 1))
    #expect(list.keyPosition == YAMLPosition(line: 2, column: 1))
    #expect(list.value.position == YAMLPosition(line: 3, column: 3))
    let first = try #require(list.value.sequence?.first?.mapping)
    #expect(first.entry("b")?.keyPosition == YAMLPosition(line: 3, column: 5))
    #expect(first.entry("b")?.value.position == YAMLPosition(line: 3, column: 8))
    #expect(first.entry("cc")?.value.position == YAMLPosition(line: 4, column: 10))
    #expect(first.entry("cc")?.value.sequence?.last?.position == YAMLPosition(line: 4, column: 14))
    #expect(list.value.sequence?.last?.position == YAMLPosition(line: 5, column: 5))
  }

  @Test(arguments: [
    ("", 0), ("\n# only a note\n", 0), ("---\n", 0), ("---\n---\na: 1\n---\n", 1),
    ("a: 1\n---\nb: 2\n...\n---\nc: 3\n", 3), ("null\n---\na: 1", 1), ("{}", 1),
    ("\u{FEFF}a: 1", 1),
    ("%YAML 1.2\n---\na: 1", 1),
  ])
  func `documents are counted and empty ones skipped`(text: String, count: Int) throws {
    #expect(try parseDocuments(text, file: "f").count == count)
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "a", 1), ("a: 1\n'a': 2\n", "a", 2), ("x:\n  1: a\n  '1': b\n", "1", 3),
  ])
  func `a repeated key is an error`(text: String, key: String, line: Int) throws {
    let (reason, description) = try #require(failure(text))
    #expect(reason == .duplicateKey(key))
    #expect(description.hasPrefix("t.yaml:\(line):"))
  }

  @Test(arguments: [
    ("? [a]\n: 1\n", YAMLError.Reason.keyNotScalar), ("{a: 1}: 2", .keyNotScalar),
    ("a: !!binary aGk=", .unknownTag("tag:yaml.org,2002:binary")),
    ("a: !thing x", .unknownTag("!thing")), ("a: !!set {b}", .unknownTag("tag:yaml.org,2002:set")),
    ("a: !!int x", .tagMismatch(tag: "tag:yaml.org,2002:int")),
    ("a: !!int 1.5", .tagMismatch(tag: "tag:yaml.org,2002:int")),
    ("a: .inf", .notFinite(".inf")), ("a: .NaN", .notFinite(".NaN")),
    ("a: -.Inf", .notFinite("-.Inf")),
    ("<<: 1", .badMerge), ("<<: [1]", .badMerge),
  ])
  func `what JSON or Kubernetes cannot say is refused`(
    text: String, expected: YAMLError.Reason
  ) throws {
    #expect(try #require(failure(text)).0 == expected)
  }

  @Test(arguments: [
    ("a: [1", "t.yaml:2:1: not valid YAML: did not find expected ',' or ']'"),
    ("a: b: c", "t.yaml:1:5: not valid YAML: mapping values are not allowed in this context"),
    ("a: 1\n\tb: 2\n", "t.yaml:2:1: not valid YAML: found"),
    ("a: *nowhere", "t.yaml:1:4: not valid YAML: found undefined alias"),
    ("a: \"x", "t.yaml:1:6: not valid YAML: found unexpected end of stream"),
    ("ab: 1\nc: \u{7}\n", "t.yaml:2:4: not valid YAML: control characters are not allowed"),
  ])
  func `errors of the scanner keep their place`(text: String, message: String) throws {
    let description = try #require(failure(text)).1
    #expect(description.hasPrefix(message), "\(description)")
  }

  @Test func `aliases give the anchored value and merge keys add what is not there`() throws {
    let text = """
      base: &base {a: 1, b: yes}
      other: &other {b: 3, c: 4}
      copy: *base
      merged: {<<: *base, a: 5}
      both: {<<: [*base, *other]}
      yes: &k yes
      quoted: {"<<": 1}
      """
    let value = try #require(try value(text))
    #expect(value["copy"] == ["a": 1, "b": true])
    #expect(value["merged"] == ["a": 5, "b": true])
    #expect(value["both"] == ["a": 1, "b": true, "c": 4])
    #expect(value["quoted"] == ["<<": 1])
  }

  @Test func `an anchored key gives its value to an alias`() throws {
    #expect(try value("&a 5: *a") == ["5": 5])
    #expect(try value("&a 2001-01-01: *a") == ["2001-01-01": "2001-01-01"])
  }

  @Test func `nested aliases are bounded`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect(try #require(failure(text)).0 == .tooManyNodes)
  }

  @Test func `depth and length are limited`() throws {
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    #expect(try #require(failure(deep)).0 == .tooDeep)
    let fine = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(failure(fine) == nil)
    let deepest = String(repeating: "[", count: 5000)
    #expect(failure(deepest) != nil)
    let long = "a: " + String(repeating: "x", count: YAMLLimits.byteCount)
    #expect(try #require(failure(long)).0 == .tooLong(byteCount: YAMLLimits.byteCount + 3))
  }

  @Test func `a document of one scalar is one document`() throws {
    #expect(try value("just text") == "just text")
  }

  /// Texts made of YAML's own tokens, by a fixed generator.
  @Test func `any text gives documents or an error`() {
    let pieces = [
      "a", "b: ", ": ", "- ", "? ", "[", "]", "{", "}", ", ", "&x ", "*x", "!t ", "!!str ", "!",
      "|",
      ">", "|2-", "'", "\"", "\\", "#", " #", "\n", "\n  ", "\n- ", "\n---\n", "\n...\n",
      "%YAML 1.1\n",
      "%TAG ! x\n", "<<: ", "\t", "\r", "\u{0}", "\u{FEFF}", "\u{85}", "é", "~", "5", "yes", "@",
      "`", "%",
    ]
    var generator = Xorshift(state: 0x1234_5678_9ABC_DEF1)
    var documents = 0
    var errors = 0
    for _ in 0..<8000 {
      let text = (0..<generator.below(12)).map { _ in pieces[generator.below(pieces.count)] }
        .joined()
      do {
        documents += try parseDocuments(text, file: "f").map(\.root.json).count
      } catch {
        errors += 1
        #expect(error.position.map { $0.line > 0 && $0.column > 0 } != false, "\(error)")
      }
    }
    #expect(documents > 500 && errors > 500)
  }
}

// The environments of the product: what each has and has not.

import CEL
import JSON
import Testing

@Suite struct EnvironmentTests {
  private static let hookline = CELEnvironment.hookline(zones: .none, services: .none)
  private static let tekton = CELEnvironment.tekton(zones: .none, services: .none)
  private static let pac = CELEnvironment.pipelinesAsCode(
    zones: .none, parameters: ["team", "event"],
    libraries: [.pipelinesAsCode(changedFiles: { ["docs/a.md", "src/b/c.swift"] })])

  @Test(arguments: [
    "event.kind", "body.a", "header['X-A']", "query.a", "inputs.a", "vars.a",
    "'a,b'.split(',')", "base64.encode(b'a')", "sets.contains([1], [1])", "[2, 1].sort()",
    "math.abs(-1)", "body.?a.orValue(1)", "cel.bind(a, 1, a)", "{'a': 1}.transformList(k, v, v)",
    "ip('::1')", "body.marshalJSON()", "body.`a-b`",
  ])
  func `hookline has every library`(text: String) throws {
    _ = try CELProgram(text, in: Self.hookline)
  }

  @Test(arguments: [
    ("event.kind", CELError.Phase.check), ("query.a", .check), ("vars.a", .check),
    ("body.?a", .parse), ("[?body.a]", .parse), ("{?'a': body.a}", .parse), ("body[?'a']", .parse),
    ("optional.none()", .check), ("cel.bind(a, 1, a)", .check), ("ip('::1')", .check),
    ("{'a': 1}.transformList(k, v, v)", .check), ("[1].existsOne(v, v == 1)", .check),
    ("[1].exists(i, v, v == 1)", .check), ("1 < 1.0", .check), ("1 == 1.0", .check),
    ("cel.block([1], cel.index(0))", .check), ("regex.replace('a', 'a', 'b')", .check),
    ("int('x') == 1 || true", .program), ("true || 'a'.matches('(')", .program),
    ("timestamp('x') == timestamp('y')", .program),
  ])
  func `tekton has no more than Tekton`(text: String, phase: CELError.Phase) {
    let error = #expect(throws: CELError.self) { try CELProgram(text, in: Self.tekton) }
    #expect(error?.phase == phase)
  }

  @Test(arguments: [
    ("body.match('a', 'b') || header.canonical('a') == requestURL", CELType.bool),
    ("extensions.size()", .int), ("requestURL.parseURL()", .map(.string, .dyn)),
    ("'a'.translate('a', 'b').truncate(1)", .string), ("['a'].first()", .dyn),
    ("'{}'.parseJSON()", .map(.string, .dyn)), ("[1, 'a']", .list(.dyn)),
    ("body.`a-b`", .dyn), ("json.encode(body)", .string), ("lists.range(3)", .list(.int)),
    ("'a'.compareSecret('b', 'c')", .bool), ("'a'.compareSecret('b', 'c', 'd')", .bool),
  ])
  func `tekton has what Tekton has`(text: String, type: CELType) throws {
    #expect(try CELProgram(text, in: Self.tekton).resultType == type)
  }

  @Test(arguments: [
    ("event == 'push' && event_type == '' && event_title == '' && team == 'x'", CELType.bool),
    ("target_branch.matches('^main$') || source_branch == target_url + source_url", .bool),
    ("headers['x-github-event'] == body.a || files.all.exists(f, f == 'a')", .bool),
    ("'src/*'.pathChanged()", .bool), ("size(team)", .int),
  ])
  func `pac has the variables and pathChanged`(text: String, type: CELType) throws {
    #expect(try CELProgram(text, in: Self.pac).resultType == type)
  }

  @Test(arguments: [
    "header['X-A']", "query.a", "inputs.a", "vars.a", "extensions.a", "'a'.split(',')",
    "'A'.lowerAscii()", "[1].first()", "sets.contains([1], [1])", "math.abs(1)", "body.`a-b`",
    "body.?a", "base64.encode(b'a')", "'a'.replace('a', 'b')", "[2, 1].sort()", "tea == 'x'",
  ])
  func `pac has no extensions`(text: String) {
    #expect(throws: CELError.self) { try CELProgram(text, in: Self.pac) }
  }

  @Test func `a parameter does not replace a variable`() {
    #expect(Self.pac.variables["event"] == .string)
    #expect(Self.pac.variables["team"] == .string)
    #expect(Self.pac.variables.count == 11)
  }

  @Test(arguments: [
    ("Foo{a: 1}", "Foo"), ("google.protobuf.Timestamp{seconds: 1}", "google.protobuf.Timestamp"),
    ("[a.b.C{}]", "a.b.C"),
  ])
  func `a message literal is refused in plain words`(text: String, name: String) throws {
    let error = #expect(throws: CELError.self) { try CELProgram(text, in: Self.hookline) }
    #expect(error?.phase == .check)
    let message =
      "message literals such as \(name){…} are not supported; a map is written {'field': value}"
    #expect(error?.issues.map(\.message) == [message])
    let column = try #require(text.firstIndex(of: "{")).utf16Offset(in: text) + 1
    #expect(
      error?.description == """
        <input>:1:\(column): \(message)
         | \(text)
         | \(String(repeating: ".", count: column - 1))^
        """)
  }

  @Test func `a message literal in cel-go's words where it knows no such type either`() {
    let error = #expect(throws: CELError.self) { try CELProgram("Foo{a: 1}", in: Self.tekton) }
    #expect(error?.issues.map(\.message) == ["undeclared reference to 'Foo' (in container '')"])
  }

  @Test func `a repeated key is an error, in Tekton the last one counts`() throws {
    #expect(throws: CELError.self) { try CELProgram("{'a': 1, 'a': 2}", in: Self.hookline) }
    let program = try CELProgram("{'a': 1, 'a': 2}.a", in: Self.tekton)
    #expect(try program.evaluate(CELActivation()).literalText == "2")
  }
}

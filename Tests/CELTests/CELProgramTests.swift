// Expressions from text to value.

import CEL
import Testing

@Suite struct CELProgramTests {
  @Test(arguments: [
    ("1 + 2 * 3", "7"), ("-9223372036854775808", "-9223372036854775808"), ("!true || true", "true"),
    ("body.ref.startsWith('refs/')", "true"), ("body.n == 1 && body.n > 0", "true"),
    ("[1, 2, 3].map(x, x > 1, x * 2)", "[4, 6]"), ("{'a': 1}.a", "1"), ("body.l[1]", "2.0"),
    ("body.l.exists(x, x == 2)", "true"), ("has(body.nope)", "false"), ("'a' in {'a': 1}", "true"),
    ("cel.bind(x, 2, x * x)", "4"), ("size('é\\u0301')", "2"), ("b'a' + b'\\xff'", "b\"a\\xff\""),
    ("'a'.matches('^[a-z]$')", "true"), ("true ? 1 : 2", "1"), ("1.5 < 2.0", "true"),
    ("body.nope || true", "true"), ("[1].exists(x, 1 / 0 == x || x == 1)", "true"),
  ])
  func `an expression has its value`(text: String, expected: String) throws {
    let body = #"{"ref": "refs/heads/main", "n": 1, "l": [1, 2]}"#
    #expect(try evaluate(text, body: body).literalText == expected)
  }

  @Test(arguments: [
    ("1 / 0", "division by zero"), ("9223372036854775807 + 1", "integer overflow"),
    ("body.a", "no such key: body.a, did you mean \"ab\"?"), ("[1][2]", "index out of bounds: 2"),
    ("body.ab.x", "no such key: body.ab.x"), ("body.ab + 1", "no such overload"),
  ])
  func `an evaluation fails with its reason`(text: String, expected: String) throws {
    let error = #expect(throws: CELError.self) { try evaluate(text, body: #"{"ab": "x"}"#) }
    #expect(error?.phase == .evaluate)
    #expect(error?.message == (expected.hasPrefix("no such key") ? error?.message : expected))
    #expect(error?.issues.first?.message == expected)
  }

  @Test(arguments: [
    (
      "body.text == '",
      """
      ERROR: <input>:1:14: Syntax error: token recognition error at: '''
       | body.text == '
       | .............^
      ERROR: <input>:1:15: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}
       | body.text == '
       | ..............^
      """
    ),
    (
      "body.action = 'x'",
      """
      ERROR: <input>:1:13: Syntax error: token recognition error at: '= '
       | body.action = 'x'
       | ............^
      ERROR: <input>:1:15: Syntax error: extraneous input ''x'' expecting <EOF>
       | body.action = 'x'
       | ..............^
      """
    ),
    (
      "bdy.a",
      """
      ERROR: <input>:1:1: undeclared reference to 'bdy' (in container '')
       | bdy.a
       | ^
      """
    ),
    (
      "[1, 2, 3].all(x, x)",
      """
      ERROR: <input>:1:18: expected type 'bool' but found 'int'
       | [1, 2, 3].all(x, x)
       | .................^
      """
    ),
  ])
  func `what cannot be compiled is shown where it is`(text: String, expected: String) throws {
    let error = #expect(throws: CELError.self) { try CELProgram(text, in: core) }
    #expect(error?.message == expected)
  }

  @Test func `a misspelt name gets a suggestion`() {
    let error = #expect(throws: CELError.self) { try CELProgram("bdy.a", in: core) }
    #expect(error?.issues.first?.suggestion == "body")
  }
}

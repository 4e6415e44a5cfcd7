import CEL
import Testing

/// Results and texts as Tekton's own listener was recorded to give them, and others of the kind.
@Suite struct TektonLibraryTests {
  @Test(arguments: [
    ("'28911bbb'.truncate(3)", "\"289\""), ("'abc'.truncate(100)", "\"abc\""),
    ("'héllo'.truncate(2)", "\"h\""),
    ("'refs/heads/x'.translate('[^a-z]+', '-')", "\"refs-heads-x\""),
    ("'ab'.translate('', '-')", "\"-a-b-\""),
    ("'abc'.translate('(b)', '<$1>')", "\"a<b>c\""),
    ("'abc'.translate('(b)', '<$1x>')", "\"a<>c\""),
    ("'abc'.translate('(b)', '<${1}x>')", "\"a<bx>c\""), ("'abc'.translate('b', '$$')", "\"a$c\""),
    ("'abc'.translate('(?P<n>b)', '[$n]')", "\"a[b]c\""), ("'aaa'.translate('^a', 'b')", "\"baa\""),
    ("'abab'.translate('a*', 'x')", "\"xbxbx\""), ("'abc'.translate('b', '$')", "\"a$c\""),
    ("'s3cr3t'.compareSecret('token', 's')", "true"),
    ("'S3cr3t'.compareSecret('token', 's', 'other')", "false"),
    ("'{\"a\": {\"b\": [1, 2]}}'.parseJSON().a.b[1]", "2.0"), ("'null'.parseJSON()", "{}"),
    ("'a: 1'.parseYAML().a", "1.0"),
    (
      #"'{"a": "\\ud800x\\udc00 \\ud83d\\ude00"}'.parseJSON().a == '\ufffdx\ufffd \U0001F600'"#,
      "true"
    ),
    ("dyn([1, [2]]).flatten()", "[1, 2]"), ("[1, [2, [3]]].flatten()", "[1, 2, [3]]"),
    ("[].last() == null", "true"), ("[1, 2].first()", "1"),
    ("[1, 2].last()", "2"),
    (
      "'https://user:pa%20ss@example.com:8443/a%20b/c?x=1&x=2&y=%26#frag'.parseURL().marshalJSON()",
      "\"{\\\"auth\\\":{\\\"password\\\":\\\"pa ss\\\",\\\"username\\\":\\\"user\\\"},\\\"fragment\\\":\\\"frag\\\",\\\"host\\\":\\\"example.com:8443\\\",\\\"path\\\":\\\"/a b/c\\\",\\\"query\\\":{\\\"x\\\":\\\"1,2\\\",\\\"y\\\":\\\"\\\\u0026\\\"},\\\"queryStrings\\\":{\\\"x\\\":[\\\"1\\\",\\\"2\\\"],\\\"y\\\":[\\\"\\\\u0026\\\"]},\\\"rawQuery\\\":\\\"x=1\\\\u0026x=2\\\\u0026y=%26\\\",\\\"scheme\\\":\\\"https\\\"}\""
    ),
    ("'/a?b'.parseURL().path", "\"/a\""), ("'//h/p'.parseURL().host", "\"h\""),
    ("'mailto:x@y'.parseURL().path", "\"\""),
    ("{'X-Test': ['a', 'b']}.match('x-test', 'a')", "true"),
    ("{'X-Test': ['a']}.canonical('X-TEST')", "\"a\""),
    ("{'X-Test': ['a']}.canonical('nope')", "\"\""), ("'ab'.indexOf('a', 9)", "-1"),
    ("duration('1.5s').getMilliseconds()", "1500"),
    (
      "[1, 9007199254740993, b'hi', '<'].marshalJSON()",
      "\"[1,\\\"9007199254740993\\\",\\\"aGk=\\\",\\\"\\\\u003c\\\"]\""
    ),
  ])
  func `functions`(expression: String, value: String) {
    #expect(outcome(expression, in: tektonLibraries) == value)
  }

  @Test(arguments: [
    (
      "'{\"a\": 1e400}'.parseJSON()",
      "failed to decode '{\"a\": 1e400}' in parseJSON: json: cannot unmarshal number 1e400 into Go value of type float64"
    ),
    ("dyn(1).flatten()", "no such overload: int.flatten()"),
    ("dyn([1]).flatten(dyn('a'))", "no such overload: list.flatten(string)"),
    ("dyn(['a', 1]).join()", "join: invalid input: 1"),
    ("'abc'.truncate(-1)", "internal error: runtime error: slice bounds out of range [:-1]"),
    (
      "'x'.translate('(', 'x')",
      "failed to parse regular expression for translation: error parsing regexp: missing closing ): `(`"
    ),
    (
      "'[1]'.parseJSON()",
      "failed to decode '[1]' in parseJSON: json: cannot unmarshal array into Go value of type map[string]interface {}"
    ),
    (
      "'{a'.parseJSON()",
      "failed to decode '{a' in parseJSON: invalid character 'a' looking for beginning of object key string"
    ),
    (
      "'a=1'.parseJSON()",
      "failed to decode 'a=1' in parseJSON: invalid character 'a' looking for beginning of value"
    ),
    ("''.parseJSON()", "failed to decode '' in parseJSON: unexpected end of JSON input"),
    (
      "'{\"a\":1 x'.parseJSON()",
      "failed to decode '{\"a\":1 x' in parseJSON: invalid character 'x' after object key:value pair"
    ),
    (
      "'[1 2]'.parseJSON()",
      "failed to decode '[1 2]' in parseJSON: invalid character '2' after array element"
    ),
    ("'b'.parseYAML()", "failed to decode 'b' in parseYAML: no YAML"),
    (
      "'%zz'.parseURL()",
      "failed to decode '%zz' in parseURL: parse \"%zz\": invalid URL escape \"%zz\""
    ),
    ("':x'.parseURL()", "failed to decode ':x' in parseURL: parse \":x\": missing protocol scheme"),
    (
      "'http://a:b/'.parseURL()",
      "failed to decode 'http://a:b/' in parseURL: parse \"http://a:b/\": invalid port \":b\" after host"
    ),
    (
      "'x'.compareSecret('token', 'nope')",
      "failed to find secret 'v1beta1.SecretRef{SecretKey:\"token\", SecretName:\"nope\"}' in compareSecret: secrets \"nope\" not found"
    ),
    ("[1.0/0.0].marshalJSON()", "proto: google.protobuf.Value.number_value: invalid +Inf value"),
    ("timestamp('x')", "invalid RFC 3339 timestamp \"x\""),
    ("int('x')", "type conversion error from 'string' to 'int'"),
    ("dyn(1.5).marshalJSON()", "no such overload: marshalJSON(double)"),
  ])
  func `errors`(expression: String, message: String) {
    let result = outcome(expression, in: tektonLibraries)
    #expect(result.hasSuffix(message), "\(result)")
  }

  @Test(arguments: [
    ("*", true), ("src/*", true), ("src/?ib/a.swift", true), ("src/[l-m]ib/*.swift", true),
    ("src/[!l]*", false),
    ("{docs,src}/**", true), ("*.md", false), ("src", false), ("\\*", false),
  ])
  func `pathChanged matches the whole path`(glob: String, isMatch: Bool) {
    let environment = CELEnvironment(
      name: "pac", variables: [:],
      libraries: [.core, .pipelinesAsCode(changedFiles: { ["src/lib/a.swift"] })])
    let literal = glob.replacing("\\", with: "\\\\")
    #expect(outcome("'\(literal)'.pathChanged()", in: environment) == (isMatch ? "true" : "false"))
  }
}

import CEL
import Testing

@Suite struct TextLibraryTests {
  @Test(arguments: [
    ("'añb'.charAt(1)", "\"ñ\""), ("''.charAt(0)", "\"\""),
    ("'a\\r\\nb'.indexOf('b')", "3"), ("'e\\u0301'.indexOf('\\u0301')", "1"),
    ("'\\u00e9'.indexOf('e\\u0301')", "-1"), ("'abcabc'.lastIndexOf('abc', 2)", "0"),
    ("'aaa'.replace('a', 'bb')", "\"bbbbbb\""), ("'añ'.replace('', '-')", "\"-a-ñ-\""),
    ("'añ'.replace('', '-', 2)", "\"-a-ñ\""), ("'abab'.replace('ab', '', 1)", "\"ab\""),
    ("'aaaa'.replace('aa', 'b')", "\"bb\""), ("'abc'.replace('abc', 'abc')", "\"abc\""),
    ("'añc'.split('')", "[\"a\", \"ñ\", \"c\"]"), ("'abc'.split('', 2)", "[\"a\", \"bc\"]"),
    ("''.split('')", "[]"), ("''.split(',')", "[\"\"]"),
    ("'a,,b'.split(',')", "[\"a\", \"\", \"b\"]"),
    ("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"), ("'\\r\\n'.size()", "2"),
    ("'ab\\r\\n'.substring(2, 3) == '\\r'", "true"), ("'e\\u0301x'.reverse()", "\"x\u{301}e\""),
    ("'\\u2028x\\u00a0'.trim()", "\"x\""), ("['a', 'b'].join('--')", "\"a--b\""),
    ("'ÀaZ'.lowerAscii()", "\"Àaz\""),
    ("'%s'.format([{'b': 1, 'a': [1u, null]}])", "\"{a: [1, null], b: 1}\""),
    ("'%.0f %.0f %.0f'.format([0.5, 1.5, 2.5])", "\"0 2 2\""),
    ("'%.20f'.format([0.1])", "\"0.10000000000000000555\""),
    ("'%.2e'.format([0.0])", "\"0.00e+00\""),
    ("'%.3e'.format([9.9996e22])", "\"1.000e+23\""), ("'%f'.format([-0.0])", "\"-0.000000\""),
    ("'%.3f'.format([999.9996])", "\"1000.000\""), ("'%.1f'.format([0.04])", "\"0.0\""),
    ("'%.1f'.format([0.06])", "\"0.1\""), ("'%x'.format([-255])", "\"-ff\""),
    ("'%d'.format([1e21])", "\"1000000000000000000000\""),
    ("'%.1f'.format([5e-324])", "\"0.0\""), ("'%.2e'.format([5e-324])", "\"4.94e-324\""),
  ])
  func `functions of text`(expression: String, value: String) {
    #expect(outcome(expression, in: allLibraries) == value)
  }

  @Test(arguments: [
    ("'abc'.charAt(-1)", "index out of range: -1"),
    ("'abc'.indexOf('a', -1)", "index out of range: -1"),
    ("'abc'.substring(-9223372036854775807)", "index out of range: -9223372036854775807"),
    ("'abc'.substring(1, 9223372036854775807)", "index out of range: 9223372036854775807"),
    ("'%s'.format([])", "index 0 out of range"), ("'x%'.format([1])", "unexpected end of string"),
    (
      "'%.'.format([1])",
      "could not parse formatting clause: error while parsing precision: could not find end of precision specifier"
    ),
    (
      "'%.101f'.format([1])",
      "could not parse formatting clause: error while parsing precision: precision 101 exceeds maximum allowed precision 100"
    ),
    ("'%é'.format([1])", "could not parse formatting clause: unrecognized formatting clause \"Ã\""),
  ])
  func `errors of text`(expression: String, message: String) {
    let result = outcome(expression, in: allLibraries)
    #expect(result.hasSuffix(message), "\(result)")
  }

  @Test func `large results are charged before they are made`() {
    let body = #"{"x": "\#(String(repeating: "x", count: 100_000))"}"#
    for expression in [
      "body.x.replace('', body.x)", "body.x.replace('x', body.x)", "body.x.split('').join(body.x)",
    ] {
      let result = outcome(expression, body: body, in: allLibraries)
      #expect(result.hasPrefix("evaluate: the expression takes more than"), "\(expression)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `hostile needles take linear time`() {
    let text = String(repeating: "a", count: 1_000_000)
    let needle = String(repeating: "a", count: 400_000) + "b"
    let body = #"{"x": "\#(text)", "y": "\#(needle)", "z": "b\#(needle.dropLast())"}"#
    for expression in [
      "body.x.indexOf(body.y)", "body.x.lastIndexOf(body.z)",
      "body.x.replace(body.y, '') == body.x",
      "body.x.split(body.y).size()",
    ] {
      let result = outcome(expression, body: body, in: allLibraries)
      #expect(["-1", "true", "1"].contains(result), "\(expression): \(result)")
    }
  }
}

@Suite struct ConversionTests {
  @Test(arguments: [
    ("string(1234567.0)", "\"1.234567e+06\""), ("string(100000.0)", "\"100000\""),
    ("string(42.0)", "\"42\""),
    ("string(1e21)", "\"1e+21\""), ("string(0.00001)", "\"1e-05\""),
    ("string(0.0001)", "\"0.0001\""),
    ("string(12345678.5)", "\"1.23456785e+07\""), ("string(-0.0)", "\"-0\""),
    ("string(1.0/0.0)", "\"+Inf\""),
    ("double('1_000.5')", "1000.5"), ("double('0x1p-2')", "0.25"),
    ("double('-inf')", "double('-Infinity')"),
    ("double('.5e1')", "5.0"), ("int('+5')", "5"),
    ("int('-9223372036854775808')", "-9223372036854775808"),
    ("uint(-0.5)", "0u"), ("int(-0.9)", "0"), ("string(b'\\xc3\\xbf')", "\"ÿ\""),
    ("bool('T')", "true"),
    ("int(9223372036854774784.0)", "9223372036854774784"),
    ("duration('1.5s').getMilliseconds()", "500"),
    ("uint(18446744073709549568.0)", "18446744073709549568u"),
  ])
  func `values convert`(expression: String, value: String) {
    #expect(outcome(expression, in: allLibraries) == value)
  }

  @Test(arguments: [
    "double('')", "double('1e400')", "double('1__0')", "double('_1')", "double('1_')",
    "double('0x1')",
    "double('+nan')", "double('1e')", "double(' 1')", "double('١')", "int('1.0')", "int('')",
    "int('١')",
    "uint('+1')", "uint('-1')", "uint(-1.0)", "uint(18446744073709551616.0)",
    "int(9223372036854775808.0)",
    "int(-9223372036854775808.0)", "int(double('NaN'))", "uint(double('NaN'))", "bool('yes')",
    "string(b'\\xff')", "timestamp(253402300800)", "timestamp(-62135596801)", "duration('x')",
  ])
  func `others do not`(expression: String) {
    let result = outcome(expression, in: allLibraries)
    #expect(result.hasPrefix("program: ") || result.hasPrefix("evaluate: "), "\(result)")
  }
}

@Suite struct CollectionLibraryTests {
  @Test(arguments: [
    ("[3, 1, 2].sort()", "[1, 2, 3]"), ("['b', 'a'].sort()", "[\"a\", \"b\"]"), ("[].sort()", "[]"),
    (
      "[1, 1.0, 1u, 'a', 'a', null, null, [1], [1.0]].map(x, dyn(x)).distinct()",
      "[1, \"a\", null, [1]]"
    ),
    ("[[1, [2]], [3]].flatten()", "[1, [2], 3]"), ("[[1, [2, [3]]]].flatten(2)", "[1, 2, [3]]"),
    ("[1, 2, 3].slice(1, 3)", "[2, 3]"), ("[1, 2, 3].reverse()", "[3, 2, 1]"),
    ("lists.range(3)", "[0, 1, 2]"),
    ("['ccc', 'a', 'bb'].sortBy(x, x.size())", "[\"a\", \"bb\", \"ccc\"]"),
    ("sets.contains([1, 2.0, 3u], [dyn(1.0), dyn(2)])", "true"),
    ("sets.contains([], [1])", "false"),
    ("sets.equivalent([1, 1], [1])", "true"), ("sets.intersects([[dyn(1)]], [[dyn(1.0)]])", "true"),
    ("sets.intersects([1], [])", "false"), ("math.greatest(1, 2.5, 3u)", "3u"),
    ("math.least([3, -1])", "-1"),
    ("math.greatest(9223372036854775807, 9223372036854775807.0)", "9223372036854775807"),
    ("math.round(-2.5)", "-3.0"), ("math.bitShiftRight(-1, 63)", "1"),
    ("math.bitShiftLeft(1, 64)", "0"),
    ("base64.decode('aGk')", "b\"hi\""), ("base64.decode('aGk=')", "b\"hi\""),
    ("base64.encode(b'hi')", "\"aGk=\""),
    (
      "json.encode({'b': [1, 9007199254740993, 1.5, b'hi'], 'a': null})",
      "\"{\\\"a\\\":null,\\\"b\\\":[1,\\\"9007199254740993\\\",1.5,\\\"aGk=\\\"]}\""
    ),
    ("json.encode([1e21, 1e-7, 100000.0, -0.0])", "\"[1e+21,1e-7,100000,-0]\""),
    ("optional.of(1).optMap(x, x + 1).value()", "2"),
    ("optional.none().or(optional.of(1)).value()", "1"),
    ("optional.ofNonZeroValue([]).orValue([1])", "[1]"),
    ("ip('::FFFF:0:1') == ip('0.0.0.1')", "true"),
    ("string(ip('2001:db8:0:0:1:0:0:1'))", "\"2001:db8::1:0:0:1\""),
    ("string(ip('1:0:3:4:5:6:7:8'))", "\"1:0:3:4:5:6:7:8\""),
    ("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "true"), ("string(ip('::'))", "\"::\""),
  ])
  func `functions of lists, numbers and addresses`(expression: String, value: String) {
    #expect(outcome(expression, in: allLibraries) == value)
  }

  @Test(arguments: [
    ("[1, 2].slice(1, 3)", "cannot slice(1, 3), list is length 2"),
    ("[1].slice(-1, 0)", "cannot slice(-1, 0), negative indexes not supported"),
    ("[1].flatten(-1)", "level must be non-negative"),
    ("lists.range(-1)", "lists.range: size must be non-negative, got -1"),
    ("lists.range(1000001)", "lists.range: size 1000001 exceeds maximum allowed (1000000)"),
    ("[dyn(1), dyn('a')].sort()", "list elements must have the same type"),
    ("math.abs(-9223372036854775807 - 1)", "integer overflow"),
    ("math.bitShiftLeft(1, -1)", "math.bitShiftLeft() negative offset: -1"),
    ("math.greatest(0.0/0.0, 1.0)", "NaN values cannot be ordered"),
    ("base64.decode('a*b=')", "illegal base64 data at input byte 1"),
    ("optional.none().value()", "optional.none() dereference"),
    ("json.encode(1.0/0.0)", "proto: google.protobuf.Value.number_value: invalid +Inf value"),
    (
      "cidr('10.0.0.0/33')",
      "network address parse error during conversion from string: '10.0.0.0/33'"
    ),
    (
      "cidr('10.0.0.0/08')",
      "network address parse error during conversion from string: '10.0.0.0/08'"
    ),
  ])
  func `errors of lists, numbers and addresses`(expression: String, message: String) {
    let result = outcome(expression, in: allLibraries)
    #expect(result.hasSuffix(message), "\(result)")
  }
}

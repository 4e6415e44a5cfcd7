// What Go would say, as clients of the API see it.

import JSON
import Testing

@testable import Sandbox

struct GoJSONScannerTests {
  @Test(arguments: [
    ("", "unexpected end of JSON input"),
    ("{", "unexpected end of JSON input"),
    ("not json", "invalid character 'o' in literal null (expecting 'u')"),
    ("{'a': 1}", "invalid character '\\'' looking for beginning of object key string"),
    ("{} x", "invalid character 'x' after top-level value"),
    ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
    ("{\"a\" 1}", "invalid character '1' after object key"),
    ("[1 2]", "invalid character '2' after array element"),
    ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
    ("\"a\nb\"", "invalid character '\\n' in string literal"),
    ("\"\\x\"", "invalid character 'x' in string escape code"),
    ("\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"),
    ("01", "invalid character '1' after top-level value"),
    ("1.x", "invalid character 'x' after decimal point in numeric literal"),
    ("1ex", "invalid character 'x' in exponent of numeric literal"),
    ("-x", "invalid character 'x' in numeric literal"),
    ("\u{FEFF}{}", "invalid character 'ï' looking for beginning of value"),
  ])
  func `a text that is not JSON gets Go's message`(text: String, message: String) {
    #expect(GoJSONScanner.fault(in: Array(text.utf8)) == message)
  }

  @Test(arguments: ["{}", "[1,-2.5e+3,true,null]", " \"\\ud83d\" "])
  func `a text that Go accepts has no fault`(text: String) throws {
    #expect(GoJSONScanner.fault(in: Array(text.utf8)) == nil)
    _ = try JSONValue.parse(repairedForStrictParsing(Array(text.utf8)))
  }

  @Test func `half a surrogate pair and foreign bytes become the replacement character`() throws {
    let bytes: [UInt8] =
      Array("[\"\\ud83d\",\"".utf8) + [0xFF] + Array("\",\"\\ud83d\\ude00\"]".utf8)
    let value = try JSONValue.parse(repairedForStrictParsing(bytes))
    #expect(value == ["\u{FFFD}", "\u{FFFD}", "😀"])
  }
}

struct GoDecoderTests {
  private static let structure = GoStructure(
    "Thing",
    [
      GoField("name", .string), GoField("count", .integer32), GoField("on", .bool, .whenGiven),
      GoField("labels", .map(.string)), GoField("data", .map(.bytes)),
      GoField("parts", .list(.structure(GoStructure("Part", [GoField("size", .integer64)])))),
      GoField("at", .time, .whenGiven),
    ])

  private func decode(_ value: JSONValue) throws(GoDecodingError) -> GoDecoding {
    try GoDecoder.decode(value, as: .structure(Self.structure))
  }

  @Test(
    arguments: [
      (["name": 5], "json: cannot unmarshal number into Go struct field Thing.name of type string"),
      (
        ["count": 3_000_000_000],
        "json: cannot unmarshal number 3000000000 into Go struct field Thing.count of type int32"
      ),
      (["on": "yes"], "json: cannot unmarshal string into Go struct field Thing.on of type bool"),
      (
        ["labels": ["a": true]],
        "json: cannot unmarshal bool into Go struct field Thing.labels of type string"
      ),
      (
        ["labels": []],
        "json: cannot unmarshal array into Go struct field Thing.labels of type map[string]string"
      ),
      (
        ["parts": [["size": "x"]]],
        "json: cannot unmarshal string into Go struct field Part.parts.size of type int64"
      ),
      (["data": ["k": "not base64!"]], "illegal base64 data at input byte 3"),
      (
        ["at": "yesterday"],
        "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\""
      ),
      ("x", "json: cannot unmarshal string into Go value of type v1.Thing"),
    ] as [(JSONValue, String)])
  func `a value of the wrong type gets Go's message`(value: JSONValue, message: String) {
    #expect(throws: GoDecodingError(description: message)) { try decode(value) }
  }

  @Test func `zero values are left out, and null is one`() throws {
    let decoding = try decode([
      "name": "", "count": 0, "on": false, "labels": ["a": nil], "parts": nil,
    ])
    #expect(decoding.value == ["on": false, "labels": ["a": ""]])
  }

  @Test func `unknown fields are dropped and named with their paths`() throws {
    let decoding = try decode(["Name": "x", "parts": [["size": 1], ["colour": "red"]]])
    #expect(decoding.unknownFields == ["Name", "parts[1].colour"])
    #expect(decoding.value == ["parts": [["size": 1], [:]]])
  }

  @Test(arguments: [
    ("", nil), ("aGk=", nil), ("aG\nk=", nil), ("aGk", "0"), ("aG-_", "2"), ("a===", "1"),
    ("aGk=x", "4"), ("a", "0"),
  ])
  func `base64 is refused where Go refuses it`(text: String, offset: String?) {
    #expect(goBase64Fault(text) == offset.map { "illegal base64 data at input byte \($0)" })
  }
}

struct GoTimeTests {
  @Test(arguments: [
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
    ("2026-01-01T02:00:00.9+02:00", "2026-01-01T00:00:00Z"),
    ("2024-02-29T23:59:59-01:30", "2024-03-01T01:29:59Z"),
    ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
  ])
  func `times are read and written in UTC`(text: String, expected: String) throws {
    #expect(try parseGoTime(text, .seconds).text == expected)
  }

  @Test(arguments: [
    ("2026-01-01T00:00:00Z", "cannot parse \"Z\" as \".000000\""),
    ("2026-01-01T00:00:00.123Z", "cannot parse \".123Z\" as \".000000\""),
    ("2026-01-01T00:00:00.123456789Z", "cannot parse \"789Z\" as \"Z07:00\""),
  ])
  func `a lease's time has six digits of fraction`(text: String, fault: String) {
    let layout = "2006-01-02T15:04:05.000000Z07:00"
    #expect(
      throws: GoTimeError(description: "parsing time \"\(text)\" as \"\(layout)\": \(fault)")
    ) { try parseGoTime(text, .microseconds) }
  }

  @Test(arguments: [
    ("2026-13-01T00:00:00Z", "month out of range"), ("2026-02-29T00:00:00Z", "day out of range"),
    ("2026-01-01T24:00:00Z", "hour out of range"),
    ("2026-01-01T00:00:00Zx", "extra text: \"x\""),
  ])
  func `a moment that does not exist is refused`(text: String, fault: String) {
    #expect(throws: GoTimeError(description: "parsing time \"\(text)\": \(fault)")) {
      try parseGoTime(text, .seconds)
    }
  }

  @Test(arguments: [
    ("10s", nil), ("1h30m", nil), ("0", nil), ("-5s", nil), ("1.5ms", nil),
    ("10", "time: missing unit in duration \"10\""),
    ("x", "time: invalid duration \"x\""),
    ("5y", "time: unknown unit \"y\" in duration \"5y\""),
  ])
  func `a duration needs a unit`(text: String, fault: String?) {
    #expect(goDurationFault(text) == fault)
  }
}

import JSON
import TestSupport
import Testing

@Suite struct JSONParserTests {
  /// A text that is refused: what is said, and where.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let code: JSONError.Code
    let offset: Int
    var testDescription: String { text }

    init(_ text: String, _ code: JSONError.Code, at offset: Int) {
      self.text = text
      self.code = code
      self.offset = offset
    }
  }

  @Test(arguments: [
    Refusal("", .unexpectedEnd(expected: "a value"), at: 0),
    Refusal("  ", .unexpectedEnd(expected: "a value"), at: 2),
    Refusal("[1,]", .unexpectedByte(0x5D, expected: "a value"), at: 3),
    Refusal("[1 2]", .unexpectedByte(0x32, expected: "\",\" or \"]\""), at: 3),
    Refusal("{\"a\" 1}", .unexpectedByte(0x31, expected: "\":\""), at: 5),
    Refusal("{\"a\":1,}", .unexpectedByte(0x7D, expected: "a key in quotation marks"), at: 7),
    Refusal("{a:1}", .unexpectedByte(0x61, expected: "a key in quotation marks"), at: 1),
    Refusal("{\"a\":1", .unexpectedEnd(expected: "\",\" or \"}\""), at: 6),
    Refusal("tru", .unexpectedEnd(expected: "\"true\""), at: 3),
    Refusal("nule", .unexpectedByte(0x65, expected: "\"null\""), at: 3),
    Refusal("1 1", .trailingContent(0x31), at: 2),
    Refusal("01", .trailingContent(0x31), at: 1),
    Refusal("-", .unexpectedEnd(expected: "a digit"), at: 1),
    Refusal("1.e3", .unexpectedByte(0x65, expected: "a digit"), at: 2),
    Refusal("1e+", .unexpectedEnd(expected: "a digit"), at: 3),
    Refusal("\u{FEFF}1", .byteOrderMark, at: 0),
    Refusal("\"abc", .unexpectedEnd(expected: "the end of a string"), at: 4),
    Refusal("\"abc\\", .unexpectedEnd(expected: "the end of a string"), at: 5),
    Refusal("\"0123456789\n\"", .controlCharacter(0x0A), at: 11),
    Refusal("\"\\x\"", .invalidEscape, at: 1),
    Refusal("\"\\u12g4\"", .invalidEscape, at: 1),
    Refusal("\"\\ud800\"", .loneSurrogate, at: 1),
    Refusal("\"\\ud800\\ud800\"", .loneSurrogate, at: 1),
    Refusal("\"a\\udc00\"", .loneSurrogate, at: 2),
  ])
  func `a refusal names what is wrong and where`(refusal: Refusal) {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(refusal.text) }
    #expect(error?.code == refusal.code)
    #expect(error?.offset == refusal.offset)
  }

  @Test func `an error counts lines and characters from one`() {
    let error = #expect(throws: JSONError.self) {
      try JSONValue.parse("{\n  \"é\": 1,\n  \"ü\": x\n}")
    }
    #expect(error?.line == 3)
    #expect(error?.column == 8)
    #expect(
      error?.description
        == "invalid JSON at line 3, column 8: \"x\" where a value was expected")
  }

  /// The well- and ill-formed sequences at the edges of RFC 3629's table.
  @Test(
    arguments: [
      ([0xC2, 0x80], true), ([0xDF, 0xBF], true), ([0xE0, 0xA0, 0x80], true),
      ([0xED, 0x9F, 0xBF], true), ([0xEE, 0x80, 0x80], true), ([0xEF, 0xBF, 0xBF], true),
      ([0xF0, 0x90, 0x80, 0x80], true), ([0xF4, 0x8F, 0xBF, 0xBF], true),
      ([0x80], false), ([0xC0, 0x80], false), ([0xC1, 0xBF], false), ([0xC2], false),
      ([0xE0, 0x9F, 0xBF], false), ([0xED, 0xA0, 0x80], false), ([0xE1, 0x80], false),
      ([0xF0, 0x8F, 0xBF, 0xBF], false), ([0xF4, 0x90, 0x80, 0x80], false),
      ([0xF5, 0x80, 0x80, 0x80], false), ([0xF1, 0x80, 0x80], false), ([0xFF], false),
    ] as [([UInt8], Bool)])
  func `strings are UTF-8 at every place of a word`(sequence: [UInt8], isValid: Bool) {
    for lead in 0..<20 {
      let filler = [UInt8](repeating: 0x61, count: lead)
      for tail in ["\"", "b\"", "\\n0123456789\""] {
        let text = [0x22] + filler + sequence + Array(tail.utf8)
        let value = try? JSONValue.parse(text)
        #expect((value != nil) == isValid, "after \(lead) bytes, before \(tail)")
        if isValid {
          #expect(value?.stringValue?.utf8.dropFirst(lead).starts(with: sequence) == true)
        }
      }
    }
  }

  @Test func `escapes become their characters`() throws {
    let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00\u0000end""#
    let value = try JSONValue.parse(text)
    #expect(value == .string("\"\\/\u{8}\u{C}\n\r\tAé€😀\u{0}end"))
  }

  @Test func `every special byte is found at every place of a word`() throws {
    for lead in 0..<24 {
      let plain = String(repeating: "x", count: lead)
      #expect(try JSONValue.parse("\"\(plain)\"") == .string(plain))
      #expect(try JSONValue.parse("\"\(plain)\\n!\(plain)\"") == .string("\(plain)\n!\(plain)"))
      #expect(throws: JSONError.self) { try JSONValue.parse("\"\(plain)\u{1F}\(plain)\"") }
      #expect(try JSONValue.parse("\"\(plain)\u{7F}\"") == .string("\(plain)\u{7F}"))
    }
  }

  @Test func `of a repeated key the last value counts in the first one's place`() throws {
    let text = #"{"a": 1, "b": [{"x": 1, "x": 2}], "a": 3, "\u0061": 4}"#
    var duplicates: [JSONDuplicateKey] = []
    let value = try JSONValue.parse(Array(text.utf8), duplicates: &duplicates)
    #expect(value.serializedString() == #"{"a":4,"b":[{"x":2}]}"#)
    #expect(
      duplicates == [
        JSONDuplicateKey(path: "b[0]", key: "x", offset: 24),
        JSONDuplicateKey(path: "", key: "a", offset: 34),
        JSONDuplicateKey(path: "", key: "a", offset: 42),
      ])
  }

  @Test func `composed and decomposed keys stay two`() throws {
    let value = try JSONValue.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
    #expect(value.objectValue?.count == 2)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
  }
}

/// Texts made to cost more than they weigh. Each would take minutes if its cost were quadratic.
@Suite(.timeLimit(.minutes(TestTime.minutes))) struct JSONHostileTextTests {
  @Test func `nesting beyond the limit is refused at the limit`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
    #expect(throws: Never.self) { try JSONValue.parse(nested(128)) }
    for depth in [129, 1_000_000] {
      let error = #expect(throws: JSONError.self) { try JSONValue.parse(nested(depth)) }
      #expect(error?.code == .tooDeep(limit: 128))
      #expect(error?.offset == 128)
    }
    #expect(throws: JSONError.self) { try JSONValue.parse("[]", limits: JSONLimits(depth: 0)) }
    #expect(JSONLimits(depth: 1_000_000).depth == JSONLimits.greatestDepth)
  }

  @Test func `a text beyond the limit is refused unread`() {
    let error = #expect(throws: JSONError.self) {
      try JSONValue.parse("?????", limits: JSONLimits(byteCount: 4))
    }
    #expect(error?.code == .tooLarge(limit: 4))
  }

  @Test func `a quarter of a million keys are found again`() throws {
    let count = 250_000
    let text = "{" + (0..<count).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
    let value = try JSONValue.parse(text)
    #expect(value.objectValue?.count == count)
    for key in [0, 1, count / 2, count - 1] { #expect(value["key\(key)"] == .int(key)) }
    #expect(value["key\(count)"] == nil)
  }

  @Test func `one key a quarter of a million times is one member`() throws {
    let count = 250_000
    let text = "{" + (0..<count).map { "\"k\":\($0)" }.joined(separator: ",") + "}"
    var duplicates: [JSONDuplicateKey] = []
    let value = try JSONValue.parse(Array(text.utf8), duplicates: &duplicates)
    #expect(value == ["k": .int(count - 1)])
    #expect(duplicates.count == JSONDuplicateKey.greatestReportCount)
  }

  @Test func `the report of repeated keys has a bounded size`() throws {
    let long = String(repeating: "k", count: 30_000)
    let inner = Array(repeating: "\"a\":1", count: 50).joined(separator: ",")
    let text = "{\"\(long)\":{\(inner)}}"
    var duplicates: [JSONDuplicateKey] = []
    _ = try JSONValue.parse(Array(text.utf8), duplicates: &duplicates)
    #expect(duplicates.first == JSONDuplicateKey(path: long, key: "a", offset: 30_011))
    let byteCount = duplicates.reduce(0) { $0 + $1.path.utf8.count + $1.key.utf8.count }
    #expect(byteCount <= JSONDuplicateKey.greatestReportByteCount)
  }

  @Test func `keys that are all canonically equivalent do not collide`() throws {
    // Each of 16 places holds one of two spellings of the same character.
    let keys = (0..<65_536).map { number in
      (0..<16).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined()
    }
    let text = "{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    #expect(try JSONValue.parse(text).objectValue?.count == keys.count)
  }

  @Test func `a number of ten megabytes is kept, and is no integer`() throws {
    let text = String(repeating: "9", count: 10_000_000)
    let value = try JSONValue.parse(text)
    #expect(value.numberValue?.text.utf8.count == 10_000_000)
    #expect(value.intValue == nil)
    #expect(value.doubleValue == .infinity)
  }

  @Test func `a string of ten megabytes of escapes is one string`() throws {
    let text = "\"" + String(repeating: "\\n\\u00e9", count: 1_250_000) + "\""
    #expect(try JSONValue.parse(text).stringValue?.utf8.count == 3_750_000)
  }
}

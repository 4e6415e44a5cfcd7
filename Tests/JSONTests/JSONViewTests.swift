import JSON
import TestSupport
import Testing

/// The value of a view, made with nothing but what a view offers.
private func value(of view: JSONView) throws -> JSONValue {
  switch view.kind {
  case .null:
    #expect(view.isNull)
    return .null
  case .bool: return .bool(try #require(view.boolValue as Bool?))
  case .number:
    let number = try #require(view.numberValue)
    #expect(view.intValue == number.int, "\(number)")
    #expect(view.doubleValue == number.double, "\(number)")
    return .number(number)
  case .string:
    let text = try #require(view.text)
    let string = text.string
    #expect(view.stringValue.map { Array($0.utf8) } == Array(string.utf8))
    #expect(text.equals(string) && text.hasPrefix(string) && text.hasSuffix(string))
    #expect(text.utf8Count == string.utf8.count && text.isEmpty == string.isEmpty)
    #expect(!text.equals(string + "x") && !text.hasPrefix(string + "x"))
    #expect(!text.isKnownASCII || string.utf8.allSatisfy { $0 < 0x80 })
    return .string(string)
  case .array:
    let elements = try Array(#require(view.elements))
    #expect(elements.count == view.count)
    for index in [0, 1, elements.count / 2, elements.count - 1, elements.count] {
      let element = elements.indices.contains(index) ? elements[index] : Optional.none
      #expect(view[index]?.materialised == element?.materialised)
    }
    return .array(try elements.map(value(of:)))
  case .object:
    var object = JSONObject()
    for (key, member) in try #require(view.members) {
      let key = key.string
      #expect(object.updateValue(try value(of: member), forKey: key) == nil, "twice \(key)")
      #expect(view[key]?.materialised == object[key], "\(key)")
    }
    #expect(object.count == view.count)
    return .object(object)
  }
}

/// The value of a cursor, made with nothing but what a cursor offers beside its view.
///
/// The caller keeps the document.
private func value(of cursor: JSONCursor) throws -> JSONValue {
  let view = cursor.view
  #expect(cursor.kind == view.kind)
  #expect(cursor.boolValue == view.boolValue)
  #expect(cursor.doubleValue == view.doubleValue)
  switch cursor.kind {
  case .null, .bool, .number: return view.materialised
  case .string:
    let string = try #require(view.stringValue)
    let whole = cursor.text(.whole, is: string.utf8.span)
    #expect(whole == (view.text?.hasEscapes == true ? nil : true))
    guard whole != nil else { return .string(string) }
    #expect(cursor.textLength == string.utf8.count)
    for length in [0, 1, 7, 8, 9, string.utf8.count - 1] where length <= string.utf8.count {
      let prefix = Array(string.utf8.prefix(max(0, length)))
      let suffix = Array(string.utf8.suffix(max(0, length)))
      #expect(cursor.text(.prefix, is: prefix.span) == true)
      #expect(cursor.text(.suffix, is: suffix.span) == true)
      #expect(cursor.text(.prefix, is: (prefix + [0x01]).span) == false)
      #expect(cursor.text(.suffix, is: ([0x01] + suffix).span) == false)
    }
    return .string(string)
  case .array:
    var elements = try #require(cursor.elements)
    #expect(elements.count == view.count)
    var values: [JSONValue] = []
    while let element = elements.next() { values.append(try value(of: element)) }
    return .array(values)
  case .object:
    var object = JSONObject()
    for (key, _) in try #require(view.members) {
      let member = try #require(cursor.value(at: [JSONKey(key.string)]))
      object[key.string] = try value(of: member)
    }
    #expect(cursor.value(at: [JSONKey("no such key")]) == nil)
    #expect(cursor.value(at: [JSONKey("no such key"), JSONKey("a")]) == nil)
    return .object(object)
  }
}

@Suite struct JSONViewTests {
  private func view(_ text: String) throws -> JSONView {
    try JSONDocument.parse(text).root
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `every payload reads the same through views`() throws {
    for folder in ["github", "gitlab", "gitea", "bitbucket-cloud", "azure-devops"] {
      for file in try SharedData.files(in: "payloads/\(folder)", withSuffix: ".json") {
        let bytes = try SharedData.bytes("payloads/\(folder)/\(file)")
        let root = try JSONDocument.parse(bytes).root
        let expected = try JSONValue.parse(bytes)
        #expect(try value(of: root) == expected, "\(file)")
        // SAFETY: the view keeps the document until the end of the turn.
        let read = try withExtendedLifetime(root) { try value(of: unsafe JSONCursor(root)) }
        #expect(read == expected, "\(file)")
        #expect(root.materialised.serialized() == expected.serialized(), "\(file)")
      }
    }
  }

  @Test(arguments: [
    #"null"#, #" [ ] "#, #"{}"#, #"[{}, [], [[]], {"a": {}}]"#, #""""#, #"{"": ""}"#,
    #"{"a": 1, "a": 2}"#, #"{"a": {"b": 1}, "c": 3, "\u0061": [1, 2], "a": {"d": {}}}"#,
    #"{"a": {"x": 1, "x": 2}, "a": {"y": 1, "y": [{}]}, "z": 0}"#,
    #"["\ud83d\ude00é", "é", "\"\\\/\b\f\n\r\t", "\u0000"]"#,
    #"[0, -0, 9223372036854775807, -9223372036854775808, 9223372036854775808, 1.5e-3]"#,
    #"{"\u00e9": 1, "é": 2, "é": 3}"#,
  ])
  func `a text reads the same through views`(text: String) throws {
    let view = try view(text)
    #expect(try value(of: view) == JSONValue.parse(text))
    #expect(view.materialised == (try JSONValue.parse(text)))
  }

  @Test(arguments: [1, 2, 7, 127, 128, 129, 200, 1000, 5000])
  func `objects and arrays of any size are found through`(count: Int) throws {
    let object = "{" + (0..<count).map { "\"key\($0)\":[\($0)]" }.joined(separator: ",") + "}"
    let members = try view(object)
    #expect(members.count == count)
    for number in [0, 1, count / 2, count - 1] where number < count {
      #expect(members["key\(number)"]?[0]?.intValue == number)
    }
    #expect(members["key\(count)"] == nil && members["key"] == nil && members[""] == nil)

    let scalars = try view("[" + (0..<count).map(String.init).joined(separator: ",") + "]")
    let mixed = try view("[" + (0..<count).map { "[[\($0)]]" }.joined(separator: ",") + "]")
    for number in 0..<count {
      #expect(scalars[number]?.intValue == number)
      #expect(mixed[number]?[0]?[0]?.intValue == number)
    }
    #expect(scalars[count] == nil && mixed[count] == nil && mixed[-1] == nil)
    #expect(mixed.elements?.map { $0[0]?[0]?.intValue } == (0..<count).map { $0 })
  }

  @Test(arguments: [3, 100, 129, 3000])
  func `of a repeated key the last value counts in the first one's place`(count: Int) throws {
    // Each key three times; the values in between are of every extent.
    let text =
      "{"
      + (0..<3).map { round in
        (0..<count).map { "\"k\($0)\":{\"r\":[\(round)]}" }.joined(separator: ",")
      }.joined(separator: ",") + "}"
    let object = try view(text)
    #expect(object.count == count)
    #expect(object.members?.map(\.key.string) == (0..<count).map { "k\($0)" })
    for number in 0..<count { #expect(object["k\(number)"]?["r"]?[0]?.intValue == 2) }
    #expect(object.materialised == (try JSONValue.parse(text)))
  }

  @Test func `a lookup of what is not there is nil`() throws {
    let view = try view(
      #"{"text": "t", "list": [1, "two"], "deep": {"er": {"est": 1}}, "n": null}"#)
    #expect(view["absent"] == nil && view["text"]?["key"] == nil && view["text"]?[0] == nil)
    #expect(view["list"]?["0"] == nil && view[0] == nil && view["n"]?.isNull == true)
    #expect(view[["deep", "er", "est"]]?.intValue == 1)
    #expect(view[["deep", "other", "est"]] == nil && view[["text", "er"]] == nil)
    #expect(view[[]]?.kind == .object)
    #expect(view.stringValue == nil && view.intValue == nil && view.elements == nil)
    #expect(view["text"]?.members == nil && view["text"]?.count == 0)
    #expect(view["list"]?[1]?.text?.equals("two") == true)
  }

  @Test func `texts are compared by code point`() throws {
    let list = try view(#"["\u00e9", "é", "e\u0301", "refs/heads/main"]"#)
    let texts = try #require(list.elements).map { try #require($0.text) }
    #expect(texts[0] == texts[1] && texts[1] != texts[2])
    #expect(texts[0].equals("\u{E9}") && !texts[0].equals("e\u{301}"))
    #expect(texts[2].hasPrefix("e") && texts[2].hasSuffix("\u{301}"))
    #expect(texts[3].hasPrefix("refs/heads/") && !texts[3].hasPrefix("refs/tags/"))
    #expect(texts[3].hasSuffix("main") && texts[3].hasPrefix("") && texts[3].isKnownASCII)
  }

  @Test func `many threads read one document`() async throws {
    let text = "{" + (0..<1000).map { "\"k\($0)\":[{\"v\":\($0)}]" }.joined(separator: ",") + "}"
    let document = try JSONDocument.parse(text)
    let sums = await withTaskGroup(of: Int.self) { group in
      for start in 0..<8 {
        group.addTask {
          (0..<1000).reduce(0) { sum, number in
            sum + (document.root["k\((number + start) % 1000)"]?[0]?["v"]?.intValue ?? -1)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == Array(repeating: 999 * 500, count: 8))
  }

  @Test(arguments: [
    "0", "-0", "-0.0", "1", "-1", "0.1", "-0.3", "123456789012345", "9007199254740991",
    "9007199254740992", "9007199254740993", "12345678901234567890", "0.000000000000001", "1e22",
    "1e23", "5e-324", "1.7976931348623157e308", "1e400", "-1e400", "100.00", "0.30000000000000004",
    "2.2250738585072011e-308", "3.14159265358979", "99999999999999.9", "1E5", "1.5e+3",
  ])
  func `a number is the nearest double`(text: String) throws {
    let double = try #require(try view(text).doubleValue)
    let expected = try #require(Double(text))
    #expect(double.bitPattern == expected.bitPattern)
  }

  @Test func `numbers of few digits are the nearest doubles`() throws {
    var state: UInt64 = 1
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(state >> 10).prefix(1 + Int(state >> 60))
      let point = Int(state >> 40 & 15)
      var text = String(digits)
      if point < text.count { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
      if text.hasPrefix(".") { text = "0" + text }
      if text.hasSuffix(".") { text += "0" }
      guard let view = try? JSONDocument.parse("-" + text).root else { continue }
      #expect(view.doubleValue?.bitPattern == Double("-" + text)?.bitPattern, "\(text)")
    }
  }

  @Test func `keys are the same whether or not they are escaped`() throws {
    let view = try view(
      #"{"a": 1, "\u0061": 2, "\u0061": 3, "\u00e9\n\ud83d\ude00": 4, "é\n😀": 5}"#)
    #expect(view.count == 2)
    #expect(view["a"]?.intValue == 3)
    #expect(view["é\n😀"]?.intValue == 5)
  }
}

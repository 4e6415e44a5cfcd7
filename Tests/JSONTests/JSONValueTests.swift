import JSON
import Testing

@Suite struct JSONValueTests {
  private let value: JSONValue = [
    "null": nil, "yes": true, "count": 3, "half": 0.5, "text": "é", "list": [1, "two", nil],
    "deep": ["er": ["est": 1]],
  ]

  @Test func `an accessor gives its own type and nil for the others`() {
    #expect(value["null"]?.isNull == true)
    #expect(value["yes"]?.boolValue == true)
    #expect(value["count"]?.intValue == 3)
    #expect(value["half"]?.doubleValue == 0.5)
    #expect(value["half"]?.intValue == nil)
    #expect(value["text"]?.stringValue == "é")
    #expect(value["list"]?.arrayValue?.count == 3)
    #expect(value["deep"]?.objectValue?.keys == ["er"])
    for key in value.objectValue?.keys ?? [] {
      let item = value[key]
      let answers: [Bool] = [
        item?.isNull == true, item?.boolValue != nil, item?.numberValue != nil,
        item?.stringValue != nil, item?.arrayValue != nil, item?.objectValue != nil,
      ]
      #expect(answers.count { $0 } == 1, "\(key)")
    }
    #expect(
      value.objectValue?.values.map(\.typeName) == [
        "null", "a boolean", "a number", "a number", "a string", "an array", "an object",
      ])
  }

  @Test func `a lookup of what is not there is nil`() {
    #expect(value["absent"] == nil)
    #expect(value["text"]?["key"] == nil)
    #expect(value["list"]?[1] == "two")
    #expect(value["list"]?[3] == nil)
    #expect(value["list"]?[-1] == nil)
    #expect(value["text"]?[0] == nil)
    #expect(value[["deep", "er", "est"]] == 1)
    #expect(value[["deep", "other", "est"]] == nil)
    #expect(value[["text", "er"]] == nil)
    #expect(value[[]] == value)
  }

  @Test func `setting replaces in place, adds at the end, and nil removes`() {
    var value: JSONValue = ["a": 1, "b": 2]
    value["a"] = "x"
    value["c"] = 3
    #expect(value.serializedString() == #"{"a":"x","b":2,"c":3}"#)
    value["b"] = nil
    value["absent"] = nil
    #expect(value.serializedString() == #"{"a":"x","c":3}"#)
    value["c"] = .null
    #expect(value.serializedString() == #"{"a":"x","c":null}"#)
    var null = JSONValue.null
    null["a"] = nil
    #expect(null == .null)
    null["a"] = 1
    #expect(null == ["a": 1])
    var text: JSONValue = "text"
    text["a"] = 1
    #expect(text == "text")
  }

  @Test func `setting at a path makes the objects on the way`() {
    var value: JSONValue = ["a": ["b": 1], "null": nil, "text": "t"]
    value[["a", "c", "d"]] = 2
    value[["null", "x"]] = 3
    value[["text", "x"]] = 4
    value[["absent", "x"]] = nil
    #expect(
      value.serializedString() == #"{"a":{"b":1,"c":{"d":2}},"null":{"x":3},"text":"t"}"#)
    value[["a", "c", "d"]] = nil
    #expect(value[["a"]] == ["b": 1, "c": [:]])
    value[[]] = 5
    #expect(value == 5)
  }

  @Test func `equality looks at code points, number texts and members, not at order`() {
    #expect(["a": 1, "b": 2] as JSONValue == ["b": 2, "a": 1])
    #expect(["a": 1, "b": 2] as JSONValue != ["b": 1, "a": 2])
    #expect(["a": 1] as JSONValue != ["a": 1, "b": 2])
    #expect([1, 2] as JSONValue != [2, 1])
    #expect("\u{E9}" as JSONValue != "e\u{301}")
    #expect(JSONValue.number(JSONNumber(1)) != .double(1.0))
    #expect(JSONValue.null != false)
  }

  @Test func `an object with many keys works as one with few`() {
    for count in [1, 11, 12, 13, 14, 31, 32, 33, 1000] {
      var object = JSONObject((0..<count).map { ("k\($0)", JSONValue.int($0)) })
      #expect(object.keys == (0..<count).map { "k\($0)" })
      for number in 0..<count { #expect(object["k\(number)"] == .int(number)) }
      #expect(!object.contains("k\(count)"))
      #expect(object.updateValue("new", forKey: "k0") == 0)
      #expect(object.removeValue(forKey: "k0") == "new")
      #expect(object.removeValue(forKey: "k0") == nil)
      #expect(object.count == count - 1)
      for number in 1..<max(count, 1) { #expect(object["k\(number)"] == .int(number)) }
      object["k0"] = "back"
      #expect(object.last == JSONObject.Member(key: "k0", value: "back"))
    }
  }
}

@Suite struct JSONNumberTests {
  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("12", 12), ("-7", -7), ("9223372036854775807", Int.max),
      ("-9223372036854775808", Int.min), ("9223372036854775808", nil), ("1.0", nil), ("1e2", nil),
    ] as [(String, Int?)])
  func `an integer is a text without fraction and exponent that fits`(text: String, int: Int?) {
    #expect(JSONNumber(text: text)?.int == int)
    #expect(JSONNumber(text: text)?.text == text)
  }

  @Test(arguments: [
    "", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1 ", " 1", "NaN", "1e1.5", "--1",
  ])
  func `what is not one number is refused`(text: String) {
    #expect(JSONNumber(text: text) == nil)
  }

  @Test func `doubles are printed so that they read back`() {
    for value in [0.1, -2.5e-300, 1e16, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 100] {
      let number = JSONNumber(value)
      #expect(number?.double == value)
      #expect(number.flatMap { JSONNumber(text: $0.text) } == number)
    }
    #expect(JSONNumber(Double.nan) == nil)
    #expect(JSONNumber(-Double.infinity) == nil)
    #expect(JSONNumber(text: "1e999")?.double == .infinity)
    #expect(JSONNumber(text: "-1e-999")?.double == 0)
  }
}

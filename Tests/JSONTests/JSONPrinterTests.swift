import JSON
import Testing

@Suite struct JSONPrinterTests {
  private let value: JSONValue = ["b": [1, [], [:], nil], "a": ["x": "<é&>\u{2028}"], "ab": true]

  @Test func `compact has no white space and keeps the order`() {
    #expect(
      value.serializedString()
        == "{\"b\":[1,[],{},null],\"a\":{\"x\":\"<é&>\u{2028}\"},\"ab\":true}")
  }

  @Test func `pretty puts each item on a line of its own`() {
    #expect(
      value.serializedString(.pretty) == """
        {
          "b": [
            1,
            [],
            {},
            null
          ],
          "a": {
            "x": "<é&>\u{2028}"
          },
          "ab": true
        }
        """)
    #expect(([1] as JSONValue).serializedString(.pretty(indent: 0)) == "[\n1\n]")
  }

  @Test func `sorted keys are in the order of their bytes at every level`() {
    let value: JSONValue = ["ä": 1, "b": ["z": 1, "A": 2], "a": 3, "aa": 4]
    #expect(
      value.serializedString(.compact(.sortedKeys))
        == #"{"a":3,"aa":4,"b":{"A":2,"z":1},"ä":1}"#)
  }

  @Test func `HTML is escaped as Go does`() {
    #expect(
      value.serializedString(.compact([.escapeHTML, .sortedKeys]))
        == #"{"a":{"x":"\u003cé\u0026\u003e\u2028"},"ab":true,"b":[1,[],{},null]}"#)
    #expect(
      JSONValue.string("\u{2027}\u{2029}\u{202A}").serializedString(.compact(.escapeHTML))
        == "\"\u{2027}\\u2029\u{202A}\"")
  }

  @Test func `what must be escaped is, at every place of a word`() {
    for lead in 0..<20 {
      let plain = String(repeating: "é", count: lead / 2) + String(repeating: "x", count: lead % 2)
      let value = JSONValue.string("\(plain)\"\\\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}/\(plain)")
      #expect(
        value.serializedString()
          == #""\#(plain)\"\\\n\r\t\b\f\u0000\u001f"# + "\u{7F}/\(plain)\"")
      #expect(throws: Never.self) { try #require(JSONValue.parse(value.serialized()) == value) }
    }
  }
}

import Testing

@testable import HTTPWire

@Suite struct HTTPFieldsTests {
  @Test func `order and duplicates survive, and names are found in any case`() {
    var fields: HTTPFields = ["B": "1", "a": "2", "b": "3"]
    #expect(fields.map(\.name) == ["B", "a", "b"])
    #expect(fields["A"] == "2")
    #expect(fields["b"] == "1")
    #expect(fields["c"] == nil)
    #expect(fields.values(for: "B") == ["1", "3"])
    #expect(fields.count(of: "b") == 2)
    fields.append(name: "C", value: [0xFF])
    #expect(fields["c"] == "\u{FFFD}")
    #expect(fields[3].value == [0xFF])
  }

  @Test func `setting replaces the first line of a name and removes the others`() {
    var fields: HTTPFields = ["A": "1", "B": "2", "a": "3"]
    fields["a"] = "4"
    #expect(fields == ["a": "4", "B": "2"])
    fields["C"] = "5"
    #expect(fields == ["A": "4", "B": "2", "C": "5"])
    fields["b"] = nil
    #expect(fields == ["A": "4", "C": "5"])
  }

  @Test func `lists are equal if their lines are, whatever the case of names`() {
    let fields: HTTPFields = ["A": "1", "B": "2"]
    #expect(fields == ["a": "1", "b": "2"])
    #expect(fields != ["b": "2", "a": "1"])
    #expect(fields != ["a": "1"])
    #expect(fields != ["a": "1", "b": "X"])
    #expect(fields == [HTTPField(name: "A", value: "1"), HTTPField(name: "B", value: "2")])
  }

  @Test(arguments: [
    ("close", true), ("Close", true), ("x, close", true), ("close,x", true),
    ("x\t,\tclose ,", true),
    (",,close", true), ("x", false), ("closed", false), ("x close", false), ("clos e", false),
    ("", false),
  ])
  func `an option is found in a list`(value: String, isFound: Bool) {
    let fields: HTTPFields = ["connection": "a", "Connection": value]
    #expect(fields.containsOption("close", in: "Connection") == isFound)
  }

  @Test func `no description shows a value`() throws {
    let input = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer hunter2\r\n\r\n"
    let head = try #require(ServerTranscript(input).heads.first)
    let texts = ["\(head)", "\(head.fields)", "\(head.fields[1])", String(reflecting: head)]
    for text in texts {
      #expect(text.contains("Authorization"))
      #expect(!text.contains("hunter2"))
      // Nor as numbers, which is how an array of bytes is described.
      #expect(!text.contains("104, 117, 110"))
    }
  }

  @Test func `a value that was given back stays as it was when the next head is read`() throws {
    // A head's storage is used again only where nobody holds it.
    let requests = (0..<3).map { "GET /\($0) HTTP/1.1\r\nHost: h\($0)\r\nX: v\($0)\r\n\r\n" }
    let heads = ServerTranscript(requests.joined()).heads
    #expect(heads.map(\.path) == ["/0", "/1", "/2"])
    #expect(heads.map(\.host) == ["h0", "h1", "h2"])
    #expect(heads.map { $0.fields["x"] } == ["v0", "v1", "v2"])
  }
}

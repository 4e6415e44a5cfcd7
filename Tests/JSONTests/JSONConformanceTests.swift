import Bytes
import JSON
import TestSupport
import Testing

/// nst/JSONTestSuite, whole.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct JSONConformanceTests {
  private func cases(_ file: String) throws -> [(name: String, bytes: [UInt8], verdict: String?)] {
    let list = try JSONValue.parse(SharedData.bytes("json/\(file)"))
    return try #require(list.arrayValue).map { item in
      let name = try #require(item["name"]?.stringValue)
      let bytes = try #require(item["bytes_b64"]?.stringValue.flatMap { Base64.decode($0) })
      return (name, bytes, item["verdict"]?.stringValue)
    }
  }

  @Test func `every valid text is accepted and every invalid one refused`() throws {
    var counts: [String: Int] = [:]
    for (name, bytes, verdict) in try cases("json-parsing.json") {
      let verdict = try #require(verdict)
      counts[verdict, default: 0] += 1
      let value = try? JSONValue.parse(bytes)
      if verdict == "accept" { #expect(value != nil, "\(name) must be accepted") }
      if verdict == "reject" { #expect(value == nil, "\(name) must be refused") }
      if let value {
        #expect(try JSONValue.parse(value.serialized()) == value, "\(name) must survive printing")
        let view = try JSONDocument.parse(bytes).root
        #expect(view.materialised == value, "\(name) must be the same value as a view")
      }
    }
    #expect(counts == ["accept": 95, "reject": 188, "either": 35])
  }

  @Test func `where the suite leaves the choice, big numbers pass and bad text does not`() throws {
    for (name, bytes, verdict) in try cases("json-parsing.json") where verdict == "either" {
      let isNumber = name.hasPrefix("number_")
      let isDeep = name == "structure_500_nested_arrays"
      let value = try? JSONValue.parse(bytes, limits: JSONLimits(depth: isDeep ? 500 : 128))
      #expect((value != nil) == (isNumber || isDeep), "\(name)")
    }
  }

  @Test func `odd values come back as they were written`() throws {
    for (name, bytes, _) in try cases("json-transform.json") {
      let value = try? JSONValue.parse(bytes)
      if name.hasPrefix("string_") && name.contains("surrogate") || name.contains("invalid") {
        #expect(value == nil, "\(name)")
        continue
      }
      let text = try #require(value, "\(name)").serializedString()
      let original = String(decoding: bytes, as: UTF8.self)
      if name.hasPrefix("number_") || name.contains("nf") {
        #expect(text.utf8.elementsEqual(original.filter { !$0.isWhitespace }.utf8), "\(name)")
      }
    }
  }
}

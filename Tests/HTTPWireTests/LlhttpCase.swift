// The parser tests of llhttp, as data.

import Bytes
import JSON
import TestSupport

/// One case of `data/http/llhttp-*.json` that tests the wire in strict mode. Cases for llhttp's own
/// programming interface are left out, as the data's README says.
struct LlhttpCase {
  enum Verdict: String {
    case accept
    case reject
    case incomplete
  }

  struct Message {
    var method: String
    var url: String
    var headers: [Line]
    var body: [UInt8]
    var trailers: [Line]
    var isComplete: Bool
  }

  struct Line: Equatable {
    var name: [UInt8]
    var value: [UInt8]
  }

  var name: String
  var bytes: [UInt8]
  var verdict: Verdict
  var messages: [Message]

  /// The strict cases of one file.
  static func load(_ file: String) throws -> [LlhttpCase] {
    let tests = try JSONValue.parse(SharedData.bytes("http/\(file)"))["tests"]?.arrayValue ?? []
    return try tests.compactMap { test in
      guard test["mode"]?.stringValue == "strict", test["pause"]?.isNull == true,
        test["skip_body"]?.boolValue == false
      else { return nil }
      return try LlhttpCase(test)
    }
  }

  private init(_ test: JSONValue) throws {
    struct Malformed: Error {}
    guard let name = test["name"]?.stringValue,
      let bytes = test["bytes_b64"]?.stringValue.flatMap({ Base64.decode($0.utf8) }),
      let verdict = test["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:))
    else { throw Malformed() }
    self.name = name
    self.bytes = bytes
    self.verdict = verdict
    messages = (test["messages"]?.arrayValue ?? []).map { message in
      Message(
        method: message["method"]?.stringValue ?? "",
        url: message["url"]?.stringValue ?? "",
        headers: Self.lines(message["headers"]),
        body: Self.bytes(message["body"]),
        trailers: Self.lines(message["trailers"]),
        isComplete: message["message_complete"]?.boolValue ?? false)
    }
  }

  private static func lines(_ value: JSONValue?) -> [Line] {
    (value?.arrayValue ?? []).map { Line(name: bytes($0[0]), value: bytes($0[1])) }
  }

  private static func bytes(_ value: JSONValue?) -> [UInt8] {
    Array((value?.stringValue ?? "").utf8)
  }
}

extension LlhttpCase.Line {
  /// The lines of a section, as the data has them: without the white space behind a value.
  static func all(of fields: some Sequence<LlhttpCase.Line>) -> [LlhttpCase.Line] {
    fields.map { line in
      let end = line.value.lastIndex { !ASCII.isBlank($0) }.map { $0 + 1 } ?? 0
      return LlhttpCase.Line(name: line.name, value: Array(line.value[..<end]))
    }
  }
}

extension LlhttpCase {
  /// A body as the data has it: llhttp's log spells line ends out, and the data left those out.
  static func withoutLineEnds(_ body: [UInt8]) -> [UInt8] {
    body.filter { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
  }
}

/// A case where we decide otherwise than llhttp, and why.
struct Difference {
  var verdict: LlhttpCase.Verdict
  var reason: String

  init(_ verdict: LlhttpCase.Verdict, _ reason: String) {
    self.verdict = verdict
    self.reason = reason
  }
}

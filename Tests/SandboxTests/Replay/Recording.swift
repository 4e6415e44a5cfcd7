// The recorded exchanges with a real API server, in `shared/data/kube-api`.

import Bytes
import Foundation
import JSON
import TestSupport

/// One recorded scenario.
struct Recording: Sendable {
  /// A write that the exchanges presuppose.
  struct Setup: Sendable {
    var beforeExchange: Int
    var method: String
    var target: String
    var contentType: String
    var body: JSONValue?
  }

  /// One recorded request with its answer.
  struct Exchange: Sendable {
    var note: String
    var identity: String
    var method: String
    var target: String
    var headers: [(name: String, value: String)]
    var body: JSONValue?
    var isRaw: Bool
    var response: JSONValue

    var status: Int? { response["status"]?.intValue }
  }

  var name: String
  var setup: [Setup]
  var exchanges: [Exchange]
  /// The paths of values that differ from run to run.
  var volatile: Set<String>

  static let folder = "kube-api"

  init(named name: String) throws {
    let bytes = try SharedData.bytes("\(Self.folder)/\(name).json")
    let value = try JSONValue.parse(bytes, limits: JSONLimits(depth: 1000))
    self.name = name
    setup = (value["setup"]?.arrayValue ?? []).map { write in
      Setup(
        beforeExchange: write["beforeExchange"]?.intValue ?? 0,
        method: write["method"]?.stringValue ?? "", target: write["target"]?.stringValue ?? "",
        contentType: write["contentType"]?.stringValue ?? "application/json", body: write["body"])
    }
    exchanges = (value["exchanges"]?.arrayValue ?? []).map { exchange in
      let request = exchange["request"]
      return Exchange(
        note: exchange["note"]?.stringValue ?? "", identity: request?["as"]?.stringValue ?? "",
        method: request?["method"]?.stringValue ?? "",
        target: request?["target"]?.stringValue ?? "",
        headers: (request?["headers"]?.objectValue ?? [:]).flatMap { member in
          (member.value.arrayValue ?? [member.value]).map {
            (member.key, $0.stringValue ?? "")
          }
        }, body: request?["body"], isRaw: request?["raw"] != nil,
        response: exchange["response"] ?? .null)
    }
    volatile = Set((value["volatile"]?.arrayValue ?? []).compactMap(\.stringValue))
  }

  static func allNames() throws -> [String] {
    try SharedData.files(in: folder, withSuffix: ".json").map { String($0.dropLast(5)) }
      .filter { $0 != "kubectl-requests" }
  }
}

/// Writes out the runs of text that recordings abbreviate as `<repeat "x" 100>`.
func expandingRepeats(_ text: String) -> String {
  guard text.contains("<repeat \"") else { return text }
  var result = ""
  var rest = text[...]
  while let start = rest.range(of: "<repeat \""), let close = rest.range(of: ">"),
    let quote = rest[start.upperBound...].range(of: "\" ")
  {
    let unit = rest[start.upperBound..<quote.lowerBound]
    let end = rest[quote.upperBound...].range(of: ">") ?? close
    result += rest[..<start.lowerBound]
    let count = Int(rest[quote.upperBound..<end.lowerBound]) ?? 0
    result += String(repeating: String(unit), count: count)
    rest = rest[end.upperBound...]
  }
  return result + rest
}

/// The same in every text of a value.
func expandingRepeats(_ value: JSONValue) -> JSONValue {
  switch value {
  case .string(let text): .string(expandingRepeats(text))
  case .array(let elements): .array(elements.map(expandingRepeats))
  case .object(let object):
    .object(JSONObject(object.map { ($0.key, expandingRepeats($0.value)) }))
  default: value
  }
}

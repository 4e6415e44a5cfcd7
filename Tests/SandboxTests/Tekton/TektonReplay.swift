// The recorded exchanges with a real API server, as far as Tekton's part is concerned.

import JSON
import TestSupport
import Testing

@testable import Sandbox

/// One recorded exchange.
struct RecordedExchange: Sendable, CustomTestStringConvertible {
  let scenario: String
  let index: Int
  let json: JSONValue

  /// All exchanges of a scenario.
  static func list(_ scenario: String) throws -> [RecordedExchange] {
    let bytes = try SharedData.bytes("kube-api/\(scenario).json")
    let recording = try JSONValue.parse(bytes)
    return (recording["exchanges"]?.arrayValue ?? []).enumerated().map {
      RecordedExchange(scenario: scenario, index: $0.offset, json: $0.element)
    }
  }

  /// The exchanges of a scenario with the preparations between them, which were not recorded with
  /// their answers.
  static func listWithSetup(_ scenario: String) throws -> [RecordedExchange] {
    let recording = try JSONValue.parse(try SharedData.bytes("kube-api/\(scenario).json"))
    let exchanges = try list(scenario)
    let setup = recording["setup"]?.arrayValue ?? []
    return exchanges.flatMap { exchange in
      setup.filter { $0["beforeExchange"]?.intValue == exchange.index }.map { step in
        RecordedExchange(
          scenario: scenario, index: exchange.index,
          json: ["setup": true, "request": step, "response": ["status": step["status"] ?? 0]])
      } + [exchange]
    }
  }

  var isSetup: Bool { json["setup"] != nil }

  /// The last parts of the path: `pipelineruns/run/status`.
  private var path: [String] {
    target.prefix { $0 != "?" }.split(separator: "/").dropFirst(5).map(String.init)
  }

  var objectName: String {
    path.count > 1 ? path[1] : body[["metadata", "name"]]?.stringValue ?? ""
  }

  var subresource: String { path.count > 2 ? path[2] : "" }

  /// Whether the outcome was decided by what belongs to Tekton, not by the server around it.
  var concernsAdmission: Bool {
    status == 200 || message.hasPrefix("admission webhook") || message.contains("in body must")
  }

  var method: String { json[["request", "method"]]?.stringValue ?? "" }
  var target: String { json[["request", "target"]]?.stringValue ?? "" }
  var status: Int { json[["response", "status"]]?.intValue ?? 0 }
  var answer: JSONValue { json[["response", "body"]] ?? .null }
  var message: String { answer["message"]?.stringValue ?? "" }
  var testDescription: String { "\(scenario)[\(index)] \(json["note"]?.stringValue ?? "")" }

  /// The body as JSON; a string is the text that was sent.
  var body: JSONValue {
    guard let body = json[["request", "body"]] else { return .null }
    guard let text = body.stringValue else { return body }
    return (try? JSONValue.parse(text)) ?? .null
  }

  var warnings: [String] {
    switch json[["response", "headers", "Warning"]] {
    case .string(let text)?: [text]
    case .array(let texts)?: texts.compactMap(\.stringValue)
    default: []
    }
  }

  /// Whether the exchange creates an object of Tekton, or would if Tekton let it.
  var isDecidedByTekton: Bool {
    guard method == "POST", target.hasPrefix("/apis/tekton.dev/") else { return false }
    guard body.objectValue != nil, body["items"] == nil else { return false }
    return answer["kind"] == "PipelineRun" || message.contains("pipeline.tekton.dev\" denied")
  }
}

/// The stations between decoding and storing that the Tekton part is responsible for, without a
/// server around them.
struct TektonStations {
  let definition: ResourceDefinition
  let version: ResourceVersion

  init(target: String) throws {
    let parts = target.split { $0 == "/" || $0 == "?" }.map(String.init)
    let plural = parts.count > 5 ? parts[5] : ""
    definition = try #require(
      TektonResources.all.first { $0.group == parts[1] && $0.names.plural == plural })
    version = try #require(definition.version(parts[2]))
  }

  /// What became of an object.
  enum Outcome {
    case stored(JSONValue)
    case denied(String)
    case invalid([FieldError])
  }

  func create(_ body: JSONValue) -> (outcome: Outcome, unknownFields: [String]) {
    let pruned = version.schema.prune(body)
    var object = pruned.value
    object["kind"] = object["kind"] ?? .string(definition.names.kind)
    return (admit(object, old: nil), pruned.unknownFields)
  }

  func admit(_ object: JSONValue, old: JSONValue?, subresource: String = "") -> Outcome {
    var request = AdmissionRequest(
      operation: old == nil ? .create : .update, group: definition.group, version: version.name,
      resource: definition.names.plural, kind: definition.names.kind, subresource: subresource,
      namespace: "rec-ci", name: "run", object: object, oldObject: old)
    do throws(AdmissionDenial) {
      request.object = try definition.admission.mutate(request).object
      let mistakes = violations(request.object, subresource)
      guard mistakes.isEmpty else { return .invalid(mistakes) }
      _ = try definition.admission.review(request)
    } catch {
      return .denied(error.message)
    }
    if old == nil { request.object["status"] = nil }
    return .stored(request.object)
  }

  private func violations(_ object: JSONValue, _ subresource: String) -> [FieldError] {
    guard subresource == "status", let status = version.schema.properties["status"] else {
      return version.schema.violations(of: object, at: "")
    }
    return status.violations(of: object["status"] ?? [:], at: "status")
  }

  /// The object as another version of the URL shows it.
  func converted(_ object: JSONValue, from source: String, to target: String) throws -> JSONValue {
    try definition.convert?(object, source, target) ?? object
  }
}

extension JSONValue {
  /// The parts of an object that the Tekton part makes.
  var essentials: JSONValue {
    var result: JSONValue = [:]
    for key in ["apiVersion", "kind", "spec", "status"] { result[key] = self[key] }
    for key in ["labels", "annotations"] {
      result[["metadata", key]] = self[["metadata", key]]
    }
    return result
  }
}

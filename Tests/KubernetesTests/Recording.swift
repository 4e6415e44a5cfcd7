// Recorded exchanges with a real API server, as values of this target.

import HTTPWire
import JSON
import TestSupport
import Testing

@testable import Kubernetes

/// One request and its answer out of a scenario of `data/kube-api`.
struct RecordedExchange: Sendable, CustomTestStringConvertible {
  let scenario: String
  let index: Int
  let request: KubernetesRequest
  /// Nil where no answer came, or its body was left out of the recording.
  let answer: KubernetesAnswer?
  let isWatch: Bool

  var testDescription: String { "\(scenario)[\(index)]" }
}

enum Recording {
  /// All exchanges of one scenario.
  static func exchanges(of scenario: String) throws -> [RecordedExchange] {
    let file = try JSONValue.parse(SharedData.bytes("kube-api/\(scenario).json"))
    return (file["exchanges"]?.arrayValue ?? []).enumerated().map { index, exchange in
      RecordedExchange(
        scenario: scenario, index: index, request: request(exchange["request"] ?? .null),
        answer: answer(exchange["response"] ?? .null),
        isWatch: exchange["response"]?["events"] != nil)
    }
  }

  static func exchange(_ scenario: String, _ index: Int) throws -> RecordedExchange {
    try #require(exchanges(of: scenario).first { $0.index == index })
  }

  /// The names of all scenarios.
  static func scenarios() throws -> [String] {
    try SharedData.files(in: "kube-api", withSuffix: ".json")
      .filter { $0 != "kubectl-requests.json" }.map { String($0.dropLast(".json".count)) }
  }

  private static func answer(_ response: JSONValue) -> KubernetesAnswer? {
    guard let status = response["status"]?.intValue, response["bodyOmitted"] == nil,
      response["body"]?["$binary"] == nil
    else { return nil }
    var fields: HTTPFields = [:]
    for field in response["headers"]?.objectValue ?? JSONObject() {
      for value in field.value.arrayValue ?? [field.value] {
        fields.append(name: field.key, value: value.stringValue ?? "")
      }
    }
    let body: [UInt8] =
      switch response["body"] {
      case nil, .null: []
      case .string(let text): Array(text.utf8)
      case .some(let value): value.serialized(.compact)
      }
    return KubernetesAnswer(status: HTTPStatus(rawValue: status), fields: fields, body: body)
  }

  /// The request as a builder would have made it, as far as a decoder looks at it.
  private static func request(_ request: JSONValue) -> KubernetesRequest {
    let target = request["target"]?.stringValue ?? ""
    let path = String(target.prefix { $0 != "?" })
    let verb: KubernetesRequest.Verb =
      switch request["method"]?.stringValue {
      case "POST": .create
      case "PATCH", "PUT": .patch
      case "DELETE": .delete
      default: .get
      }
    var parts = path.split(separator: "/").map(String.init)[...]
    let root = parts.popFirst()
    let group = root == "apis" ? parts.popFirst() : ""
    guard root == "api" || root == "apis", let group, let version = parts.popFirst() else {
      return KubernetesRequest(verb, path: path)
    }
    var namespace: String?
    if parts.count > 2, parts.first == "namespaces" {
      parts.removeFirst()
      namespace = parts.removeFirst()
    }
    guard let name = parts.popFirst(),
      let groupVersion = try? GroupVersion(
        apiVersion: group.isEmpty ? version : "\(group)/\(version)")
    else { return KubernetesRequest(verb, path: path) }
    return KubernetesRequest(
      verb,
      resource: ResourceType(
        groupVersion: groupVersion, name: name, kind: "",
        scope: namespace == nil ? .cluster : .namespaced),
      namespace: namespace, name: parts.first, path: path)
  }
}

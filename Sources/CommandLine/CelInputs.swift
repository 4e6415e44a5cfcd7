// What `hookline cel` evaluates with.

import ArgumentParser
import Bytes
import CEL
import Crypto
import Hooks
import JSON
import Reactor
import Service

/// The environments that expressions can be tried in.
enum CelEnvironmentName: String, ExpressibleByArgument, CaseIterable {
  /// `when` and `vars` of a Hook.
  case hookline
  /// The CEL interceptor of Tekton Triggers.
  case tekton
  /// `on-cel-expression` of Pipelines-as-Code.
  case pac
}

/// The files and values of the command line as variables.
struct CelInputs {
  let environment: CELEnvironment
  let activation: CELActivation

  /// - Throws: ``CommandFailure`` for what cannot be read.
  init(
    _ name: CelEnvironmentName, body: JSONObject, headers: [String], extensions: JSONObject,
    requestURL: String
  ) throws {
    let fields = try HeaderFields.parse(headers)
    var values: [String: CELValue] = ["body": Self.map(body)]
    switch name {
    case .hookline:
      environment = .hookline(zones: .system, services: Self.services)
      for name in ["event", "inputs", "vars"] { values[name] = Self.map(JSONObject()) }
      values["header"] = Self.canonicalHeader(fields)
      values["query"] = Self.query(of: requestURL)
    case .tekton:
      environment = .tekton(zones: .system, services: Self.services)
      values["header"] = Self.canonicalHeader(fields)
      values["extensions"] = Self.map(extensions)
      values["requestURL"] = .string(requestURL)
    case .pac:
      let files = extensions["files"]?["all"]?.arrayValue?.compactMap(\.stringValue) ?? []
      let parameters = extensions.filter { $0.value.stringValue != nil }.map(\.key)
      environment = .pipelinesAsCode(
        zones: .system, parameters: parameters,
        libraries: [.pipelinesAsCode(changedFiles: { files })])
      for name in environment.variables.keys { values[name] = .string("") }
      values["body"] = Self.map(body)
      values["files"] = Self.map(JSONObject())
      values["headers"] = .map(
        CELMap(
          fields.reversed().map { field in
            (.string(ASCII.lowercased(field.name)), .string(field.value))
          }))
    }
    if name != .tekton {
      for member in extensions where environment.variables[member.key] != nil {
        values[member.key] = CELValue(json: member.value)
      }
    }
    activation = CELActivation(values)
  }

  /// Canonical names with the lists of their values.
  private static func canonicalHeader(_ fields: [(name: String, value: String)]) -> CELValue {
    var values: [(name: String, values: [CELValue])] = []
    for field in fields {
      let name = CELLibrary.canonicalHeaderName(field.name)
      if let index = values.firstIndex(where: { $0.name == name }) {
        values[index].values.append(.string(field.value))
      } else {
        values.append((name, [.string(field.value)]))
      }
    }
    return .map(CELMap(values.map { (.string($0.name), .list($0.values)) }))
  }

  /// The first value of each name.
  private static func query(of url: String) -> CELValue {
    guard let mark = url.utf8.firstIndex(of: UInt8(ascii: "?")) else { return map(JSONObject()) }
    let query = url[url.utf8.index(after: mark)...].prefix { $0 != "#" }
    let pairs = QueryString.parameters(String(query))
    return .map(CELMap(pairs.reversed().map { (.string($0.name), .string($0.value)) }))
  }

  private static func map(_ object: JSONObject) -> CELValue { .map(CELMap(json: object)) }

  /// No secret is known here.
  private static let services = TektonServices(
    secret: { _, name throws(TektonServices.Refusal) -> SecretBytes in
      throw TektonServices.Refusal(
        name.isEmpty
          ? "resource name may not be empty" : "secrets \(GoQuote.quoted(name)) not found")
    },
    parseYAML: { text throws(TektonServices.Refusal) in try TektonServices.yaml(text) })
}

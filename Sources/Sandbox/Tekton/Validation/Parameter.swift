// Parameters, their declarations and values, as validation sees them.

import JSON

/// The value of a parameter or a result.
enum ParameterValue: Equatable, Sendable {
  case text(String)
  case list([String])
  case map([String: String])

  /// The value in JSON that went through the webhook's types.
  init?(_ value: JSONValue?) {
    switch value {
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(elements.compactMap(\.stringValue))
    case .object(let object):
      self = .map(
        Dictionary(
          object.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { _, last in last }
        ))
    default: return nil
    }
  }

  /// The name of the type: `string`, `array`, `object`.
  var type: String {
    switch self {
    case .text: "string"
    case .list: "array"
    case .map: "object"
    }
  }

  /// All texts in the value.
  var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .list(let elements): elements
    case .map(let members): members.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// The text, empty for lists and maps.
  var text: String {
    if case .text(let text) = self { text } else { "" }
  }

  /// The elements, none for texts and maps.
  var elements: [String] {
    if case .list(let elements) = self { elements } else { [] }
  }

  /// The expressions in `$(…)` in all texts.
  var expressions: [String] { texts.flatMap(ResultReferences.expressions) }
}

/// A parameter that is given.
struct Parameter: Sendable {
  var name: String
  var value: ParameterValue

  init(_ json: JSONValue) {
    name = json["name"]?.stringValue ?? ""
    value = ParameterValue(json["value"]) ?? .text("")
  }

  static func list(_ json: JSONValue?) -> [Parameter] {
    (json?.arrayValue ?? []).map(Parameter.init)
  }
}

/// A parameter that is declared.
struct ParameterSpec: Sendable {
  var name: String
  var type: String
  /// The keys of an object and their types; `nil` if they are not declared.
  var properties: [String: String]?
  var defaultValue: ParameterValue?
  var enumeration: [String]

  init(_ json: JSONValue) {
    name = json["name"]?.stringValue ?? ""
    type = json["type"]?.stringValue ?? ""
    properties = json["properties"]?.objectValue.map { object in
      Dictionary(
        object.map { ($0.key, $0.value["type"]?.stringValue ?? "") },
        uniquingKeysWith: { _, last in last })
    }
    defaultValue = ParameterValue(json["default"])
    enumeration = (json["enum"]?.arrayValue ?? []).compactMap(\.stringValue)
  }

  /// What a parameter that is given declares by itself.
  init(_ parameter: Parameter) {
    name = parameter.name
    type = parameter.value.type
    defaultValue = parameter.value
    enumeration = []
    if case .map(let members) = parameter.value { properties = members.mapValues { _ in "string" } }
  }

  static func list(_ json: JSONValue?) -> [ParameterSpec] {
    (json?.arrayValue ?? []).map(ParameterSpec.init)
  }
}

/// The names of declared parameters, by type.
struct ParameterNames: Sendable {
  var all: Set<String>
  var lists: Set<String>
  /// The keys of each object.
  var objects: [String: Set<String>]

  init(_ specs: [ParameterSpec]) {
    all = Set(specs.map(\.name))
    lists = Set(specs.filter { $0.type == "array" }.map(\.name))
    objects = Dictionary(
      specs.filter { $0.type == "object" }.map { ($0.name, Set(($0.properties ?? [:]).keys)) },
      uniquingKeysWith: { $0.union($1) })
  }
}

// From `inputs` of a trigger to input declarations.

import JSON
import RE2
import YAML

/// Decodes input declarations. Findings go to the reader.
enum InputDecoder {
  static func decode(
    _ value: PlacedNode?, reader: inout DocumentReader
  ) -> [InputDeclaration] {
    var declarations: [InputDeclaration] = []
    var names: Set<String> = []
    for item in reader.list(value) ?? [] {
      guard let declaration = declaration(item, reader: &reader) else { continue }
      if !names.insert(declaration.name).inserted {
        reader.error(item.place, "another input is named \"\(declaration.name)\", too")
      }
      declarations.append(declaration)
    }
    return declarations
  }

  private static func declaration(
    _ value: PlacedNode, reader: inout DocumentReader
  ) -> InputDeclaration? {
    let fields = ["name", "type", "required", "default", "enum", "pattern", "description"]
    guard let object = reader.object(value, fields: fields) else { return nil }
    let nameValue = reader.required(object, "name")
    let name = reader.text(nameValue)
    if let name, let place = nameValue?.place, !isTemplateName(Array(name.utf8)) {
      reader.error(
        place, "\"\(name)\" is not a name: letters, digits, \"_\" and \"-\", a letter first")
    }
    let kind =
      object["type"] == nil
      ? .string : reader.choice(object["type"], of: InputDeclaration.Kind.self, what: "type")
    let isRequired = reader.flag(object["required"]) ?? false
    let summary = reader.string(object["description"])
    guard let kind else { return nil }
    let choices = choices(object["enum"], kind: kind, reader: &reader)
    let pattern = pattern(object["pattern"], kind: kind, reader: &reader)
    var declaration = InputDeclaration(
      name: name ?? "", kind: kind, isRequired: isRequired, defaultValue: nil, choices: choices,
      pattern: pattern, summary: summary)
    if let value = object["default"] {
      let json = value.node.json
      if let problem = declaration.problem(with: json) { reader.error(value.place, problem) }
      if isRequired { reader.error(value.place, "a required input has no default") }
      declaration = InputDeclaration(
        name: declaration.name, kind: kind, isRequired: isRequired, defaultValue: json,
        choices: choices, pattern: pattern, summary: summary)
    }
    return name == nil ? nil : declaration
  }

  private static func choices(
    _ value: PlacedNode?, kind: InputDeclaration.Kind, reader: inout DocumentReader
  ) -> [JSONValue] {
    let plain = InputDeclaration(
      name: "", kind: kind, isRequired: false, defaultValue: nil, choices: [], pattern: nil,
      summary: nil)
    var choices: [JSONValue] = []
    var seen: Set<[UInt8]> = []
    for item in reader.list(value) ?? [] {
      let json = item.node.json
      if let problem = plain.problem(with: json) { reader.error(item.place, problem) }
      if !seen.insert(json.serialized()).inserted {
        reader.error(item.place, "\(json.serializedString()) is given twice")
      }
      choices.append(json)
    }
    return choices
  }

  private static func pattern(
    _ value: PlacedNode?, kind: InputDeclaration.Kind, reader: inout DocumentReader
  ) -> RE2Pattern? {
    guard let value, let text = reader.text(value) else { return nil }
    guard kind == .string else {
      reader.error(value.place, "a pattern is for strings")
      return nil
    }
    do throws(RE2Error) {
      return try RE2Pattern(text)
    } catch {
      reader.error(value.place, error.description)
      return nil
    }
  }
}

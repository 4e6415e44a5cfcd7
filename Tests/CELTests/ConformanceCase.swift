// One conformance test. The format is described beside the data.

import Bytes
import CEL
import JSON
import TestSupport

struct ConformanceCase {
  /// Which environment it is tried in.
  enum Libraries { case everything, tekton }

  let json: JSONValue

  var id: String { json["id"]?.stringValue ?? "" }
  var expression: String { json["expr"]?.stringValue ?? "" }
  var usesMessages: Bool { json["uses_proto"]?.boolValue ?? false }
  var isForTekton: Bool { json["tekton_env"]?.boolValue ?? false }
  var deviatesInGo: Bool { json["cel_go_skips"]?.boolValue ?? false }

  static func cases(in file: String) throws -> [ConformanceCase] {
    let data = try JSONValue.parse(try SharedData.bytes("cel-conformance/\(file)"))
    return (data["tests"]?.arrayValue ?? []).map(ConformanceCase.init(json:))
  }

  func environment(_ libraries: Libraries) throws -> CELEnvironment {
    var variables: [String: CELType] = [:]
    var functions: [CELFunction] = []
    for declaration in json["type_env"]?.arrayValue ?? [] {
      let name = declaration["name"]?.stringValue ?? ""
      if let type = declaration["type"]?.stringValue {
        variables[name] = CELType(conformance: type)
      }
      guard let overloads = declaration["function"]?.arrayValue else { continue }
      functions.append(
        CELFunction(
          name,
          overloads: overloads.map { overload in
            .global(
              overload["overload_id"]?.stringValue ?? "",
              (overload["params"]?.arrayValue ?? []).map {
                CELType(conformance: $0.stringValue ?? "")
              },
              CELType(conformance: overload["result"]?.stringValue ?? ""), .none)
          }))
    }
    let own = CELLibrary(name: "test", functions: functions, syntax: .quotedFields)
    var language = CELEnvironment.language(.specification, zones: .ofThisMachine)
    if json["disable_macros"]?.boolValue == true {
      language.removeAll { $0.name == CELLibrary.standardMacros.name }
    }
    return CELEnvironment(
      name: "conformance", container: json["container"]?.stringValue ?? "",
      variables: variables,
      libraries: libraries == .tekton
        ? CELEnvironment.tektonLibraries(zones: .ofThisMachine, services: .none) + [own]
        : language + [
          .bindings, .blocks, .twoVariableMacros, .optionals, .strings(.specification), .encoders,
          .sets, .lists, .math, .network, own,
        ],
      rules: CELEnvironment.Rules(
        repeatedKeys: libraries == .tekton ? .lastCounts : .error, missingKeys: .keyAlone))
  }

  /// What is not as expected, nil when all is.
  func difference(in environment: CELEnvironment) -> String? {
    let expected = json["expected"]
    let wantsError = expected?["error"]?.boolValue ?? false
    do throws(CELError) {
      let program = try CELProgram(
        CELSource(expression), in: environment,
        checking: json["disable_check"]?.boolValue == true ? .unchecked : .checked)
      if let type = expected?["deduced_type"]?.stringValue,
        program.resultType.description != type
      {
        return "type \(program.resultType.description) instead of \(type)"
      }
      if json["check_only"]?.boolValue == true { return nil }
      var activation = CELActivation()
      for member in json["bindings"]?.objectValue ?? [:] {
        activation[member.key] = CELValue(conformance: member.value)
      }
      let value = try program.evaluate(activation)
      if wantsError { return "\(value.literalText) instead of an error" }
      guard let wanted = expected?["value"].map(CELValue.init(conformance:)) else { return nil }
      return value.isExactly(wanted) ? nil : "\(value.literalText) instead of \(wanted.literalText)"
    } catch {
      return wantsError ? nil : "\(error.phase): \(error.message)"
    }
  }
}

extension CELType {
  /// The type of the data's notation.
  init(conformance text: String) {
    let plain: [String: CELType] = [
      "int": .int, "uint": .uint, "double": .double, "bool": .bool, "string": .string,
      "bytes": .bytes, "null_type": .null, "dyn": .dyn, "timestamp": .timestamp,
      "duration": .duration,
    ]
    if let type = plain[text] {
      self = type
      return
    }
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
      self = .parameter(text)
      return
    }
    let name = String(text[..<open])
    var parts: [String] = [""]
    var depth = 0
    for character in text[text.index(after: open)...].dropLast() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append("")
      } else if !(character == " " && parts[parts.count - 1].isEmpty) {
        parts[parts.count - 1].append(character)
      }
    }
    let parameters = parts.map(CELType.init(conformance:))
    switch (name, parameters.count) {
    case ("list", 1): self = .list(parameters[0])
    case ("map", 2): self = .map(parameters[0], parameters[1])
    case ("type", 1): self = .type(parameters[0])
    case ("optional_type", 1): self = .optional(parameters[0])
    default: self = .opaque(name, parameters)
    }
  }
}

extension CELValue {
  /// The value of the data's notation.
  init(conformance json: JSONValue) {
    guard let member = json.objectValue?.first else {
      self = .null
      return
    }
    let text = member.value.stringValue ?? ""
    switch member.key {
    case "int": self = .int(Int64(text) ?? 0)
    case "uint": self = .uint(UInt64(text) ?? 0)
    case "double":
      self = .double(
        member.value.doubleValue ?? ["NaN": .nan, "Infinity": .infinity, "-0.0": -0.0][text]
          ?? -.infinity)
    case "string": self = .string(text)
    case "bytes": self = .bytes(Base64.decode(text) ?? [])
    case "bool": self = .bool(member.value.boolValue ?? false)
    case "list":
      self = .list((member.value.arrayValue ?? []).map(CELValue.init(conformance:)))
    case "map":
      self = .map(
        CELMap(
          (member.value.arrayValue ?? []).map { entry in
            (CELValue(conformance: entry[0] ?? .null), CELValue(conformance: entry[1] ?? .null))
          }))
    case "type":
      let named: [String: CELType] = [
        "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration,
        "list": .list(.dyn), "map": .map(.dyn, .dyn), "type": .type(.dyn),
        "optional_type": .optional(.dyn), "net.IP": .opaque("net.IP", []),
        "net.CIDR": .opaque("net.CIDR", []),
      ]
      self = .type(named[text] ?? CELType(conformance: text))
    case "timestamp":
      self =
        (try? CELProgram("timestamp('\(text)')", in: .forValues).evaluate(CELActivation())) ?? .null
    case "duration":
      self =
        (try? CELProgram("duration('\(text)')", in: .forValues).evaluate(CELActivation())) ?? .null
    default: self = .null
    }
  }

  /// Whether two values are the same, types included; NaN is the same as NaN.
  func isExactly(_ other: CELValue) -> Bool {
    switch (self, other) {
    case (.double(let left), .double(let right)):
      return left == right || left.isNaN && right.isNaN
    case (.list(let left), .list(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isExactly($1) }
    case (.map(let left), .map(let right)):
      return left.count == right.count
        && left.entries.allSatisfy { entry in
          right[entry.key].map { entry.value.isExactly($0) } ?? false
        }
    default:
      guard type.name == other.type.name else { return false }
      var meter = CELCostMeter()
      return (try? CELValue.equals(self, other, &meter)) ?? false
    }
  }
}

extension CELEnvironment {
  /// For values of the data that have no literal.
  fileprivate static let forValues = CELEnvironment(
    name: "values", variables: [:], libraries: language(.specification, zones: .none))
}

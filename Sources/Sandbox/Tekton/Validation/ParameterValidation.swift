// Rules for parameters that hold wherever they are declared or given.

/// *Source:* `param_types.go`, `task_validation.go`, `taskrun_validation.go` of Tekton's v1.
enum ParameterValidation {
  // MARK: Given parameters

  /// No name is given twice, whatever its case.
  static func duplicates(_ parameters: [Parameter]) -> FieldViolations {
    var violations = FieldViolations.none
    var seen: Set<String> = []
    for parameter in parameters where !seen.insert(parameter.name.lowercased()).inserted {
      violations += FieldViolations.both("name").via(key: parameter.name)
    }
    return violations
  }

  /// No name is given twice to a task.
  static func taskDuplicates(_ parameters: [Parameter]) -> FieldViolations {
    var violations = FieldViolations.none
    var seen: Set<String> = []
    for (index, parameter) in parameters.enumerated()
    where !seen.insert(parameter.name).inserted {
      violations += FieldViolations(
        "parameter names must be unique, the parameter \"\(parameter.name)\" is also defined at",
        "[\(index)].name")
    }
    return violations
  }

  // MARK: Declared parameters

  /// Each type is one of the three, and the default value has it.
  static func types(_ specs: [ParameterSpec]) -> FieldViolations {
    specs.reduce(into: .none) { $0 += type($1) }
  }

  private static func type(_ spec: ParameterSpec) -> FieldViolations {
    guard ["string", "array", "object"].contains(spec.type) else {
      return .invalid(spec.type, "\(spec.name).type")
    }
    if let value = spec.defaultValue, value.type != spec.type {
      return FieldViolations(
        "\"\(spec.type)\" type does not match default value's type: \"\(value.type)\"",
        "\(spec.name).type", "\(spec.name).default.type")
    }
    let wrong = (spec.properties ?? [:]).filter { $0.value != "string" }.keys.sorted()
    guard !wrong.isEmpty else { return .none }
    return FieldViolations(
      "The value type specified for these keys [\(wrong.joined(separator: " "))] is invalid",
      "\(spec.name).properties")
  }

  /// No name is declared twice.
  static func duplicateNames(_ specs: [ParameterSpec]) -> FieldViolations {
    repeated(specs.map(\.name)).reduce(into: .none) {
      $0 += FieldViolations("parameter appears more than once", "").via("params", key: $1)
    }
  }

  /// Enumerations are behind a gate that is closed, and would have rules of their own.
  static func enumerations(_ specs: [ParameterSpec]) -> FieldViolations {
    var violations = FieldViolations.none
    for spec in specs where !spec.enumeration.isEmpty {
      var messages = ["feature flag `enable-param-enum` should be set to true to use Enum"]
      if spec.type != "string" { messages.append("enum can only be set with string type param") }
      messages += repeated(spec.enumeration).map {
        "parameter enum value \($0) appears more than once"
      }
      if let text = spec.defaultValue?.text, !text.isEmpty, !spec.enumeration.contains(text) {
        messages.append("param default value \(text) not in the enum list")
      }
      for message in messages {
        violations += FieldViolations(message, "").via(key: spec.name)
      }
    }
    return violations
  }

  /// Names have a form in which they can be referred to.
  static func nameFormat(_ specs: [ParameterSpec]) -> FieldViolations {
    var violations = FieldViolations.none
    let plain = Set(specs.filter { $0.type != "object" }.map(\.name)).sorted()
    let wrong = plain.filter { !isVariableName($0, allowingDots: true) }
    if !wrong.isEmpty {
      violations += FieldViolations(
        "The format of following array and string variable names is invalid: "
          + "[\(wrong.joined(separator: " "))]", "params",
        details: "String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), "
          + "underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)")
    }
    var wrongKeys: [String: [String]] = [:]
    for spec in specs where spec.type == "object" {
      let keys = (spec.properties ?? [:]).keys.filter { !isVariableName($0, allowingDots: false) }
      if !isVariableName(spec.name, allowingDots: false) || !keys.isEmpty {
        wrongKeys[spec.name] = keys.sorted()
      }
    }
    guard !wrongKeys.isEmpty else { return violations }
    let list = wrongKeys.sorted { $0.key < $1.key }.map {
      "\($0.key):[\($0.value.joined(separator: " "))]"
    }
    return violations
      + FieldViolations(
        "Object param name and key name format is invalid: map[\(list.joined(separator: " "))]",
        "params",
        details: "Object Names: \nMust only contain alphanumeric characters, hyphens (-), "
          + "underscores (_) \nMust begin with a letter or an underscore (_)")
  }

  /// Objects declare their keys.
  static func propertiesDeclared(_ specs: [ParameterSpec]) -> FieldViolations {
    specs.filter { $0.type == "object" && $0.properties == nil }.reduce(into: .none) {
      $0 += .missing("\($1.name).properties")
    }
  }

  private static func isVariableName(_ name: String, allowingDots: Bool) -> Bool {
    guard let first = name.first, first.isASCII, first.isLetter || first == "_" else {
      return false
    }
    return name.allSatisfy {
      VariableReferences.isNameCharacter($0) && (allowingDots || $0 != ".")
    }
  }

  /// The elements that occur more than once, in order, each once.
  private static func repeated(_ values: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.filter { $0.value > 1 }.keys.sorted()
  }

  // MARK: References to parameters

  /// A text that may refer to strings and to keys of objects.
  static func stringReferences(_ value: String, _ names: ParameterNames) -> FieldViolations {
    let references = VariableReferences(in: value, prefix: .parameters)
    return references.unknown(besides: names.all) + objectReferences(value, names)
      + references.prohibited(names.lists)
  }

  /// A text that may be a reference to a list as a whole.
  static func listReferences(_ value: String, _ names: ParameterNames) -> FieldViolations {
    let references = VariableReferences(in: value, prefix: .parameters)
    return references.unknown(besides: names.all) + objectReferences(value, names)
      + references.notIsolated(names.lists)
  }

  private static func objectReferences(
    _ value: String, _ names: ParameterNames
  ) -> FieldViolations {
    guard !names.objects.isEmpty else { return .none }
    var violations = FieldViolations.none
    for (name, keys) in names.objects {
      violations += VariableReferences(in: value, prefix: .keys(of: name)).unknown(besides: keys)
    }
    return violations
      + VariableReferences(in: value, prefix: .parameters).prohibitedWhole(Set(names.objects.keys))
  }

  /// What the parameters of a pipeline's task refer to.
  static func taskReferences(
    _ parameters: [Parameter], _ names: ParameterNames
  ) -> FieldViolations {
    var violations = taskDuplicates(parameters).via("params")
    for parameter in parameters {
      switch parameter.value {
      case .text(let text) where VariableReferences.isWholeReference(text):
        violations += VariableReferences(in: text, prefix: .parameters)
          .unknown(besides: names.all).via("params", key: parameter.name)
      case .text(let text):
        violations += stringReferences(text, names).via("params", key: parameter.name)
      case .list(let elements):
        for (index, element) in elements.enumerated() {
          violations += listReferences(element, names).via("value", index: index)
            .via("params", key: parameter.name)
        }
      case .map(let members):
        for (key, value) in members {
          violations += stringReferences(value, names).via("properties", key: key)
            .via("params", key: parameter.name)
        }
      }
    }
    return violations
  }
}

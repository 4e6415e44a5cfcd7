// Rules for the specification of a task, wherever it stands.

import JSON

/// *Source:* `task_validation.go`, `result_validation.go` of Tekton's v1.
enum TaskSpecValidation {
  /// A Task of its own, whose parameters must all be declared.
  static func standalone(_ spec: JSONValue) -> FieldViolations {
    validate(spec)
      + StepReferenceValidation.usage(
        spec["steps"]?.arrayValue ?? [], ParameterSpec.list(spec["params"]))
  }

  /// The rules for every specification.
  static func validate(_ spec: JSONValue) -> FieldViolations {
    let steps = spec["steps"]?.arrayValue ?? []
    let parameters = ParameterSpec.list(spec["params"])
    var violations = FieldViolations.none
    if steps.isEmpty { violations += .missing("steps") }
    violations += volumes(spec).via("volumes")
    violations += workspaces(spec).via("workspaces")
    violations += workspaceUsages(spec, "steps") + workspaceUsages(spec, "sidecars")
    violations += StepValidation.steps(merged(steps, spec["stepTemplate"])).via("steps")
    violations += StepValidation.sidecars(spec["sidecars"]?.arrayValue ?? [])
    violations += ParameterValidation.types(parameters).via("params")
    violations += StepReferenceValidation.variables(steps, parameters)
    violations += StepReferenceValidation.context(steps)
    violations += resultReferences(spec, steps)
    for (index, result) in (spec["results"]?.arrayValue ?? []).enumerated() {
      violations += self.result(result).via("results", index: index)
    }
    return violations
  }

  /// What is said of artifacts, whose gate is closed.
  static let artifactsGate =
    "feature flag enable-artifacts should be set to true to use artifacts feature."

  // MARK: Parts

  private static func volumes(_ spec: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    var names: Set<String> = []
    for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() {
      let name = volume["name"]?.stringValue ?? ""
      if !names.insert(name).inserted {
        violations += FieldViolations("multiple volumes with same name \(quoted(name))", "name")
          .via(index: index)
      }
    }
    return violations
  }

  /// Names and mount paths of workspaces are unique, mount paths also among volumes.
  private static func workspaces(_ spec: JSONValue) -> FieldViolations {
    let containers = (spec["steps"]?.arrayValue ?? []) + [spec["stepTemplate"] ?? .null]
    var paths = Set(
      containers.flatMap { $0["volumeMounts"]?.arrayValue ?? [] }.map {
        cleaned($0["mountPath"]?.stringValue ?? "")
      })
    var violations = FieldViolations.none
    var names: Set<String> = []
    for (index, workspace) in (spec["workspaces"]?.arrayValue ?? []).enumerated() {
      let name = workspace["name"]?.stringValue ?? ""
      if !names.insert(name).inserted {
        violations += FieldViolations("workspace name \(quoted(name)) must be unique", "name")
          .via(index: index)
      }
      let path = cleaned(workspace["mountPath"]?.stringValue ?? "/workspace/\(name)")
      if !paths.insert(path).inserted {
        violations += FieldViolations(
          "workspace mount path \(quoted(path)) must be unique", "mountpath"
        ).via(index: index)
      }
    }
    return violations
  }

  /// A path without doubled, trailing and relative parts.
  private static func cleaned(_ path: String) -> String {
    var parts: [Substring] = []
    let isRooted = path.hasPrefix("/")
    for part in path.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if let last = parts.last, last != ".." {
        parts.removeLast()
      } else if !isRooted {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return isRooted ? "/\(joined)" : joined.isEmpty ? "." : joined
  }

  private static func workspaceUsages(_ spec: JSONValue, _ field: String) -> FieldViolations {
    let names = Set((spec["workspaces"]?.arrayValue ?? []).map { $0["name"]?.stringValue ?? "" })
    var violations = FieldViolations.none
    for (index, container) in (spec[field]?.arrayValue ?? []).enumerated() {
      for (inner, usage) in (container["workspaces"]?.arrayValue ?? []).enumerated() {
        let name = usage["name"]?.stringValue ?? ""
        guard !names.contains(name) else { continue }
        violations += FieldViolations("undefined workspace \(quoted(name))", "name")
          .via("workspaces", index: inner).via(field, index: index)
      }
    }
    return violations
  }

  /// The steps with what the template gives them, as far as rules look at it.
  private static func merged(_ steps: [JSONValue], _ template: JSONValue?) -> [JSONValue] {
    guard let template else { return steps }
    return steps.map { step in
      var step = step
      for field in ["image", "command", "args", "workingDir"] where step["ref"] == nil {
        if step[field] == nil { step[field] = template[field] }
      }
      return step
    }
  }

  private static func resultReferences(_ spec: JSONValue, _ steps: [JSONValue]) -> FieldViolations {
    let names = Set((spec["results"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
    var violations = FieldViolations.none
    for (index, step) in steps.enumerated() {
      violations += VariableReferences(in: step["script"]?.stringValue ?? "", prefix: .results)
        .unknown(besides: names).via("script").via("steps", index: index)
    }
    return violations
  }

  /// The declaration of one result of a task or a step.
  static func result(_ result: JSONValue) -> FieldViolations {
    let name = result["name"]?.stringValue ?? ""
    guard isResultName(name) else {
      return FieldViolations(
        "invalid key name \(quoted(name))", "name",
        details: "Name must consist of alphanumeric characters, '-', '_', and must start and end "
          + "with an alphanumeric character (e.g. 'MyName',  or 'my-name',  or 'my_name', regex "
          + "used for validation is '^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')")
    }
    switch result["type"]?.stringValue ?? "" {
    case "", "string", "array": return .none
    case "object":
      guard let properties = result["properties"]?.objectValue else {
        return .missing("\(name).properties")
      }
      let wrong = properties.filter { $0.value["type"]?.stringValue != "string" }.map(\.key)
        .sorted()
      guard !wrong.isEmpty else { return .none }
      return FieldViolations(
        "The value type specified for these keys [\(wrong.joined(separator: " "))] is invalid, "
          + "the type must be string", "\(name).properties")
    case let other: return .invalid(other, "type", details: "type must be string")
    }
  }

  private static func isResultName(_ name: String) -> Bool {
    guard let first = name.first, let last = name.last else { return false }
    return name.allSatisfy(VariableReferences.isNameCharacter)
      && [first, last].allSatisfy { $0.isLetter || $0.isNumber }
  }
}

// Rules for the kinds beside pipelines and tasks.

import JSON

/// *Source:* `stepaction_validation.go` of Tekton's v1beta1.
enum StepActionValidation {
  static func validate(_ spec: JSONValue) -> FieldViolations {
    let parameters = ParameterSpec.list(spec["params"])
    var step = spec
    for field in ["params", "description", "results"] { step[field] = nil }
    var violations = FieldViolations.none
    if (spec["image"]?.stringValue ?? "").isEmpty { violations += .missing("Image") }
    if spec["script"] != nil, spec["command"] != nil {
      violations += FieldViolations("script cannot be used with command", "script")
    }
    violations += ParameterValidation.types(parameters).via("params")
    violations += ParameterValidation.duplicateNames(parameters)
    violations += ParameterValidation.nameFormat(parameters)
    let names = Set(parameters.map(\.name))
    violations += StepReferences(step).check {
      VariableReferences(in: $0, prefix: .parameters).unknown(besides: names)
    }
    for (index, result) in (spec["results"]?.arrayValue ?? []).enumerated() {
      violations += TaskSpecValidation.result(result).via("results", index: index)
    }
    return violations
  }
}

/// *Source:* `customrun_validation.go` of Tekton's v1beta1.
enum CustomRunValidation {
  static func validate(_ spec: JSONValue) -> FieldViolations {
    let reference = spec["customRef"]
    let embedded = spec["customSpec"]
    if spec.objectValue?.isEmpty ?? true { return .missing("spec") }
    if reference == nil, embedded == nil { return .neither("customRef", "customSpec") }
    if reference != nil, embedded != nil { return .both("customRef", "customSpec") }
    for (field, value) in [("customRef", reference), ("customSpec", embedded)] {
      guard let value else { continue }
      for member in ["apiVersion", "kind"] where (value[member]?.stringValue ?? "").isEmpty {
        return .missing("\(field).\(member)")
      }
    }
    if let status = spec["status"]?.stringValue, status != "RunCancelled" {
      return .invalid("\(status) should be RunCancelled", "status")
    }
    return ParameterValidation.duplicates(Parameter.list(spec["params"])).via("params")
      + WorkspaceBindingValidation.ofTaskRun(spec["workspaces"]?.arrayValue ?? [])
  }
}

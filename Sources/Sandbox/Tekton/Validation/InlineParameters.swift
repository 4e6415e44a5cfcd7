// Parameters that are declared nowhere but in the run, and reach the steps all the same.

import JSON

/// The declarations that a run with an embedded specification amounts to.
///
/// *Source:* "propagated parameters"; `taskrun_validation.go`, `pipelinerun_validation.go` of
/// Tekton's v1.
struct InlineParameters {
  private var specs: [String: ParameterSpec] = [:]
  private var violations = FieldViolations.none

  /// Rules for a PipelineRun with a `pipelineSpec`.
  static func ofPipelineRun(_ spec: JSONValue) -> FieldViolations {
    guard let pipeline = spec["pipelineSpec"] else { return .none }
    var inline = InlineParameters(given: Parameter.list(spec["params"]))
    inline.declare(ParameterSpec.list(pipeline["params"]))
    let tasks = PipelineTask.list(pipeline["tasks"])
    for task in tasks {
      inline.give(task.parameters)
      inline.declare(task.declaredParameters)
    }
    guard !tasks.isEmpty else { return inline.violations }
    for task in tasks where !task.steps.isEmpty { inline.checkSteps(task.steps) }
    return inline.violations + PipelineSpecValidation.parameterVariables(tasks, inline.list)
      + PipelineSpecValidation.parameterUsage(tasks, inline.list)
  }

  /// Rules for a TaskRun with a `taskSpec`.
  static func ofTaskRun(_ spec: JSONValue) -> FieldViolations {
    guard let task = spec["taskSpec"] else { return .none }
    var inline = InlineParameters(given: Parameter.list(spec["params"]))
    inline.declare(ParameterSpec.list(task["params"]))
    if let steps = task["steps"]?.arrayValue, !steps.isEmpty { inline.checkSteps(steps) }
    return inline.violations
  }

  private init(given parameters: [Parameter]) {
    for parameter in parameters { specs[parameter.name] = ParameterSpec(parameter) }
  }

  private var list: [ParameterSpec] { specs.sorted { $0.key < $1.key }.map(\.value) }

  private mutating func declare(_ declared: [ParameterSpec]) {
    for declaration in declared {
      guard var known = specs[declaration.name] else {
        specs[declaration.name] = declaration
        continue
      }
      let givesObject = if case .map = declaration.defaultValue { true } else { false }
      if givesObject || known.type == "object", declaration.properties == nil {
        violations += .missing("\(declaration.name).properties")
        continue
      }
      if known.type == "object" { known.properties = declaration.properties }
      specs[declaration.name] = known
    }
  }

  /// Adds what a task is given; objects gain keys.
  private mutating func give(_ parameters: [Parameter]) {
    for parameter in parameters {
      guard var known = specs[parameter.name] else {
        specs[parameter.name] = ParameterSpec(parameter)
        continue
      }
      guard case .map(let members) = parameter.value else { continue }
      known.properties = (known.properties ?? [:]).merging(members.mapValues { _ in "string" }) {
        $1
      }
      specs[parameter.name] = known
    }
  }

  private mutating func checkSteps(_ steps: [JSONValue]) {
    violations +=
      ParameterValidation.types(list) + StepReferenceValidation.variables(steps, list)
      + StepReferenceValidation.usage(steps, list)
  }
}

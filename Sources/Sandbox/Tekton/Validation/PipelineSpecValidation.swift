// Rules for the specification of a pipeline, wherever it stands.

import JSON

/// *Source:* `pipeline_validation.go` of Tekton's v1.
enum PipelineSpecValidation {
  /// A Pipeline of its own, whose parameters and workspaces must all be declared.
  static func standalone(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    var violations = validate(spec, version)
    let specs = ParameterSpec.list(spec["params"])
    let workspaces = Set(
      (spec["workspaces"]?.arrayValue ?? []).map { $0["name"]?.stringValue ?? "" })
    for section in ["tasks", "finally"] {
      let tasks = PipelineTask.list(spec[section])
      for (index, task) in tasks.enumerated() {
        if task.taskSpec != nil {
          violations += StepReferenceValidation.usage(task.steps, task.declaredParameters + specs)
            .via(section, index: index)
        }
        violations += PipelineTaskValidation.workspaces(task, declared: workspaces)
          .via(section, index: index)
      }
      violations += parameterUsage(tasks, specs).via(section)
    }
    return violations
  }

  /// The rules for every specification.
  static func validate(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    let tasks = PipelineTask.list(spec["tasks"])
    let finally = PipelineTask.list(spec["finally"])
    let specs = ParameterSpec.list(spec["params"])
    var violations = FieldViolations.none
    if spec.objectValue?.isEmpty ?? true {
      violations += FieldViolations(
        "expected at least one, got none", "description", "params", "resources", "tasks",
        "workspaces")
    }
    violations += PipelineTaskValidation.tasks(tasks, finally: finally, version)
    if let mistake = TaskGraph.mistake(in: tasks.map { ($0.name, $0.dependencies) }) {
      violations += .invalid(mistake, "tasks")
    }
    for (section, list) in [("tasks", tasks), ("finally", finally)] {
      violations += parameterVariables(list, specs).via(section)
      violations += contextVariables(list).via(section)
      violations += MatrixValidation.tasks(list).via(section)
      for (index, task) in list.enumerated() {
        violations += WhenValidation.fields(task.json["when"]).via("when")
          .via(section, index: index)
      }
    }
    violations += ExecutionStatusValidation.tasks(tasks, finally: finally)
    violations += workspaceDeclarations(spec)
    violations += PipelineResultValidation.results(spec, tasks: tasks, finally: finally)
    violations += FinallyValidation.finally(finally, tasks: tasks)
    violations += artifacts(tasks, finally: finally)
    if version == .v1beta1, spec["resources"] != nil { violations += .disallowed("resources") }
    return violations
  }

  // MARK: Parameters

  /// What a pipeline's parameters declare, and that no task is given one twice.
  static func parameterVariables(
    _ tasks: [PipelineTask], _ specs: [ParameterSpec]
  ) -> FieldViolations {
    var violations =
      ParameterValidation.types(specs).via("params")
      + ParameterValidation.duplicateNames(specs)
      + ParameterValidation.enumerations(specs).via("params")
    for (index, task) in tasks.enumerated() {
      violations += ParameterValidation.taskDuplicates(task.parameters).via("params")
        .via(index: index)
    }
    return violations
  }

  /// Only declared parameters are referred to.
  static func parameterUsage(_ tasks: [PipelineTask], _ specs: [ParameterSpec]) -> FieldViolations {
    let names = ParameterNames(specs)
    var violations = FieldViolations.none
    for (index, task) in tasks.enumerated() {
      violations +=
        (ParameterValidation.taskReferences(task.parameters, names)
        + MatrixValidation.references(task, names)
        + WhenValidation.references(task.conditions, names)
        + ParameterValidation.taskDuplicates(task.parameters).via("params"))
        .via(index: index)
    }
    return violations
  }

  /// Only variables of a context that exist are referred to. Only the last task is looked at, as
  /// in the original.
  private static func contextVariables(_ tasks: [PipelineTask]) -> FieldViolations {
    let values = tasks.last?.allParameters.flatMap(\.value.texts) ?? []
    let contexts: [(String, Set<String>)] = [
      ("pipelineRun", ["name", "namespace", "uid"]), ("pipeline", ["name"]),
      ("pipelineTask", ["retries"]),
    ]
    var violations = FieldViolations.none
    for (context, names) in contexts {
      for value in values {
        violations += VariableReferences(in: value, prefix: .context(context))
          .unknown(besides: names).via("value")
      }
    }
    return violations
  }

  // MARK: Other parts

  private static func workspaceDeclarations(_ spec: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    var names: Set<String> = []
    for (index, workspace) in (spec["workspaces"]?.arrayValue ?? []).enumerated() {
      let name = workspace["name"]?.stringValue ?? ""
      if name.isEmpty {
        violations += .invalid("workspace \(index) has empty name", "")
          .via("workspaces", index: index)
      }
      if !names.insert(name).inserted {
        violations += .invalid("workspace with name \(quoted(name)) appears more than once", "")
          .via("workspaces", index: index)
      }
    }
    return violations
  }

  /// Artifacts are behind a gate that is closed. One mention is enough.
  private static func artifacts(
    _ tasks: [PipelineTask], finally: [PipelineTask]
  ) -> FieldViolations {
    for (section, list) in [("tasks", tasks), ("finally", finally)] {
      for (index, task) in list.enumerated()
      where task.parameters.flatMap(\.value.texts).contains(
        where: ResultReferences.mentionsTaskArtifact)
      {
        return FieldViolations(TaskSpecValidation.artifactsGate, "").via("params")
          .via(section, index: index)
      }
    }
    return .none
  }
}

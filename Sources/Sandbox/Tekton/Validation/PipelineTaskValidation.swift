// Rules for one task of a pipeline.

import JSON

/// *Source:* `pipeline_validation.go` of Tekton's v1.
enum PipelineTaskValidation {
  /// All tasks of both sections.
  static func tasks(
    _ tasks: [PipelineTask], finally: [PipelineTask], _ version: TektonVersion
  ) -> FieldViolations {
    var names: Set<String> = []
    var violations = FieldViolations.none
    for (section, list) in [("tasks", tasks), ("finally", finally)] {
      for (index, task) in list.enumerated() {
        var found = name(task.name)
        if !names.insert(task.name).inserted { found += .both("name") }
        found += validate(task, version)
        violations += found.via(section, index: index)
      }
    }
    return violations
  }

  private static func name(_ name: String) -> FieldViolations {
    guard !NameRules.label(name).isEmpty else { return .none }
    return FieldViolations(
      "invalid value \(quoted(name))", "name",
      details: "Pipeline Task name must be a valid DNS Label.For more info refer to "
        + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names")
  }

  private static func validate(_ task: PipelineTask, _ version: TektonVersion) -> FieldViolations {
    var violations = referenceOrSpec(task) + embeddedOrType(task) + errorHandling(task)
    if isCustom(task.json["taskRef"]) || isCustom(task.taskSpec) {
      return violations + custom(task)
    }
    if let spec = task.taskSpec {
      violations += TaskSpecValidation.validate(spec).via("taskSpec")
      if version == .v1beta1, spec["resources"] != nil {
        violations += .disallowed("resources").via("taskSpec")
      }
    }
    for field in ["taskRef", "pipelineRef"] {
      if let reference = task.json[field] {
        violations += ReferenceValidation.reference(reference, version).via(field)
      }
    }
    if let spec = task.json["pipelineSpec"] {
      violations += PipelineSpecValidation.validate(spec, version).via("pipelineSpec")
    }
    return violations
  }

  // MARK: What the task runs

  private static func referenceOrSpec(_ task: PipelineTask) -> FieldViolations {
    var violations = FieldViolations.none
    let given = ["taskRef", "taskSpec", "pipelineRef", "pipelineSpec"].filter {
      task.json[$0] != nil
    }
    for field in given where field.hasPrefix("pipeline") { violations += .alphaOnly(field) }
    if given.count > 1 {
      violations += FieldViolations("expected exactly one, got multiple", paths: given)
    }
    if given.isEmpty { violations += .neither("taskRef", "taskSpec") }
    return violations
  }

  private static func embeddedOrType(_ task: PipelineTask) -> FieldViolations {
    guard !task.steps.isEmpty else { return .none }
    return ["apiVersion", "kind"].filter { task.taskSpec?[$0] != nil }.reduce(into: .none) {
      $0 += FieldViolations(
        "taskSpec.\($1) cannot be specified when using taskSpec.steps", "taskSpec.\($1)")
    }
  }

  /// Whether a reference or specification means a custom task.
  private static func isCustom(_ value: JSONValue?) -> Bool {
    guard let value else { return false }
    let kind = value["kind"]?.stringValue ?? ""
    return !["", "Task"].contains(kind) || value["apiVersion"] != nil
  }

  private static func custom(_ task: PipelineTask) -> FieldViolations {
    var violations = FieldViolations.none
    for (field, words) in [("taskRef", "ref"), ("taskSpec", "spec")] {
      guard let value = task.json[field] else { continue }
      if value["kind"] == nil {
        violations += .invalid("custom task \(words) must specify kind", "\(field).kind")
      }
      guard let apiVersion = value["apiVersion"]?.stringValue else {
        violations += .invalid(
          "custom task \(words) must specify apiVersion", "\(field).apiVersion")
        continue
      }
      let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count != 2 || parts.contains(where: \.isEmpty) {
        violations += .invalid(
          "invalid apiVersion format \(quoted(apiVersion)), must be in the format "
            + "\"group/version\"", "\(field).apiVersion")
      }
    }
    return violations
  }

  private static func errorHandling(_ task: PipelineTask) -> FieldViolations {
    let value = task.json["onError"]?.stringValue ?? ""
    guard !value.isEmpty, !value.hasPrefix("$(params") else { return .none }
    var violations = FieldViolations.none
    if value != "continue", value != "stopAndFail" {
      violations += .invalid(
        value, "OnError",
        details: "PipelineTask OnError must be either \"continue\" or \"stopAndFail\"")
    }
    if value == "continue", (task.json["retries"]?.intValue ?? 0) > 0 {
      violations += FieldViolations(
        "PipelineTask OnError cannot be set to \"continue\" when Retries is greater than 0",
        paths: [])
    }
    return violations
  }

  // MARK: Workspaces

  /// Each workspace that a task uses is declared, and used under one name.
  static func workspaces(_ task: PipelineTask, declared: Set<String>) -> FieldViolations {
    var violations = FieldViolations.none
    var names: Set<String> = []
    for (index, binding) in (task.json["workspaces"]?.arrayValue ?? []).enumerated() {
      let name = binding["name"]?.stringValue ?? ""
      if !names.insert(name).inserted {
        violations += FieldViolations("workspace name \(quoted(name)) must be unique", "")
          .via("workspaces", index: index)
      }
      let workspace = binding["workspace"]?.stringValue ?? name
      if !declared.contains(workspace) {
        violations += .invalid(
          "pipeline task \(quoted(task.name)) expects workspace with name \(quoted(workspace)) "
            + "but none exists in pipeline spec", ""
        ).via("workspaces", index: index)
      }
    }
    return violations
  }
}

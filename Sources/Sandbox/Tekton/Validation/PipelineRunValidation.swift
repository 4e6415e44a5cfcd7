// Rules for PipelineRuns.

import Bytes
import JSON

/// *Source:* `pipelinerun_validation.go` of Tekton's v1 and v1beta1.
enum PipelineRunValidation {
  /// - Parameters:
  ///   - run: the run as defaulting left it.
  ///   - old: the stored run, for an update.
  static func validate(
    _ run: JSONValue, old: JSONValue?, _ version: TektonVersion
  ) -> FieldViolations {
    let spec = run["spec"] ?? [:]
    var violations = RunValidation.metadata(run)
    let isPending = spec["status"]?.stringValue == "PipelineRunPending"
    if isPending, run[["status", "startTime"]] != nil {
      violations += .invalid("PipelineRun cannot be Pending after it is started", "spec.status")
    }
    violations += RunValidation.frozen(run, since: old, kind: "PipelineRun", but: ["status"])
    return violations + self.spec(spec, version).via("spec")
  }

  private static func spec(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    var violations = pipeline(spec, version) + parameters(spec)
    violations += InlineParameters.ofPipelineRun(spec)
    violations += taskRunSpecs(spec, version)
    if spec["timeouts"] != nil {
      violations += timeouts(spec)
      if version == .v1 { violations += taskTimeouts(spec) }
    }
    violations += status(spec)
    violations += WorkspaceBindingValidation.ofPipelineRun(spec["workspaces"]?.arrayValue ?? [])
    if version == .v1beta1 { violations += v1beta1Fields(spec) }
    return violations
  }

  private static func pipeline(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    var violations = ReferenceValidation.referenceOrSpec(spec, ["pipelineRef", "pipelineSpec"])
    if let reference = spec["pipelineRef"] {
      violations += ReferenceValidation.reference(reference, version).via("pipelineRef")
    }
    if let pipeline = spec["pipelineSpec"] {
      violations += PipelineSpecValidation.validate(pipeline, version).via("pipelineSpec")
    }
    return violations
  }

  /// Parameters are given once, and not as the result of a task: no task has run yet.
  private static func parameters(_ spec: JSONValue) -> FieldViolations {
    let parameters = Parameter.list(spec["params"])
    var violations = ParameterValidation.duplicates(parameters).via("params")
    for parameter in parameters {
      let expressions = parameter.value.expressions.filter(ResultReferences.looksLikeResult)
      guard expressions.contains(where: { ResultReferences.result($0) != nil }) else { continue }
      violations += FieldViolations.invalid(
        "cannot use result expressions in [\(expressions.joined(separator: " "))] as PipelineRun "
          + "parameter values", "value"
      ).via("params", key: parameter.name)
    }
    return violations
  }

  private static func taskRunSpecs(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    let fields =
      version == .v1 ? ["stepSpecs", "sidecarSpecs"] : ["stepOverrides", "sidecarOverrides"]
    var violations = FieldViolations.none
    for (index, task) in (spec["taskRunSpecs"]?.arrayValue ?? []).enumerated() {
      let found =
        RunValidation.overrides(task, fields) + RunValidation.computeResources(task, version)
        + RunValidation.notNegative(task["timeout"], "timeout")
      violations +=
        version == .v1
        ? found.via("taskRunSpecs", key: task["pipelineTaskName"]?.stringValue ?? "")
        : found.via("taskRunSpecs", index: index)
    }
    return violations
  }

  // MARK: Timeouts

  private static func timeouts(_ spec: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    for field in ["tasks", "finally", "pipeline"] {
      violations += RunValidation.notNegative(
        spec[["timeouts", field]], "timeouts.\(field)")
    }
    let whole = RunValidation.duration(spec[["timeouts", "pipeline"]])
    let limit = whole?.nanoseconds ?? 0
    let rule = "should be <= pipeline duration"
    let tasks = RunValidation.duration(spec[["timeouts", "tasks"]])
    let finally = RunValidation.duration(spec[["timeouts", "finally"]])
    // Zero means no limit.
    for (field, part) in [("tasks", tasks), ("finally", finally)] where limit != 0 {
      guard let part else { continue }
      if part.nanoseconds == 0 {
        violations += .invalid("\(part) (no timeout) \(rule)", "timeouts.\(field)")
      } else if part.nanoseconds > limit {
        violations += .invalid("\(part) \(rule)", "timeouts.\(field)")
      }
    }
    if let tasks, let finally, tasks.nanoseconds &+ finally.nanoseconds > limit {
      for field in ["tasks", "finally"] {
        violations += .invalid("\(tasks) + \(finally) \(rule)", "timeouts.\(field)")
      }
    }
    return violations
  }

  /// No single task may have longer than all of them.
  private static func taskTimeouts(_ spec: JSONValue) -> FieldViolations {
    var limit = TektonDefaults.timeout
    var source = "default timeout duration"
    if let tasks = RunValidation.duration(spec[["timeouts", "tasks"]]) {
      (limit, source) = (tasks, "pipeline tasks duration")
    } else if let whole = RunValidation.duration(spec[["timeouts", "pipeline"]]) {
      (limit, source) = (whole, "pipeline duration")
    }
    guard limit.nanoseconds > 0 else { return .none }
    var violations = FieldViolations.none
    for task in spec["taskRunSpecs"]?.arrayValue ?? [] {
      let name = task["pipelineTaskName"]?.stringValue ?? ""
      guard let timeout = RunValidation.duration(task["timeout"]),
        timeout.nanoseconds > limit.nanoseconds
      else { continue }
      violations += .invalid(
        "\(timeout) should be <= \(source) \(limit)", "taskRunSpecs[\(name)].timeout")
    }
    return violations
  }

  // MARK: Status

  private static let statuses = [
    "Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending",
  ]

  private static func status(_ spec: JSONValue) -> FieldViolations {
    guard let status = spec["status"]?.stringValue, !statuses.contains(status) else {
      return .none
    }
    let list = statuses.dropLast().joined(separator: ", ") + " or PipelineRunPending"
    return .invalid("\(status) should be \(list)", "status")
  }

  // MARK: v1beta1 alone

  private static func v1beta1Fields(_ spec: JSONValue) -> FieldViolations {
    var violations = RunValidation.notNegative(spec["timeout"], "timeout")
    if spec["timeout"] != nil, spec["timeouts"] != nil {
      violations += .disallowed("timeout", "timeouts")
    }
    if spec["resources"] != nil { violations += .disallowed("resources") }
    guard let pipeline = spec["pipelineSpec"] else { return violations }
    // Workspaces that a task binds by a name of its own are not checked against anything else.
    var declared = Set(
      ((spec["workspaces"]?.arrayValue ?? []) + (pipeline["workspaces"]?.arrayValue ?? []))
        .map { $0["name"]?.stringValue ?? "" })
    for section in ["tasks", "finally"] {
      for (index, task) in PipelineTask.list(pipeline[section]).enumerated() {
        declared.formUnion(
          (task.json["workspaces"]?.arrayValue ?? []).map { $0["name"]?.stringValue ?? "" })
        violations += PipelineTaskValidation.workspaces(task, declared: declared).via(index: index)
      }
    }
    return violations
  }
}

// Rules for TaskRuns.

import JSON

/// *Source:* `taskrun_validation.go` of Tekton's v1 and v1beta1.
enum TaskRunValidation {
  /// - Parameters:
  ///   - run: the run as defaulting left it.
  ///   - old: the stored run, for an update.
  static func validate(
    _ run: JSONValue, old: JSONValue?, _ version: TektonVersion
  ) -> FieldViolations {
    RunValidation.metadata(run)
      + RunValidation.frozen(run, since: old, kind: "TaskRun", but: ["status", "statusMessage"])
      + spec(run["spec"] ?? [:], version).via("spec")
  }

  private static func spec(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    let fields =
      version == .v1 ? ["stepSpecs", "sidecarSpecs"] : ["stepOverrides", "sidecarOverrides"]
    return task(spec, version)
      + ParameterValidation.duplicates(Parameter.list(spec["params"])).via("params")
      + InlineParameters.ofTaskRun(spec)
      + WorkspaceBindingValidation.ofTaskRun(spec["workspaces"]?.arrayValue ?? [])
      + RunValidation.overrides(spec, fields) + RunValidation.computeResources(spec, version)
      + status(spec) + RunValidation.notNegative(spec["timeout"], "timeout")
      + (spec["debug"] == nil ? .none : .alphaOnly("debug"))
      + (spec["resources"] == nil ? .none : .disallowed("resources"))
  }

  private static func task(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    var violations = ReferenceValidation.referenceOrSpec(spec, ["taskRef", "taskSpec"])
    if let reference = spec["taskRef"] {
      violations += ReferenceValidation.reference(reference, version).via("taskRef")
    }
    if let task = spec["taskSpec"] {
      violations += TaskSpecValidation.validate(task).via("taskSpec")
      if version == .v1beta1, task["resources"] != nil {
        violations += .disallowed("resources").via("taskSpec")
      }
    }
    return violations
  }

  private static func status(_ spec: JSONValue) -> FieldViolations {
    if let status = spec["status"]?.stringValue {
      return status == cancelled ? .none : .invalid("\(status) should be \(cancelled)", "status")
    }
    guard let message = spec["statusMessage"]?.stringValue else { return .none }
    return .invalid(
      "statusMessage should not be set if status is not set, but it is currently set to \(message)",
      "statusMessage")
  }

  private static let cancelled = "TaskRunCancelled"
}

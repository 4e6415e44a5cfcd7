// The same object in another version of Tekton's API.

import JSON

/// Renames and moves what differs between v1beta1 and v1.
///
/// Fields that v1 does not have are lost, as far as v1beta1 still accepts them at all: of steps,
/// what belongs to long-running containers; of a run's status, the embedded status of its tasks.
///
/// *Source:* `pkg/apis/pipeline/v1beta1/*_conversion.go` of Tekton.
struct TektonConversion {
  private let target: TektonVersion

  /// The object in a version; the same object if it is in that version already.
  static func convert(
    _ object: JSONValue, _ kind: TektonKind, from source: TektonVersion, to target: TektonVersion
  ) throws(AdmissionDenial) -> JSONValue {
    guard source != target else { return object }
    let conversion = TektonConversion(target: target)
    var result = object
    conversion.change(&result, kind)
    result["apiVersion"] = .string(target.apiVersion)
    do {
      return try WebhookRoundTrip.pass(
        result, through: kind.structure(target), unknownFields: .dropped)
    } catch {
      throw AdmissionDenial(
        code: 500, reason: "",
        message: "conversion webhook for \(source.apiVersion), "
          + "Kind=\(kind.rawValue) failed: \(error)")
    }
  }

  private func change(_ object: inout JSONValue, _ kind: TektonKind) {
    switch kind {
    case .pipelineRun:
      modify(&object, "spec", pipelineRunSpec)
      modify(&object, "status") { status in
        rename(&status, "pipelineResults", "results")
        modify(&status, "pipelineSpec", pipelineSpec)
      }
    case .taskRun:
      modify(&object, "spec") { spec in
        overrides(&spec)
        modify(&spec, "taskSpec", taskSpec)
      }
      modify(&object, "status") { status in
        rename(&status, "taskResults", "results")
        modify(&status, "taskSpec", taskSpec)
      }
    case .pipeline: modify(&object, "spec", pipelineSpec)
    case .task: modify(&object, "spec", taskSpec)
    case .stepAction, .customRun: break
    }
  }

  // MARK: Parts

  private func pipelineRunSpec(_ spec: inout JSONValue) {
    modify(&spec, "pipelineSpec", pipelineSpec)
    if let tasks = spec["taskRunSpecs"]?.arrayValue {
      spec["taskRunSpecs"] = .array(
        tasks.map { task in
          var task = task
          rename(&task, "taskServiceAccountName", "serviceAccountName")
          rename(&task, "taskPodTemplate", "podTemplate")
          overrides(&task)
          return task
        })
    }
    let moved = ["serviceAccountName", "podTemplate"]
    switch target {
    case .v1:
      for field in moved { move(&spec, [field], ["taskRunTemplate", field]) }
      move(&spec, ["timeout"], ["timeouts", "pipeline"])
    case .v1beta1:
      for field in moved { move(&spec, ["taskRunTemplate", field], [field]) }
    }
  }

  private func overrides(_ value: inout JSONValue) {
    rename(&value, "stepOverrides", "stepSpecs")
    rename(&value, "sidecarOverrides", "sidecarSpecs")
    for field in ["stepOverrides", "stepSpecs", "sidecarOverrides", "sidecarSpecs"] {
      renameResources(inEach: &value, field)
    }
  }

  private func pipelineSpec(_ spec: inout JSONValue) {
    for section in ["tasks", "finally"] {
      guard let tasks = spec[section]?.arrayValue else { continue }
      spec[section] = .array(
        tasks.map { task in
          var task = task
          modify(&task, "taskSpec", taskSpec)
          modify(&task, "pipelineSpec", pipelineSpec)
          return task
        })
    }
  }

  private func taskSpec(_ spec: inout JSONValue) {
    renameResources(inEach: &spec, "steps")
    renameResources(inEach: &spec, "sidecars")
    modify(&spec, "stepTemplate") { rename(&$0, "resources", "computeResources") }
  }

  private func renameResources(inEach value: inout JSONValue, _ field: String) {
    guard let elements = value[field]?.arrayValue else { return }
    value[field] = .array(
      elements.map { element in
        var element = element
        rename(&element, "resources", "computeResources")
        return element
      })
  }

  // MARK: Changing values

  /// Renames a field, in the direction of the conversion.
  private func rename(_ value: inout JSONValue, _ v1beta1: String, _ v1: String) {
    switch target {
    case .v1: move(&value, [v1beta1], [v1])
    case .v1beta1: move(&value, [v1], [v1beta1])
    }
  }

  private func move(_ value: inout JSONValue, _ old: [String], _ new: [String]) {
    guard let member = value[old] else { return }
    value[old] = nil
    value[new] = member
  }

  private func modify(
    _ value: inout JSONValue, _ key: String, _ body: (inout JSONValue) -> Void
  ) {
    guard var member = value[key] else { return }
    body(&member)
    value[key] = member
  }
}

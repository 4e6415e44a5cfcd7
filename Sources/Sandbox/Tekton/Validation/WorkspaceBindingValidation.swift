// Rules for what a run gives as workspaces.

import JSON

/// *Source:* `workspace_validation.go` of Tekton's v1.
enum WorkspaceBindingValidation {
  /// The volume sources that messages name; two more are allowed.
  private static let namedSources = [
    "persistentvolumeclaim", "volumeclaimtemplate", "emptydir", "configmap", "secret",
  ]
  private static let sources = [
    "volumeClaimTemplate", "persistentVolumeClaim", "emptyDir", "configMap", "secret", "projected",
    "csi",
  ]

  /// One binding: exactly one source, with what it needs.
  static func binding(_ binding: JSONValue) -> FieldViolations {
    if binding == ["name": ""] { return .missing("") }
    let given = sources.filter { binding[$0] != nil }
    if given.count > 1 { return .both(namedSources) }
    if given.isEmpty { return .neither(namedSources) }
    for (path, place) in [
      (["persistentVolumeClaim", "claimName"], "persistentvolumeclaim.claimname"),
      (["configMap", "name"], "configmap.name"), (["secret", "secretName"], "secret.secretName"),
      (["csi", "driver"], "csi.driver"),
    ] where given.contains(path[0]) && (binding[path]?.stringValue ?? "").isEmpty {
      return .missing(place)
    }
    let isEmptyProjection = binding[["projected", "sources"]]?.arrayValue?.isEmpty ?? true
    if given.contains("projected"), isEmptyProjection { return .missing("projected.sources") }
    return .none
  }

  /// The bindings of a PipelineRun.
  static func ofPipelineRun(_ bindings: [JSONValue]) -> FieldViolations {
    var violations = FieldViolations.none
    var places: [String: Int] = [:]
    for (index, binding) in bindings.enumerated() {
      violations += self.binding(binding).via("workspaces", index: index)
      let name = binding["name"]?.stringValue ?? ""
      if let previous = places.updateValue(index, forKey: name) {
        violations += FieldViolations(
          "workspace \(quoted(name)) provided by pipelinerun more than once, "
            + "at index \(previous) and \(index)", "name"
        ).via("workspaces", index: index)
      }
    }
    return violations
  }

  /// The bindings of a TaskRun.
  static func ofTaskRun(_ bindings: [JSONValue]) -> FieldViolations {
    var violations = RunValidation.repeatedNames(
      bindings.map { $0["name"]?.stringValue ?? "" })
    for (index, binding) in bindings.enumerated() {
      violations += self.binding(binding).via(index: index)
    }
    return violations.via("workspaces")
  }
}

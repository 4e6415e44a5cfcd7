// Rules for steps and sidecars.

import JSON

/// *Source:* `container_validation.go` of Tekton's v1.
enum StepValidation {
  /// All steps of a task, after the step template was merged into them.
  static func steps(_ steps: [JSONValue]) -> FieldViolations {
    var violations = FieldViolations.none
    var names: Set<String> = []
    for (index, step) in steps.enumerated() {
      let name = step["name"]?.stringValue ?? ""
      if !name.isEmpty, !names.insert(name).inserted {
        violations += FieldViolations.invalid(name, "name").via(index: index)
      }
      violations += self.step(step).via(index: index)
    }
    return violations
  }

  private static func step(_ step: JSONValue) -> FieldViolations {
    if artifactTexts(step).contains(where: ResultReferences.mentionsArtifact) {
      return FieldViolations(TaskSpecValidation.artifactsGate, "")
    }
    if let timeout = step["timeout"]?.stringValue, timeout.hasPrefix("-") {
      return .invalid(timeout, "negative timeout")
    }
    var violations = step["ref"] == nil ? inlineStep(step) : referringStep(step)
    let name = step["name"]?.stringValue ?? ""
    if !name.isEmpty, !NameRules.label(name).isEmpty {
      violations += FieldViolations(
        "invalid value \(quoted(name))", "name",
        details: "Task step name must be a valid DNS Label, For more info refer to "
          + "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names")
    }
    violations += mounts(step) + errorHandling(step) + misplacedReferences(step) + results(step)
    violations += WhenValidation.fields(step["when"]).via("when")
    if step["script"]?.stringValue?.drop(while: \.isWhitespace).hasPrefix("#!win") == true {
      violations += .alphaOnly("windows script support")
    }
    for (field, name) in [("stdoutConfig", "stdout"), ("stderrConfig", "stderr")]
    where step[field] != nil {
      violations += .alphaOnly("step \(name) stream support")
    }
    return violations
  }

  // MARK: Content

  private static func inlineStep(_ step: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    if step["params"]?.arrayValue?.isEmpty == false {
      violations += FieldViolations("params cannot be used without Ref", "params")
    }
    if (step["image"]?.stringValue ?? "").isEmpty { violations += .missing("Image") }
    return violations + scriptOrCommand(step)
  }

  /// A step that refers to a StepAction says nothing itself about what runs.
  private static func referringStep(_ step: JSONValue) -> FieldViolations {
    var violations = ReferenceValidation.reference(step["ref"] ?? [:])
    for (field, words) in [
      ("image", "image"), ("command", "command"), ("args", "args"), ("script", "script"),
      ("workingDir", "working dir"), ("env", "env"), ("volumeMounts", "volumeMounts"),
      ("results", "results"),
    ] where isGiven(step[field]) {
      violations += FieldViolations("\(words) cannot be used with Ref", field)
    }
    return violations
  }

  private static func isGiven(_ value: JSONValue?) -> Bool {
    switch value {
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    default: false
    }
  }

  private static func scriptOrCommand(_ container: JSONValue) -> FieldViolations {
    guard isGiven(container["script"]), isGiven(container["command"]) else { return .none }
    return FieldViolations("script cannot be used with command", "script")
  }

  private static func mounts(_ step: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, mount) in (step["volumeMounts"]?.arrayValue ?? []).enumerated() {
      let name = mount["name"]?.stringValue ?? ""
      let path = mount["mountPath"]?.stringValue ?? ""
      if path.hasPrefix("/tekton/"), !path.hasPrefix("/tekton/home") {
        violations += FieldViolations(
          "volumeMount cannot be mounted under /tekton/ "
            + "(volumeMount \(quoted(name)) mounted at \(quoted(path)))", "mountPath"
        ).via("volumeMounts", index: index)
      }
      if name.hasPrefix("tekton-internal-") {
        violations += FieldViolations(
          "volumeMount name \(quoted(name)) cannot start with \"tekton-internal-\"", "name"
        ).via("volumeMounts", index: index)
      }
    }
    return violations
  }

  private static func errorHandling(_ step: JSONValue) -> FieldViolations {
    let value = step["onError"]?.stringValue ?? ""
    let known = ["", "continue", "stopAndFail", "continueAndFail"]
    guard !known.contains(value), !value.hasPrefix("$(params") else { return .none }
    return FieldViolations(
      "invalid value: \"\(value)\"", "onError",
      details: "Task step onError must be \"continue\", \"stopAndFail\" or \"continueAndFail\"")
  }

  private static func results(_ step: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, result) in (step["results"]?.arrayValue ?? []).enumerated() {
      violations += TaskSpecValidation.result(result).via(index: index)
    }
    return violations.via("results")
  }

  // MARK: References

  /// Results and artifacts of earlier steps may be used in few places only.
  private static func misplacedReferences(_ step: JSONValue) -> FieldViolations {
    var violations = FieldViolations.none
    for (field, text) in restrictedTexts(step) {
      if ResultReferences.mentionsStepResult(text) {
        violations += FieldViolations(
          "stepResult substitutions are only allowed in env, command and args. Found usage in",
          field)
      }
      if field != "script", ResultReferences.mentionsStepArtifact(text) {
        violations += FieldViolations(
          "stepArtifact substitutions are only allowed in env, command, args and script. "
            + "Found usage in", field)
      }
    }
    return violations
  }

  private static func restrictedTexts(_ step: JSONValue) -> [(String, String)] {
    var texts = ["name", "image", "script", "imagePullPolicy", "workingDir"].map {
      ($0, step[$0]?.stringValue ?? "")
    }
    for source in step["envFrom"]?.arrayValue ?? [] {
      texts.append(("envFrom.prefix", source["prefix"]?.stringValue ?? ""))
      for kind in ["configMapRef", "secretRef"] {
        texts.append(("envFrom.\(kind)", source[[kind, "name"]]?.stringValue ?? ""))
      }
    }
    for (list, fields) in [
      ("volumeMounts", ["name", "mountPath", "subPath"]),
      ("volumeDevices", ["name", "devicePath"]),
    ] {
      for element in step[list]?.arrayValue ?? [] {
        texts += fields.map { ("\(list).\($0)", element[$0]?.stringValue ?? "") }
      }
    }
    return texts
  }

  private static func artifactTexts(_ step: JSONValue) -> [String] {
    [step["script"]?.stringValue ?? ""] + StepReferences.strings(step["command"])
      + StepReferences.strings(step["args"])
      + (step["env"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
  }

  // MARK: Sidecars

  static func sidecars(_ sidecars: [JSONValue]) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, sidecar) in sidecars.enumerated() {
      var found = scriptOrCommand(sidecar)
      if sidecar["name"]?.stringValue == reservedSidecarName {
        found += FieldViolations(
          "Invalid: cannot use reserved sidecar name \(reservedSidecarName) ", "name")
      }
      if (sidecar["image"]?.stringValue ?? "").isEmpty { found += .missing("image") }
      violations += found.via("sidecars", index: index)
    }
    return violations
  }

  /// The sidecar that Tekton itself adds to collect results.
  private static let reservedSidecarName = "tekton-log-results"
}

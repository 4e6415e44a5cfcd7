// Where a step may refer to variables.

import JSON

/// The texts of one step that may contain references, with their places.
///
/// *Source:* `task_validation.go` of Tekton's v1.
struct StepReferences {
  private let step: JSONValue

  init(_ step: JSONValue) {
    self.step = step
  }

  /// Checks every text by a rule.
  func check(_ rule: (String) -> FieldViolations) -> FieldViolations {
    check(elsewhere: rule, inArguments: rule, mountPlaces: ["name", "MountPath", "SubPath"])
      + rule(step["onError"]?.stringValue ?? "").via("onError")
  }

  /// Checks the elements of `command` and `args`, which may be references to whole lists, by one
  /// rule and the other texts by another. `onError` is not among them.
  func check(
    elsewhere rule: (String) -> FieldViolations,
    inArguments argumentRule: (String) -> FieldViolations,
    mountPlaces: [String] = ["name", "mountPath", "subPath"]
  ) -> FieldViolations {
    var violations = FieldViolations.none
    for field in ["name", "image", "workingDir", "script"] {
      violations += rule(step[field]?.stringValue ?? "").via(field)
    }
    for field in ["command", "args"] {
      for (index, value) in Self.strings(step[field]).enumerated() {
        violations += argumentRule(value).via(field, index: index)
      }
    }
    for variable in step["env"]?.arrayValue ?? [] {
      violations += rule(variable["value"]?.stringValue ?? "")
        .via("env", key: variable["name"]?.stringValue ?? "")
    }
    for (index, mount) in (step["volumeMounts"]?.arrayValue ?? []).enumerated() {
      for (field, place) in zip(["name", "mountPath", "subPath"], mountPlaces) {
        violations += rule(mount[field]?.stringValue ?? "").via(place)
          .via("volumeMount", index: index)
      }
    }
    return violations
  }

  /// The expressions in `$(…)` in all texts that may refer to results.
  var expressions: [String] {
    var texts = ["name", "image", "imagePullPolicy", "script", "workingDir"].compactMap {
      step[$0]?.stringValue
    }
    texts += Self.strings(step["command"]) + Self.strings(step["args"])
    for variable in step["env"]?.arrayValue ?? [] {
      texts.append(variable["value"]?.stringValue ?? "")
      for source in ["secretKeyRef", "configMapKeyRef"] {
        for field in ["key", "name"] {
          texts.append(variable[["valueFrom", source, field]]?.stringValue ?? "")
        }
      }
    }
    return texts.flatMap(ResultReferences.expressions)
  }

  static func strings(_ list: JSONValue?) -> [String] {
    (list?.arrayValue ?? []).compactMap(\.stringValue)
  }
}

/// Rules about what all steps of a task refer to.
enum StepReferenceValidation {
  /// Names that can be referred to, and lists only where lists may stand.
  static func variables(_ steps: [JSONValue], _ specs: [ParameterSpec]) -> FieldViolations {
    let lists = ParameterNames(specs).lists
    var violations = FieldViolations.none
    for (index, step) in steps.enumerated() {
      // The place is prepended to what was found in earlier steps as well, as in the original.
      violations =
        (violations
        + StepReferences(step).check(
          elsewhere: { VariableReferences(in: $0, prefix: .parameters).prohibited(lists) },
          inArguments: { VariableReferences(in: $0, prefix: .parameters).notIsolated(lists) }))
        .via("steps", index: index)
    }
    return ParameterValidation.duplicateNames(specs) + ParameterValidation.nameFormat(specs)
      + violations
  }

  /// Only declared parameters and declared keys are referred to.
  static func usage(_ steps: [JSONValue], _ specs: [ParameterSpec]) -> FieldViolations {
    let names = ParameterNames(specs)
    var violations = unknown(steps, .parameters, names.all)
    for (name, keys) in names.objects {
      violations += unknown(steps, .keys(of: name), keys)
    }
    let objects = Set(names.objects.keys)
    var whole = FieldViolations.none
    for (index, step) in steps.enumerated() {
      let rule: (String) -> FieldViolations = {
        VariableReferences(in: $0, prefix: .parameters).prohibitedWhole(objects)
      }
      whole = (whole + StepReferences(step).check(elsewhere: rule, inArguments: rule))
        .via("steps", index: index)
    }
    return violations + whole + ParameterValidation.propertiesDeclared(specs)
  }

  /// Only variables of a context that exist are referred to.
  static func context(_ steps: [JSONValue]) -> FieldViolations {
    unknown(steps, .context("taskRun"), ["name", "namespace", "uid"])
      + unknown(steps, .context("task"), ["name", "retry-count"])
  }

  private static func unknown(
    _ steps: [JSONValue], _ prefix: VariableReferences.Prefix, _ names: Set<String>
  ) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, step) in steps.enumerated() {
      violations += StepReferences(step).check {
        VariableReferences(in: $0, prefix: prefix).unknown(besides: names)
      }.via("steps", index: index)
    }
    return violations
  }
}

// Rules that PipelineRuns and TaskRuns share.

import Bytes
import JSON

enum RunValidation {
  /// The longest name that Tekton allows: that of a DNS label, since pods are named after it.
  private static let nameLimit = 63

  /// *Source:* `pkg/apis/validate/metadata.go` of Tekton.
  static func metadata(_ object: JSONValue) -> FieldViolations {
    let name = object[["metadata", "name"]]?.stringValue ?? ""
    guard name.utf8.count > nameLimit else { return .none }
    return FieldViolations(
      "Invalid resource name: length must be no more than \(nameLimit) characters", "name"
    ).via("metadata")
  }

  /// Whether the condition `Succeeded` says that the run has ended.
  static func isDone(_ run: JSONValue) -> Bool {
    let conditions = run[["status", "conditions"]]?.arrayValue ?? []
    let succeeded = conditions.first { $0["type"]?.stringValue == "Succeeded" }
    return succeeded.map { $0["status"]?.stringValue != "Unknown" } ?? false
  }

  /// The specification of a run is frozen, but for the fields that stop it.
  static func frozen(
    _ run: JSONValue, since old: JSONValue?, kind: String, but fields: [String]
  ) -> FieldViolations {
    guard let old else { return .none }
    var before = old["spec"] ?? [:]
    let after = run["spec"] ?? [:]
    let done = isDone(old)
    if !done {
      for field in fields { before[field] = after[field] }
    }
    guard before != after else { return .none }
    let rule =
      done
      ? "complete, no updates are allowed"
      : "started, only \(fields.joined(separator: " and ")) updates are allowed"
    return FieldViolations.invalid("Once the \(kind) \(done ? "is" : "has") \(rule)", "")
      .via("spec")
  }

  static func duration(_ value: JSONValue?) -> GoDuration? {
    guard let text = value?.stringValue else { return nil }
    do { return try GoDuration(text) } catch { return nil }
  }

  static func notNegative(_ value: JSONValue?, _ place: String) -> FieldViolations {
    guard let duration = duration(value), duration.nanoseconds < 0 else { return .none }
    return .invalid("\(duration) should be >= 0", place)
  }

  /// No name occurs twice in a list, whatever its case.
  static func repeatedNames(_ names: [String]) -> FieldViolations {
    var violations = FieldViolations.none
    var seen: Set<String> = []
    for (index, name) in names.enumerated() where !seen.insert(name.lowercased()).inserted {
      violations += FieldViolations.both("name").via(index: index)
    }
    return violations
  }

  /// What a run changes about steps and sidecars: each has a name, and none occurs twice.
  static func overrides(_ spec: JSONValue, _ fields: [String]) -> FieldViolations {
    var violations = FieldViolations.none
    for field in fields {
      guard let overrides = spec[field]?.arrayValue else { continue }
      let names = overrides.map { $0["name"]?.stringValue ?? "" }
      for (index, name) in names.enumerated() where name.isEmpty {
        violations += FieldViolations.missing("name").via(field, index: index)
      }
      violations += repeatedNames(names.filter { !$0.isEmpty }).via(field)
    }
    return violations
  }

  /// Compute resources are set for the steps or for the whole task, not for both.
  static func computeResources(_ spec: JSONValue, _ version: TektonVersion) -> FieldViolations {
    guard spec["computeResources"] != nil else { return .none }
    let field = version == .v1 ? "stepSpecs" : "stepOverrides"
    let resources = TektonTypes.resourcesField(version)
    let isSet = (spec[field]?.arrayValue ?? []).contains {
      $0[resources]?.objectValue?.isEmpty == false
    }
    return isSet ? .both("\(field).resources", "computeResources") : .none
  }
}

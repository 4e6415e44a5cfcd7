// What Tekton fills in.

import Bytes
import JSON

/// The defaults that the webhook gives to an object that passed through its types.
///
/// *Source:* `*_defaults.go` of Tekton, with the configuration that it is delivered with.
enum TektonDefaults {
  /// `default-timeout-minutes`.
  static let timeout = GoDuration(minutes: 60)
  private static let serviceAccount: JSONValue = "default"

  // MARK: Runs

  static func pipelineRun(_ run: inout JSONValue, _ version: TektonVersion) {
    var spec = run["spec"] ?? [:]
    switch version {
    case .v1:
      setIfAbsent(&spec, ["timeouts", "pipeline"], .string(timeout.description))
      setIfAbsent(&spec, ["taskRunTemplate", "serviceAccountName"], serviceAccount)
    case .v1beta1:
      if spec["timeouts"] != nil {
        setIfAbsent(&spec, ["timeouts", "pipeline"], .string(timeout.description))
      } else {
        setIfAbsent(&spec, ["timeout"], .string(timeout.description))
      }
      setIfAbsent(&spec, ["serviceAccountName"], serviceAccount)
    }
    change(&spec, "pipelineSpec", pipelineSpec)
    run["spec"] = spec
  }

  static func taskRun(_ run: inout JSONValue) {
    var spec = run["spec"] ?? [:]
    change(&spec, "taskRef", taskReference)
    change(&spec, "taskSpec", taskSpec)
    setIfAbsent(&spec, ["timeout"], .string(timeout.description))
    if spec["serviceAccountName"]?.stringValue?.isEmpty ?? true {
      spec["serviceAccountName"] = serviceAccount
    }
    run["spec"] = spec
    setIfAbsent(
      &run, ["metadata", "labels", "app.kubernetes.io/managed-by"], "tekton-pipelines")
  }

  /// Annotations that only Tekton's own services set are dropped from new runs.
  static func dropReservedAnnotations(_ run: inout JSONValue) {
    let path = ["metadata", "annotations"]
    guard let annotations = run[path]?.objectValue else { return }
    let kept = annotations.filter { member in
      !reservedGroups.contains { member.key.contains("\($0)/") }
    }
    guard kept.count != annotations.count else { return }
    // Not one conditional expression: its nil would be the null of JSON.
    if kept.isEmpty {
      run[path] = nil
    } else {
      run[path] = .object(JSONObject(kept.map { ($0.key, $0.value) }))
    }
  }

  private static let reservedGroups = ["results.tekton.dev", "chains.tekton.dev"]

  // MARK: Specifications

  static func pipelineSpec(_ spec: inout JSONValue) {
    changeEach(&spec, "params", parameterSpec)
    for section in ["tasks", "finally"] {
      changeEach(&spec, section) { task in
        change(&task, "taskRef", taskReference)
        change(&task, "taskSpec", taskSpec)
      }
    }
  }

  static func taskSpec(_ spec: inout JSONValue) {
    changeEach(&spec, "params", parameterSpec)
    changeEach(&spec, "results", result)
  }

  static func stepActionSpec(_ spec: inout JSONValue) {
    changeEach(&spec, "params", parameterSpec)
    changeEach(&spec, "results", result)
  }

  static func customRunSpec(_ spec: inout JSONValue) {
    if spec["serviceAccountName"]?.stringValue?.isEmpty ?? true {
      spec["serviceAccountName"] = serviceAccount
    }
    setIfAbsent(&spec, ["timeout"], .string(timeout.description))
  }

  private static func taskReference(_ reference: inout JSONValue) {
    if reference["resolver"] == nil { setIfAbsent(&reference, ["kind"], "Task") }
  }

  /// The type follows from the keys or from the default value.
  private static func parameterSpec(_ spec: inout JSONValue) {
    if spec["type"] == nil {
      let inferred = ParameterValue(spec["default"])?.type ?? "string"
      spec["type"] = .string(spec["properties"] == nil ? inferred : "object")
    }
    properties(&spec)
  }

  private static func result(_ result: inout JSONValue) {
    if result["type"] == nil {
      result["type"] = result["properties"] == nil ? "string" : "object"
    }
    properties(&result)
  }

  private static func properties(_ declaration: inout JSONValue) {
    guard let properties = declaration["properties"]?.objectValue else { return }
    declaration["properties"] = .object(
      JSONObject(
        properties.map { member in
          var property = member.value
          setIfAbsent(&property, ["type"], "string")
          return (member.key, property)
        }))
  }

  // MARK: Changing values

  private static func setIfAbsent(
    _ value: inout JSONValue, _ path: [String], _ defaultValue: JSONValue
  ) {
    if value[path] == nil { value[path] = defaultValue }
  }

  private static func change(
    _ value: inout JSONValue, _ key: String, _ body: (inout JSONValue) -> Void
  ) {
    guard var member = value[key] else { return }
    body(&member)
    value[key] = member
  }

  private static func changeEach(
    _ value: inout JSONValue, _ key: String, _ body: (inout JSONValue) -> Void
  ) {
    guard var elements = value[key]?.arrayValue else { return }
    for index in elements.indices { body(&elements[index]) }
    value[key] = .array(elements)
  }
}

// Events, which two groups serve: the core one and events.k8s.io. They are the same objects.
//
// Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go.

import JSON

/// What is particular to Events.
enum EventRules {
  /// The name of the stored form among versions.
  private static let storedForm = "core"

  private static let reference = GoType.structure(
    GoStructure(
      "ObjectReference", isAtomic: true,
      [
        GoField("kind", .string), GoField("namespace", .string), GoField("name", .string),
        GoField("uid", .named("types.UID")), GoField("apiVersion", .string),
        GoField("resourceVersion", .string), GoField("fieldPath", .string),
      ]))

  private static let source = GoType.structure(
    GoStructure("EventSource", [GoField("component", .string), GoField("host", .string)]))

  private static let series = GoType.structure(
    GoStructure(
      "EventSeries",
      [
        GoField("count", .integer32, .always), GoField("lastObservedTime", .microTime, .always),
      ]))

  @Sendable static func applyToCore(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    definition.setType(
      BuiltInResources.structure(
        "Event",
        [
          GoField("involvedObject", reference, .always), GoField("reason", .string),
          GoField("message", .string), GoField("source", source, .always),
          GoField("firstTimestamp", .time, .always), GoField("lastTimestamp", .time, .always),
          GoField("count", .integer32), GoField("type", .string),
          GoField("eventTime", .microTime, .always), GoField("series", series, .whenGiven),
          GoField("action", .string), GoField("related", reference, .whenGiven),
          GoField("reportingComponent", .string, .always),
          GoField("reportingInstance", .string, .always),
        ]), columns: columns,
      selectableFields: [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
      ])
    definition.admission.validate = { request in
      namespaceMistakes(request.object, in: request.namespace)
    }
    return definition
  }

  @Sendable static func applyToEventsGroup(
    _ definition: ResourceDefinition
  ) -> ResourceDefinition {
    var definition = definition
    definition.setType(
      BuiltInResources.structure(
        "Event",
        [
          GoField("eventTime", .microTime, .always), GoField("series", series, .whenGiven),
          GoField("reportingController", .string), GoField("reportingInstance", .string),
          GoField("action", .string), GoField("reason", .string),
          GoField("regarding", reference, .always), GoField("related", reference, .whenGiven),
          GoField("note", .string), GoField("type", .string),
          GoField("deprecatedSource", source, .always),
          GoField("deprecatedFirstTimestamp", .time, .always),
          GoField("deprecatedLastTimestamp", .time, .always),
          GoField("deprecatedCount", .integer32),
        ]), columns: columns)
    definition.storageName = "events"
    definition.storageVersion = storedForm
    definition.traits.kindGroup = ""
    definition.convert = { (object, _, to) throws(AdmissionDenial) in
      renamed(object, toStoredForm: to == storedForm)
    }
    definition.admission.validate = { validate($0) }
    return definition
  }

  // MARK: Between the groups

  /// The names in events.k8s.io and in the core group.
  private static let names = [
    ("reportingController", "reportingComponent"), ("regarding", "involvedObject"),
    ("note", "message"), ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
  ]

  private static func renamed(_ object: JSONValue, toStoredForm: Bool) -> JSONValue {
    var result = object
    for (ours, stored) in names {
      let (from, to) = toStoredForm ? (ours, stored) : (stored, ours)
      result[from] = nil
      result[to] = object[from]
    }
    for key in ["reportingInstance", toStoredForm ? "reportingComponent" : "reportingController"] {
      if toStoredForm {
        result[key] = result[key] ?? ""
      } else if result[key] == "" {
        result[key] = nil
      }
    }
    result["apiVersion"] = toStoredForm ? "v1" : "events.k8s.io/v1"
    return result
  }

  // MARK: Validation

  private static func namespaceMistakes(
    _ object: JSONValue, in namespace: String, field: String = "involvedObject"
  ) -> [FieldError] {
    let involved = object[[field, "namespace"]]?.stringValue ?? ""
    let fits = involved == namespace || (involved.isEmpty && namespace == "default")
    guard !fits else { return [] }
    return [
      .invalid(
        "involvedObject.namespace", .string(involved), "does not match event.namespace")
    ]
  }

  private static func validate(_ request: AdmissionRequest) -> [FieldError] {
    let object = request.object
    func text(_ key: String) -> String { object[key]?.stringValue ?? "" }
    var mistakes: [FieldError] = []
    if text("eventTime").isEmpty { return legacyMistakes(request) }
    if let old = request.oldObject { return changeMistakes(object, old) }
    let controller = text("reportingController")
    if controller.isEmpty { mistakes.append(.required("reportingController")) }
    mistakes += NameRules.qualifiedName(controller).map {
      .invalid("reportingController", .string(controller), $0)
    }
    let required = ["reportingInstance", "action", "reason"]
    for key in required where text(key).isEmpty { mistakes.append(.required(key)) }
    for key in required where text(key).utf8.count > 128 {
      mistakes.append(.invalid(key, "", "can have at most 128 characters"))
    }
    if text("type") != "Normal", text("type") != "Warning" {
      mistakes.append(.invalid("type", "", "has invalid value: \(text("type"))"))
    }
    if text("note").utf8.count > 1024 {
      mistakes.append(.invalid("message", "", "can have at most 1024 characters"))
    }
    let involved = object[["regarding", "namespace"]]?.stringValue ?? ""
    if involved.isEmpty {
      mistakes += namespaceMistakes(object, in: request.namespace, field: "regarding")
    }
    return mistakes
  }

  /// Events of this group need a time unless they come from the core group.
  private static func legacyMistakes(_ request: AdmissionRequest) -> [FieldError] {
    request.oldObject == nil ? [.required("eventTime")] : []
  }

  private static func changeMistakes(_ object: JSONValue, _ old: JSONValue) -> [FieldError] {
    let fixed = [
      ("regarding", "involvedObject"), ("reason", "reason"), ("note", "message"),
      ("deprecatedSource", "source"), ("type", "type"), ("eventTime", "eventTime"),
      ("action", "action"), ("related", "related"),
      ("reportingController", "reportingController"),
      ("reportingInstance", "reportingInstance"),
    ]
    return fixed.filter { object[$0.0] != old[$0.0] }.map {
      .invalid($0.1, object[$0.0] ?? .null, "field is immutable")
    }
  }

  // MARK: Columns

  private static func either(_ object: JSONValue, _ first: String, _ second: String) -> JSONValue? {
    object[first] ?? object[second]
  }

  private static func involved(_ object: JSONValue) -> JSONValue {
    let reference = either(object, "involvedObject", "regarding")
    let kind = reference?.kindName.lowercased() ?? ""
    let name = reference?["name"]?.stringValue ?? ""
    return .string(name.isEmpty ? kind : "\(kind)/\(name)")
  }

  private static func lastSeen(_ object: JSONValue, _ now: Int64) -> JSONValue {
    let candidates = [
      object[["series", "lastObservedTime"]], object["lastTimestamp"],
      object["deprecatedLastTimestamp"], object["eventTime"],
    ]
    let text = candidates.compactMap { $0?.stringValue }.first
    return .string(TableForm.age(of: text, at: now))
  }

  private static func firstSeen(_ object: JSONValue, _ now: Int64) -> JSONValue {
    let candidates = [
      object["firstTimestamp"], object["deprecatedFirstTimestamp"], object["eventTime"],
    ]
    let text = candidates.compactMap { $0?.stringValue }.first
    return .string(TableForm.age(of: text, at: now))
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Last Seen",
      description: "The time at which the most recent occurrence of this event was recorded.",
      cell: .computed { lastSeen($0, $1) }),
    PrinterColumn(
      name: "Type",
      description: "Type of this event (Normal, Warning), new types could be added in the future",
      cell: .computed { object, _ in object["type"] ?? "" }),
    PrinterColumn(
      name: "Reason",
      description: "This should be a short, machine understandable string that gives the reason "
        + "for the transition into the object's current status.",
      cell: .computed { object, _ in object["reason"] ?? "" }),
    PrinterColumn(
      name: "Object", description: "The object that this event is about.",
      cell: .computed { object, _ in involved(object) }),
    PrinterColumn(
      name: "Subobject",
      description: "If referring to a piece of an object instead of an entire object, this string "
        + "should contain a valid JSON/Go field access statement, such as "
        + "desiredState.manifest.containers[2]. For example, if the object reference is to a "
        + "container within a pod, this would take on a value like: \"spec.containers{name}\" "
        + "(where \"name\" refers to the name of the container that triggered the event) or if no "
        + "container name is specified \"spec.containers[2]\" (container with index 2 in this pod). "
        + "This syntax is chosen only to have some well-defined way of referencing a part of an "
        + "object.",
      priority: 1,
      cell: .computed { object, _ in
        either(object, "involvedObject", "regarding")?["fieldPath"] ?? ""
      }),
    PrinterColumn(
      name: "Source",
      description: "The component reporting this event. Should be a short machine understandable "
        + "string.",
      priority: 1,
      cell: .computed { object, _ in
        either(object, "source", "deprecatedSource")?["component"]
          ?? either(object, "reportingComponent", "reportingController") ?? ""
      }),
    PrinterColumn(
      name: "Message",
      description: "A human-readable description of the status of this operation.",
      cell: .computed { object, _ in either(object, "message", "note") ?? "" }),
    PrinterColumn(
      name: "First Seen",
      description: "The time at which the event was first recorded. (Time of server receipt is in "
        + "TypeMeta.)",
      priority: 1, cell: .computed { firstSeen($0, $1) }),
    PrinterColumn(
      name: "Count", description: "The number of times this event has occurred.", priority: 1,
      cell: .computed { object, _ in
        object[["series", "count"]] ?? either(object, "count", "deprecatedCount") ?? 1
      }),
    PrinterColumn(
      name: "Name", format: "name", description: TableForm.nameDescription, priority: 1,
      cell: .computed { object, _ in .string(object.name) }),
  ]
}

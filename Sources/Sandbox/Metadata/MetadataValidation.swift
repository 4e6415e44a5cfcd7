// Checks of `metadata` on creation and on change.
//
// Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.

import JSON

/// Checks the metadata of objects.
enum MetadataValidation {
  /// Keys and values of all annotations together.
  static let annotationByteLimit = 256 * 1024

  /// Everything that is wrong with the metadata of an object.
  static func mistakes(
    in object: JSONValue, scope: ResourceScope, nameRule: (String) -> [String]
  ) -> [FieldError] {
    var mistakes: [FieldError] = []
    let prefix = object.generateName
    if !prefix.isEmpty {
      mistakes += NameRules.prefix(prefix, nameRule).map {
        .invalid("metadata.generateName", .string(prefix), $0)
      }
    }
    let name = object.name
    if name.isEmpty {
      mistakes.append(.required("metadata.name", "name or generateName is required"))
    } else {
      mistakes += nameRule(name).map { .invalid("metadata.name", .string(name), $0) }
    }
    mistakes += namespaceMistakes(object.namespace, scope)
    if object.generation < 0 {
      mistakes.append(
        .invalid(
          "metadata.generation", .int(object.generation), "must be greater than or equal to 0"))
    }
    return mistakes + contentMistakes(in: object) + finalizerMistakes(in: object)
  }

  /// Everything that is wrong with a change of the metadata.
  static func mistakes(
    in object: JSONValue, replacing old: JSONValue
  ) -> [FieldError] {
    var mistakes: [FieldError] = []
    if old.isBeingDeleted {
      let added = object.finalizers.filter { !old.finalizers.contains($0) }
      if !added.isEmpty {
        let list = added.map { quoted($0) }.joined(separator: ", ")
        mistakes.append(
          .forbidden(
            "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers "
              + "[]string{\(list)}"))
      }
    }
    if object.resourceVersion.isEmpty {
      mistakes.append(
        .invalid("metadata.resourceVersion", "", "must be specified for an update"))
    }
    if object.generation < old.generation {
      mistakes.append(
        .invalid("metadata.generation", .int(object.generation), "must not be decremented"))
    }
    let fixed = [
      "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
      "deletionGracePeriodSeconds",
    ]
    for key in fixed where object.metadata[key] != old.metadata[key] {
      mistakes.append(
        .invalid("metadata.\(key)", object.metadata[key] ?? .null, "field is immutable"))
    }
    return mistakes + contentMistakes(in: object)
  }

  private static func namespaceMistakes(
    _ namespace: String, _ scope: ResourceScope
  ) -> [FieldError] {
    switch scope {
    case .cluster:
      return namespace.isEmpty
        ? [] : [.forbidden("metadata.namespace", "not allowed on this type")]
    case .namespaced:
      if namespace.isEmpty { return [.required("metadata.namespace")] }
      return NameRules.label(namespace).map {
        .invalid("metadata.namespace", .string(namespace), $0)
      }
    }
  }

  private static func contentMistakes(in object: JSONValue) -> [FieldError] {
    labelMistakes(object.labels, at: "metadata.labels")
      + annotationMistakes(object.metadata["annotations"]?.objectValue ?? JSONObject())
      + ownerMistakes(object.metadata["ownerReferences"]?.arrayValue ?? [])
  }

  /// What is wrong with a set of labels.
  static func labelMistakes(_ labels: JSONObject, at field: String) -> [FieldError] {
    var mistakes: [FieldError] = []
    for member in labels.sorted(by: { $0.key < $1.key }) {
      mistakes += NameRules.qualifiedName(member.key).map {
        .invalid(field, .string(member.key), $0)
      }
      mistakes += NameRules.labelValue(member.value.stringValue ?? "").map {
        .invalid(field, member.value, $0)
      }
    }
    return mistakes
  }

  private static func annotationMistakes(_ annotations: JSONObject) -> [FieldError] {
    var mistakes: [FieldError] = []
    var byteCount = 0
    for member in annotations.sorted(by: { $0.key < $1.key }) {
      // The rule is meant for lower-case keys; mixed case is let through.
      mistakes += NameRules.qualifiedName(member.key.lowercased()).map {
        .invalid("metadata.annotations", .string(member.key), $0)
      }
      byteCount += member.key.utf8.count + (member.value.stringValue ?? "").utf8.count
    }
    if byteCount > annotationByteLimit {
      mistakes.append(.tooLong("metadata.annotations", byteLimit: annotationByteLimit))
    }
    return mistakes
  }

  private static func ownerMistakes(_ owners: [JSONValue]) -> [FieldError] {
    var mistakes: [FieldError] = []
    let field = "metadata.ownerReferences"
    for owner in owners {
      let version = owner.apiVersionName
      if version.split(separator: "/", omittingEmptySubsequences: false).last?.isEmpty != false {
        mistakes.append(
          .invalid("\(field).apiVersion", .string(version), "version must not be empty"))
      }
      let required = [
        ("kind", "kind must not be empty"), ("name", "must not be empty"),
        ("uid", "must not be empty"),
      ]
      for (key, message) in required where (owner[key]?.stringValue ?? "").isEmpty {
        mistakes.append(.invalid("\(field).\(key)", "", message))
      }
      if version == "v1", owner.kindName == "Event" {
        mistakes.append(
          .invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner"))
      }
    }
    let controllers = owners.filter { $0["controller"]?.boolValue == true }
    if controllers.count > 1 {
      mistakes.append(
        .invalid(
          field, .array(owners),
          "Only one reference can have Controller set to true. Found \"true\" in references for "
            + "\(controllers[0]["name"]?.stringValue ?? "") and "
            + "\(controllers[1]["name"]?.stringValue ?? "")"))
    }
    return mistakes
  }

  private static func finalizerMistakes(in object: JSONValue) -> [FieldError] {
    object.finalizers.flatMap { finalizer in
      NameRules.qualifiedName(finalizer).map {
        FieldError.invalid("metadata.finalizers", .string(finalizer), $0)
      }
    }
  }

  /// The warnings for finalizers that belong to nobody's domain.
  static func finalizerWarnings(for object: JSONValue) -> [String] {
    object.finalizers.filter { !$0.contains("/") && !standardFinalizers.contains($0) }.map {
      "metadata.finalizers: \(quoted($0)): prefer a domain-qualified finalizer name to avoid "
        + "accidental conflicts with other finalizer writers"
    }
  }

  private static let standardFinalizers = ["kubernetes", "orphan", "foregroundDeletion"]
}

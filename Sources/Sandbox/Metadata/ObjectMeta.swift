// The metadata that every object carries.

import JSON

/// The Go types of `metadata`.
enum ObjectMeta {
  static let structure = GoStructure(
    "ObjectMeta",
    [
      GoField("name", .string),
      GoField("generateName", .string),
      GoField("namespace", .string),
      GoField("selfLink", .string),
      GoField("uid", .named("types.UID")),
      GoField("resourceVersion", .string),
      GoField("generation", .integer64),
      GoField("creationTimestamp", .time, .whenGiven),
      GoField("deletionTimestamp", .time, .whenGiven),
      GoField("deletionGracePeriodSeconds", .integer64, .whenGiven),
      GoField("labels", .map(.string)),
      GoField("annotations", .map(.string)),
      GoField("ownerReferences", .list(.structure(ownerReference), .map(keys: ["uid"]))),
      GoField("finalizers", .list(.string, .set)),
      GoField("managedFields", .list(.structure(managedFieldsEntry))),
    ])

  private static let ownerReference = GoStructure(
    "OwnerReference", isAtomic: true,
    [
      GoField("apiVersion", .string, .always),
      GoField("kind", .string, .always),
      GoField("name", .string, .always),
      GoField("uid", .named("types.UID"), .always),
      GoField("controller", .bool, .whenGiven),
      GoField("blockOwnerDeletion", .bool, .whenGiven),
    ])

  private static let managedFieldsEntry = GoStructure(
    "ManagedFieldsEntry",
    [
      GoField("manager", .string),
      GoField("operation", .named("v1.ManagedFieldsOperationType")),
      GoField("apiVersion", .string),
      GoField("time", .time, .whenGiven),
      GoField("fieldsType", .string),
      GoField("fieldsV1", .raw, .whenGiven),
      GoField("subresource", .string),
    ])

  /// The schema of `metadata`, for bookkeeping.
  static let schema = structure.schema
}

/// Short ways to the metadata of an object.
extension JSONValue {
  /// `metadata`; empty where it is absent.
  var metadata: JSONObject {
    get { self["metadata"]?.objectValue ?? JSONObject() }
    set { self["metadata"] = .object(newValue) }
  }

  var name: String { metadata["name"]?.stringValue ?? "" }
  var namespace: String { metadata["namespace"]?.stringValue ?? "" }
  var uid: String { metadata["uid"]?.stringValue ?? "" }
  var generateName: String { metadata["generateName"]?.stringValue ?? "" }
  var resourceVersion: String { metadata["resourceVersion"]?.stringValue ?? "" }
  var generation: Int { metadata["generation"]?.intValue ?? 0 }
  var kindName: String { self["kind"]?.stringValue ?? "" }
  var apiVersionName: String { self["apiVersion"]?.stringValue ?? "" }
  var isBeingDeleted: Bool { metadata["deletionTimestamp"]?.stringValue != nil }
  var finalizers: [String] {
    metadata["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }
  var labels: JSONObject { metadata["labels"]?.objectValue ?? JSONObject() }

  /// Sets or removes one member of the metadata.
  mutating func setMetadata(_ key: String, _ value: JSONValue?) {
    var metadata = metadata
    metadata[key] = value
    self.metadata = metadata
  }
}

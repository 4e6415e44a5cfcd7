// Objects without anything but their metadata.

import JSON

/// `PartialObjectMetadata`.
enum MetadataForm {
  /// An object's metadata, in the order of its Go type.
  static func partial(_ object: JSONValue, version: String) -> JSONValue {
    let given = object.metadata
    var metadata = JSONObject()
    for field in ObjectMeta.structure.fields {
      if let value = given[field.key] { metadata[field.key] = value }
    }
    return [
      "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(version)"),
      "metadata": .object(metadata),
    ]
  }

  /// A list of them. Without objects `items` is null, as a real server writes it.
  static func list(_ objects: [JSONValue], metadata: JSONValue, version: String) -> JSONValue {
    [
      "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/\(version)"),
      "metadata": metadata,
      "items": objects.isEmpty ? nil : .array(objects.map { partial($0, version: version) }),
    ]
  }
}

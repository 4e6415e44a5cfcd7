// Drops what a schema does not know.
//
// Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning and defaulting.

package import JSON

extension ObjectSchema {
  /// A value without the fields that the schema does not have, and the paths of those.
  package struct Pruned {
    package var value: JSONValue
    /// Sorted.
    package var unknownFields: [String]
  }

  /// Drops unknown fields, and nulls where null is not allowed.
  ///
  /// `apiVersion`, `kind` and `metadata` at the root are kept as they are.
  package func prune(_ object: JSONValue) -> Pruned {
    var unknown: [String] = []
    let value = pruned(object, at: "", isResource: true, &unknown)
    return Pruned(value: value, unknownFields: unknown.sorted())
  }

  private func pruned(
    _ value: JSONValue, at path: String, isResource: Bool, _ unknown: inout [String]
  ) -> JSONValue {
    switch value {
    case .object(let object):
      var result = JSONObject()
      for member in object {
        let memberPath = path.isEmpty ? member.key : "\(path).\(member.key)"
        if isResource, ["apiVersion", "kind", "metadata"].contains(member.key) {
          result[member.key] = member.value
        } else if let schema = properties[member.key] ?? additionalProperties {
          if member.value.isNull, !schema.acceptsNull { continue }
          result[member.key] = schema.pruned(
            member.value, at: memberPath, isResource: schema.isEmbeddedResource, &unknown)
        } else if keepsUnknownFields {
          result[member.key] = member.value
        } else {
          unknown.append(memberPath)
        }
      }
      return .object(result)
    case .array(let elements):
      guard let items else { return value }
      var result: [JSONValue] = []
      for (index, element) in elements.enumerated() {
        result.append(
          items.pruned(
            element, at: "\(path)[\(index)]", isResource: items.isEmbeddedResource, &unknown))
      }
      return .array(result)
    default:
      return value
    }
  }

  /// Whether a null stands as a value of its own.
  private var acceptsNull: Bool {
    isNullable || defaultValue != nil || (keepsUnknownFields && type == nil)
  }
}

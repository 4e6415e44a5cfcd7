// Strategic merge patches, the form that kubectl uses for built-in types.
//
// Source: k8s.io/apimachinery/pkg/util/strategicpatch.

import JSON

/// `application/strategic-merge-patch+json`: a merge patch in which some lists merge by a key.
///
/// Directives: `$patch: replace|delete|merge`, `$deleteFromPrimitiveList/FIELD`,
/// `$setElementOrder/FIELD`, `$retainKeys`.
enum StrategicMergePatch {
  /// The target with the patch merged in.
  static func apply(
    _ patch: JSONValue, to target: JSONValue, _ schema: ObjectSchema
  ) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    switch changes["$patch"]?.stringValue {
    case "replace": return .object(withoutDirectives(changes))
    case "delete": return [:]
    default: break
    }
    var result = target.objectValue ?? JSONObject()
    if let retained = changes["$retainKeys"]?.arrayValue?.compactMap(\.stringValue) {
      for key in result.keys where !retained.contains(key) { result[key] = nil }
    }
    for change in changes where !change.key.hasPrefix("$") {
      result[change.key] = merged(
        change.value, result[change.key], change.key, schema,
        order: changes["$setElementOrder/\(change.key)"]?.arrayValue)
    }
    for change in changes {
      guard let field = suffix(change.key, "$deleteFromPrimitiveList/") else { continue }
      let removed = change.value.arrayValue ?? []
      let left = (result[field]?.arrayValue ?? []).filter { !removed.contains($0) }
      result[field] = .array(left)
    }
    return .object(result)
  }

  private static func merged(
    _ change: JSONValue, _ old: JSONValue?, _ field: String, _ schema: ObjectSchema,
    order: [JSONValue]?
  ) -> JSONValue? {
    if change.isNull { return nil }
    let inner = schema.properties[field] ?? schema.additionalProperties ?? .anything
    switch (change, old) {
    case (.object, let old):
      if change["$patch"]?.stringValue == "delete" { return nil }
      return apply(change, to: old ?? [:], inner)
    case (.array(let elements), .array(let oldElements)?):
      return list(elements, oldElements, field, inner, order)
    case (.array(let elements), _):
      return .array(elements.filter { $0["$patch"] == nil }.map { cleaned($0) })
    default: return change
    }
  }

  private static func list(
    _ elements: [JSONValue], _ old: [JSONValue], _ field: String, _ schema: ObjectSchema,
    _ order: [JSONValue]?
  ) -> JSONValue {
    if elements.contains(where: { $0["$patch"]?.stringValue == "replace" }) {
      return .array(elements.filter { $0["$patch"]?.stringValue != "replace" })
    }
    switch schema.listType {
    case .set: return .array(old + elements.filter { !old.contains($0) })
    case .map(let keys) where keys.count == 1:
      return keyed(elements, old, keys[0], schema.items ?? .anything, order)
    default:
      guard let key = WellKnownLists.mergeKey(of: field),
        elements.allSatisfy({ $0[key] != nil })
      else { return .array(elements.map { cleaned($0) }) }
      return keyed(elements, old, key, schema.items ?? .anything, order)
    }
  }

  /// Merges elements of the same key.
  private static func keyed(
    _ elements: [JSONValue], _ old: [JSONValue], _ key: String, _ items: ObjectSchema,
    _ order: [JSONValue]?
  ) -> JSONValue {
    var result = old
    for element in elements {
      let index = result.firstIndex { $0[key] == element[key] }
      if element["$patch"]?.stringValue == "delete" {
        if let index { result.remove(at: index) }
      } else if let index {
        result[index] = apply(element, to: result[index], items)
      } else {
        result.append(cleaned(element))
      }
    }
    guard let order else { return .array(result) }
    func rank(_ element: JSONValue) -> Int {
      order.firstIndex { $0[key] == element[key] } ?? order.count
    }
    return .array(
      result.enumerated().sorted { left, right in
        (rank(left.element), left.offset) < (rank(right.element), right.offset)
      }.map(\.element))
  }

  private static func cleaned(_ value: JSONValue) -> JSONValue {
    guard case .object(let object) = value else { return value }
    return .object(withoutDirectives(object))
  }

  private static func withoutDirectives(_ object: JSONObject) -> JSONObject {
    JSONObject(object.filter { !$0.key.hasPrefix("$") }.map { ($0.key, $0.value) })
  }

  private static func suffix(_ text: String, _ prefix: String) -> String? {
    text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
  }
}

/// The lists of built-in types that merge by a key.
enum WellKnownLists {
  /// The key of a list with that name, for types whose structure is not written down here.
  static func mergeKey(of field: String) -> String? {
    mergeKeys[field]
  }

  private static let mergeKeys = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name",
    "volumes": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath",
    "imagePullSecrets": "name", "secrets": "name", "hostAliases": "ip", "conditions": "type",
    "topologySpreadConstraints": "topologyKey", "ports": "containerPort",
    "ownerReferences": "uid", "webhooks": "name", "resourceClaims": "name",
  ]
}

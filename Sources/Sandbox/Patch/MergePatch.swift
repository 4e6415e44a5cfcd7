// JSON merge patches (RFC 7396).

import JSON

/// `application/merge-patch+json`.
enum MergePatch {
  /// The target with the patch merged in: null removes, objects merge, all else replaces.
  static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = target.objectValue ?? JSONObject()
    for change in changes {
      if change.value.isNull {
        result[change.key] = nil
      } else {
        result[change.key] = apply(change.value, to: result[change.key] ?? .null)
      }
    }
    return .object(result)
  }
}

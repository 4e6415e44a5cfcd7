// What a schema fills in.
//
// Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting.

package import JSON

extension ObjectSchema {
  /// The value with the schema's defaults where fields are missing, or null without being allowed
  /// to be. Objects that are missing altogether are not made, unless they are a default themselves.
  package func withDefaults(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var object):
      for (name, schema) in properties {
        guard let defaultValue = schema.defaultValue else { continue }
        let given = object[name]
        if given == nil || (given?.isNull == true && !schema.isNullable) {
          object[name] = defaultValue
        }
      }
      return .object(
        JSONObject(
          object.map { member in
            let schema = properties[member.key] ?? additionalProperties
            return (member.key, schema?.withDefaults(member.value) ?? member.value)
          }))
    case .array(let elements):
      guard let items else { return value }
      return .array(elements.map(items.withDefaults))
    default:
      return value
    }
  }
}

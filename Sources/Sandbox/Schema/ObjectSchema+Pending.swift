// Validation and defaulting by schema.

package import JSON

extension ObjectSchema {
  package func violations(of value: JSONValue, at path: String) -> [FieldError] { [] }
  package func withDefaults(_ value: JSONValue) -> JSONValue { value }
}

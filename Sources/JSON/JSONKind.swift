// The types of values.

/// What a JSON value is (RFC 8259 §3).
package enum JSONKind: Equatable, Sendable {
  case null, bool, number, string, array, object

  /// The name in the words of the RFC, with its article, for messages.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

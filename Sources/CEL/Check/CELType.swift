// Types.

/// A type of the Common Expression Language, as declared, deduced or found at run time.
package indirect enum CELType: Hashable, Sendable {
  /// Any type; checked at run time.
  case dyn
  /// The type of a value that could not be typed; an error was reported for it.
  case error
  case null
  case bool
  case int
  case uint
  case double
  case string
  case bytes
  case timestamp
  case duration
  case list(CELType)
  case map(CELType, CELType)
  /// The type of types.
  case type(CELType)
  case optional(CELType)
  /// A type that a library brings, with its parameters, such as `net.IP`.
  case opaque(String, [CELType])
  /// A type parameter of a declaration (`T`), or one that the checker made.
  case parameter(String)

  /// The text that check errors print: `map(string, dyn)`, `optional_type(int)`.
  package var description: String {
    switch self {
    case .list(let element): "list(\(element.description))"
    case .map(let key, let value): "map(\(key.description), \(value.description))"
    case .type(.dyn): "type"
    case .type(let instance): "type(\(instance.description))"
    case .optional(let wrapped): "optional_type(\(wrapped.description))"
    case .opaque(let name, let parameters):
      parameters.isEmpty
        ? name : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
    default: name
    }
  }

  /// The name without parameters: what `string(type(x))` and overload errors at run time print.
  package var name: String {
    switch self {
    case .dyn: "dyn"
    case .error: "!error!"
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .list: "list"
    case .map: "map"
    case .type: "type"
    case .optional: "optional_type"
    case .opaque(let name, _): name
    case .parameter(let name): name
    }
  }
}

// What can go wrong while an expression is evaluated.

/// Why an expression has no value.
///
/// The expression or what it was given is at fault in every case. Texts are those of cel-go where
/// it has one, since people look for them; they are made when asked for, so that an error that `||`
/// absorbs costs little.
package enum CELEvaluationError: Error, Equatable, Sendable {
  /// A map has no such key, or a value of another type was asked for a field.
  case noSuchKey(String)
  /// A list is shorter.
  case indexOutOfBounds(Int64)
  /// A value cannot be an index into the container.
  case unsupportedIndex(type: CELType, container: CELType)
  /// A variable was declared but not given.
  case noSuchAttribute(String)
  /// No overload takes arguments of these types.
  case noSuchOverload(function: String, arguments: [CELType])
  /// There is no function of this name, and nothing was checked.
  case unknownFunction(String)
  /// An operator is not defined for its second operand (`no such overload`).
  case noSuchOperator
  /// An operator is not defined for its first operand.
  case noSuchOperatorOf(String)
  case divisionByZero
  case modulusByZero
  case integerOverflow
  case unsignedIntegerOverflow
  case durationOverflow
  case timestampOverflow
  /// A value that has to be a list or map for a macro is of another type.
  case notIterable(CELType)
  /// A map literal repeats a key.
  case repeatedKey(String)
  /// A map literal has a key of a type that cannot be one.
  case unsupportedKeyType(CELType)
  /// A condition, or an operand of `!`, `&&` or `||`, is no bool.
  case notBool
  /// A conversion from one type to another is impossible for this value.
  case conversion(from: CELType, to: CELType)
  /// What a function says in its own words; the text is complete.
  case invalidArgument(String)
  /// What cel-go reports as a panic: the text follows `internal error: `.
  case internalError(String)
  /// The evaluation would take more steps than allowed.
  case costLimit(Int)
  /// Values are nested deeper than allowed.
  case depthLimit(Int)
}

extension CELEvaluationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchKey(let key): "no such key: \(key)"
    case .indexOutOfBounds(let index): "index out of bounds: \(index)"
    case .unsupportedIndex(let type, let container):
      "unsupported index type '\(type.name)' in \(container.name)"
    case .noSuchAttribute(let name): "no such attribute(s): \(name)"
    case .noSuchOverload(let function, let arguments):
      "no such overload: \(function)(\(arguments.map(\.name).joined(separator: ", ")))"
    case .noSuchOperator, .notBool: "no such overload"
    case .unknownFunction(let name): "no such overload: \(name)"
    case .noSuchOperatorOf(let function): "no such overload: \(function)"
    case .divisionByZero: "division by zero"
    case .modulusByZero: "modulus by zero"
    case .integerOverflow: "integer overflow"
    case .unsignedIntegerOverflow: "unsigned integer overflow"
    case .durationOverflow: "duration overflow"
    case .timestampOverflow: "timestamp overflow"
    case .notIterable(let type):
      "got '\(type.goTypeName)', expected iterable type"
    case .repeatedKey(let key): "Failed with repeated key: \(key)"
    case .unsupportedKeyType(let type): "unsupported key type: \(type.name)"
    case .conversion(let from, let to):
      "type conversion error from '\(from.name)' to '\(to.name)'"
    case .invalidArgument(let text): text
    case .internalError(let text): "internal error: \(text)"
    case .costLimit(let limit): "the expression takes more than \(limit) steps"
    case .depthLimit(let limit): "values are nested deeper than \(limit) levels"
    }
  }
}

extension CELType {
  /// The name of cel-go's type, which some of its errors print.
  var goTypeName: String {
    switch self {
    case .null: "types.Null"
    case .bool: "types.Bool"
    case .int: "types.Int"
    case .uint: "types.Uint"
    case .double: "types.Double"
    case .string: "types.String"
    case .bytes: "types.Bytes"
    case .timestamp: "types.Timestamp"
    case .duration: "types.Duration"
    case .type: "*types.Type"
    case .optional: "*types.Optional"
    default: name
    }
  }
}

// What expressions compute with.

/// A value of the Common Expression Language (cel-spec, `doc/langdef.md`, "Values").
///
/// Strings, lists and maps may be views into a parsed JSON document: they are read where they lie
/// and nothing is converted before it is asked for. All numbers of JSON are doubles, as CEL's
/// JSON mapping says.
///
/// *Concurrency:* a value is immutable and may be used on any thread.
package enum CELValue: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  case double(Double)
  case string(CELString)
  case bytes([UInt8])
  case list(CELList)
  case map(CELMap)
  case timestamp(CELTimestamp)
  case duration(CELDuration)
  case type(CELType)
  /// An optional: nil is `optional.none()`.
  indirect case optional(CELValue?)
  /// A value of a type that a library brings, such as `net.IP`.
  case opaque(CELOpaque)
}

extension CELValue {
  /// The string of a text.
  package static func string(_ text: String) -> CELValue { .string(CELString(text)) }

  /// The list of values.
  package static func list(_ elements: [CELValue]) -> CELValue { .list(CELList(elements)) }

  /// The type's name is what `type(x)` gives and what errors print; lists and maps have `dyn`
  /// parameters since elements may be of any type.
  package var type: CELType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    case .timestamp: .timestamp
    case .duration: .duration
    case .type: .type(.dyn)
    case .optional: .optional(.dyn)
    case .opaque(let opaque): opaque.type
    }
  }

  /// The truth value, nil when the value is of another type.
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The text, nil when the value is of another type. Copies it out of a JSON view.
  package var textValue: String? { if case .string(let value) = self { value.text } else { nil } }
}

/// A value of a type that CEL's core does not know.
package protocol CELOpaqueValue: Sendable {
  /// Its type, which is also the value of `type(x)`.
  var type: CELType { get }
  /// Whether it equals a value of the same type.
  func equals(_ other: any CELOpaqueValue) -> Bool
  /// Its text in explanations and errors.
  var text: String { get }
}

/// The box of an opaque value, so that a ``CELValue`` stays small.
package final class CELOpaque: Sendable {
  /// What is in it.
  package let value: any CELOpaqueValue

  /// A box.
  package init(_ value: any CELOpaqueValue) { self.value = value }

  /// The value's type.
  package var type: CELType { value.type }
}

// The one place where JSON becomes values.

package import JSON

extension CELValue {
  /// The value of JSON by CEL's mapping: numbers become doubles, whatever their text. Arrays,
  /// objects and strings stay where they are.
  package init(json value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let number): self = .double(number.double)
    case .string(let text): self = .string(CELString(text))
    case .array(let elements): self = .list(CELList(json: elements))
    case .object(let object): self = .map(CELMap(json: object))
    }
  }

  /// The value of JSON in a document, by the same mapping.
  package init(json view: JSONView) {
    switch view.kind {
    case .null: self = .null
    case .bool: self = .bool(view.boolValue ?? false)
    case .number: self = .double(view.doubleValue ?? .nan)
    case .string: self = view.text.map { .string(CELString(json: $0)) } ?? .null
    case .array: self = .list(CELList(array: view))
    case .object: self = .map(CELMap(object: view))
    }
  }
}

// JSON values written in Swift.

extension JSONValue: ExpressibleByNilLiteral {
  package init(nilLiteral: ()) {
    self = .null
  }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  package init(booleanLiteral value: Bool) {
    self = .bool(value)
  }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int) {
    self = .number(JSONNumber(value))
  }
}

extension JSONValue: ExpressibleByFloatLiteral {
  /// The number of a literal; null for a literal beyond the range of doubles.
  package init(floatLiteral value: Double) {
    self = .double(value)
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  package init(stringLiteral value: String) {
    self = .string(value)
  }
}

extension JSONValue: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: JSONValue...) {
    self = .array(elements)
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// The object of a literal; of a repeated key the last value counts.
  package init(dictionaryLiteral pairs: (String, JSONValue)...) {
    self = .object(JSONObject(pairs))
  }
}

extension JSONValue {
  /// The number of an integer.
  package static func int(_ value: Int) -> JSONValue {
    .number(JSONNumber(value))
  }

  /// The number of a double; null for infinities and for what is not a number, as JSON has no
  /// text for them.
  package static func double(_ value: Double) -> JSONValue {
    JSONNumber(value).map(JSONValue.number) ?? .null
  }
}

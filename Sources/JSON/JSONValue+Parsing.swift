// Texts that become values.

extension JSONValue {
  /// Parses one JSON text.
  ///
  /// Takes time and memory in proportion to the text, whatever it holds.
  package static func parse(
    _ text: Span<UInt8>, limits: JSONLimits = .default
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(limits: limits, report: nil)
    return try parser.parse(text)
  }

  /// Parses one JSON text and reports the keys that occur more than once in an object, in their
  /// order, ``JSONDuplicateKey/greatestReportCount`` at the most.
  package static func parse(
    _ text: Span<UInt8>, limits: JSONLimits = .default, duplicates: inout [JSONDuplicateKey]
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(limits: limits, report: DuplicateReport())
    let value = try parser.parse(text)
    duplicates = parser.report?.keys ?? []
    return value
  }

  /// Parses one JSON text.
  package static func parse(
    _ text: [UInt8], limits: JSONLimits = .default
  ) throws(JSONError) -> JSONValue {
    try parse(text.span, limits: limits)
  }

  /// Parses one JSON text and reports the keys that occur more than once in an object.
  package static func parse(
    _ text: [UInt8], limits: JSONLimits = .default, duplicates: inout [JSONDuplicateKey]
  ) throws(JSONError) -> JSONValue {
    try parse(text.span, limits: limits, duplicates: &duplicates)
  }

  /// Parses one JSON text.
  package static func parse(
    _ text: String, limits: JSONLimits = .default
  ) throws(JSONError) -> JSONValue {
    try parse(text.utf8.span, limits: limits)
  }
}

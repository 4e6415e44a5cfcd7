// Texts that become values.

extension JSONValue {
  /// Parses one JSON text.
  ///
  /// Takes time and memory in proportion to the text, whatever it holds.
  package static func parse(
    _ text: Span<UInt8>, limits: JSONLimits = .default
  ) throws(JSONError) -> JSONValue {
    var overwritten: [Int: TapeWord]?
    let tape = try JSONTape(parsing: text, limits: limits, overwritten: &overwritten)
    return tape.value(at: 0, text)
  }

  /// Parses one JSON text and reports the keys that occur more than once in an object, in their
  /// order, ``JSONDuplicateKey/greatestReportCount`` at the most.
  package static func parse(
    _ text: Span<UInt8>, limits: JSONLimits = .default, duplicates: inout [JSONDuplicateKey]
  ) throws(JSONError) -> JSONValue {
    var overwritten: [Int: TapeWord]? = [:]
    let tape = try JSONTape(parsing: text, limits: limits, overwritten: &overwritten)
    duplicates = DuplicateReport.keys(of: tape, overwritten ?? [:], text)
    return tape.value(at: 0, text)
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

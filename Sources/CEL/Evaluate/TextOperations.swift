// The functions of the standard library over text, and `size`.

import RE2

/// Functions that compare bytes; UTF-8 makes that the same as comparing code points.
enum TextOperations {
  static func startsWith(
    _ text: borrowing CELValue, _ prefix: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = copy text, case .string(let prefix) = copy prefix else {
      throw .noSuchOverload(function: "startsWith", arguments: [text.type, prefix.type])
    }
    try meter.charge(bytes: prefix.utf8Count)
    return .bool(text.hasPrefix(prefix))
  }

  static func endsWith(
    _ text: borrowing CELValue, _ suffix: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = copy text, case .string(let suffix) = copy suffix else {
      throw .noSuchOverload(function: "endsWith", arguments: [text.type, suffix.type])
    }
    try meter.charge(bytes: suffix.utf8Count)
    return .bool(text.hasSuffix(suffix))
  }

  static func contains(
    _ text: borrowing CELValue, _ part: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = copy text, case .string(let part) = copy part else {
      throw .noSuchOverload(function: "contains", arguments: [text.type, part.type])
    }
    try meter.charge(bytes: text.utf8Count)
    guard part.utf8Count > 0 else { return .bool(true) }
    let search = SubstringSearch(Array(part.text.utf8))
    return .bool(text.withUTF8 { search.first(in: $0) != nil })
  }

  /// `text.matches(pattern)` with a pattern that is known at run time only: it is compiled each time,
  /// which is charged for.
  static func matches(
    _ text: borrowing CELValue, _ pattern: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = copy text, case .string(let pattern) = copy pattern else {
      throw .noSuchOverload(function: "matches", arguments: [text.type, pattern.type])
    }
    try meter.charge(bytes: text.utf8Count)
    try meter.charge(patternCost(pattern))
    do throws(RE2Error) {
      return .bool(try RE2Pattern(pattern.text).matchesPartially(text.text))
    } catch {
      throw .pattern(error, in: pattern.text)
    }
  }

  /// The steps for compiling a pattern: about a microsecond for a byte.
  package static func patternCost(_ pattern: CELString) -> Int {
    min(pattern.utf8Count, RE2Pattern.lengthLimit) * 8 + 100
  }

  static func size(
    _ operand: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      return .int(Int64(text.scalarCount))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    case .list(let list): return .int(Int64(list.count))
    case .map(let map): return .int(Int64(map.count))
    default: throw .noSuchOverload(function: "size", arguments: [operand.type])
    }
  }
}

// Values as JSON.

import Bytes
package import JSON

extension CELValue {
  /// The value as JSON where it may stand within other JSON: timestamps and durations as their
  /// texts, bytes in base 64, integers beyond ±(2^53 − 1) as strings, since readers take numbers for
  /// doubles.
  ///
  /// *Errors:* infinities and not-a-number, types, optionals, keys that are no strings, values that
  /// are nested too deep. Each element and every ``CELCostMeter/bytesPerStep`` bytes are charged.
  package func nestedJSON(
    _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> JSONValue {
    try json(depth: 0, .data, &meter)
  }

  /// The value as JSON where it is all there is, as the result of an overlay: as
  /// ``nestedJSON(_:)``, but null, unsigned integers, timestamps and durations are errors.
  ///
  /// *Source:* Tekton's CEL interceptor, whose texts the errors have.
  package func overlayJSON(
    _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> JSONValue {
    switch self {
    case .null: throw .invalidArgument("type conversion error from 'null_type' to '[]uint8'")
    case .timestamp: throw .invalidArgument("type conversion error from 'Timestamp' to '[]uint8'")
    case .duration: throw .invalidArgument("type conversion error from 'Duration' to '[]uint8'")
    case .uint: throw .invalidArgument("unsupported type conversion from 'uint' to []uint8")
    default: return try nestedJSON(&meter)
    }
  }

  /// The value as JSON for a person or a tool that asks what it is, so that every value has one:
  /// as ``nestedJSON(_:)``, with `NaN` and `Infinity` as strings, types by their names, keys that are
  /// no strings as their literals, and an optional as what is in it or null.
  package func reportJSON(
    _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> JSONValue {
    try json(depth: 0, .everything, &meter)
  }

  /// Which values have JSON.
  private enum Extent { case data, everything }

  private func json(
    depth: Int, _ extent: Extent, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> JSONValue {
    guard depth < CELCostMeter.depthLimit else { throw .depthLimit(CELCostMeter.depthLimit) }
    try meter.charge()
    switch self {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return Self.json(value, isSafe: Self.safeIntegers.contains(value))
    case .uint(let value):
      return Self.json(value, isSafe: value <= UInt64(Self.safeIntegers.upperBound))
    case .double(let value) where !value.isFinite && extent == .everything:
      return .string(DoubleText.plain(value))
    case .double(let value): return .number(try Self.number(value))
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      return .string(text.text)
    case .bytes(let bytes):
      try meter.charge(bytes: bytes.count * 2)
      return .string(Base64.encode(bytes))
    case .timestamp(let timestamp): return .string(timestamp.text)
    case .duration(let duration): return .string(duration.text)
    case .list(let list):
      var elements: [JSONValue] = []
      for element in list { elements.append(try element.json(depth: depth + 1, extent, &meter)) }
      return .array(elements)
    case .map(let map):
      var object = JSONObject()
      for (key, value) in map.entries {
        object.updateValue(
          try value.json(depth: depth + 1, extent, &meter), forKey: try Self.name(key, extent))
      }
      return .object(object)
    case .type(let type) where extent == .everything: return .string(type.name)
    case .type: throw .invalidArgument("type conversion not supported for 'type'")
    case .optional(let wrapped?): return try wrapped.json(depth: depth + 1, extent, &meter)
    case .optional(nil): return .null
    case .opaque(let opaque): return .string(opaque.value.text)
    }
  }

  private static func name(
    _ key: CELValue, _ extent: Extent
  ) throws(CELEvaluationError) -> String {
    if case .string(let key) = key { return key.text }
    guard extent == .everything else {
      throw .invalidArgument("unsupported type conversion from '\(key.type.name)' to string")
    }
    return key.literalText
  }

  private static func json(_ value: some BinaryInteger, isSafe: Bool) -> JSONValue {
    let text = String(value)
    guard isSafe, let number = JSONNumber(text: text) else { return .string(text) }
    return .number(number)
  }

  private static func number(_ value: Double) throws(CELEvaluationError) -> JSONNumber {
    guard value.isFinite, let number = JSONNumber(text: DoubleText.json(value)) else {
      throw .invalidArgument(
        "proto: google.protobuf.Value.number_value: invalid \(DoubleText.general(value)) value")
    }
    return number
  }

  /// The integers that a double holds without doubt.
  private static let safeIntegers: ClosedRange<Int64> =
    -9_007_199_254_740_991...9_007_199_254_740_991
}

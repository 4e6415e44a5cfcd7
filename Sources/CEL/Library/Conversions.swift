// Conversions between types.

extension CELLibrary {
  /// `bool bytes double duration dyn int string timestamp type uint`.
  ///
  /// Numbers are converted when the result has the same value but for a fraction, which is cut off;
  /// other numbers are an error of range.
  static func conversions(_ dialect: CELDialect) -> [CELFunction] {
    [
      conversion("bool", to: .bool, from: [.bool, .string], toBool),
      conversion("bytes", to: .bytes, from: [.bytes, .string], toBytes),
      conversion("double", to: .double, from: [.double, .int, .uint, .string], toDouble),
      conversion("duration", to: .duration, from: [.duration, .string, .int]) {
        value, meter throws(CELEvaluationError) in try toDuration(value, dialect, &meter)
      },
      conversion(
        "int", to: .int, from: [.int, .uint, .double, .string, .timestamp, .duration], toInt),
      conversion(
        "string", to: .string,
        from: [.string, .bool, .int, .uint, .double, .bytes, .timestamp, .duration], toString),
      conversion("timestamp", to: .timestamp, from: [.timestamp, .string, .int], toTimestamp),
      conversion("uint", to: .uint, from: [.uint, .int, .double, .string], toUint),
      CELFunction(
        "dyn",
        .global(
          "to_dyn", [.parameter("A")], .dyn,
          .value { value, _ throws(CELEvaluationError) in value })),
      CELFunction(
        "type",
        .global(
          "type", [.parameter("A")], .type(.parameter("A")),
          .value { value, _ throws(CELEvaluationError) in .type(value.type) })),
    ]
  }

  private static func conversion(
    _ name: String, to result: CELType, from types: [CELType],
    _ body:
      @escaping @Sendable (CELValue, inout CELCostMeter) throws(CELEvaluationError) ->
      CELValue
  ) -> CELFunction {
    CELFunction(
      name,
      overloads: types.map { type in
        .global("\(type.name)_to_\(name)", [type], result, .value(body))
      })
  }

  private static func toBool(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = value else { return value }
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
    case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
    default: throw .conversion(from: .string, to: .bool)
    }
  }

  private static func toBytes(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    guard case .string(let text) = value else { return value }
    try meter.charge(bytes: text.utf8Count)
    return .bytes(Array(text.text.utf8))
  }

  private static func toDouble(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .int(let value): return .double(Double(value))
    case .uint(let value): return .double(Double(value))
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      guard let value = DoubleText.parse(text.text) else {
        throw .conversion(from: .string, to: .double)
      }
      return .double(value)
    default: return value
    }
  }

  private static func toDuration(
    _ value: CELValue, _ dialect: CELDialect, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .int(let value): return .duration(CELDuration(nanoseconds: value))
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      do {
        return .duration(try CELDuration(parsing: text.text))
      } catch {
        // cel-go does not say what is wrong with the text.
        throw dialect == .celGo ? .conversion(from: .string, to: .duration) : error
      }
    default: return value
    }
  }

  private static func toInt(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .uint(let value):
      guard let value = Int64(exactly: value) else { throw .integerOverflow }
      return .int(value)
    case .double(let value):
      // Both ends excluded: the double nearest to the greatest integer is beyond it.
      guard value > -0x1p63, value < 0x1p63 else { throw .integerOverflow }
      return .int(Int64(value))
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      guard let value = Int64(text.text) else { throw .conversion(from: .string, to: .int) }
      return .int(value)
    case .timestamp(let timestamp): return .int(timestamp.seconds)
    case .duration(let duration): return .int(duration.nanoseconds)
    default: return value
    }
  }

  private static func toString(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .bool(let value): return .string(value ? "true" : "false")
    case .int(let value): return .string(String(value))
    case .uint(let value): return .string(String(value))
    case .double(let value): return .string(DoubleText.general(value))
    case .timestamp(let timestamp): return .string(timestamp.text)
    case .duration(let duration): return .string(duration.text)
    case .bytes(let bytes):
      try meter.charge(bytes: bytes.count)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .invalidArgument("invalid UTF-8 in bytes, cannot convert to string")
      }
      return .string(text)
    default: return value
    }
  }

  private static func toTimestamp(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .int(let seconds):
      guard let timestamp = CELTimestamp(seconds: seconds, nanoseconds: 0) else {
        throw .timestampOverflow
      }
      return .timestamp(timestamp)
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      return .timestamp(try CELTimestamp(parsing: text.text))
    default: return value
    }
  }

  private static func toUint(
    _ value: CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch value {
    case .int(let value):
      guard let value = UInt64(exactly: value) else { throw .unsignedIntegerOverflow }
      return .uint(value)
    case .double(let value):
      guard value > -1, value < 0x1p64 else { throw .unsignedIntegerOverflow }
      // Fractions between −1 and 0 are cut off as well.
      return .uint(UInt64(value.rounded(.towardZero).magnitude))
    case .string(let text):
      try meter.charge(bytes: text.utf8Count)
      // UInt64 would take a sign.
      guard let first = text.text.utf8.first, first != UInt8(ascii: "+"),
        let value = UInt64(text.text)
      else { throw .conversion(from: .string, to: .uint) }
      return .uint(value)
    default: return value
    }
  }
}

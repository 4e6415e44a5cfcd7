// `format` of the strings library.
//
//   clause = "%" [ "." 1*DIGIT ] ( "s" / "d" / "f" / "e" / "b" / "o" / "x" / "X" ) / "%%"

import Bytes

/// Puts values into a text.
///
/// *Limits:* at most ``precisionLimit`` digits after the point; the result grows only as the meter
/// allows, which is asked before each piece is added.
///
/// *Source:* cel-go's `ext.Strings`, whose texts the errors have.
enum FormatFunction {
  static func format(
    _ format: CELString, _ arguments: CELList, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    try meter.charge(bytes: format.utf8Count)
    let text = Array(format.text.utf8)
    var output = FormatOutput()
    var index = 0
    var argumentIndex = 0
    while index < text.count {
      guard text[index] == percent else {
        output.bytes.append(text[index])
        index += 1
        continue
      }
      if index + 1 < text.count, text[index + 1] == percent {
        output.bytes.append(percent)
        index += 2
        continue
      }
      guard argumentIndex < arguments.count else {
        throw .invalidArgument("index \(argumentIndex) out of range")
      }
      guard index + 1 < text.count else { throw .invalidArgument("unexpected end of string") }
      let clause = try FormatClause(text, at: index + 1)
      do {
        try output.append(arguments[argumentIndex], as: clause, &meter)
      } catch {
        guard case .invalidArgument(let reason) = error else { throw error }
        throw .invalidArgument("error during formatting: " + reason)
      }
      argumentIndex += 1
      index = clause.end
    }
    return .string(String(decoding: output.bytes, as: UTF8.self))
  }

  /// How many digits after the point there may be.
  static let precisionLimit = 100
  /// How many there are when a clause does not say.
  static let defaultPrecision = 6

  static let percent = UInt8(ascii: "%")
}

/// A place of the text that a value takes.
struct FormatClause {
  enum Verb {
    case string, decimal, fixed, scientific, binary, octal
    case hexadecimal(isUppercase: Bool)
  }

  let verb: Verb
  let precision: Int
  /// The offset after the clause.
  let end: Int

  /// Reads what follows a percent sign.
  init(_ text: [UInt8], at start: Int) throws(CELEvaluationError) {
    var index = start
    var precision = FormatFunction.defaultPrecision
    if text[index] == UInt8(ascii: ".") {
      let digits = text[(index + 1)...].prefix(while: ASCII.isDigit)
      index = digits.endIndex
      guard index < text.count else {
        throw Self.precisionError("could not find end of precision specifier")
      }
      guard let value = Bytes.Decimal.parse(digits) else {
        let quoted = GoQuote.quoted(String(decoding: digits.prefix(40), as: UTF8.self))
        throw Self.precisionError(
          "error while converting precision to integer: strconv.Atoi: parsing \(quoted): "
            + (digits.isEmpty ? "invalid syntax" : "value out of range"))
      }
      guard value <= FormatFunction.precisionLimit else {
        throw Self.precisionError(
          "precision \(value) exceeds maximum allowed precision \(FormatFunction.precisionLimit)")
      }
      precision = Int(value)
    }
    switch text[index] {
    case UInt8(ascii: "s"): verb = .string
    case UInt8(ascii: "d"): verb = .decimal
    case UInt8(ascii: "f"): verb = .fixed
    case UInt8(ascii: "e"): verb = .scientific
    case UInt8(ascii: "b"): verb = .binary
    case UInt8(ascii: "o"): verb = .octal
    case UInt8(ascii: "x"): verb = .hexadecimal(isUppercase: false)
    case UInt8(ascii: "X"): verb = .hexadecimal(isUppercase: true)
    default:
      let character = String(Character(Unicode.Scalar(text[index])))
      throw .invalidArgument(
        "could not parse formatting clause: unrecognized formatting clause \"\(character)\"")
    }
    self.precision = precision
    end = index + 1
  }

  private static func precisionError(_ reason: String) -> CELEvaluationError {
    .invalidArgument("could not parse formatting clause: error while parsing precision: " + reason)
  }
}

/// The result while it grows.
private struct FormatOutput {
  var bytes: [UInt8] = []

  mutating func append(
    _ value: CELValue, as clause: FormatClause, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    switch clause.verb {
    case .string:
      try appendText(of: value, depth: 0, &meter)
    case .decimal:
      try add(decimal(value), &meter)
    case .fixed:
      let number = try number(value, .fixed)
      try add(DoubleText.fixed(number, precision: clause.precision), &meter)
    case .scientific:
      let number = try number(value, .scientific)
      try add(DoubleText.scientific(number, precision: clause.precision), &meter)
    case .binary:
      switch value {
      case .bool(let value): try add(value ? "1" : "0", &meter)
      case .int(let value): try add(String(value, radix: 2), &meter)
      case .uint(let value): try add(String(value, radix: 2), &meter)
      default:
        throw refusal(.binary, value)
      }
    case .octal:
      switch value {
      case .int(let value): try add(String(value, radix: 8), &meter)
      case .uint(let value): try add(String(value, radix: 8), &meter)
      default: throw refusal(.octal, value)
      }
    case .hexadecimal(let isUppercase):
      try add(hexadecimal(value, isUppercase: isUppercase, &meter), &meter)
    }
  }

  private mutating func add(
    _ text: String, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    try meter.charge(bytes: text.utf8.count + CELCostMeter.bytesPerStep)
    bytes.append(contentsOf: text.utf8)
  }

  private func refusal(_ verb: FormatClause.Verb, _ value: CELValue) -> CELEvaluationError {
    .invalidArgument("\(verb.rule), was given \(value.type.name)")
  }

  private func decimal(_ value: CELValue) throws(CELEvaluationError) -> String {
    switch value {
    case .int(let value): return String(value)
    case .uint(let value): return String(value)
    case .double(let value): return DoubleText.plain(value)
    default:
      throw refusal(.decimal, value)
    }
  }

  private func number(
    _ value: CELValue, _ verb: FormatClause.Verb
  ) throws(CELEvaluationError) -> Double {
    switch value {
    case .int(let value): return Double(value)
    case .uint(let value): return Double(value)
    case .double(let value): return value
    default: throw refusal(verb, value)
    }
  }

  private func hexadecimal(
    _ value: CELValue, isUppercase: Bool, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> String {
    let digits: String
    switch value {
    case .int(let value): return String(value, radix: 16, uppercase: isUppercase)
    case .uint(let value): return String(value, radix: 16, uppercase: isUppercase)
    case .string(let text):
      try meter.charge(bytes: text.utf8Count * 2)
      digits = Hex.encode(text.text.utf8)
    case .bytes(let bytes):
      try meter.charge(bytes: bytes.count * 2)
      digits = Hex.encode(bytes)
    default:
      throw refusal(.hexadecimal(isUppercase: isUppercase), value)
    }
    return isUppercase
      ? String(decoding: digits.utf8.map { ASCII.uppercased($0) }, as: UTF8.self) : digits
  }

  /// The text of any value, as `%s` has it.
  private mutating func appendText(
    of value: CELValue, depth: Int, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    guard depth < CELCostMeter.depthLimit else { throw .depthLimit(CELCostMeter.depthLimit) }
    switch value {
    case .null: try add("null", &meter)
    case .bool(let value): try add(value ? "true" : "false", &meter)
    case .int(let value): try add(String(value), &meter)
    case .uint(let value): try add(String(value), &meter)
    case .double(let value): try add(DoubleText.plain(value), &meter)
    case .string(let text): try add(text.text, &meter)
    case .timestamp(let timestamp): try add(timestamp.text, &meter)
    case .duration(let duration): try add(duration.text, &meter)
    case .type(let type): try add(type.name, &meter)
    case .bytes(let octets):
      try meter.charge(bytes: octets.count)
      bytes.append(contentsOf: octets)
    case .list(let list):
      bytes.append(UInt8(ascii: "["))
      var isFirst = true
      for element in list {
        if !isFirst { bytes.append(contentsOf: ", ".utf8) }
        isFirst = false
        try appendText(of: element, depth: depth + 1, &meter)
      }
      bytes.append(UInt8(ascii: "]"))
    case .map(let map):
      try appendText(of: map, depth: depth, &meter)
    case .optional, .opaque:
      throw refusal(.string, value)
    }
  }

  /// Entries in the order of their keys' texts.
  private mutating func appendText(
    of map: CELMap, depth: Int, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    try meter.charge(map.count)
    var entries: [(key: [UInt8], value: CELValue)] = []
    for (key, value) in map.entries {
      var output = FormatOutput()
      try output.appendText(of: key, depth: depth + 1, &meter)
      entries.append((output.bytes, value))
    }
    entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
    bytes.append(UInt8(ascii: "{"))
    for (index, entry) in entries.enumerated() {
      if index > 0 { bytes.append(contentsOf: ", ".utf8) }
      bytes.append(contentsOf: entry.key)
      bytes.append(contentsOf: ": ".utf8)
      try appendText(of: entry.value, depth: depth + 1, &meter)
    }
    bytes.append(UInt8(ascii: "}"))
  }
}

// Reaching into values: `x.f`, `has(x.f)`, `x[i]`, `x in y`, and their optional forms.

/// The operators that look something up. Texts of errors are cel-go's.
enum Access {
  /// `operand.field`
  static func field(
    _ field: String, of operand: borrowing CELValue
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .map(let map):
      guard let value = map[field] else { throw .noSuchKey(field) }
      return value
    case .list: throw .unsupportedIndex(type: .string, container: .list(.dyn))
    case .optional(let wrapped):
      guard let wrapped else { return .optional(nil) }
      return try optionalField(field, of: wrapped)
    // A value without fields has no such key either.
    default: throw .noSuchKey(field)
    }
  }

  /// `operand.?field`
  static func optionalField(
    _ field: String, of operand: borrowing CELValue
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .map(let map): return .optional(map[field])
    case .optional(let wrapped):
      guard let wrapped else { return .optional(nil) }
      return try optionalField(field, of: wrapped)
    case .list: throw .unsupportedIndex(type: .string, container: .list(.dyn))
    default: throw .noSuchKey(field)
    }
  }

  /// `has(operand.field)`: whether a map has the key. False for values without fields, as in cel-go.
  static func has(
    _ field: String, in operand: borrowing CELValue
  ) throws(CELEvaluationError) -> Bool {
    switch copy operand {
    case .map(let map): return map.contains(field)
    case .list: throw .unsupportedIndex(type: .string, container: .list(.dyn))
    case .optional(let wrapped):
      guard let wrapped else { return false }
      return try has(field, in: wrapped)
    default: return false
    }
  }

  /// `operand[index]`
  static func index(
    _ operand: borrowing CELValue, _ index: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .map(let map):
      guard let value = map[index] else { throw .noSuchKey(keyText(index)) }
      return value
    case .list(let list):
      let position = try position(index)
      guard let value = element(position, of: list) else { throw .indexOutOfBounds(position) }
      return value
    case .optional(let wrapped):
      guard let wrapped else { return .optional(nil) }
      return try optionalIndex(wrapped, index, &meter)
    default: throw .noSuchOverload(function: "_[_]", arguments: [operand.type, index.type])
    }
  }

  /// `operand[?index]`
  static func optionalIndex(
    _ operand: borrowing CELValue, _ index: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .map(let map): return .optional(map[index])
    case .list(let list): return .optional(element(try position(index), of: list))
    case .optional(let wrapped):
      guard let wrapped else { return .optional(nil) }
      return try optionalIndex(wrapped, index, &meter)
    default: throw .noSuchOverload(function: "_[?_]", arguments: [operand.type, index.type])
    }
  }

  /// `element in container`
  static func contains(
    _ element: borrowing CELValue, _ container: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch copy container {
    case .list(let list):
      for candidate in list {
        try meter.charge()
        if try CELValue.equals(element, candidate, &meter) { return .bool(true) }
      }
      return .bool(false)
    case .map(let map):
      return .bool(map[element] != nil)
    default: throw .noSuchOverload(function: "@in", arguments: [element.type, container.type])
    }
  }

  private static func element(_ position: Int64, of list: CELList) -> CELValue? {
    position >= 0 && position < Int64(list.count) ? list[Int(position)] : nil
  }

  /// The position that a value names: any number that is whole.
  private static func position(
    _ index: borrowing CELValue
  ) throws(CELEvaluationError) -> Int64 {
    switch copy index {
    case .int(let value): return value
    case .uint(let value):
      guard let position = Int64(exactly: value) else { throw .indexOutOfBounds(.max) }
      return position
    case .double(let value):
      guard let position = Int64(exactly: value) else {
        throw .unsupportedIndex(type: .double, container: .list(.dyn))
      }
      return position
    default: throw .unsupportedIndex(type: index.type, container: .list(.dyn))
    }
  }

  /// A key as errors name it: strings bare.
  static func keyText(_ key: borrowing CELValue) -> String {
    if case .string(let text) = copy key { text.text } else { key.literalText }
  }
}

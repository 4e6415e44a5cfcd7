// Arguments of functions in the types that their implementations want.

extension CELValue {
  /// The string. *Errors:* a value of another type is `no such overload`.
  func string() throws(CELEvaluationError) -> CELString {
    guard case .string(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The integer.
  func int() throws(CELEvaluationError) -> Int64 {
    guard case .int(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The double.
  func double() throws(CELEvaluationError) -> Double {
    guard case .double(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The list.
  func list() throws(CELEvaluationError) -> CELList {
    guard case .list(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The bytes.
  func bytes() throws(CELEvaluationError) -> [UInt8] {
    guard case .bytes(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The timestamp.
  func timestamp() throws(CELEvaluationError) -> CELTimestamp {
    guard case .timestamp(let value) = self else { throw .noSuchOperator }
    return value
  }

  /// The duration.
  func duration() throws(CELEvaluationError) -> CELDuration {
    guard case .duration(let value) = self else { throw .noSuchOperator }
    return value
  }
}

extension CELOverload.Implementation {
  /// Takes one value of any type.
  static func value(
    _ body:
      @escaping @Sendable (CELValue, inout CELCostMeter) throws(CELEvaluationError) ->
      CELValue
  ) -> Self {
    .unary { value, meter throws(CELEvaluationError) in try body(copy value, &meter) }
  }

  /// Takes two values of any type.
  static func values(
    _ body:
      @escaping @Sendable (CELValue, CELValue, inout CELCostMeter)
      throws(CELEvaluationError) -> CELValue
  ) -> Self {
    .binary { left, right, meter throws(CELEvaluationError) in
      try body(copy left, copy right, &meter)
    }
  }

  /// Takes any number of values.
  static func arguments(
    _ body:
      @escaping @Sendable ([CELValue], inout CELCostMeter) throws(CELEvaluationError) ->
      CELValue
  ) -> Self {
    .variadic { values, meter throws(CELEvaluationError) in try body(copy values, &meter) }
  }

  /// Takes a string.
  static func string(
    _ body:
      @escaping @Sendable (CELString, inout CELCostMeter) throws(CELEvaluationError) ->
      CELValue
  ) -> Self {
    .unary { value, meter throws(CELEvaluationError) in try body(value.string(), &meter) }
  }

  /// Takes two strings.
  static func strings(
    _ body:
      @escaping @Sendable (CELString, CELString, inout CELCostMeter)
      throws(CELEvaluationError) -> CELValue
  ) -> Self {
    .binary { left, right, meter throws(CELEvaluationError) in
      try body(left.string(), right.string(), &meter)
    }
  }

  /// Takes a list.
  static func list(
    _ body:
      @escaping @Sendable (CELList, inout CELCostMeter) throws(CELEvaluationError) ->
      CELValue
  ) -> Self {
    .unary { value, meter throws(CELEvaluationError) in try body(value.list(), &meter) }
  }

  /// Takes a double.
  static func double(
    _ body: @escaping @Sendable (Double) throws(CELEvaluationError) -> CELValue
  ) -> Self {
    .unary { value, _ throws(CELEvaluationError) in try body(value.double()) }
  }
}

// The operators that compute (cel-spec, "Numeric Operations"). Nothing here traps: what overflows is
// an error.

/// `+ - * / %` and the unary minus, with no conversion between types.
enum Arithmetic {
  static func add(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)):
      return .int(try whole(left.addingReportingOverflow(right)))
    case (.uint(let left), .uint(let right)):
      return .uint(try unsigned(left.addingReportingOverflow(right)))
    case (.double(let left), .double(let right)): return .double(left + right)
    case (.string(let left), .string(let right)):
      try meter.charge(bytes: left.utf8Count + right.utf8Count)
      return .string(left.text + right.text)
    case (.bytes(let left), .bytes(let right)):
      try meter.charge(bytes: left.count + right.count)
      return .bytes(left + right)
    case (.list(let left), .list(let right)):
      try meter.charge(left.count + right.count)
      return .list(Array(left) + Array(right))
    case (.duration(let left), .duration(let right)): return .duration(try left.adding(right))
    case (.timestamp(let left), .duration(let right)): return .timestamp(try left.adding(right))
    case (.duration(let left), .timestamp(let right)): return .timestamp(try right.adding(left))
    case (.bool, _), (.null, _), (.map, _), (.type, _), (.optional, _), (.opaque, _):
      throw .noSuchOperatorOf("_+_")
    default: throw .noSuchOperator
    }
  }

  static func subtract(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)):
      return .int(try whole(left.subtractingReportingOverflow(right)))
    case (.uint(let left), .uint(let right)):
      return .uint(try unsigned(left.subtractingReportingOverflow(right)))
    case (.double(let left), .double(let right)): return .double(left - right)
    case (.duration(let left), .duration(let right)): return .duration(try left.subtracting(right))
    case (.timestamp(let left), .timestamp(let right)): return .duration(try left.since(right))
    case (.timestamp(let left), .duration(let right)):
      return .timestamp(try left.adding(try right.negated()))
    case (.int, _), (.uint, _), (.double, _), (.duration, _), (.timestamp, _):
      throw .noSuchOperator
    default: throw .noSuchOperatorOf("_-_")
    }
  }

  static func multiply(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)):
      return .int(try whole(left.multipliedReportingOverflow(by: right)))
    case (.uint(let left), .uint(let right)):
      return .uint(try unsigned(left.multipliedReportingOverflow(by: right)))
    case (.double(let left), .double(let right)): return .double(left * right)
    case (.int, _), (.uint, _), (.double, _): throw .noSuchOperator
    default: throw .noSuchOperatorOf("_*_")
    }
  }

  static func divide(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)):
      guard right != 0 else { throw .divisionByZero }
      return .int(try whole(left.dividedReportingOverflow(by: right)))
    case (.uint(let left), .uint(let right)):
      guard right != 0 else { throw .divisionByZero }
      return .uint(left / right)
    case (.double(let left), .double(let right)): return .double(left / right)
    case (.int, _), (.uint, _), (.double, _): throw .noSuchOperator
    default: throw .noSuchOperatorOf("_/_")
    }
  }

  static func remainder(
    _ left: borrowing CELValue, _ right: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch (copy left, copy right) {
    case (.int(let left), .int(let right)):
      guard right != 0 else { throw .modulusByZero }
      return .int(try whole(left.remainderReportingOverflow(dividingBy: right)))
    case (.uint(let left), .uint(let right)):
      guard right != 0 else { throw .modulusByZero }
      return .uint(left % right)
    case (.int, _), (.uint, _): throw .noSuchOperator
    default: throw .noSuchOperatorOf("_%_")
    }
  }

  static func negate(
    _ operand: borrowing CELValue, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    switch copy operand {
    case .int(let value): return .int(try whole(Int64(0).subtractingReportingOverflow(value)))
    case .double(let value): return .double(-value)
    case .duration(let value): return .duration(try value.negated())
    case .bool: throw .noSuchOperator
    default: throw .noSuchOperatorOf("-_")
    }
  }

  @inline(__always)
  private static func whole(
    _ result: (partialValue: Int64, overflow: Bool)
  ) throws(CELEvaluationError) -> Int64 {
    guard !result.overflow else { throw .integerOverflow }
    return result.partialValue
  }

  @inline(__always)
  private static func unsigned(
    _ result: (partialValue: UInt64, overflow: Bool)
  ) throws(CELEvaluationError) -> UInt64 {
    guard !result.overflow else { throw .unsignedIntegerOverflow }
    return result.partialValue
  }
}

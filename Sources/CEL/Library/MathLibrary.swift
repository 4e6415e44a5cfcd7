// The math library (cel-go's `ext.Math`, newest version).

extension CELLibrary {
  /// `math.greatest` and `math.least`, rounding, signs, roots and bits.
  package static let math = CELLibrary(
    name: "math",
    functions: [
      extreme("math.@max", keepsFirst: { $0 >= 0 }), extreme("math.@min", keepsFirst: { $0 <= 0 }),
      rounding("ceil", .up), rounding("floor", .down), rounding("trunc", .towardZero),
      rounding("round", .toNearestOrAwayFromZero),
      classification("isNaN") { $0.isNaN }, classification("isInf") { $0.isInfinite },
      classification("isFinite") { $0.isFinite },
      abs, sign, squareRoot,
      bits("bitAnd", &, &), bits("bitOr", |, |), bits("bitXor", ^, ^), bitNot,
      shift("bitShiftLeft") { value, count in value << count },
      shift("bitShiftRight") { value, count in value >> count },
    ],
    macros: [extremeMacro("greatest", "math.@max"), extremeMacro("least", "math.@min")])

  // MARK: - Greatest and least

  /// - Parameter keepsFirst: whether the first of two stays, by how it compares with the second.
  private static func extreme(
    _ name: String, keepsFirst: @escaping @Sendable (Int) -> Bool
  ) -> CELFunction {
    let numbers: [CELType] = [.int, .uint, .double]
    var overloads: [CELOverload] = []
    let id = name.replacing(".", with: "_")
    for type in numbers {
      overloads.append(
        .global(
          "\(id)_\(type.name)", [type], type,
          .value { value, _ throws(CELEvaluationError) in value }))
      overloads.append(
        .global(
          "\(id)_list_\(type.name)", [.list(type)], type,
          .list { list, meter throws(CELEvaluationError) in
            try meter.charge(list.count)
            guard var result = list.first else {
              throw .invalidArgument("\(name)(list) argument must not be empty")
            }
            for value in list.dropFirst() {
              if !keepsFirst(try order(result, value, name)) { result = value }
            }
            _ = try order(result, result, name)
            return result
          }))
      for second in numbers {
        overloads.append(
          .global(
            "\(id)_\(type.name)_\(second.name)", [type, second], type == second ? type : .dyn,
            .values { left, right, _ throws(CELEvaluationError) in
              keepsFirst(try order(left, right, name)) ? left : right
            }))
      }
    }
    return CELFunction(name, overloads: overloads)
  }

  /// -1, 0 or 1. *Errors:* values that are no numbers, and not-a-number.
  private static func order(
    _ left: CELValue, _ right: CELValue, _ name: String
  ) throws(CELEvaluationError) -> Int {
    guard left.isNumber, right.isNumber else {
      throw .invalidArgument("no such overload: \(name)")
    }
    var meter = CELCostMeter()
    guard let order = try CELValue.compare(left, right, &meter) else {
      throw .invalidArgument("NaN values cannot be ordered")
    }
    return order
  }

  private static func extremeMacro(_ name: String, _ function: String) -> CELMacro {
    CELMacro(name, .member, arity: 0...Int.max) { tree, target, arguments throws(CELMacroError) in
      guard let target, tree.identifier(target) == "math" else { return nil }
      guard let first = arguments.first else {
        throw CELMacroError("math.\(name)() requires at least one argument", at: target)
      }
      if arguments.count == 1 {
        guard isNumericList(first, tree) || mayBeNumber(first, tree) else {
          throw CELMacroError("math.\(name)() invalid single argument value", at: first)
        }
        return tree.call(function, arguments)
      }
      for argument in arguments where !mayBeNumber(argument, tree) {
        throw CELMacroError(
          "math.\(name)() simple literal arguments must be numeric", at: argument)
      }
      if arguments.count == 2 { return tree.call(function, arguments) }
      let list = tree.list(arguments)
      return tree.call(function, [list])
    }
  }

  /// Whether a piece of syntax is not obviously something else than a number.
  private static func mayBeNumber(_ id: CELTree.Node.ID, _ tree: CELTree) -> Bool {
    switch tree.kind(id) {
    case .literal(let value): value.isNumber
    case .list, .map: false
    default: true
    }
  }

  private static func isNumericList(_ id: CELTree.Node.ID, _ tree: CELTree) -> Bool {
    guard case .list(let children) = tree.kind(id) else { return false }
    let elements = tree[children]
    return !elements.isEmpty && elements.allSatisfy { mayBeNumber($0, tree) }
  }

  // MARK: - Doubles

  private static func rounding(
    _ name: String, _ rule: FloatingPointRoundingRule
  ) -> CELFunction {
    CELFunction(
      "math." + name,
      .global(
        "math_\(name)_double", [.double], .double,
        .double { value throws(CELEvaluationError) in .double(value.rounded(rule)) }))
  }

  private static func classification(
    _ name: String, _ test: @escaping @Sendable (Double) -> Bool
  ) -> CELFunction {
    CELFunction(
      "math." + name,
      .global(
        "math_\(name)_double", [.double], .bool,
        .double { value throws(CELEvaluationError) in .bool(test(value)) }))
  }

  private static let squareRoot = CELFunction(
    "math.sqrt",
    overloads: [CELType.double, .int, .uint].map { type in
      .global(
        "math_sqrt_\(type.name)", [type], .double,
        .value { value, _ throws(CELEvaluationError) in
          switch value {
          case .double(let value): return .double(value.squareRoot())
          case .int(let value): return .double(Double(value).squareRoot())
          case .uint(let value): return .double(Double(value).squareRoot())
          default: throw .noSuchOperator
          }
        })
    })

  // MARK: - Signs

  private static let abs = CELFunction(
    "math.abs",
    overloads: [CELType.double, .int, .uint].map { type in
      .global(
        "math_abs_\(type.name)", [type], type,
        .value { value, _ throws(CELEvaluationError) in
          switch value {
          case .double(let value): return .double(value.magnitude)
          case .uint: return value
          case .int(let value):
            guard let magnitude = Int64(exactly: value.magnitude) else { throw .integerOverflow }
            return .int(magnitude)
          default: throw .noSuchOperator
          }
        })
    })

  private static let sign = CELFunction(
    "math.sign",
    overloads: [CELType.double, .int, .uint].map { type in
      .global(
        "math_sign_\(type.name)", [type], type,
        .value { value, _ throws(CELEvaluationError) in
          switch value {
          case .double(let value):
            return .double(value.isNaN ? value : value > 0 ? 1 : value < 0 ? -1 : 0)
          case .int(let value): return .int(value.signum())
          case .uint(let value): return .uint(value == 0 ? 0 : 1)
          default: throw .noSuchOperator
          }
        })
    })

  // MARK: - Bits

  private static func bits(
    _ name: String, _ ints: @escaping @Sendable (Int64, Int64) -> Int64,
    _ uints: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> CELFunction {
    CELFunction(
      "math." + name,
      overloads: [CELType.int, .uint].map { type in
        .global(
          "math_\(name)_\(type.name)_\(type.name)", [type, type], type,
          .values { left, right, _ throws(CELEvaluationError) in
            switch (left, right) {
            case (.int(let left), .int(let right)): return .int(ints(left, right))
            case (.uint(let left), .uint(let right)): return .uint(uints(left, right))
            default: throw .noSuchOperator
            }
          })
      })
  }

  private static let bitNot = CELFunction(
    "math.bitNot",
    overloads: [CELType.int, .uint].map { type in
      .global(
        "math_bitNot_\(type.name)_\(type.name)", [type], type,
        .value { value, _ throws(CELEvaluationError) in
          switch value {
          case .int(let value): return .int(~value)
          case .uint(let value): return .uint(~value)
          default: throw .noSuchOperator
          }
        })
    })

  /// Shifts are logical, also of signed integers; by 64 and more nothing is left.
  private static func shift(
    _ name: String, _ body: @escaping @Sendable (UInt64, Int64) -> UInt64
  ) -> CELFunction {
    CELFunction(
      "math." + name,
      overloads: [CELType.int, .uint].map { type in
        .global(
          "math_\(name)_\(type.name)_int", [type, .int], type,
          .values { value, count, _ throws(CELEvaluationError) in
            let count = try count.int()
            guard count >= 0 else {
              throw .invalidArgument("math.\(name)() negative offset: \(count)")
            }
            switch value {
            case .int(let value):
              return .int(Int64(bitPattern: body(UInt64(bitPattern: value), count)))
            case .uint(let value): return .uint(body(value, count))
            default: throw .noSuchOperator
            }
          })
      })
  }
}

extension CELValue {
  /// Whether the value is of a type of numbers.
  fileprivate var isNumber: Bool {
    switch self {
    case .int, .uint, .double: true
    default: false
    }
  }
}

// Optional types (cel-spec's proposal 246, as in cel-go).

extension CELLibrary {
  /// `optional.of`, `optional.ofNonZeroValue`, `optional.none`, `hasValue`, `value`, `or`, `orValue`,
  /// `optional.unwrap`, `unwrapOpt`, `optMap` and `optFlatMap`, and the syntax `a.?b`, `a[?b]`, `[?a]`,
  /// `{?a: b}`.
  package static let optionals = CELLibrary(
    name: "optional",
    functions: [
      CELFunction(
        "optional.of",
        .global(
          "optional_of", [wrapped], optional,
          .value { value, _ throws(CELEvaluationError) in .optional(value) })),
      CELFunction(
        "optional.ofNonZeroValue",
        .global(
          "optional_ofNonZeroValue", [wrapped], optional,
          .value { value, _ throws(CELEvaluationError) in
            .optional(value.isZeroValue ? nil : value)
          })),
      CELFunction(
        "optional.none",
        .global(
          "optional_none", [], optional,
          .nullary { _ throws(CELEvaluationError) in .optional(nil) })),
      CELFunction(
        "hasValue",
        .member(
          "optional_hasValue", [optional], .bool,
          .value { value, _ throws(CELEvaluationError) in
            .bool(try value.hasWrapped())
          })),
      CELFunction(
        "value",
        .member(
          "optional_value", [optional], wrapped,
          .value { value, _ throws(CELEvaluationError) in
            guard let wrapped = try value.optional() else {
              throw .invalidArgument("optional.none() dereference")
            }
            return wrapped
          })),
      CELFunction(
        "or",
        .member(
          "optional_or_optional", [optional, optional], optional,
          .values { value, other, _ throws(CELEvaluationError) in
            if let wrapped = try value.optional() { return .optional(wrapped) }
            return .optional(try other.optional())
          })),
      CELFunction(
        "orValue",
        .member(
          "optional_orValue_value", [optional, wrapped], wrapped,
          .values { value, other, _ throws(CELEvaluationError) in
            try value.optional() ?? other
          })),
      CELFunction(
        "optional.unwrap",
        .global("optional_unwrap", [.list(optional)], .list(wrapped), unwrap)),
      CELFunction(
        "unwrapOpt",
        .member("optional_unwrapOpt", [.list(optional)], .list(wrapped), unwrap)),
    ],
    macros: [
      mapMacro("optMap") { tree, result in tree.call("optional.of", [result]) },
      mapMacro("optFlatMap") { _, result in result },
    ],
    constants: ["optional_type": .type(.optional(.dyn))],
    syntax: .optionals)

  private static let wrapped = CELType.parameter("V")
  private static let optional = CELType.optional(wrapped)

  /// What is in the optionals of a list.
  private static let unwrap = CELOverload.Implementation.list {
    list, meter throws(CELEvaluationError) in
    try meter.charge(list.count)
    var values: [CELValue] = []
    for element in list {
      guard case .optional(let wrapped) = element else {
        throw .invalidArgument("value \(element.literalText) is not optional")
      }
      if let wrapped { values.append(wrapped) }
    }
    return .list(values)
  }

  /// `o.optMap(x, f)` as `o.hasValue() ? optional.of(f with x = o.value()) : optional.none()`, with
  /// `o` evaluated once.
  private static func mapMacro(
    _ name: String,
    result: @escaping @Sendable (inout CELTree, CELTree.Node.ID) -> CELTree.Node.ID
  ) -> CELMacro {
    CELMacro(name, .member, arity: 2...2) { tree, target, arguments throws(CELMacroError) in
      guard let target else { return nil }
      guard let variable = tree.identifier(arguments[0]) else {
        throw CELMacroError("\(name)() variable name must be a simple identifier", at: arguments[0])
      }
      let input = "@optional"
      let hasValue = tree.call("hasValue", on: tree.add(.identifier(input)), [])
      let value = tree.call("value", on: tree.add(.identifier(input)), [])
      let body = tree.add(.bind(name: variable, value: value, body: arguments[1]))
      let some = result(&tree, body)
      let none = tree.call("optional.none", [])
      let choice = tree.call("_?_:_", [hasValue, some, none])
      return tree.add(.bind(name: input, value: target, body: choice))
    }
  }
}

extension CELValue {
  /// The optional. *Errors:* a value of another type.
  fileprivate func optional() throws(CELEvaluationError) -> CELValue? {
    guard case .optional(let wrapped) = self else { throw .noSuchOperator }
    return wrapped
  }

  fileprivate func hasWrapped() throws(CELEvaluationError) -> Bool {
    if case .some = try optional() { true } else { false }
  }

  /// Whether the value is what a variable of its type has when nobody has set it.
  fileprivate var isZeroValue: Bool {
    switch self {
    case .null: true
    case .bool(let value): !value
    case .int(let value): value == 0
    case .uint(let value): value == 0
    case .double(let value): value == 0
    case .string(let text): text.utf8Count == 0
    case .bytes(let bytes): bytes.isEmpty
    case .list(let list): list.isEmpty
    case .map(let map): map.count == 0
    case .timestamp(let timestamp): timestamp.seconds == 0 && timestamp.nanoseconds == 0
    case .duration(let duration): duration.nanoseconds == 0
    case .optional(.none): true
    case .optional: false
    case .type, .opaque: false
    }
  }
}

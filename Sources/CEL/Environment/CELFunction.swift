// How functions are declared.

/// A function of the language: a name with its overloads.
package struct CELFunction: Sendable {
  /// The name, with its namespace where it has one: `size`, `math.abs`. Operators have the names of
  /// cel-spec: `_+_`, `_[_]`, `@in`.
  package let name: String
  /// What it is defined for.
  package let overloads: [CELOverload]

  /// A function.
  package init(_ name: String, _ overloads: CELOverload...) {
    self.name = name
    self.overloads = overloads
  }

  /// A function.
  package init(_ name: String, overloads: [CELOverload]) {
    self.name = name
    self.overloads = overloads
  }
}

/// One signature of a function with what it does.
///
/// The checker chooses by the declared types, and where those are `dyn` the evaluator chooses by the
/// values' types (of lists and maps it judges the first element only, as cel-go does). An
/// implementation therefore sees only arguments that its parameters admit, but must not trap on
/// others.
package struct CELOverload: Sendable {
  /// How it is called.
  package enum Style: Sendable {
    /// `f(x, y)`
    case global
    /// `x.f(y)`; the first parameter is the receiver.
    case member
  }

  /// What it does with evaluated arguments.
  ///
  /// Work that grows with the arguments is charged to the meter first. A pattern that comes with the
  /// arguments is bounded by `RE2Pattern.lengthLimit`.
  package enum Implementation: Sendable {
    case nullary(@Sendable (inout CELCostMeter) throws(CELEvaluationError) -> CELValue)
    case unary(
      @Sendable (borrowing CELValue, inout CELCostMeter) throws(CELEvaluationError) -> CELValue)
    case binary(
      @Sendable (borrowing CELValue, borrowing CELValue, inout CELCostMeter)
        throws(CELEvaluationError) -> CELValue)
    case variadic(
      @Sendable (borrowing [CELValue], inout CELCostMeter) throws(CELEvaluationError) -> CELValue)
    /// Declared only: checking works, evaluating is an error.
    case none
  }

  /// The name of the signature, unique in an environment: `size_string`.
  package let id: String
  /// How it is called.
  package let style: Style
  /// The types of receiver and arguments. ``CELType/parameter(_:)`` stands for any type, the same at
  /// each place of this signature.
  package let parameters: [CELType]
  /// The types that values are judged by when the evaluator chooses: the parameters, or wider types
  /// where the implementation takes what the checker would not.
  package let admitted: [CELType]
  /// The result's type.
  package let result: CELType
  /// What it does.
  package let implementation: Implementation

  /// A global signature.
  package static func global(
    _ id: String, _ parameters: [CELType], _ result: CELType, _ implementation: Implementation
  ) -> CELOverload {
    CELOverload(
      id: id, style: .global, parameters: parameters, admitted: parameters, result: result,
      implementation: implementation)
  }

  /// A member signature; the first parameter is the receiver.
  package static func member(
    _ id: String, _ parameters: [CELType], admitting admitted: [CELType]? = nil,
    _ result: CELType, _ implementation: Implementation
  ) -> CELOverload {
    CELOverload(
      id: id, style: .member, parameters: parameters, admitted: admitted ?? parameters,
      result: result, implementation: implementation)
  }
}

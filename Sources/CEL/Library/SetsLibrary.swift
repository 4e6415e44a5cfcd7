// The sets library (cel-go's `ext.Sets`): lists as sets.

extension CELLibrary {
  /// `sets.contains`, `sets.equivalent` and `sets.intersects`, by CEL's equality.
  package static let sets = CELLibrary(
    name: "sets",
    functions: [
      function("contains") { left, right, meter throws(CELEvaluationError) in
        try isSubset(right, of: left, &meter)
      },
      function("equivalent") { left, right, meter throws(CELEvaluationError) in
        guard try isSubset(right, of: left, &meter) else { return false }
        return try isSubset(left, of: right, &meter)
      },
      function("intersects") { left, right, meter throws(CELEvaluationError) in
        let index = try ElementIndex(left, &meter)
        for element in right {
          if try index.contains(element, &meter) { return true }
        }
        return false
      },
    ])

  private static func isSubset(
    _ part: CELList, of whole: CELList, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> Bool {
    let index = try ElementIndex(whole, &meter)
    for element in part {
      guard try index.contains(element, &meter) else { return false }
    }
    return true
  }

  private static func function(
    _ name: String,
    _ body:
      @escaping @Sendable (CELList, CELList, inout CELCostMeter) throws(CELEvaluationError)
      -> Bool
  ) -> CELFunction {
    let list = CELType.list(.parameter("T"))
    return CELFunction(
      "sets." + name,
      .global(
        "list_sets_\(name)_list", [list, list], .bool,
        .values { left, right, meter throws(CELEvaluationError) in
          .bool(try body(left.list(), right.list(), &meter))
        }))
  }
}

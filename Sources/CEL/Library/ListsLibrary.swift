// The lists library (cel-go's `ext.Lists`, newest version).

extension CELLibrary {
  /// `slice flatten sort sortBy distinct reverse` and `lists.range`.
  ///
  /// *Limits:* `lists.range` makes at most ``rangeLimit`` elements.
  package static let lists = CELLibrary(
    name: "lists",
    functions: [slice, flatten, sort, sortByAssociatedKeys, distinct, reverse, range],
    macros: [sortBy])

  private static let element = CELType.parameter("T")
  private static let listOfElements = CELType.list(element)
  private static let comparable: [CELType] = [
    .int, .uint, .double, .bool, .duration, .timestamp, .string, .bytes,
  ]

  private static let slice = CELFunction(
    "slice",
    .member(
      "list_slice", [listOfElements, .int, .int], listOfElements,
      .arguments { values, meter throws(CELEvaluationError) in
        guard values.count == 3 else { throw .noSuchOperator }
        let list = try values[0].list()
        let (start, end) = (try values[1].int(), try values[2].int())
        guard start >= 0, end >= 0 else {
          throw .invalidArgument("cannot slice(\(start), \(end)), negative indexes not supported")
        }
        guard start <= end else {
          throw .invalidArgument(
            "cannot slice(\(start), \(end)), start index must be less than or equal to end index")
        }
        guard end <= list.count else {
          throw .invalidArgument("cannot slice(\(start), \(end)), list is length \(list.count)")
        }
        try meter.charge(Int(end - start))
        return .list(Array(list[Int(start)..<Int(end)]))
      }))

  /// At run time the elements need not be lists: a list that is flat already stays as it is.
  private static let flatten = CELFunction(
    "flatten",
    .member(
      "list_flatten", [.list(listOfElements)], admitting: [.dyn], listOfElements,
      .value { list, meter throws(CELEvaluationError) in
        guard case .list(let elements) = list else {
          throw .invalidArgument("no such overload: \(list.type.name).flatten()")
        }
        return try flattened(elements, depth: 1, &meter)
      }),
    .member(
      "list_flatten_int", [.list(.dyn), .int], admitting: [.dyn, .dyn], .list(.dyn),
      .values { list, depth, meter throws(CELEvaluationError) in
        guard case .list(let elements) = list, case .int(let depth) = depth else {
          throw .invalidArgument(
            "no such overload: \(list.type.name).flatten(\(depth.type.name))")
        }
        guard depth >= 0 else { throw .invalidArgument("level must be non-negative") }
        return try flattened(elements, depth: depth, &meter)
      }))

  private static func flattened(
    _ list: CELList, depth: Int64, _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) -> CELValue {
    var result: [CELValue] = []
    try append(list, depth: min(depth, Int64(CELCostMeter.depthLimit)), to: &result, &meter)
    return .list(result)
  }

  private static func append(
    _ list: CELList, depth: Int64, to result: inout [CELValue], _ meter: inout CELCostMeter
  ) throws(CELEvaluationError) {
    try meter.charge(list.count)
    for value in list {
      if depth > 0, case .list(let nested) = value {
        try append(nested, depth: depth - 1, to: &result, &meter)
      } else {
        result.append(value)
      }
    }
  }

  private static let sort = CELFunction(
    "sort",
    overloads: comparable.map { type in
      .member(
        "list_\(type.name)_sort", [.list(type)], .list(type),
        .list { list, meter throws(CELEvaluationError) in
          try ListSorting.sorted(list, by: list, &meter)
        })
    })

  private static let sortByAssociatedKeys = CELFunction(
    "@sortByAssociatedKeys",
    overloads: comparable.map { type in
      .member(
        "list_\(type.name)_sortByAssociatedKeys", [listOfElements, .list(type)], listOfElements,
        .values { list, keys, meter throws(CELEvaluationError) in
          try ListSorting.sorted(list.list(), by: keys.list(), &meter)
        })
    })

  /// `list.sortBy(x, key)`: the keys are computed by a loop, the list is evaluated once.
  private static let sortBy = CELMacro(
    "sortBy", .member, arity: 2...2
  ) { tree, target, arguments throws(CELMacroError) in
    guard let target else { return nil }
    guard let variable = tree.identifier(arguments[0]) else {
      throw CELMacroError("argument is not an identifier", at: arguments[0])
    }
    let input = "@sortBy_input"
    let range = tree.add(.identifier(input))
    let keys = tree.comprehension(
      CELTree.Comprehension(
        kind: .map, range: range, variable: variable, secondVariable: nil, condition: nil,
        result: arguments[1]))
    let list = tree.add(.identifier(input))
    let sorted = tree.call("@sortByAssociatedKeys", on: list, [keys])
    return tree.add(.bind(name: input, value: target, body: sorted))
  }

  private static let distinct = CELFunction(
    "distinct",
    .member(
      "list_distinct", [listOfElements], listOfElements,
      .list { list, meter throws(CELEvaluationError) in
        var seen = ElementIndex()
        var result: [CELValue] = []
        for value in list {
          guard try !seen.contains(value, &meter) else { continue }
          try seen.insert(value, &meter)
          result.append(value)
        }
        return .list(result)
      }))

  private static let reverse = CELFunction(
    "reverse",
    .member(
      "list_reverse", [listOfElements], listOfElements,
      .list { list, meter throws(CELEvaluationError) in
        try meter.charge(list.count)
        return .list(Array(list.reversed()))
      }))

  private static let range = CELFunction(
    "lists.range",
    .global(
      "lists_range", [.int], .list(.int),
      .value { value, meter throws(CELEvaluationError) in
        let count = try value.int()
        guard count >= 0 else {
          throw .invalidArgument("lists.range: size must be non-negative, got \(count)")
        }
        guard count <= rangeLimit else {
          throw .invalidArgument(
            "lists.range: size \(count) exceeds maximum allowed (\(rangeLimit))")
        }
        try meter.charge(Int(count))
        return .list((0..<count).map(CELValue.int))
      }))

  /// The longest list that `lists.range` makes, as in cel-go.
  package static let rangeLimit: Int64 = 1_000_000
}

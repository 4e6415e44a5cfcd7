// The macros of the language.

extension CELLibrary {
  /// `has all exists exists_one map filter` (cel-spec, "Macros").
  package static let standardMacros = CELLibrary(
    name: "macros",
    macros: [
      CELMacro("has", .global, arity: 1...1) {
        tree, _, arguments throws(CELMacroError) in
        guard case .select(let operand, let field) = tree.kind(arguments[0]) else {
          throw CELMacroError("invalid argument to has() macro", at: arguments[0])
        }
        return tree.add(.test(operand: operand, field: field))
      },
      loop("all", .all), loop("exists", .exists), loop("exists_one", .existsOne),
      loop("filter", .filter),
      CELMacro("map", .member, arity: 2...3) { tree, target, arguments throws(CELMacroError) in
        guard let target, let result = arguments.last else { return nil }
        let variable = try loopVariable(arguments[0], in: tree)
        return tree.comprehension(
          CELTree.Comprehension(
            kind: .map, range: target, variable: variable,
            condition: arguments.count == 3 ? arguments[1] : nil, result: result))
      },
    ])

  /// `existsOne`, and with two variables `all exists existsOne transformList transformMap
  /// transformMapEntry` (cel-go, `ext.TwoVarComprehensions`).
  package static let twoVariableMacros = CELLibrary(
    name: "comprehensions",
    macros: [
      loop("existsOne", .existsOne),
      pairLoop("all", .all, arity: 3...3), pairLoop("exists", .exists, arity: 3...3),
      pairLoop("exists_one", .existsOne, arity: 3...3),
      pairLoop("existsOne", .existsOne, arity: 3...3),
      pairLoop("transformList", .transformList, arity: 3...4),
      pairLoop("transformMap", .transformMap, arity: 3...4),
      pairLoop("transformMapEntry", .transformMapEntry, arity: 3...4),
    ])

  /// `cel.bind(name, value, body)` (cel-go, `ext.Bindings`). The value is evaluated when it is first
  /// needed, and once.
  package static let bindings = CELLibrary(
    name: "bindings",
    macros: [
      CELMacro("bind", .member, arity: 3...3) { tree, target, arguments throws(CELMacroError) in
        guard let target, tree.identifier(target) == "cel" else { return nil }
        guard let name = tree.identifier(arguments[0]) else {
          throw CELMacroError(
            "cel.bind() variable names must be simple identifiers", at: arguments[0])
        }
        return tree.add(.bind(name: name, value: arguments[1], body: arguments[2]))
      }
    ])

  /// `cel.block([a, b], body)` with `cel.index(0)`, and `cel.iterVar(0, 0)`: the form that cel-go's
  /// optimiser gives common parts of an expression (`ext.Block`).
  package static let blocks = CELLibrary(
    name: "block",
    macros: [
      CELMacro("block", .member, arity: 2...2) { tree, target, arguments throws(CELMacroError) in
        guard let target, tree.identifier(target) == "cel" else { return nil }
        guard case .list(let elements) = tree.kind(arguments[0]) else {
          throw CELMacroError("cel.block() takes a list first", at: arguments[0])
        }
        var body = arguments[1]
        for (index, element) in tree[elements].enumerated().reversed() {
          body = tree.add(.bind(name: "@index\(index)", value: element, body: body))
        }
        return body
      },
      numbered("index", arity: 1...1), numbered("iterVar", arity: 2...2),
      numbered("accuVar", arity: 2...2),
    ])

  private static func numbered(_ name: String, arity: ClosedRange<Int>) -> CELMacro {
    CELMacro(name, .member, arity: arity) { tree, target, arguments throws(CELMacroError) in
      guard let target, tree.identifier(target) == "cel" else { return nil }
      var variable = "@\(name)"
      for (position, argument) in arguments.enumerated() {
        guard case .literal(.int(let number)) = tree.kind(argument), number >= 0 else {
          throw CELMacroError("cel.\(name)() takes numbers that are not negative", at: argument)
        }
        variable += position == 0 ? "\(number)" : ":\(number)"
      }
      return tree.add(.identifier(variable))
    }
  }

  private static func loop(_ name: String, _ kind: CELTree.Comprehension.Kind) -> CELMacro {
    CELMacro(name, .member, arity: 2...2) { tree, target, arguments throws(CELMacroError) in
      guard let target else { return nil }
      let variable = try loopVariable(arguments[0], in: tree)
      return tree.comprehension(
        CELTree.Comprehension(
          kind: kind, range: target, variable: variable, condition: arguments[1]))
    }
  }

  private static func pairLoop(
    _ name: String, _ kind: CELTree.Comprehension.Kind, arity: ClosedRange<Int>
  ) -> CELMacro {
    CELMacro(name, .member, arity: arity) { tree, target, arguments throws(CELMacroError) in
      guard let target, let last = arguments.last else { return nil }
      let first = try loopVariable(arguments[0], in: tree)
      let second = try loopVariable(arguments[1], in: tree)
      guard first != second else {
        throw CELMacroError("duplicate variable name: \(first)", at: arguments[1])
      }
      let transforms =
        switch kind {
        case .transformList, .transformMap, .transformMapEntry: true
        default: false
        }
      return tree.comprehension(
        CELTree.Comprehension(
          kind: kind, range: target, variable: first, secondVariable: second,
          condition: transforms ? (arguments.count == 4 ? arguments[2] : nil) : last,
          result: transforms ? last : nil))
    }
  }
}

private func loopVariable(
  _ node: CELTree.Node.ID, in tree: CELTree
) throws(CELMacroError) -> String {
  guard let name = tree.identifier(node) else {
    throw CELMacroError("argument must be a simple name", at: node)
  }
  guard name != "__result__" else {
    throw CELMacroError("iteration variable overwrites accumulator variable", at: node)
  }
  return name
}

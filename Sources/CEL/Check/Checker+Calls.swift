// The checker's part about calls: which overloads take the arguments, and what comes of them.

extension Checker {
  private mutating func check(_ children: CELTree.Children) -> [CELType] {
    var types: [CELType] = []
    types.reserveCapacity(Int(children.count))
    for child in tree[children] { types.append(check(child)) }
    return types
  }

  mutating func call(
    _ function: String, _ children: CELTree.Children, _ id: CELTree.Node.ID
  ) -> CELType {
    let arguments = tree[children]
    if function == "_&&_" || function == "_||_" {
      var result = CELType.bool
      for argument in arguments {
        let type = check(argument)
        if !substitution.isAssignable(type, to: .bool) {
          let found = substitution.apply(type, finally: true)
          report("expected type 'bool' but found '\(found.description)'", at: argument)
          result = .error
        }
      }
      return result
    }
    if arguments.count == 2 {
      let (first, second) = (arguments[arguments.startIndex], arguments[arguments.startIndex + 1])
      if let type = binaryOperator(function, first, second, id) { return type }
    }
    let types = check(children)
    guard let entry = environment.resolveFunction(function) else {
      return reportUndeclared(function, at: id, among: environment.functionNames)
    }
    references[Int(id)] = .function(entry, isNamespaced: false)
    return resolve(entry, types, .global, id)
  }

  /// The result of operators whose declarations have type parameters, where no parameter has to be
  /// worked out; nil for all others.
  private mutating func binaryOperator(
    _ function: String, _ left: CELTree.Node.ID, _ right: CELTree.Node.ID, _ id: CELTree.Node.ID
  ) -> CELType? {
    switch function {
    case "_==_", "_!=_":
      let types = (check(left), check(right))
      if !substitution.isAssignable(types.0, to: types.1) {
        return noMatchingOverload(function, [types.0, types.1], .global, id)
      }
      return .bool
    case "_?._":
      let operand = check(left)
      _ = check(right)
      let field = selected(from: operand, id)
      if case .optional = field { return field }
      return .optional(field)
    default: return nil
    }
  }

  mutating func memberCall(
    _ function: String, _ target: CELTree.Node.ID, _ children: CELTree.Children,
    _ id: CELTree.Node.ID
  ) -> CELType {
    let arguments = check(children)
    if let prefix = qualifiedName(target),
      let entry = environment.resolveFunction("\(prefix).\(function)")
    {
      references[Int(id)] = .function(entry, isNamespaced: true)
      return resolve(entry, arguments, .global, id)
    }
    let targetType = check(target)
    guard let entry = environment.functions[function] else {
      return reportUndeclared(function, at: id, among: environment.functionNames)
    }
    references[Int(id)] = .function(entry, isNamespaced: false)
    return resolve(entry, [targetType] + arguments, .member, id)
  }

  private mutating func resolve(
    _ entry: FunctionEntry, _ arguments: [CELType], _ style: CELOverload.Style,
    _ id: CELTree.Node.ID
  ) -> CELType {
    var result: CELType?
    for (index, overload) in entry.overloads.enumerated() {
      guard overload.style == style, overload.parameters.count == arguments.count else { continue }
      var own = overload.result
      if entry.isGeneric[index] {
        let instance = substitution.instantiate(overload)
        guard substitution.areAssignable(arguments, to: instance.parameters) else { continue }
        own = substitution.apply(instance.result)
      } else {
        guard substitution.areAssignable(arguments, to: overload.parameters) else { continue }
      }
      guard let known = result else {
        result = own
        continue
      }
      if case .dyn = known { continue }
      if known != own { result = .dyn }
    }
    return result ?? noMatchingOverload(entry.name, arguments, style, id)
  }

  @discardableResult
  mutating func noMatchingOverload(
    _ function: String, _ arguments: [CELType], _ style: CELOverload.Style, _ id: CELTree.Node.ID
  ) -> CELType {
    let texts = arguments.map { substitution.apply($0, finally: true).description }
    let signature =
      switch style {
      case .global: "(\(texts.joined(separator: ", ")))"
      case .member: "\(texts.first ?? "").(\(texts.dropFirst().joined(separator: ", ")))"
      }
    report("found no matching overload for '\(function)' applied to '\(signature)'", at: id)
    return .error
  }
}

// From trees back to text.

extension CELTree {
  /// The expression as text that parses to the same tree, in one form: one space around operators,
  /// double-quoted strings, parentheses only where they matter.
  package func printed() -> String { printed(root) }

  /// A part of the expression as text.
  package func printed(_ id: Node.ID) -> String {
    var printer = TreePrinter(tree: self)
    printer.write(id)
    return printer.text
  }
}

/// One printing. Recursion is as deep as the tree, which the parser limits.
private struct TreePrinter {
  let tree: CELTree
  var text = ""

  /// How tightly a node's outermost operator binds; the same scale as that of the parser's, with 6
  /// for prefixes and 7 for what needs no parentheses.
  private func precedence(_ id: CELTree.Node.ID) -> Int {
    if tree.macroCalls[id] != nil { return 7 }
    guard case .call(let function, let arguments) = tree.kind(id) else {
      if case .literal(let value) = tree.kind(id), Self.isSigned(value) { return 6 }
      return 7
    }
    if arguments.count == 3, function == "_?_:_" { return 0 }
    if function == "!_" || function == "-_" { return 6 }
    return Self.operators[function]?.precedence ?? 7
  }

  /// Whether a literal begins with a sign, so that a selection from it needs parentheses.
  private static func isSigned(_ value: CELValue) -> Bool {
    switch value {
    case .int(let number): number < 0
    case .double(let number): number.sign == .minus
    default: false
    }
  }

  private mutating func write(_ id: CELTree.Node.ID, above least: Int) {
    if precedence(id) < least {
      text += "("
      write(id)
      text += ")"
    } else {
      write(id)
    }
  }

  private mutating func writeList(_ ids: some Sequence<CELTree.Node.ID>) {
    var isFirst = true
    for id in ids {
      if !isFirst { text += ", " }
      isFirst = false
      write(id)
    }
  }

  private mutating func writeField(_ field: String) {
    let isName =
      field.utf8.first.map { $0 > 0x39 } ?? false
      && field.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 &- 0x30 < 10 }
      && !["in", "true", "false", "null"].contains(field)
    text += isName ? field : "`\(field)`"
  }

  private mutating func writeCall(_ call: CELTree.MacroCall) {
    if let target = call.target {
      write(target, above: 7)
      text += "."
    }
    text += call.name + "("
    writeList(call.arguments)
    text += ")"
  }

  mutating func write(_ id: CELTree.Node.ID) {
    if let call = tree.macroCalls[id] { return writeCall(call) }
    switch tree.kind(id) {
    case .literal(let value): text += value.literalText
    case .identifier(let name): text += name
    case .select(let operand, let field):
      write(operand, above: 7)
      text += "."
      writeField(field)
    case .test(let operand, let field):
      text += "has("
      write(operand, above: 7)
      text += "."
      writeField(field)
      text += ")"
    case .call(let function, let arguments): write(function, tree[arguments])
    case .memberCall(let function, let target, let arguments):
      write(target, above: 7)
      text += ".\(function)("
      writeList(tree[arguments])
      text += ")"
    case .list(let elements):
      text += "["
      writeList(tree[elements])
      text += "]"
    case .map(let children):
      text += "{"
      let entries = Array(tree[children])
      for index in stride(from: 0, to: entries.count, by: 2) {
        if index > 0 { text += ", " }
        write(entries[index])
        text += ": "
        write(entries[index + 1])
      }
      text += "}"
    case .optionalElement(let element):
      text += "?"
      write(element)
    case .comprehension(let index): write(tree.comprehensions[Int(index)])
    case .bind(let name, let value, let body):
      text += "cel.bind(\(name), "
      writeList([value, body])
      text += ")"
    case .message(let name): text += "\(name){}"
    case .invalid: text += "<invalid>"
    }
  }

  private mutating func write(_ loop: CELTree.Comprehension) {
    write(loop.range, above: 7)
    let name =
      switch loop.kind {
      case .all: "all"
      case .exists: "exists"
      case .existsOne: "exists_one"
      case .map: "map"
      case .filter: "filter"
      case .transformList: "transformList"
      case .transformMap: "transformMap"
      case .transformMapEntry: "transformMapEntry"
      }
    text += ".\(name)(\(loop.variable)"
    if let second = loop.secondVariable { text += ", \(second)" }
    for part in [loop.condition, loop.result] {
      guard let part else { continue }
      text += ", "
      write(part)
    }
    text += ")"
  }

  private mutating func write(_ function: String, _ arguments: ArraySlice<CELTree.Node.ID>) {
    let operands = Array(arguments)
    if let (symbol, own) = Self.operators[function], operands.count >= 2 {
      for (index, operand) in operands.enumerated() {
        if index > 0 { text += " \(symbol) " }
        // Left-associative: the first may bind as tightly, but for && and ||, which are flat.
        write(operand, above: index == 0 && own > 2 ? own : own + 1)
      }
      return
    }
    switch (function, operands.count) {
    case ("_?_:_", 3):
      write(operands[0], above: 1)
      text += " ? "
      write(operands[1], above: 1)
      text += " : "
      write(operands[2])
    case ("!_", 1), ("-_", 1):
      text += function == "!_" ? "!" : "-"
      // Pairs of signs are dropped by the parser, and a sign before a number belongs to it.
      var needsParentheses = precedence(operands[0]) < 7
      if function == "-_", case .literal(let value) = tree.kind(operands[0]) {
        switch value {
        case .int, .double: needsParentheses = true
        default: break
        }
      }
      write(operands[0], above: needsParentheses ? 8 : 7)
    case ("_[_]", 2), ("_[?_]", 2):
      write(operands[0], above: 7)
      text += function == "_[_]" ? "[" : "[?"
      write(operands[1])
      text += "]"
    case ("_?._", 2):
      write(operands[0], above: 7)
      text += ".?"
      if case .literal(.string(let field)) = tree.kind(operands[1]) { writeField(field.text) }
    default:
      text += "\(function)("
      writeList(operands)
      text += ")"
    }
  }

  private static let operators: [String: (symbol: String, precedence: Int)] = [
    "_||_": ("||", 1), "_&&_": ("&&", 2), "_==_": ("==", 3), "_!=_": ("!=", 3), "_<_": ("<", 3),
    "_<=_": ("<=", 3), "_>_": (">", 3), "_>=_": (">=", 3), "@in": ("in", 3), "_+_": ("+", 4),
    "_-_": ("-", 4), "_*_": ("*", 5), "_/_": ("/", 5), "_%_": ("%", 5),
  ]
}

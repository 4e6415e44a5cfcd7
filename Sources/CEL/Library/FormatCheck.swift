// `format` before it is called.

/// Checks calls of `format` whose text and list are literals: each clause has an argument that it can
/// take, and no argument is left over.
///
/// *Source:* cel-go's validator of `ext.Strings`, which runs on expressions without other findings and
/// whose texts the findings have.
struct FormatCheck {
  private let tree: CELTree
  private let types: [CELType]
  private(set) var findings: [Finding] = []

  init(_ tree: CELTree, _ types: [CELType]) {
    self.tree = tree
    self.types = types
    for index in tree.nodes.indices {
      let id = CELTree.Node.ID(truncatingIfNeeded: index)
      guard case .memberCall("format", let target, let children) = tree.kind(id),
        case .literal(.string(let format)) = tree.kind(target), children.count == 1,
        let list = tree[children].first, case .list(let elements) = tree.kind(list)
      else { continue }
      check(format.text, Array(tree[elements]), id)
    }
  }

  private mutating func check(
    _ format: String, _ arguments: [CELTree.Node.ID], _ call: CELTree.Node.ID
  ) {
    let text = Array(format.utf8)
    var index = 0
    var used = 0
    while index < text.count {
      guard text[index] == FormatFunction.percent else {
        index += 1
        continue
      }
      guard index + 1 < text.count else { return report("unexpected end of string", call) }
      if text[index + 1] == FormatFunction.percent {
        index += 2
        continue
      }
      guard used < arguments.count else { return report("index \(used) out of range", call) }
      do throws(CELEvaluationError) {
        let clause = try FormatClause(text, at: index + 1)
        if let refused = refused(arguments[used], by: clause.verb) {
          let name = types[Int(refused)].name
          return report(
            "error during formatting: \(clause.verb.rule), was given \(name)", refused)
        }
        index = clause.end
      } catch {
        return report(error.description, call)
      }
      used += 1
    }
    if used < arguments.count {
      report(
        "too many arguments supplied to string.format (expected \(used), got \(arguments.count))",
        call)
    }
  }

  private mutating func report(_ message: String, _ id: CELTree.Node.ID) {
    findings.append(Finding(message: message, offset: Int(tree[id].offset)))
  }

  /// The part of an argument that a clause cannot take; nil when it takes all.
  private func refused(
    _ argument: CELTree.Node.ID, by verb: FormatClause.Verb
  ) -> CELTree.Node.ID? {
    let type = types[Int(argument)]
    guard type.isDynOrError || verb.takes(type) else { return argument }
    guard case .string = verb else { return nil }
    var parts: [CELTree.Node.ID] = []
    switch tree.kind(argument) {
    case .list(let children): parts = tree[children].filter { !isOptional($0) }
    case .map(let children):
      let entries = Array(tree[children])
      for index in stride(from: 0, to: entries.count, by: 2) where !isOptional(entries[index]) {
        parts += [entries[index], entries[index + 1]]
      }
    default: break
    }
    for part in parts {
      if let refused = refused(part, by: verb) { return refused }
    }
    return nil
  }

  /// Whether an element or a key has a question mark; what is in its optional will be formatted.
  private func isOptional(_ id: CELTree.Node.ID) -> Bool {
    if case .optionalElement = tree.kind(id) { true } else { false }
  }
}

extension FormatClause.Verb {
  /// What the clause is for, as errors say it.
  var rule: String {
    switch self {
    case .string:
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, "
        + "durations, and timestamps"
    case .decimal: "decimal clause can only be used on ints, uints, and doubles"
    case .fixed: "fixed-point clause can only be used on ints, uints, and doubles"
    case .scientific: "scientific clause can only be used on ints, uints, and doubles"
    case .binary: "only ints, uints, and bools can be formatted as binary"
    case .octal: "octal clause can only be used on ints and uints"
    case .hexadecimal: "only ints, uints, bytes, and strings can be formatted as hex"
    }
  }

  /// Whether a value of a type can be formatted; of lists and maps, without their elements.
  func takes(_ type: CELType) -> Bool {
    switch (self, type) {
    case (.string, .optional), (.string, .opaque), (.string, .parameter): false
    case (.string, _): true
    case (.decimal, .double), (.fixed, .double), (.scientific, .double): true
    case (.binary, .bool), (.hexadecimal, .string), (.hexadecimal, .bytes): true
    case (_, .int), (_, .uint): true
    default: false
    }
  }
}

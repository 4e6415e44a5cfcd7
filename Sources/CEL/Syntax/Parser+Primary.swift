// What an expression is built from: names, calls, literals, and what stands between brackets.

extension Parser {
  mutating func primary() throws(Stop) -> CELTree.Node.ID {
    if !token.kind.startsExpression || token.kind == .exclamation { try recoverOperand() }
    tree.offset = Int32(truncatingIfNeeded: token.start)
    switch token.kind {
    case .identifier, .dot: return try name()
    case .openParenthesis:
      advance()
      let inner = try expression()
      try expect(.closeParenthesis, closers: [])
      return inner
    case .openBracket: return try listLiteral()
    case .openBrace: return try mapLiteral()
    default: return literal()
    }
  }

  /// Steps over one token before an operand, or gives up.
  private mutating func recoverOperand() throws(Stop) {
    let found = "'\(escaped(text(of: token)))'"
    let expected = Self.list(Token.Kind.expressionStart)
    if token.kind != .end, token.kind != .exclamation, peek().kind.startsExpression {
      report("Syntax error: extraneous input \(found) expecting \(expected)", at: token.start)
      advance()
      if token.kind != .exclamation { return }
    }
    report("Syntax error: mismatched input \(found) expecting \(expected)", at: token.start)
    throw Stop()
  }

  /// A variable, a call, or the name of a message.
  private mutating func name() throws(Stop) -> CELTree.Node.ID {
    let start = token.start
    let hasDot = take(.dot)
    guard token.kind == .identifier else {
      report(
        "Syntax error: mismatched input '\(escaped(text(of: token)))' expecting IDENTIFIER",
        at: token.start)
      throw Stop()
    }
    let word = text(of: token)
    let place = token.start
    advance()
    if token.kind == .openParenthesis {
      let call = token.start
      if reserved.contains(word) { report("reserved identifier: \(word)", at: place) }
      advance()
      let arguments = try expressions(until: .closeParenthesis)
      tree.offset = Int32(truncatingIfNeeded: call)
      let function = hasDot ? "." + word : word
      return expand(function, target: nil, arguments) ?? tree.call(function, arguments)
    }
    if let message = try messageLiteral(startingWith: word, hasDot: hasDot, at: place) {
      return message
    }
    if reserved.contains(word) { report("reserved identifier: \(word)", at: place) }
    tree.offset = Int32(truncatingIfNeeded: start)
    return tree.add(.identifier(hasDot ? "." + word : word))
  }

  /// `a.b.C{…}`, whose fields are read and dropped: messages are for the checker to refuse.
  private mutating func messageLiteral(
    startingWith word: String, hasDot: Bool, at place: Int
  ) throws(Stop) -> CELTree.Node.ID? {
    guard token.kind == .dot || token.kind == .openBrace else { return nil }
    var ahead = lexer
    var current = token
    var name = hasDot ? "." + word : word
    while current.kind == .dot {
      let following = ahead.next()
      guard following.kind == .identifier else { return nil }
      name += "." + text(of: following)
      current = ahead.next()
    }
    guard current.kind == .openBrace else { return nil }
    lexer = ahead
    let open = current.start
    advance()
    while token.kind != .closeBrace, token.kind != .end {
      _ = takeOptionalMark("{?")
      guard token.kind == .identifier || token.kind == .quotedIdentifier else {
        report(
          "Syntax error: mismatched input '\(escaped(text(of: token)))' expecting "
            + "{'}', ',', IDENTIFIER, ESC_IDENTIFIER}", at: token.start)
        throw Stop()
      }
      advance()
      try expect(.colon, closers: [])
      _ = try expression()
      if !take(.comma) { break }
    }
    try expect(.closeBrace, closers: [.comma])
    tree.offset = Int32(truncatingIfNeeded: open)
    return tree.add(.message(name))
  }

  mutating func expressions(
    until closer: Token.Kind
  ) throws(Stop) -> [CELTree.Node.ID] {
    var result: [CELTree.Node.ID] = []
    if take(closer) { return result }
    repeat { result.append(try expression()) } while take(.comma)
    try expect(closer, closers: [.comma])
    return result
  }

  private mutating func listLiteral() throws(Stop) -> CELTree.Node.ID {
    let place = tree.offset
    advance()
    var elements: [CELTree.Node.ID] = []
    while token.kind != .closeBracket {
      let isOptional = takeOptionalMark("?")
      let element = try expression()
      tree.offset = place
      elements.append(isOptional ? tree.add(.optionalElement(element)) : element)
      if !take(.comma) { break }
    }
    try expect(.closeBracket, closers: [.comma])
    tree.offset = place
    return tree.list(elements)
  }

  private mutating func mapLiteral() throws(Stop) -> CELTree.Node.ID {
    let place = tree.offset
    advance()
    var entries: [CELTree.Node.ID] = []
    while token.kind != .closeBrace {
      let isOptional = takeOptionalMark("?")
      let key = try expression()
      tree.offset = place
      entries.append(isOptional ? tree.add(.optionalElement(key)) : key)
      try expect(.colon, closers: [])
      entries.append(try expression())
      if !take(.comma) { break }
    }
    try expect(.closeBrace, closers: [.comma])
    tree.offset = place
    let children = tree.addChildren(entries)
    return tree.add(.map(children))
  }

  private mutating func literal() -> CELTree.Node.ID {
    let place = token.start
    let isNegative = take(.minus)
    let bytes = lexer.bytes[token.start..<token.end]
    var value: CELValue?
    var message = ""
    switch token.kind {
    case .true: value = .bool(true)
    case .false: value = .bool(false)
    case .null: value = .null
    case .int:
      value = integer(bytes, isNegative: isNegative).map(CELValue.int)
      message = "invalid int literal"
    case .uint:
      value = unsigned(bytes.dropLast()).map(CELValue.uint)
      message = "invalid uint literal"
    case .float:
      let digits = String(decoding: bytes, as: UTF8.self)
      let number = Double(digits.hasPrefix(".") ? "0" + digits : digits)
      value = number.flatMap { $0.isFinite ? .double(isNegative ? -$0 : $0) : nil }
      message = "invalid double literal"
    case .string, .bytes:
      do throws(LiteralText.Failure) {
        value =
          token.kind == .bytes
          ? .bytes(try LiteralText.bytes(bytes)) : .string(try LiteralText.string(bytes))
      } catch {
        message = error.message
      }
    default:
      message = "Syntax error: mismatched input '\(escaped(text(of: token)))'"
    }
    advance()
    tree.offset = Int32(truncatingIfNeeded: place)
    guard let value else {
      report(message, at: place)
      return tree.add(.invalid)
    }
    return tree.add(.literal(value))
  }

  private func unsigned(_ bytes: ArraySlice<UInt8>) -> UInt64? {
    let digits = String(decoding: bytes, as: UTF8.self)
    return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
  }

  private func integer(_ bytes: ArraySlice<UInt8>, isNegative: Bool) -> Int64? {
    guard let magnitude = unsigned(bytes) else { return nil }
    if isNegative {
      return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }
}

/// Words that are kept for later and cannot be variables.
private let reserved: Set<String> = [
  "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
  "package", "namespace", "return", "var", "void", "while",
]

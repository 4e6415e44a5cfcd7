// The parser: tokens to tree, macros expanded (cel-spec, "Syntax").
//
//     Expr       = ConditionalOr [ "?" ConditionalOr ":" Expr ]
//     operators, loosest first:  ||   &&   < <= >= > == != in   + -   * / %     all left-associative
//     Unary      = Member / 1*"!" Member / 1*"-" Member
//     Member     = Primary *( "." ["?"] field [ "(" [ExprList] ")" ] / "[" ["?"] Expr "]" )
//     Primary    = ["."] IDENT [ "(" [ExprList] ")" ] / "(" Expr ")" / "[" [ExprList [","]] "]"
//                / "{" [MapInits [","]] "}" / ["."] IDENT *( "." IDENT ) "{" FieldInits "}" / LITERAL
//
// Binary operators are parsed by precedence, so nesting costs few frames of the stack. Errors follow
// the wording of cel-go's generated parser, and like it this one skips or supplies a single token
// where that lets it go on. An even number of `!` or `-` is dropped, as cel-go does.

/// One parse.
struct Parser {
  private let environment: CELEnvironment
  private var lexer: Lexer
  private var token: Token
  private var depth = 0
  var tree = CELTree()
  private(set) var findings: [Finding] = []

  /// Unwinds after an error that the parser cannot step over.
  private struct Stop: Error {}

  init(_ source: CELSource, in environment: CELEnvironment) {
    self.environment = environment
    lexer = Lexer(source.text)
    token = lexer.next()
    tree.nodes.reserveCapacity(min(lexer.count / 2 + 4, 4096))
  }

  /// The tree of a source.
  static func parse(
    _ source: CELSource, in environment: CELEnvironment
  ) throws(CELError) -> CELTree {
    let size = source.text.utf8.count
    if size > CELEnvironment.sourceLimit {
      let scalars = source.text.unicodeScalars.count
      if scalars > CELEnvironment.sourceLimit {
        let message =
          "expression code point size exceeds limit: size: \(scalars), limit "
          + "\(CELEnvironment.sourceLimit)"
        throw CELError(.parse, in: source, findings: [Finding(message: message, offset: 0)])
      }
    }
    var parser = Parser(source, in: environment)
    parser.parseAll()
    let skipped = parser.lexer.failures.map { failure in
      Finding(
        message: "Syntax error: token recognition error at: '\(escaped(failure.text))'",
        offset: failure.offset)
    }
    let findings = skipped + parser.findings
    guard findings.isEmpty else { throw CELError(.parse, in: source, findings: findings) }
    if let node = parser.tree.deepNode(limit: CELCostMeter.depthLimit) {
      let message = "expression recursion limit exceeded: \(CELCostMeter.depthLimit)"
      throw CELError(
        .parse, in: source,
        findings: [Finding(message: message, offset: Int(parser.tree[node].offset))])
    }
    return parser.tree
  }

  private mutating func parseAll() {
    do throws(Stop) {
      tree.root = try expression()
      try expect(.end, closers: [])
    } catch {
      // What follows is read for tokens that are none.
      while token.kind != .end { advance() }
    }
  }

  // MARK: Tokens

  private mutating func advance() { token = lexer.next() }

  private mutating func take(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  private func text(of token: Token) -> String {
    token.kind == .end
      ? "<EOF>" : String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
  }

  private mutating func report(_ message: String, at offset: Int) {
    if findings.count < Self.findingLimit {
      findings.append(Finding(message: message, offset: offset))
    }
  }

  /// The token behind the current one.
  private func peek() -> Token {
    var ahead = lexer
    return ahead.next()
  }

  private static func list(_ kinds: [Token.Kind]) -> String {
    let names = Set(kinds).sorted().map(\.display)
    return names.count == 1 ? names[0] : "{\(names.joined(separator: ", "))}"
  }

  /// Takes a token that has to follow a complete operand. `closers` are what else may stand there.
  private mutating func expect(_ kind: Token.Kind, closers: [Token.Kind]) throws(Stop) {
    if token.kind == kind {
      if kind != .end { advance() }
      return
    }
    let found = "'\(escaped(text(of: token)))'"
    if token.kind != .end, peek().kind == kind {
      report(
        "Syntax error: extraneous input \(found) expecting \(kind.display)", at: token.start)
      advance()
      if kind != .end { advance() }
      return
    }
    let isClosing = kind == .closeParenthesis || kind == .closeBracket || kind == .closeBrace
    if isClosing, token.kind == .end || Token.Kind.afterOperand.contains(token.kind) {
      report("Syntax error: missing \(kind.display) at \(found)", at: token.start)
      return
    }
    let expected = Self.list(Token.Kind.afterOperand + closers + [kind])
    report("Syntax error: mismatched input \(found) expecting \(expected)", at: token.start)
    throw Stop()
  }

  // MARK: Expressions

  private mutating func expression() throws(Stop) -> CELTree.Node.ID {
    depth += 1
    defer { depth -= 1 }
    guard depth <= CELCostMeter.depthLimit else {
      report(
        "expression recursion limit exceeded: \(CELCostMeter.depthLimit)", at: token.start)
      throw Stop()
    }
    let condition = try binary(above: 0)
    guard token.kind == .question else { return condition }
    let place = token.start
    advance()
    let first = try binary(above: 0)
    try expect(.colon, closers: [])
    let second = try expression()
    tree.offset = Int32(truncatingIfNeeded: place)
    return tree.call("_?_:_", [condition, first, second])
  }

  /// Operands joined by operators that bind tighter than `precedence`.
  private mutating func binary(above precedence: Int) throws(Stop) -> CELTree.Node.ID {
    var left = try unary()
    while let (function, own) = token.kind.binaryOperator, own > precedence {
      let kind = token.kind
      let place = Int32(truncatingIfNeeded: token.start)
      advance()
      let right = try binary(above: own)
      if own > 2 {
        tree.offset = place
        left = tree.call(function, [left, right])
        continue
      }
      // `a && b && c` is one node, so that long chains are not deep.
      var operands = [left, right]
      while token.kind == kind {
        advance()
        operands.append(try binary(above: own))
      }
      tree.offset = place
      left = tree.call(function, operands)
    }
    return left
  }

  private mutating func unary() throws(Stop) -> CELTree.Node.ID {
    guard token.kind == .minus || token.kind == .exclamation else { return try member() }
    let kind = token.kind
    let place = Int32(truncatingIfNeeded: token.start)
    var count = 0
    while token.kind == kind {
      // The sign of a number belongs to it: -9223372036854775808 has no positive counterpart.
      if kind == .minus {
        let following = peek().kind
        if following == .int || following == .float { break }
      }
      count += 1
      advance()
    }
    let operand = try member()
    guard count % 2 == 1 else { return operand }
    tree.offset = place
    return tree.call(kind == .minus ? "-_" : "!_", [operand])
  }

  private mutating func member() throws(Stop) -> CELTree.Node.ID {
    var operand = try primary()
    while true {
      let place = Int32(truncatingIfNeeded: token.start)
      switch token.kind {
      case .dot:
        advance()
        operand = try selection(of: operand, at: place)
      case .openBracket:
        advance()
        let isOptional = takeOptionalMark("[?")
        let index = try expression()
        try expect(.closeBracket, closers: [])
        tree.offset = place
        operand = tree.call(isOptional ? "_[?_]" : "_[_]", [operand, index])
      default:
        return operand
      }
    }
  }

  /// Takes the question mark of optional syntax; reports it where that is switched off.
  private mutating func takeOptionalMark(_ syntax: String) -> Bool {
    guard token.kind == .question else { return false }
    if !environment.syntax.contains(.optionals) {
      report("unsupported syntax '\(syntax)'", at: token.start)
    }
    advance()
    return true
  }

  private mutating func selection(
    of operand: CELTree.Node.ID, at place: Int32
  ) throws(Stop) -> CELTree.Node.ID {
    let isOptional = takeOptionalMark(".?")
    let field: String
    switch token.kind {
    case .identifier:
      field = text(of: token)
    case .quotedIdentifier:
      if !environment.syntax.contains(.quotedFields) {
        report("unsupported syntax: '`'", at: token.start)
      }
      field = String(
        decoding: lexer.bytes[token.start + 1..<token.end - 1], as: UTF8.self)
    default:
      let input = token.kind == .end ? "." : ".\(text(of: token))"
      report("Syntax error: no viable alternative at input '\(escaped(input))'", at: token.start)
      throw Stop()
    }
    let isQuoted = token.kind == .quotedIdentifier
    advance()
    if isOptional {
      tree.offset = place
      let name = tree.add(.literal(.string(field)))
      return tree.call("_?._", [operand, name])
    }
    guard token.kind == .openParenthesis, !isQuoted else {
      tree.offset = place
      return tree.add(.select(operand: operand, field: field))
    }
    let call = Int32(truncatingIfNeeded: token.start)
    advance()
    let arguments = try expressions(until: .closeParenthesis)
    tree.offset = call
    return expand(field, target: operand, arguments)
      ?? tree.call(field, on: operand, arguments)
  }

  private mutating func primary() throws(Stop) -> CELTree.Node.ID {
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

  private mutating func expressions(
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

  // MARK: Macros

  private mutating func expand(
    _ name: String, target: CELTree.Node.ID?, _ arguments: [CELTree.Node.ID]
  ) -> CELTree.Node.ID? {
    let style: CELOverload.Style = target == nil ? .global : .member
    guard
      let macro = environment.macro(name, style: style, argumentCount: arguments.count)
    else { return nil }
    do throws(CELMacroError) {
      guard let id = try macro.expand(&tree, target, arguments) else { return nil }
      if tree.needsCall(id) {
        tree.macroCalls[id] = CELTree.MacroCall(name: name, target: target, arguments: arguments)
      }
      return id
    } catch {
      report(error.message, at: Int(tree[error.node].offset))
      return tree.add(.invalid)
    }
  }

  /// More would repeat what the first said.
  private static let findingLimit = 100
}

/// Words that are kept for later and cannot be variables.
private let reserved: Set<String> = [
  "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
  "package", "namespace", "return", "var", "void", "while",
]

/// A token's text with line ends and tabs made visible, as in the parser generator's messages.
private func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result.append(contentsOf: "\\n".unicodeScalars)
    case "\r": result.append(contentsOf: "\\r".unicodeScalars)
    case "\t": result.append(contentsOf: "\\t".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}

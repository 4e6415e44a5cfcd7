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
  let environment: CELEnvironment
  var lexer: Lexer
  var token: Token
  private var depth = 0
  var tree = CELTree()
  private(set) var findings: [Finding] = []

  /// Unwinds after an error that the parser cannot step over.
  struct Stop: Error {}

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

  mutating func advance() { token = lexer.next() }

  mutating func take(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  func text(of token: Token) -> String {
    token.kind == .end
      ? "<EOF>" : String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
  }

  mutating func report(_ message: String, at offset: Int) {
    if findings.count < Self.findingLimit {
      findings.append(Finding(message: message, offset: offset))
    }
  }

  /// The token behind the current one.
  func peek() -> Token {
    var ahead = lexer
    return ahead.next()
  }

  static func list(_ kinds: [Token.Kind]) -> String {
    let names = Set(kinds).sorted().map(\.display)
    return names.count == 1 ? names[0] : "{\(names.joined(separator: ", "))}"
  }

  /// Takes a token that has to follow a complete operand. `closers` are what else may stand there.
  mutating func expect(_ kind: Token.Kind, closers: [Token.Kind]) throws(Stop) {
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

  mutating func expression() throws(Stop) -> CELTree.Node.ID {
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
  mutating func takeOptionalMark(_ syntax: String) -> Bool {
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

  // MARK: Macros

  mutating func expand(
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

/// A token's text with line ends and tabs made visible, as in the parser generator's messages.
func escaped(_ text: String) -> String {
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

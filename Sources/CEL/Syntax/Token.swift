// Tokens.

/// A token of an expression.
struct Token {
  /// What it is. The order is that of cel-go's grammar, in which its errors list what was expected.
  enum Kind: UInt8, Comparable {
    case end
    case equal, notEqual, `in`, less, lessOrEqual, greaterOrEqual, greater, and, or
    case openBracket, closeBracket, openBrace, closeBrace, openParenthesis, closeParenthesis
    case dot, comma, minus, exclamation, question, colon, plus, star, slash, percent
    case `true`, `false`, null
    case float, int, uint, string, bytes, identifier, quotedIdentifier

    static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  var kind: Kind
  /// The first byte.
  var start: Int
  /// The byte after the last.
  var end: Int
}

extension Token.Kind {
  /// The name in errors.
  var display: String {
    switch self {
    case .end: "<EOF>"
    case .equal: "'=='"
    case .notEqual: "'!='"
    case .in: "'in'"
    case .less: "'<'"
    case .lessOrEqual: "'<='"
    case .greaterOrEqual: "'>='"
    case .greater: "'>'"
    case .and: "'&&'"
    case .or: "'||'"
    case .openBracket: "'['"
    case .closeBracket: "']'"
    case .openBrace: "'{'"
    case .closeBrace: "'}'"
    case .openParenthesis: "'('"
    case .closeParenthesis: "')'"
    case .dot: "'.'"
    case .comma: "','"
    case .minus: "'-'"
    case .exclamation: "'!'"
    case .question: "'?'"
    case .colon: "':'"
    case .plus: "'+'"
    case .star: "'*'"
    case .slash: "'/'"
    case .percent: "'%'"
    case .true: "'true'"
    case .false: "'false'"
    case .null: "'null'"
    case .float: "NUM_FLOAT"
    case .int: "NUM_INT"
    case .uint: "NUM_UINT"
    case .string: "STRING"
    case .bytes: "BYTES"
    case .identifier: "IDENTIFIER"
    case .quotedIdentifier: "ESC_IDENTIFIER"
    }
  }

  /// What may begin an expression.
  static let expressionStart: [Token.Kind] = [
    .openBracket, .openBrace, .openParenthesis, .dot, .minus, .exclamation, .true, .false, .null,
    .float, .int, .uint, .string, .bytes, .identifier,
  ]

  /// What may follow a complete operand.
  static let afterOperand: [Token.Kind] = [
    .equal, .notEqual, .in, .less, .lessOrEqual, .greaterOrEqual, .greater, .and, .or, .openBracket,
    .dot, .minus, .question, .plus, .star, .slash, .percent,
  ]

  var startsExpression: Bool { Self.expressionStart.contains(self) }

  /// The operator's name in cel-spec and how tightly it binds, for operators between operands.
  @inline(__always)
  var binaryOperator: (function: String, precedence: Int)? {
    switch self {
    case .or: ("_||_", 1)
    case .and: ("_&&_", 2)
    case .equal: ("_==_", 3)
    case .notEqual: ("_!=_", 3)
    case .less: ("_<_", 3)
    case .lessOrEqual: ("_<=_", 3)
    case .greater: ("_>_", 3)
    case .greaterOrEqual: ("_>=_", 3)
    case .in: ("@in", 3)
    case .plus: ("_+_", 4)
    case .minus: ("_-_", 4)
    case .star: ("_*_", 5)
    case .slash: ("_/_", 5)
    case .percent: ("_%_", 5)
    default: nil
    }
  }
}

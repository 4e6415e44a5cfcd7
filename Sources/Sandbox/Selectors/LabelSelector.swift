// Label selectors: `app=shop,tier in (web, api),!canary`.
//
// Grammar (k8s.io/apimachinery/pkg/labels/selector.go):
//   selector    = [ requirement *( "," requirement ) ]
//   requirement = [ "!" ] KEY / KEY ( "=" / "==" / "!=" ) [ VALUE ]
//               / KEY ( "in" / "notin" ) "(" VALUE *( "," VALUE ) ")" / KEY ( ">" / "<" ) VALUE

import Bytes
import JSON

/// A condition on labels: all of its requirements hold.
struct LabelSelector: Sendable, Equatable {
  /// One requirement.
  struct Requirement: Sendable, Equatable {
    enum Operator: String, Sendable {
      case equals = "="
      case doubleEquals = "=="
      case notEquals = "!="
      case `in`
      case notIn = "notin"
      case exists
      case doesNotExist = "!"
      case greaterThan = "gt"
      case lessThan = "lt"
    }

    var key: String
    var `operator`: Operator
    var values: [String]

    func matches(_ labels: JSONObject) -> Bool {
      let value = labels[key]?.stringValue
      switch `operator` {
      case .exists: return value != nil
      case .doesNotExist: return value == nil
      case .equals, .doubleEquals, .in: return value.map(values.contains) ?? false
      case .notEquals, .notIn: return value.map { !values.contains($0) } ?? true
      case .greaterThan, .lessThan:
        guard let left = value.flatMap({ Int64($0) }),
          let right = values.first.flatMap({ Int64($0) })
        else { return false }
        return `operator` == .greaterThan ? left > right : left < right
      }
    }
  }

  var requirements: [Requirement] = []

  init() {}

  /// Reads a selector; empty text selects everything.
  init(_ text: String) throws(SelectorError) {
    var parser = LabelSelectorParser(text)
    do throws(SelectorError) {
      requirements = try parser.parse()
    } catch {
      throw SelectorError(description: "unable to parse requirement: \(error.description)")
    }
  }

  var isEmpty: Bool { requirements.isEmpty }

  func matches(_ labels: JSONObject) -> Bool {
    requirements.allSatisfy { $0.matches(labels) }
  }
}

private struct LabelSelectorParser {
  private enum Token: Equatable {
    case symbol(String)
    case word(String)
    case end

    var literal: String {
      switch self {
      case .symbol(let text), .word(let text): text
      case .end: ""
      }
    }
  }

  private var tokens: [Token] = []
  private var position = 0

  init(_ text: String) {
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      if Self.isSpace(byte) {
        rest = rest.dropFirst()
      } else if Self.isSymbol(byte) {
        let run = rest.prefix { Self.isSymbol($0) }
        tokens.append(.symbol(Self.longestSymbol(run)))
        rest = rest.dropFirst(tokens.last?.literal.utf8.count ?? 1)
      } else {
        let word = rest.prefix { !Self.isSpace($0) && !Self.isSymbol($0) }
        tokens.append(.word(String(decoding: word, as: UTF8.self)))
        rest = rest.dropFirst(word.count)
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func isSymbol(_ byte: UInt8) -> Bool {
    "=!(),><".utf8.contains(byte)
  }

  private static func longestSymbol(_ run: ArraySlice<UInt8>) -> String {
    let two = String(decoding: run.prefix(2), as: UTF8.self)
    return two == "==" || two == "!=" ? two : String(decoding: run.prefix(1), as: UTF8.self)
  }

  private var current: Token { position < tokens.count ? tokens[position] : .end }

  private mutating func next() -> Token {
    let token = current
    position += 1
    return token
  }

  mutating func parse() throws(SelectorError) -> [LabelSelector.Requirement] {
    var requirements: [LabelSelector.Requirement] = []
    while true {
      switch current {
      case .end: return requirements
      case .word, .symbol("!"):
        requirements.append(try requirement())
        switch next() {
        case .end: return requirements
        case .symbol(","):
          if case .word = current { continue }
          if current == .symbol("!") { continue }
          throw fault(current, "identifier after ','")
        case let token: throw fault(token, "',' or 'end of string'")
        }
      default:
        throw fault(current, "!, identifier, or 'end of string'")
      }
    }
  }

  private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
    let isNegated = current == .symbol("!")
    if isNegated { _ = next() }
    let token = next()
    guard case .word(let key) = token else { throw fault(token, "identifier") }
    if let message = NameRules.qualifiedName(key).first {
      throw SelectorError(
        description: "key: Invalid value: \(quoted(key)): \(message)")
    }
    if isNegated {
      return LabelSelector.Requirement(key: key, operator: .doesNotExist, values: [])
    }
    if current == .end || current == .symbol(",") {
      return LabelSelector.Requirement(key: key, operator: .exists, values: [])
    }
    let `operator` = try comparison()
    let values: [String]
    switch `operator` {
    case .in, .notIn: values = try valueList()
    default: values = [try exactValue()]
    }
    return try checked(key, `operator`, values)
  }

  private mutating func comparison() throws(SelectorError) -> LabelSelector.Requirement.Operator {
    switch next() {
    case .word("in"): return .in
    case .word("notin"): return .notIn
    case .symbol("="): return .equals
    case .symbol("=="): return .doubleEquals
    case .symbol("!="): return .notEquals
    case .symbol(">"): return .greaterThan
    case .symbol("<"): return .lessThan
    case let token:
      throw fault(token, "in, notin, =, ==, !=, gt, lt")
    }
  }

  private mutating func exactValue() throws(SelectorError) -> String {
    switch current {
    case .end, .symbol(","): return ""
    default: break
    }
    let token = next()
    guard case .word(let value) = token else { throw fault(token, "identifier") }
    return value
  }

  private mutating func valueList() throws(SelectorError) -> [String] {
    let opening = next()
    guard opening == .symbol("(") else { throw fault(opening, "'('") }
    var values: [String] = []
    while true {
      switch next() {
      case .word(let value):
        values.append(value)
        switch next() {
        case .symbol(","): continue
        case .symbol(")"): return values
        case let token: throw fault(token, "',' or ')'")
        }
      case .symbol(","):
        values.append("")
      case .symbol(")"):
        values.append("")
        return values
      case let token:
        throw fault(token, "',', ')' or identifier")
      }
    }
  }

  private func checked(
    _ key: String, _ operator: LabelSelector.Requirement.Operator, _ values: [String]
  ) throws(SelectorError) -> LabelSelector.Requirement {
    if `operator` == .greaterThan || `operator` == .lessThan {
      for (index, value) in values.enumerated() where Int64(value) == nil {
        throw SelectorError(
          description: "values[\(index)]: Invalid value: \(quoted(value)): "
            + "for 'Gt', 'Lt' operators, the value must be an integer")
      }
    }
    for (index, value) in values.enumerated() {
      if let message = NameRules.labelValue(value).first {
        throw SelectorError(
          description: "values[\(index)][\(key)]: Invalid value: \(quoted(value)): \(message)")
      }
    }
    return LabelSelector.Requirement(key: key, operator: `operator`, values: values)
  }

  private func fault(_ token: Token, _ expected: String) -> SelectorError {
    SelectorError(description: "found '\(token.literal)', expected: \(expected)")
  }
}

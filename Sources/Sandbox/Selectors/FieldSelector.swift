// Field selectors: `metadata.name=web,type!=Opaque`.
//
// Source: k8s.io/apimachinery/pkg/fields/selector.go.

import JSON

/// A condition on fields: all of its terms hold.
struct FieldSelector: Sendable, Equatable {
  /// One term.
  struct Term: Sendable, Equatable {
    var field: String
    var isEqual: Bool
    var value: String
  }

  var terms: [Term] = []

  init() {}

  /// Reads a selector; empty text selects everything.
  init(_ text: String) throws(SelectorError) {
    for part in Self.parts(of: text) where !part.isEmpty {
      guard let term = Self.term(part) else {
        throw SelectorError(
          description: "invalid selector: '\(text)'; can't understand '\(part)'")
      }
      terms.append(term)
    }
  }

  var isEmpty: Bool { terms.isEmpty }

  /// The name that the selector narrows to, if it does.
  static func exactName(_ text: String) -> String? {
    do throws(SelectorError) {
      let terms = try FieldSelector(text).terms
      let name = terms.first { $0.field == "metadata.name" && $0.isEqual }?.value
      return name.flatMap { NameRules.pathSegment($0).isEmpty ? $0 : nil }
    } catch {
      return nil  // Reading the list's options refuses it with its text.
    }
  }

  /// Whether an object's fields match. `value` gives the text of a field.
  func matches(_ value: (String) -> String) -> Bool {
    terms.allSatisfy { (value($0.field) == $0.value) == $0.isEqual }
  }

  /// Splits at commas that are not escaped.
  private static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var part = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        part.append(character)
        isEscaped = false
      } else if character == "\\" {
        part.append(character)
        isEscaped = true
      } else if character == "," {
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
    }
    return parts + [part]
  }

  /// Takes a term apart at its first operator.
  private static func term(_ text: String) -> Term? {
    var field = ""
    var rest = text[...]
    while let character = rest.first {
      for (symbol, isEqual) in [("!=", false), ("==", true), ("=", true)]
      where rest.hasPrefix(symbol) {
        guard let value = unescaped(rest.dropFirst(symbol.count)) else { return nil }
        return Term(field: field, isEqual: isEqual, value: value)
      }
      field.append(character)
      rest = rest.dropFirst()
      if character == "\\", let next = rest.first {
        field.append(next)
        rest = rest.dropFirst()
      }
    }
    return nil
  }

  /// Undoes the escapes `\\`, `\,` and `\=`; `nil` for others, and for bare ones.
  private static func unescaped(_ text: Substring) -> String? {
    var result = ""
    var rest = text
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        guard let next = rest.popFirst(), "\\,=".contains(next) else { return nil }
        result.append(next)
      case ",", "=": return nil
      default: result.append(character)
      }
    }
    return result
  }
}

// The inputs that a manual trigger takes.

package import JSON
package import RE2

/// One input of a trigger.
package struct InputDeclaration: Sendable {
  /// What an input's value is.
  package enum Kind: String, CaseIterable, Sendable {
    case string
    case number
    case boolean
  }

  package let name: String
  package let kind: Kind
  package let isRequired: Bool
  /// The value where none is given.
  package let defaultValue: JSONValue?
  /// The only values allowed; empty where any is.
  package let choices: [JSONValue]
  /// What a whole string must match.
  package let pattern: RE2Pattern?
  package let summary: String?

  /// Whether the input has a value in every accepted manual call.
  package var isAlwaysPresent: Bool { isRequired || defaultValue != nil }

  /// What is wrong with a value, nil when it is fine.
  package func problem(with value: JSONValue) -> String? {
    switch (kind, value) {
    case (.string, .string), (.number, .number), (.boolean, .bool): break
    case (_, .null): return "expected a \(kind.rawValue), found null"
    default:
      return "expected a \(kind.rawValue), found \(value.typeName), \(Self.excerpt(value))"
    }
    if !choices.isEmpty, !choices.contains(where: { Self.isSame($0, value) }) {
      let names = choices.map { $0.serializedString() }.joined(separator: ", ")
      return "\(Self.excerpt(value)) is not one of \(names)"
    }
    if let pattern, let text = value.stringValue, !pattern.matchesWhole(text) {
      return "\(Self.excerpt(value)) does not match \(pattern.text)"
    }
    return nil
  }

  /// Texts by their bytes, numbers by what they amount to.
  private static func isSame(_ first: JSONValue, _ second: JSONValue) -> Bool {
    switch (first, second) {
    case (.string(let first), .string(let second)): first.utf8.elementsEqual(second.utf8)
    case (.number(let first), .number(let second)): first.double == second.double
    default: first == second
    }
  }

  /// The value as JSON, cut to what a message needs.
  private static func excerpt(_ value: JSONValue) -> String {
    let text = value.serializedString()
    guard text.unicodeScalars.count > excerptLimit else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(excerptLimit))) + "…"
  }

  private static let excerptLimit = 64
}

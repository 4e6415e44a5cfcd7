// References to variables inside texts: `$(params.name)`, `$(params["name"])`.
//
//     reference = "$(" prefix ( "." name / '["' name '"]' / "['" name "']" ) ")"
//     name      = the shortest run of characters, without line breaks, that lets the rest match

/// What variables a text refers to, and whether it may.
///
/// *Source:* `github.com/tektoncd/pipeline/pkg/substitution`.
struct VariableReferences {
  /// What stands before the name: `params`, `context.taskRun`.
  struct Prefix: Sendable {
    var text: String
    /// The prefix as messages show it: a pattern, with its dots escaped.
    var shown: String

    init(_ text: String, shown: String? = nil) {
      self.text = text
      self.shown = shown ?? text
    }

    static let parameters = Prefix("params")
    static let results = Prefix("results")

    /// The keys of one object parameter.
    static func keys(of parameter: String) -> Prefix {
      Prefix("params.\(parameter)", shown: "params\\.\(parameter)")
    }

    static func context(_ name: String) -> Prefix {
      Prefix("context.\(name)", shown: "context\\.\(name)")
    }
  }

  private struct Reference {
    /// The whole reference, from `$(` to `)`.
    var text: Substring
    var name: String
    var isDotted: Bool
  }

  private let value: String
  private let prefix: Prefix
  private let references: [Reference]

  init(in value: String, prefix: Prefix) {
    self.value = value
    self.prefix = prefix
    references = Self.find(in: value, prefix: prefix.text)
  }

  // MARK: Rules

  /// Each variable is one of those.
  func unknown(besides names: Set<String>) -> FieldViolations {
    check("non-existent variable in") { !names.contains(Self.withoutIndexes($0)) }
  }

  /// No variable is one of those. A reference to a single element is another matter.
  func prohibited(_ names: Set<String>) -> FieldViolations {
    check("variable type invalid in") { names.contains(Self.withoutStar($0)) }
  }

  /// Where the variable is one of those, the reference is the whole text.
  func notIsolated(_ names: Set<String>) -> FieldViolations {
    let length = references.first?.text.utf8.count
    return check("variable is not properly isolated in") {
      names.contains(Self.withoutStar($0)) && value.utf8.count != length
    }
  }

  /// No reference stands for one of those as a whole; a key of it is another matter.
  func prohibitedWhole(_ names: Set<String>) -> FieldViolations {
    guard references.contains(where: { names.contains(Self.withoutStar($0.name)) }) else {
      return .none
    }
    return FieldViolations("variable type invalid in \(quoted(value))", "")
  }

  private func check(_ complaint: String, _ isWrong: (String) -> Bool) -> FieldViolations {
    for reference in references where reference.isDotted {
      guard reference.name.split(separator: ".", omittingEmptySubsequences: false).count <= 2 else {
        return FieldViolations(
          "Invalid referencing of parameters in \"\(value)\"! Only two dot-separated components "
            + "after the prefix \"\(prefix.shown)\" are allowed.", "")
      }
    }
    guard references.contains(where: { isWrong(Self.variable($0)) }) else { return .none }
    return FieldViolations("\(complaint) \(quoted(value))", "")
  }

  /// Whether the text is nothing but a reference to a whole list or object: `$(params.x[*])`.
  static func isWholeReference(_ value: String) -> Bool {
    let head = "$(params."
    let tail = "[*])"
    guard value.hasPrefix(head), value.hasSuffix(tail) else { return false }
    let name = value.dropFirst(head.count).dropLast(tail.count)
    return !name.isEmpty && name.allSatisfy(Self.isNameCharacter)
  }

  // MARK: Names

  /// The variable of a reference: what a dotted reference has before its key.
  private static func variable(_ reference: Reference) -> String {
    guard reference.isDotted else { return reference.name }
    return String(reference.name.prefix { $0 != "." })
  }

  private static func withoutStar(_ name: String) -> String {
    name.hasSuffix("[*]") ? String(name.dropLast(3)) : name
  }

  /// The name without `[1]`, `[*]` and `[]`.
  static func withoutIndexes(_ name: String) -> String {
    var result = ""
    var rest = Substring(name)
    while let character = rest.first {
      if character == "[", let end = endOfIndex(rest) {
        rest = rest[end...]
      } else {
        result.append(character)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// Where the index that a text begins with ends: digits, then perhaps a star, in brackets.
  private static func endOfIndex(_ text: Substring) -> String.Index? {
    var rest = text.dropFirst().drop { $0.isASCII && $0.isNumber }
    if rest.first == "*" { rest = rest.dropFirst() }
    return rest.first == "]" ? rest.dropFirst().startIndex : nil
  }

  static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII
      && (character.isLetter || character.isNumber || character == "_" || character == "."
        || character == "-")
  }

  // MARK: Finding

  private static func find(in value: String, prefix: String) -> [Reference] {
    let head = "$(" + prefix
    var references: [Reference] = []
    // Where a search for each ending has failed already: a later one up to there would fail too.
    var barren: [String: String.Index] = [:]
    var rest = Substring(value)
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[dollar...]
      if rest.hasPrefix(head), let reference = reference(rest, headCount: head.count, &barren) {
        references.append(reference)
        rest = rest.dropFirst(reference.text.count)
      } else {
        rest = rest.dropFirst()
      }
    }
    return references
  }

  private static func reference(
    _ text: Substring, headCount: Int, _ barren: inout [String: String.Index]
  ) -> Reference? {
    let tail = text.dropFirst(headCount)
    for (opening, closing) in [(".", ")"), ("[\"", "\"])"), ("['", "'])")]
    where tail.hasPrefix(opening) {
      let body = tail.dropFirst(opening.count)
      if let end = barren[closing], body.startIndex < end { return nil }
      guard let end = end(of: body, before: closing) else {
        barren[closing] = body.firstIndex(where: \.isNewline) ?? body.endIndex
        return nil
      }
      let name = body[..<end]
      let count = headCount + opening.count + name.count + closing.count
      return Reference(
        text: text.prefix(count), name: String(name), isDotted: opening == ".")
    }
    return nil
  }

  /// Where the first occurrence of an ending in the first line begins.
  private static func end(of text: Substring, before closing: String) -> String.Index? {
    var index = text.startIndex
    while index < text.endIndex, !text[index].isNewline {
      if text[index...].hasPrefix(closing) { return index }
      index = text.index(after: index)
    }
    return nil
  }
}

// References from one task to another's results: `$(tasks.build.results.digest)`.
//
//     expression = 1*( "_" / ALPHA / DIGIT / "." / "-" ) [ "[" ( 1*DIGIT / "*" ) "]" ]
//     result     = ( "tasks" / "finally" ) "." task ".results." name [ "." key ]

/// The expressions in a text, and which of them are references to results.
///
/// *Source:* `pkg/apis/pipeline/v1/resultref.go`, `pkg/internal/resultref`, `internal/artifactref`
/// of Tekton.
enum ResultReferences {
  /// The insides of all `$(…)` that have the form of an expression, in order.
  static func expressions(in value: String) -> [String] {
    guard value.contains("$(") else { return [] }
    var expressions: [String] = []
    var rest = Substring(value)
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[dollar...]
      guard rest.hasPrefix("$("), let expression = expression(rest.dropFirst(2)) else {
        rest = rest.dropFirst()
        continue
      }
      expressions.append(String(expression))
      rest = rest.dropFirst(expression.count + 3)
    }
    return expressions
  }

  /// The expression that a text begins with, if a parenthesis closes it.
  private static func expression(_ text: Substring) -> Substring? {
    let name = text.prefix(while: VariableReferences.isNameCharacter)
    guard !name.isEmpty else { return nil }
    var rest = text.dropFirst(name.count)
    if rest.first == "[" {
      let inner = rest.dropFirst().prefix { $0 != "]" }
      let isIndex = !inner.isEmpty && inner.allSatisfy { $0.isASCII && $0.isNumber }
      guard inner == "*" || isIndex else { return nil }
      rest = rest.dropFirst(inner.count + 2)
    }
    return rest.first == ")" ? text[..<rest.startIndex] : nil
  }

  /// Whether an expression has the form of a reference to a result, right or wrong.
  static func looksLikeResult(_ expression: String) -> Bool {
    let parts = expression.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 4 && (parts[0] == "tasks" || parts[0] == "finally")
      && parts[2] == "results"
  }

  /// A reference to a result.
  struct Result: Equatable {
    var task: String
    var name: String
  }

  /// The result that an expression refers to; `nil` for anything else, and for a reference with
  /// too many parts.
  static func result(_ expression: String) -> Result? {
    let parts = expression.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard looksLikeResult(expression), parts.count <= 5 else { return nil }
    let name = parts.count == 4 ? VariableReferences.withoutIndexes(parts[3]) : parts[3]
    return Result(task: parts[1], name: name)
  }

  /// Whether a text refers to the result of a step: `$(steps.….results.…)`.
  static func mentionsStepResult(_ value: String) -> Bool {
    value.split(whereSeparator: \.isNewline).contains { line in
      guard let start = line.firstRange(of: "$(steps.")?.upperBound,
        let middle = line[start...].firstRange(of: ".results.")?.upperBound
      else { return false }
      return line[middle...].contains(")")
    }
  }

  // MARK: Artifacts

  /// Whether a text refers to the artifacts of a step.
  static func mentionsStepArtifact(_ value: String) -> Bool {
    value.contains("$(step.artifacts.path)") || mentionsArtifact(of: "steps", value)
  }

  /// Whether a text refers to the artifacts of a task: `$(tasks.build.outputs.image)`.
  static func mentionsTaskArtifact(_ value: String) -> Bool {
    mentionsArtifact(of: "tasks", value)
  }

  /// Whether a text refers to any artifact.
  static func mentionsArtifact(_ value: String) -> Bool {
    mentionsStepArtifact(value) || mentionsTaskArtifact(value)
      || value.contains("$(artifacts.path)")
  }

  private static func mentionsArtifact(of owner: String, _ value: String) -> Bool {
    var rest = Substring(value)
    while let start = rest.firstRange(of: "$(\(owner).")?.upperBound {
      rest = rest[start...]
      let name = rest.prefix { $0 != "." }
      var tail = rest.dropFirst(name.count + 1)
      let direction = tail.prefix(while: \.isLetter)
      guard !name.isEmpty, direction == "inputs" || direction == "outputs" else { continue }
      tail = tail.dropFirst(direction.count)
      if tail.first == "." {
        let artifact = tail.dropFirst().prefix { $0 != "." && $0 != "^" && $0 != ")" }
        guard !artifact.isEmpty else { continue }
        tail = tail.dropFirst(artifact.count + 1)
      }
      if tail.first == ")" { return true }
    }
    return false
  }
}

// The function that Pipelines-as-Code adds to the language.

import Bytes
import RE2

extension CELLibrary {
  /// `"glob".pathChanged()`: whether the path of any changed file matches.
  ///
  /// - Parameter changedFiles: gives the paths of all files that the event added, deleted, modified
  ///   or renamed; asked when the function is called.
  package static func pipelinesAsCode(
    changedFiles: @escaping @Sendable () throws(CELEvaluationError) -> [String]
  ) -> CELLibrary {
    CELLibrary(
      name: "pipelines-as-code",
      functions: [
        CELFunction(
          "pathChanged",
          .member(
            "pathChanged", [.string], .bool,
            .string { glob, meter throws(CELEvaluationError) in
              let paths = try changedFiles()
              // Without a file nobody notices a bad pattern.
              guard !paths.isEmpty else { return .bool(false) }
              try meter.charge(patternSteps)
              let pattern = try PathGlob(glob.text)
              for path in paths {
                try meter.charge(1 + path.utf8.count / CELCostMeter.bytesPerStep)
                if pattern.matches(path) { return .bool(true) }
              }
              return .bool(false)
            }))
      ])
  }

  /// What compiling a pattern costs.
  private static let patternSteps = 1000
}

/// A pattern for paths, as `gobwas/glob` reads it without separators.
///
///     pattern = *( "*" / "**" / "?" / class / alternatives / "\" any / any )
///     class   = "[" [ "!" / "^" ] 1*( any / any "-" any ) "]"
///     alternatives = "{" pattern *( "," pattern ) "}"
///
/// `*` and `**` are any text, slashes included; `?` is one character. A slash has no meaning.
struct PathGlob {
  private let pattern: RE2Pattern

  init(_ glob: String) throws(CELEvaluationError) {
    var translation = GlobTranslation(glob)
    let expression = try translation.expression()
    do {
      pattern = try RE2Pattern(expression)
    } catch {
      throw .invalidArgument("the pattern \(GoQuote.quoted(glob)) is too large")
    }
  }

  func matches(_ path: String) -> Bool { pattern.matchesWhole(path) }
}

/// Turns a pattern into a regular expression.
private struct GlobTranslation {
  private let glob: String
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ glob: String) {
    self.glob = glob
    scalars = Array(glob.unicodeScalars)
  }

  mutating func expression() throws(CELEvaluationError) -> String {
    guard scalars.count <= RE2Pattern.lengthLimit else {
      throw .invalidArgument("the pattern has more than \(RE2Pattern.lengthLimit) characters")
    }
    var result = "(?s)"
    var depth = 0
    while position < scalars.count {
      let scalar = scalars[position]
      position += 1
      switch scalar {
      case "*": result += ".*"
      case "?": result += "."
      case "[": result += try characterClass()
      case "{":
        depth += 1
        result += "(?:"
      case "}" where depth > 0:
        depth -= 1
        result += ")"
      case "," where depth > 0: result += "|"
      case "\\":
        guard position < scalars.count else { throw refusal("it ends with a backslash") }
        result += Self.literal(scalars[position])
        position += 1
      default: result += Self.literal(scalar)
      }
    }
    guard depth == 0 else { throw refusal("a brace is not closed") }
    return result
  }

  private mutating func characterClass() throws(CELEvaluationError) -> String {
    var result = "["
    if position < scalars.count, scalars[position] == "!" || scalars[position] == "^" {
      result += "^"
      position += 1
    }
    var isEmpty = true
    while position < scalars.count, scalars[position] != "]" {
      if scalars[position] == "\\" { position += 1 }
      guard position < scalars.count else { break }
      let first = scalars[position]
      position += 1
      result += Self.literal(first)
      isEmpty = false
      guard position + 1 < scalars.count, scalars[position] == "-", scalars[position + 1] != "]"
      else { continue }
      let last = scalars[position + 1]
      guard first <= last else { throw refusal("a range runs backwards") }
      result += "-" + Self.literal(last)
      position += 2
    }
    guard position < scalars.count else { throw refusal("a bracket is not closed") }
    guard !isEmpty else { throw refusal("brackets hold nothing") }
    position += 1
    return result + "]"
  }

  private func refusal(_ reason: String) -> CELEvaluationError {
    .invalidArgument("the pattern \(GoQuote.quoted(glob)) is malformed: \(reason)")
  }

  private static func literal(_ scalar: Unicode.Scalar) -> String {
    let isPlain = !scalar.isASCII || ASCII.isLetterOrDigit(UInt8(scalar.value))
    return isPlain ? String(scalar) : "\\x{\(String(scalar.value, radix: 16))}"
  }
}

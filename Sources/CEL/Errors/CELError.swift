// What is reported to the person who wrote an expression.

/// Why an expression cannot be used or has no value.
///
/// The author of the expression is at fault, or in the phase ``Phase/evaluate`` the values it was
/// given. The text may quote the expression and, when evaluating, keys of the values.
package struct CELError: Error, Equatable, Sendable {
  /// When it was found.
  package enum Phase: String, Sendable {
    /// The text is no expression.
    case parse
    /// Names or types do not fit.
    case check
    /// A part that is constant has no value.
    case program
    /// It has no value for what it was given.
    case evaluate
  }

  /// One finding.
  package struct Issue: Equatable, Sendable {
    /// What is wrong.
    package let message: String
    /// Where it begins in the source, in UTF-8 bytes.
    package let offset: Int
    /// Where that is for people.
    package let location: CELSource.Location
    /// The name that was probably meant.
    package let suggestion: String?
  }

  /// When it was found.
  package let phase: Phase
  /// The source.
  package let source: CELSource
  /// All findings in the order of the source; one at the least.
  package let issues: [Issue]
  /// What went wrong while evaluating or making the program.
  package let cause: CELEvaluationError?

  init(_ phase: Phase, in source: CELSource, findings: [Finding]) {
    self.phase = phase
    self.source = source
    issues = findings.sorted { $0.offset < $1.offset }.map { finding in
      Issue(
        message: finding.message, offset: finding.offset,
        location: source.location(of: finding.offset), suggestion: finding.suggestion)
    }
    cause = nil
  }

  init(_ phase: Phase, in source: CELSource, cause: CELEvaluationError, hint: String?, offset: Int)
  {
    self.phase = phase
    self.source = source
    let message = hint.map { "no such key: \($0)" } ?? cause.description
    issues = [
      Issue(
        message: message, offset: offset, location: source.location(of: offset), suggestion: nil)
    ]
    self.cause = cause
  }

  /// The text as cel-go gives it: findings with place and caret when parsing and checking, the bare
  /// reason otherwise.
  package var message: String {
    switch phase {
    case .program, .evaluate: cause?.description ?? issues.first?.message ?? ""
    case .parse, .check:
      issues.map { issue in
        "ERROR: \(source.name):\(issue.location.line):\(issue.location.column): \(issue.message)\n"
          + source.snippet(at: issue.location)
      }.joined(separator: "\n")
    }
  }
}

extension CELError: CustomStringConvertible {
  /// The findings for a person: place, reason, suggestion, line and caret.
  package var description: String {
    issues.map { issue in
      var text = "\(source.name):\(issue.location.line):\(issue.location.column): \(issue.message)"
      if let suggestion = issue.suggestion { text += ", did you mean \"\(suggestion)\"?" }
      return text + "\n" + source.snippet(at: issue.location)
    }.joined(separator: "\n")
  }
}

/// A finding before its place is worked out.
struct Finding: Equatable, Sendable {
  var message: String
  var offset: Int
  var suggestion: String?
}

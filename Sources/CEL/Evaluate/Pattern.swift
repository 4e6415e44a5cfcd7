// Regular expressions in expressions.

package import RE2

extension CELEvaluationError {
  /// The error of a pattern that does not compile, in the words of Go's `regexp`, which people who
  /// come from cel-go know.
  package static func pattern(_ error: RE2Error, in pattern: String) -> CELEvaluationError {
    guard case .invalid(let reason) = error else { return .invalidArgument(error.description) }
    let (kind, part) = reason.split(at: ": ")
    let words: [String: String] = [
      "missing )": "missing closing )", "missing ]": "missing closing ]",
      "no argument for repetition operator": "missing argument to repetition operator",
      "invalid repetition size": "invalid repeat count",
      "bad repetition operator": "invalid nested repetition operator",
      "invalid perl operator": "invalid or unsupported Perl syntax",
      "trailing \\": "trailing backslash at end of expression",
      "invalid named capture group": "invalid named capture",
    ]
    let text = words[kind] ?? kind
    // RE2 names the part, as Go does; for these two Go names the whole pattern.
    let offender = kind == "missing )" || kind == "unexpected )" ? pattern : part
    if kind == "trailing \\" {
      return .invalidArgument("error parsing regexp: \(text): ``")
    }
    return .invalidArgument("error parsing regexp: \(text): `\(offender)`")
  }
}

extension String {
  /// What stands before and after the first occurrence of a separator.
  fileprivate func split(at separator: StaticString) -> (String, String) {
    let scalars = Array(unicodeScalars)
    let wanted = Array("\(separator)".unicodeScalars)
    guard scalars.count >= wanted.count else { return (self, "") }
    for start in 0...(scalars.count - wanted.count)
    where Array(scalars[start..<start + wanted.count]) == wanted {
      var head = String.UnicodeScalarView()
      head.append(contentsOf: scalars[..<start])
      var tail = String.UnicodeScalarView()
      tail.append(contentsOf: scalars[(start + wanted.count)...])
      return (String(head), String(tail))
    }
    return (self, "")
  }
}

/// `text.matches(pattern)` with a pattern that is a constant and was compiled with the program.
final class MatchEvaluator: Evaluator, @unchecked Sendable {
  let operand: Evaluator
  let pattern: RE2Pattern

  init(_ id: CELTree.Node.ID, _ operand: Evaluator, _ pattern: RE2Pattern) {
    self.operand = operand
    self.pattern = pattern
    super.init(id)
  }

  override func evaluate(_ frame: inout Frame) throws(CELEvaluationError) -> CELValue {
    try frame.step(at: id)
    let operand = try operand.evaluate(&frame)
    guard case .string(let text) = operand else {
      throw frame.failed(
        .noSuchOverload(function: "matches", arguments: [operand.type, .string]), at: id)
    }
    do throws(CELEvaluationError) {
      try frame.meter.charge(bytes: text.utf8Count)
    } catch {
      throw frame.failed(error, at: id)
    }
    return .bool(pattern.matchesPartially(text.text))
  }
}

// One expression with what came of it.

import CEL
import Hooks
import JSON
import Reactor

/// An expression that was evaluated and explained.
struct CelEvaluation {
  private let explanation: CELExplanation?
  private let outcome: Result<(value: CELValue, json: JSONValue), CELError>

  init(_ expression: String, with inputs: CelInputs) {
    var explanation: CELExplanation?
    do throws(CELError) {
      let program = try CELProgram(expression, in: inputs.environment)
      let explained = try program.explain(inputs.activation)
      explanation = explained
      let value = try explained.outcome.get()
      outcome = .success((value, Self.json(value)))
    } catch {
      outcome = .failure(error)
    }
    self.explanation = explanation
  }

  /// The value as JSON; a text that says so where it is too large.
  private static func json(_ value: CELValue) -> JSONValue {
    var meter = CELCostMeter(limit: reportLimit)
    do throws(CELEvaluationError) {
      return try value.reportJSON(&meter)
    } catch {
      return .string("the value is not printed: \(error)")
    }
  }

  /// Whether there is no value.
  var isFailure: Bool { if case .failure = outcome { true } else { false } }

  /// `{"value": …, "type": …}` or `{"error": {"phase": …, "message": …}}`.
  func json(withParts: Bool) -> JSONValue {
    var object: JSONObject
    switch outcome {
    case .success(let (value, json)):
      object = ["value": json, "type": .string(value.type.name)]
    case .failure(let error):
      object = [
        "error": [
          "phase": .string(error.phase.rawValue), "message": .string(error.message),
        ]
      ]
    }
    if withParts, let explanation {
      object["explanation"] = .string(explanation.summary)
      object["parts"] = .array(
        explanation.parts.map { part in
          switch part.outcome {
          case .success(let value):
            ["expression": .string(part.text), "value": Self.json(value)]
          case .failure(let error):
            ["expression": .string(part.text), "error": .string(error.description)]
          }
        })
    }
    return .object(object)
  }

  /// What an explanation shows of each value, in characters: two rows of a terminal. A payload as a
  /// whole would hide what is explained.
  private static let partCharacterCount = 160

  /// Prints the value as a literal, or the error with its place.
  func print(withParts: Bool) {
    switch outcome {
    case .success(let (value, _)): Swift.print(value.literalText)
    case .failure(let error): StandardError.print("\(error.phase.rawValue) error: \(error)")
    }
    guard withParts, let explanation else { return }
    Swift.print(explanation.summary)
    for part in explanation.parts {
      switch part.outcome {
      case .success(let value):
        let text = excerpt(value.literalText, limit: Self.partCharacterCount)
        Swift.print("  \(part.text) = \(text)")
      case .failure(let error): Swift.print("  \(part.text): \(error.description)")
      }
    }
  }

  /// Steps for printing: any payload that can be read can be printed.
  private static let reportLimit = 100_000_000
}

// Expressions.

import CEL
import CFuzzer
import JSON

extension FuzzTarget {
  static let celParse = FuzzTarget(
    name: "cel-parse",
    property: "an expression that compiles prints as one that compiles and prints the same"
  ) { input in
    let text = String(decoding: input, as: UTF8.self)
    guard let program = try? CELProgram(text, in: CELFuzzing.environment) else { return }
    let printed = program.tree.printed()
    do throws(CELError) {
      let again = try CELProgram(printed, in: CELFuzzing.environment)
      guard again.tree.printed() == printed else {
        violated("\(printed) prints as \(again.tree.printed())")
      }
      guard again.resultType == program.resultType else {
        violated("\(printed) has another type")
      }
    } catch {
      // Printed with all its spaces and parentheses it may be longer than a source may be.
      guard printed.utf8.count > CELEnvironment.sourceLimit else {
        violated("\(printed) is refused: \(error)")
      }
    }
  }

  static let celEvaluate = FuzzTarget(
    name: "cel-evaluate",
    property:
      "an evaluation keeps to its limit, and has the same outcome when it is repeated and explained"
  ) { input in
    // The expression, a NUL, and the body.
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2,
      let body = try? JSONDocument.parse(Array(parts[1])),
      let program = try? CELProgram(
        String(decoding: parts[0], as: UTF8.self), in: CELFuzzing.environment)
    else { return }
    let activation = CELActivation(["body": CELValue(json: body.root)])
    var meter = CELCostMeter(limit: CELFuzzing.limit)
    let first = CELFuzzing.outcome(program, activation, &meter)
    guard meter.used <= CELFuzzing.limit + 1 else { violated("\(meter.used) steps") }
    var second = CELCostMeter(limit: CELFuzzing.limit)
    guard CELFuzzing.outcome(program, activation, &second) == first, second.used == meter.used
    else { violated("repeated it is another outcome than \(first)") }
    if let explanation = try? program.explain(activation), !first.contains("steps") {
      let explained: String =
        switch explanation.outcome {
        case .success(let value): value.literalText
        case .failure(let error): error.description
        }
      // Every part is counted when it is explained, so that the limit may be reached earlier.
      guard explained == first || explained.contains("steps") else {
        violated("explained it is \(explained), not \(first)")
      }
    }
  }
}

/// What the targets share.
private enum CELFuzzing {
  static let limit = 20_000

  /// Lives as long as the process, as do the libraries that it makes.
  static let environment: CELEnvironment = {
    __lsan_disable()
    defer { __lsan_enable() }
    return CELEnvironment(
      name: "fuzz", variables: ["body": .dyn],
      libraries: [.core, .standardMacros, .bindings, .twoVariableMacros, syntax],
      costLimit: limit)
  }()

  private static let syntax = CELLibrary(
    name: "syntax", syntax: [.optionals, .quotedFields])

  static func outcome(
    _ program: CELProgram, _ activation: CELActivation, _ meter: inout CELCostMeter
  ) -> String {
    do throws(CELError) {
      return try program.evaluate(activation, &meter).literalText
    } catch {
      return error.description
    }
  }
}

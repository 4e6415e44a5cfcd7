// Evaluating in one line.

import CEL
import JSON

/// The environment of tests that need no more than the language.
let core = CELEnvironment(
  name: "core", variables: ["body": .map(.string, .dyn)],
  libraries: [.core, .standardMacros, .bindings, .twoVariableMacros])

/// The value of an expression over a body.
func evaluate(
  _ text: String, body: String = "{}", in environment: CELEnvironment = core
) throws -> CELValue {
  let program = try CELProgram(text, in: environment)
  return try program.evaluate(
    CELActivation(["body": CELValue(json: try JSONValue.parse(body))]))
}

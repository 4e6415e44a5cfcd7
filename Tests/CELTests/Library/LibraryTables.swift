// Evaluating in the environments of the libraries' tests.

import CEL
import Crypto
import JSON

/// All libraries, with the rules of the specification.
let allLibraries = CELEnvironment(
  name: "all", variables: ["body": .map(.string, .dyn)],
  libraries: [
    .core, .standardMacros, .standardFunctions(.specification, zones: .none),
    .strings(.specification), .encoders, .sets, .lists, .math, .optionals, .bindings, .network,
    .twoVariableMacros,
  ])

/// Tekton's libraries.
let tektonLibraries = CELEnvironment(
  name: "tekton", variables: ["body": .map(.string, .dyn), "header": .map(.string, .dyn)],
  libraries: [
    .core, .standardMacros, .standardFunctions(.celGo, zones: .none), .strings(.celGo), .encoders,
    .sets, .lists, .math, .tekton(services),
  ])

private let services = TektonServices(
  secret: { key, name throws(TektonServices.Refusal) in
    guard name == "s" else { throw TektonServices.Refusal("secrets \"\(name)\" not found") }
    guard key == "token" else {
      throw TektonServices.Refusal("cannot find \(key) key in secret ns/s")
    }
    return SecretBytes("s3cr3t")
  },
  parseYAML: { text throws(TektonServices.Refusal) in
    guard text == "a: 1" else { throw TektonServices.Refusal("no YAML") }
    return ["a": .number(JSONNumber(1))]
  })

/// The value of an expression as a literal, or the text of its first error.
func outcome(
  _ text: String, body: String = "{}", in environment: CELEnvironment
) -> String {
  do throws(CELError) {
    let program = try CELProgram(text, in: environment)
    let document = (try? JSONValue.parse(body)) ?? .null
    return try program.evaluate(CELActivation(["body": CELValue(json: document)])).literalText
  } catch {
    return "\(error.phase.rawValue): \(error.issues.first?.message ?? "")"
  }
}

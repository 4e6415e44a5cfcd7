// From `when` and `vars` of a trigger to its expressions.
//
//   when?: CEL      a condition: the trigger runs where it is true
//   vars?: { name: CEL, … }    values for the template, at most 64; each sees those before it
//
// The variables are `event`, `body`, `header`, `query` and `inputs`, and `vars` within `vars`. What
// can be known before any event comes is checked here: syntax, names, types, the fields of `event`,
// the declared inputs and the variables so far.

import Bytes
import CEL
import YAML

/// Compiles the expressions of one trigger. Findings go to the reader.
struct ExpressionDecoder {
  private let environment: CELEnvironment
  private let inputs: [InputDeclaration]
  private var reader: DocumentReader

  static func decode(
    when: PlacedNode?, vars: PlacedNode?, inputs: [InputDeclaration],
    environment: CELEnvironment, reader: inout DocumentReader
  ) -> TriggerExpressions {
    var decoder = ExpressionDecoder(environment: environment, inputs: inputs, reader: reader)
    var expressions = TriggerExpressions()
    expressions.condition = decoder.condition(when)
    expressions.variables = decoder.variables(vars)
    reader = decoder.reader
    return expressions
  }

  private mutating func condition(_ value: PlacedNode?) -> CELProgram? {
    guard let value, let program = program(value, variables: nil) else { return nil }
    switch program.resultType {
    case .bool, .dyn: break
    case let type:
      reader.error(value.place, "the expression is of type \(type.name), a bool is expected")
    }
    return program
  }

  private mutating func variables(_ value: PlacedNode?) -> [TriggerExpressions.Variable] {
    guard let object = reader.anyObject(value) else { return [] }
    if object.mapping.count > Self.variableLimit {
      reader.error(
        object.place,
        "has \(object.mapping.count) variables, at most \(Self.variableLimit) are allowed")
    }
    var variables: [TriggerExpressions.Variable] = []
    var names: [String] = []
    for entry in object.mapping {
      let name = entry.key
      if !isTemplateName(Array(name.utf8)) || name.utf8.contains(UInt8(ascii: "-")) {
        reader.error(
          object.place.member(name, at: entry.keyPosition),
          "\"\(name)\" is not the name of a variable: letters, digits and \"_\", no digit first")
      }
      if let value = object[name], let program = program(value, variables: names) {
        variables.append(TriggerExpressions.Variable(name: name, program: program))
      }
      names.append(name)
    }
    return variables
  }

  /// - Parameter variables: the variables so far; nil where there are none to see.
  private mutating func program(_ value: PlacedNode, variables: [String]?) -> CELProgram? {
    guard let text = reader.string(value) else { return nil }
    let program: CELProgram
    do throws(CELError) {
      program = try CELProgram(text, in: environment)
    } catch {
      for issue in error.issues {
        reader.error(
          value.place, "\(issue.message) (at \(issue.location.line):\(issue.location.column))",
          suggestion: issue.suggestion)
      }
      return nil
    }
    checkNames(program, value.place, variables)
    return program
  }

  /// Checks what is selected from the variables whose fields are known.
  private mutating func checkNames(
    _ program: CELProgram, _ place: Place, _ variables: [String]?
  ) {
    if variables == nil, program.variableNames.contains("vars") {
      reader.error(place, "vars are evaluated after when and cannot be used in it")
    }
    let known: [String: (fields: [String], what: String)] = [
      "event": (Event.fields.keys.sorted(), "event has no field"),
      "inputs": (inputs.map(\.name), "the trigger declares no input"),
      "vars": (variables ?? [], "no variable before this one is named"),
    ]
    for node in program.tree.nodes {
      let (operand, field): (CELTree.Node.ID, String)
      switch node.kind {
      case .select(let of, let name), .test(let of, let name): (operand, field) = (of, name)
      default: continue
      }
      // The name may also be that of a loop's variable, which no field is known of.
      guard let root = program.tree.identifier(operand), let (fields, what) = known[root],
        program.variableNames.contains(root), !fields.contains(field),
        root != "vars" || variables != nil
      else { continue }
      reader.error(
        place, "\(what) \"\(field)\"", suggestion: Suggestion.nearest(to: field, among: fields))
    }
  }

  /// Far more than a template needs.
  private static let variableLimit = 64
}

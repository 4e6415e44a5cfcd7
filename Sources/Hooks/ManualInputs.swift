// The body of a manual call: `{"inputs": {"name": value, …}}`, or nothing.

import Bytes
package import JSON

/// What is wrong with one input of a manual call.
package struct InputProblem: Hashable, Sendable, CustomStringConvertible {
  /// The path in the body, such as `inputs.version`.
  package let path: String
  package let message: String

  package var description: String { "\(path): \(message)" }
}

/// The inputs of a manual call that may be used.
package enum ManualInputs {
  /// All inputs, defaults included, or everything that is wrong with them.
  case accepted(JSONObject)
  case refused([InputProblem])

  /// Checks a body against a trigger's inputs.
  ///
  /// - Parameter body: nil when the request has none.
  package static func check(
    _ body: JSONValue?, against declarations: [InputDeclaration]
  ) -> ManualInputs {
    guard let body else { return check(inputs: JSONObject(), [], declarations) }
    guard let members = body.objectValue else {
      return .refused([
        InputProblem(path: "body", message: "expected an object, found \(body.typeName)")
      ])
    }
    var problems: [InputProblem] = []
    for member in members where member.key != "inputs" {
      problems.append(unknown(member.key, at: "", among: ["inputs"]))
    }
    guard let inputs = members["inputs"] else {
      return check(inputs: JSONObject(), problems, declarations)
    }
    guard let values = inputs.objectValue else {
      let message = "expected an object, found \(inputs.typeName)"
      return .refused(problems + [InputProblem(path: "inputs", message: message)])
    }
    return check(inputs: values, problems, declarations)
  }

  /// What the inputs are when an event of the source starts the trigger: the defaults.
  static func defaults(_ declarations: [InputDeclaration]) -> JSONObject {
    var values = JSONObject()
    for declaration in declarations { values[declaration.name] = declaration.defaultValue }
    return values
  }

  /// Checks inputs.
  ///
  /// - Parameter earlier: what is known to be wrong with them already.
  static func check(
    inputs: JSONObject, _ earlier: [InputProblem], _ declarations: [InputDeclaration]
  ) -> ManualInputs {
    var problems = earlier
    let names = declarations.map(\.name)
    for member in inputs where !names.contains(member.key) {
      problems.append(unknown(member.key, at: "inputs.", among: names))
    }
    var values = JSONObject()
    for declaration in declarations {
      let path = "inputs.\(declaration.name)"
      if let value = inputs[declaration.name] {
        if let message = declaration.problem(with: value) {
          problems.append(InputProblem(path: path, message: message))
        }
        values[declaration.name] = value
      } else if let value = declaration.defaultValue {
        values[declaration.name] = value
      } else if declaration.isRequired {
        problems.append(InputProblem(path: path, message: "missing"))
      }
    }
    return problems.isEmpty ? .accepted(values) : .refused(problems)
  }

  private static func unknown(
    _ key: String, at prefix: String, among names: [String]
  ) -> InputProblem {
    let name = String(String.UnicodeScalarView(key.unicodeScalars.prefix(nameLimit)))
    let nearest = Suggestion.nearest(to: key, among: names)
    let question = nearest.map { ", did you mean \"\($0)\"?" } ?? ""
    return InputProblem(path: prefix + name, message: "unknown\(question)")
  }

  /// Longer names are cut in messages.
  private static let nameLimit = 64
}

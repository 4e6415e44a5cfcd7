// One task of a pipeline, as validation sees it.

import JSON

/// A view of an element of `tasks` or `finally`.
struct PipelineTask: Sendable {
  let json: JSONValue
  let parameters: [Parameter]

  init(_ json: JSONValue) {
    self.json = json
    parameters = Parameter.list(json["params"])
  }

  static func list(_ json: JSONValue?) -> [PipelineTask] {
    (json?.arrayValue ?? []).map(PipelineTask.init)
  }

  var name: String { json["name"]?.stringValue ?? "" }
  var taskSpec: JSONValue? { json["taskSpec"] }
  var steps: [JSONValue] { taskSpec?["steps"]?.arrayValue ?? [] }
  var declaredParameters: [ParameterSpec] { ParameterSpec.list(taskSpec?["params"]) }
  var conditions: [JSONValue] { json["when"]?.arrayValue ?? [] }
  var runAfter: [String] { StepReferences.strings(json["runAfter"]) }

  // MARK: Matrix

  var matrixParameters: [Parameter] { Parameter.list(json[["matrix", "params"]]) }

  /// The parameters of each combination that is included.
  var includedParameters: [[Parameter]] {
    (json[["matrix", "include"]]?.arrayValue ?? []).map { Parameter.list($0["params"]) }
  }

  /// Whether the task runs once for each combination of parameters.
  var isMatrixed: Bool { !matrixParameters.isEmpty || !includedParameters.isEmpty }

  /// The parameters of the task and of its matrix.
  var allParameters: [Parameter] {
    parameters + matrixParameters + includedParameters.flatMap { $0 }
  }

  // MARK: References

  /// The expressions of each condition.
  var conditionExpressions: [[String]] {
    conditions.map { condition in
      ([condition["input"]?.stringValue ?? ""] + StepReferences.strings(condition["values"]))
        .flatMap(ResultReferences.expressions)
    }
  }

  /// The names of the tasks that must have run before, in order.
  var dependencies: [String] {
    var expressions = allParameters.flatMap(\.value.expressions)
    expressions += conditionExpressions.flatMap { $0 }
    let containers = steps + (taskSpec?["sidecars"]?.arrayValue ?? [])
    expressions += containers.flatMap { StepReferences($0).expressions }
    let results = expressions.compactMap(ResultReferences.result).map(\.task)
    return Set(results + runAfter).sorted()
  }
}

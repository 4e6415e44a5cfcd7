// Rules for tasks that run once for each combination of parameters.

import JSON

/// *Source:* `matrix_types.go`, `pipeline_validation.go` of Tekton's v1.
enum MatrixValidation {
  /// The default of `default-max-matrix-combinations-count`.
  private static let combinationLimit = 256

  /// All tasks of a section.
  static func tasks(_ tasks: [PipelineTask]) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, task) in tasks.enumerated() {
      violations += self.task(task).via(index: index)
    }
    return violations + consumption(tasks)
  }

  private static func task(_ task: PipelineTask) -> FieldViolations {
    var violations = FieldViolations.none
    let count = combinationCount(task)
    if count > combinationLimit {
      violations += FieldViolations(
        "expected 0 <= \(count) <= \(combinationLimit)", "matrix")
    }
    for (index, parameters) in task.includedParameters.enumerated() {
      violations += ParameterValidation.taskDuplicates(parameters)
        .via("matrix.include[\(index)].params")
    }
    violations += ParameterValidation.taskDuplicates(task.matrixParameters).via("matrix.params")
    let names = Set((task.matrixParameters + task.includedParameters.flatMap { $0 }).map(\.name))
    for parameter in task.parameters where names.contains(parameter.name) {
      violations += .both("matrix[\(parameter.name)]", "params[\(parameter.name)]")
    }
    return violations
  }

  private static func combinationCount(_ task: PipelineTask) -> Int {
    guard !task.matrixParameters.isEmpty else { return task.includedParameters.count }
    var count = 1
    for parameter in task.matrixParameters {
      let (product, overflow) = count.multipliedReportingOverflow(
        by: parameter.value.elements.count)
      count = overflow ? .max : product
    }
    let elements = Dictionary(
      task.matrixParameters.map { ($0.name, $0.value.elements) },
      uniquingKeysWith: { _, last in last })
    for included in task.includedParameters {
      for parameter in included {
        guard let known = elements[parameter.name] else { continue }
        if known.contains(parameter.value.text) { break }
        count = count == .max ? count : count + 1
      }
    }
    return count
  }

  /// What the parameters of a matrix refer to.
  static func references(_ task: PipelineTask, _ names: ParameterNames) -> FieldViolations {
    var violations = FieldViolations.none
    for included in task.includedParameters {
      for (index, parameter) in included.enumerated() {
        violations += ParameterValidation.stringReferences(parameter.value.text, names)
          .via(index: index).via("matrix.include.params")
      }
    }
    for parameter in task.matrixParameters {
      for (index, element) in parameter.value.elements.enumerated() {
        violations += ParameterValidation.listReferences(element, names)
          .via("value", index: index).via("matrix.params", key: parameter.name)
      }
    }
    return violations
  }

  /// Results of such a task can only be used all together, and must be strings.
  private static func consumption(_ tasks: [PipelineTask]) -> FieldViolations {
    let named = Dictionary(tasks.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    var used: [ResultReferences.Result] = []
    for parameter in tasks.flatMap(\.parameters) {
      let expressions = parameter.value.expressions.filter(ResultReferences.looksLikeResult)
      guard !expressions.isEmpty else { continue }
      let matrixed = expressions.filter { expression in
        let parts = expression.split(separator: ".", omittingEmptySubsequences: false)
        return named[String(parts[1])]?.isMatrixed == true
      }
      if let single = matrixed.last(where: { !$0.hasSuffix("[*]") }) {
        return FieldViolations(
          "A matrixed pipelineTask can only be consumed in aggregate using [*] notation, but is "
            + "currently set to \(single)", paths: [])
      }
      // Only the last parameter's references are looked at, as in the original.
      used = matrixed.compactMap(ResultReferences.result)
    }
    var violations = FieldViolations.none
    for result in used {
      let results = named[result.task]?.taskSpec?["results"]?.arrayValue ?? []
      for declared in results where declared["name"]?.stringValue == result.name {
        let type = declared["type"]?.stringValue ?? ""
        guard type != "string" else { continue }
        violations += .invalid(
          "Matrixed PipelineTasks emitting results must have an underlying type string, but "
            + "result \(result.name) has type \(type) in pipelineTask", "")
      }
    }
    return violations
  }
}

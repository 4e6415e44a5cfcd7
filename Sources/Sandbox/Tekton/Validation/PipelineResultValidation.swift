// Rules for what a pipeline refers to across its tasks: results, final tasks, and how tasks ended.

import JSON

/// *Source:* `pipeline_validation.go` of Tekton's v1.
enum PipelineResultValidation {
  /// Each result of the pipeline is made of results of its tasks.
  static func results(
    _ spec: JSONValue, tasks: [PipelineTask], finally: [PipelineTask]
  ) -> FieldViolations {
    let names = Set(tasks.map(\.name))
    let finalNames = Set(finally.map(\.name))
    var violations = FieldViolations.none
    for (index, result) in (spec["results"]?.arrayValue ?? []).enumerated() {
      let value = ParameterValue(result["value"]) ?? .text("")
      violations += messages(value, names, finalNames).reduce(into: .none) {
        $0 += FieldViolations.invalid($1, "value").via("results", index: index)
      }
    }
    return violations
  }

  private static func messages(
    _ value: ParameterValue, _ names: Set<String>, _ finalNames: Set<String>
  ) -> [String] {
    var messages: [String] = []
    let expressions = value.expressions
    let candidates = expressions.filter(ResultReferences.looksLikeResult)
    let results = candidates.compactMap(ResultReferences.result)
    let head = "expected pipeline results to be task result expressions but"
    if expressions.isEmpty { messages.append("\(head) no expressions were found") }
    if candidates.isEmpty { messages.append("\(head) an invalid expressions was found") }
    if results.count != candidates.count {
      messages.append(
        "expected all of the expressions [\(candidates.joined(separator: " "))] to be result "
          + "expressions but only [\(results.map(\.name).joined(separator: " "))] were")
    }
    if !refersToTasks(value.text, names, finalNames) {
      messages.append("referencing a nonexistent task")
    }
    return messages
  }

  private static func refersToTasks(
    _ text: String, _ names: Set<String>, _ finalNames: Set<String>
  ) -> Bool {
    text.split(separator: "$").allSatisfy { piece in
      var expression = piece
      if expression.hasPrefix("(") { expression = expression.dropFirst() }
      if expression.hasSuffix(")") { expression = expression.dropLast() }
      guard let result = ResultReferences.result(String(expression)) else { return false }
      return (expression.hasPrefix("tasks") ? names : finalNames).contains(result.task)
    }
  }
}

/// Rules for the tasks that run at the end.
enum FinallyValidation {
  static func finally(_ finally: [PipelineTask], tasks: [PipelineTask]) -> FieldViolations {
    var violations = FieldViolations.none
    if !finally.isEmpty, tasks.isEmpty {
      violations += .invalid(
        "spec.tasks is empty but spec.finally has \(finally.count) tasks", "finally")
    }
    let names = Set(tasks.map(\.name))
    let finalNames = Set(finally.map(\.name))
    for (index, task) in finally.enumerated() {
      var found = FieldViolations.none
      if !task.runAfter.isEmpty {
        found += .invalid(
          "no runAfter allowed under spec.finally, final task \(task.name) has runAfter specified",
          "")
      }
      for parameter in task.parameters {
        found += references(parameter.value.expressions, names, finalNames, "value")
          .via("params", key: parameter.name)
      }
      for (inner, expressions) in task.conditionExpressions.enumerated() {
        found += references(expressions, names, finalNames, "").via("when", index: inner)
      }
      violations += found.via("finally", index: index)
    }
    return violations
  }

  private static func references(
    _ expressions: [String], _ names: Set<String>, _ finalNames: Set<String>, _ place: String
  ) -> FieldViolations {
    let head = "invalid task result reference, final task has task result reference from a"
    var violations = FieldViolations.none
    for task in expressions.compactMap(ResultReferences.result).map(\.task) {
      if finalNames.contains(task) {
        violations += .invalid("\(head) final task \(task)", place)
      } else if !names.contains(task) {
        violations += .invalid(
          "\(head) task \(task) which is not defined in the pipeline", place)
      }
    }
    return violations
  }
}

/// Rules for references to how tasks ended: `$(tasks.build.status)`, `$(tasks.status)`.
enum ExecutionStatusValidation {
  static func tasks(_ tasks: [PipelineTask], finally: [PipelineTask]) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, task) in tasks.enumerated() {
      violations += check(task) { expressions in
        expressions.contains(where: isStatus)
          ? [
            "pipeline tasks can not refer to execution status of any other pipeline task or "
              + "aggregate status of tasks"
          ] : []
      }.via("tasks", index: index)
    }
    let names = Set(tasks.map(\.name))
    for (index, task) in finally.enumerated() {
      violations += check(task) { expressions in
        expressions.filter { $0 != "tasks.status" && isStatus($0) }
          .map { String($0.dropFirst("tasks.".count).dropLast(".status".count)) }
          .filter { !names.contains($0) }
          .map { "pipeline task \($0) is not defined in the pipeline" }
      }.via("finally", index: index)
    }
    return violations
  }

  /// Applies a rule to the expressions of each parameter and each condition, unless there are
  /// references to results among them.
  private static func check(
    _ task: PipelineTask, _ rule: ([String]) -> [String]
  ) -> FieldViolations {
    var violations = FieldViolations.none
    func apply(_ expressions: [String], _ place: String) -> FieldViolations {
      guard !expressions.contains(where: ResultReferences.looksLikeResult) else { return .none }
      return rule(expressions).reduce(into: .none) { $0 += .invalid($1, place) }
    }
    for parameter in task.parameters {
      violations += apply(parameter.value.expressions, "value")
        .via("params", key: parameter.name)
    }
    for (index, expressions) in task.conditionExpressions.enumerated() {
      violations += apply(expressions, "").via("when", index: index)
    }
    return violations
  }

  private static func isStatus(_ expression: String) -> Bool {
    expression.hasPrefix("tasks.")
      && (expression.hasSuffix(".status") || expression.hasSuffix(".reason"))
  }
}

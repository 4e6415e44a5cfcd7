// Rules for the conditions under which a task or a step runs.

import JSON

/// *Source:* `when_validation.go` of Tekton's v1.
enum WhenValidation {
  /// What a list of conditions lacks in itself.
  static func fields(_ conditions: JSONValue?) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, condition) in (conditions?.arrayValue ?? []).enumerated() {
      violations += fields(of: condition).via(index: index)
    }
    return violations
  }

  private static func fields(of condition: JSONValue) -> FieldViolations {
    if let expression = condition["cel"]?.stringValue, !expression.isEmpty {
      return FieldViolations(
        "feature flag enable-cel-in-whenexpression should be set to true to use CEL: "
          + "\(expression) in WhenExpression", "")
    }
    guard condition.objectValue?.isEmpty == false else { return .missing("") }
    let operatorName = condition["operator"]?.stringValue ?? ""
    guard operatorName == "in" || operatorName == "notin" else {
      return .invalid(
        "operator \(quoted(operatorName)) is not recognized. valid operators: in,notin", "")
    }
    guard condition["values"]?.arrayValue?.isEmpty == false else {
      return .invalid("expecting non-empty values field", "")
    }
    return .none
  }

  /// What the conditions of a pipeline's task refer to.
  static func references(_ conditions: [JSONValue], _ names: ParameterNames) -> FieldViolations {
    var violations = FieldViolations.none
    for (index, condition) in conditions.enumerated() {
      violations += ParameterValidation.stringReferences(
        condition["input"]?.stringValue ?? "", names
      ).via("input").via("when", index: index)
      for value in StepReferences.strings(condition["values"]) {
        let isList = names.lists.contains(listName(value))
        violations +=
          (isList
          ? ParameterValidation.listReferences(value, names)
          : ParameterValidation.stringReferences(value, names))
          .via("values").via("when", index: index)
      }
    }
    return violations
  }

  /// The name in `$(params.name[*])`.
  private static func listName(_ value: String) -> String {
    var name = Substring(value)
    if name.hasPrefix("$(params.") { name = name.dropFirst(9) }
    if name.hasSuffix("[*])") { name = name.dropLast(4) }
    return String(name)
  }
}

// Rules for references to pipelines, tasks and step actions.

import JSON

/// *Source:* `container_validation.go` of Tekton's v1, `pipelineref_validation.go` of v1beta1.
enum ReferenceValidation {
  /// A reference in an object of a version.
  static func reference(_ reference: JSONValue, _ version: TektonVersion) -> FieldViolations {
    switch version {
    case .v1: self.reference(reference)
    case .v1beta1: v1beta1Reference(reference)
    }
  }

  /// Exactly one of a reference and an embedded specification.
  static func referenceOrSpec(_ spec: JSONValue, _ places: [String]) -> FieldViolations {
    switch places.count(where: { spec[$0] != nil }) {
    case 0: .neither(places)
    case 1: .none
    default: .both(places)
    }
  }

  /// A name, or a resolver with what it needs.
  static func reference(_ reference: JSONValue) -> FieldViolations {
    let name = reference["name"]?.stringValue ?? ""
    let resolver = reference["resolver"]?.stringValue ?? ""
    let parameters = reference["params"].map(Parameter.list)
    if resolver.isEmpty, parameters == nil { return self.name(name) }
    var violations = FieldViolations.none
    if let parameters {
      if !name.isEmpty { violations += .both("name", "params") }
      if resolver.isEmpty { violations += .missing("resolver") }
      violations += ParameterValidation.duplicates(parameters)
    }
    if !resolver.isEmpty, !name.isEmpty {
      violations +=
        looksLikeURL(name)
        ? FieldViolations(conciseSyntaxGate, "") : .invalid("invalid URI for request", "name")
    }
    return violations
  }

  /// A reference in v1beta1, which had bundles.
  private static func v1beta1Reference(_ reference: JSONValue) -> FieldViolations {
    guard let bundle = reference["bundle"]?.stringValue, !bundle.isEmpty else {
      return self.reference(reference)
    }
    return .disallowed("bundle")
      + (reference["name"] == nil ? .missing("name") : self.reference(reference))
  }

  private static let conciseSyntaxGate =
    "feature flag enable-concise-resolver-syntax should be set to true to use concise resolver "
    + "syntax"

  private static func name(_ name: String) -> FieldViolations {
    if name.isEmpty { return .missing("name") }
    if looksLikeURL(name) { return FieldViolations(conciseSyntaxGate, "") + .missing("resolver") }
    let messages = NameRules.qualifiedName(name)
    return messages.isEmpty ? .none : .invalid(messages.joined(separator: ","), "name")
  }

  /// Whether there is a scheme: one or more of letters, digits, `_` and `-` before `:/`.
  private static func looksLikeURL(_ name: String) -> Bool {
    guard let colon = name.firstRange(of: ":/")?.lowerBound, let last = name[..<colon].last else {
      return false
    }
    return VariableReferences.isNameCharacter(last) && last != "."
  }
}

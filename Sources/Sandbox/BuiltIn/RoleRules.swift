// Roles and their bindings.
//
// Source: k8s.io/kubernetes/pkg/apis/rbac.

import JSON

/// What is particular to Roles, ClusterRoles and their bindings.
enum RoleRules {
  private static let group = "rbac.authorization.k8s.io"

  @Sendable static func applyToRole(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    let rule = GoStructure(
      "PolicyRule",
      [
        GoField("verbs", .list(.string), .always), GoField("apiGroups", .list(.string)),
        GoField("resources", .list(.string)), GoField("resourceNames", .list(.string)),
        GoField("nonResourceURLs", .list(.string)),
      ])
    var fields = [GoField("rules", .list(.structure(rule)), .always)]
    if definition.scope == .cluster {
      fields.append(GoField("aggregationRule", .raw, .whenGiven))
    }
    definition.setType(
      BuiltInResources.structure(definition.names.kind, fields), columns: [.createdAt])
    definition.traits.nameRule = .pathSegment
    definition.traits.allowsCreateOnUpdate = true
    definition.admission.validate = { ruleMistakes($0) }
    return definition
  }

  private static func ruleMistakes(_ request: AdmissionRequest) -> [FieldError] {
    var mistakes: [FieldError] = []
    for (index, rule) in (request.object["rules"]?.arrayValue ?? []).enumerated() {
      func isEmpty(_ key: String) -> Bool { (rule[key]?.arrayValue ?? []).isEmpty }
      let field = "rules[\(index)]"
      if isEmpty("verbs") {
        mistakes.append(.required("\(field).verbs", "verbs must contain at least one value"))
      }
      if !isEmpty("nonResourceURLs") { continue }
      if isEmpty("apiGroups") {
        mistakes.append(
          .required("\(field).apiGroups", "resource rules must supply at least one api group"))
      }
      if isEmpty("resources") {
        mistakes.append(
          .required("\(field).resources", "resource rules must supply at least one resource"))
      }
    }
    return mistakes
  }

  @Sendable static func applyToBinding(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    let subject = GoStructure(
      "Subject", isAtomic: true,
      [
        GoField("kind", .string, .always), GoField("apiGroup", .string),
        GoField("name", .string, .always), GoField("namespace", .string),
      ])
    let reference = GoStructure(
      "RoleRef", isAtomic: true,
      [
        GoField("apiGroup", .string, .always), GoField("kind", .string, .always),
        GoField("name", .string, .always),
      ])
    definition.setType(
      BuiltInResources.structure(
        definition.names.kind,
        [
          GoField("subjects", .list(.structure(subject))),
          GoField("roleRef", .structure(reference), .always),
        ]), columns: [roleColumn, .age], defaults: { defaulted($0) })
    definition.traits.nameRule = .pathSegment
    definition.traits.allowsCreateOnUpdate = true
    definition.admission.validate = { bindingMistakes($0) }
    return definition
  }

  private static func defaulted(_ object: JSONValue) -> JSONValue {
    var object = object
    if (object[["roleRef", "apiGroup"]]?.stringValue ?? "").isEmpty {
      object[["roleRef", "apiGroup"]] = .string(group)
    }
    if let subjects = object["subjects"]?.arrayValue {
      object["subjects"] = .array(
        subjects.map { subject in
          var subject = subject
          let isPerson = subject.kindName == "User" || subject.kindName == "Group"
          if isPerson, (subject["apiGroup"]?.stringValue ?? "").isEmpty {
            subject["apiGroup"] = .string(group)
          }
          return subject
        })
    }
    return object
  }

  private static func bindingMistakes(_ request: AdmissionRequest) -> [FieldError] {
    var mistakes: [FieldError] = []
    let kind = request.object[["roleRef", "kind"]]?.stringValue ?? ""
    let kinds = request.kind == "ClusterRoleBinding" ? ["ClusterRole"] : ["Role", "ClusterRole"]
    if !kinds.contains(kind) {
      mistakes.append(.notSupported("roleRef.kind", .string(kind), supported: kinds))
    }
    if (request.object[["roleRef", "name"]]?.stringValue ?? "").isEmpty {
      mistakes.append(.required("roleRef.name"))
    }
    for (index, subject) in (request.object["subjects"]?.arrayValue ?? []).enumerated() {
      let field = "subjects[\(index)]"
      if (subject["name"]?.stringValue ?? "").isEmpty {
        mistakes.append(.required("\(field).name"))
      }
      let kinds = ["ServiceAccount", "User", "Group"]
      if !kinds.contains(subject.kindName) {
        mistakes.append(
          .notSupported("\(field).kind", .string(subject.kindName), supported: kinds))
      }
      if subject.kindName == "ServiceAccount", request.kind == "ClusterRoleBinding",
        (subject["namespace"]?.stringValue ?? "").isEmpty
      {
        mistakes.append(.required("\(field).namespace"))
      }
    }
    if let old = request.oldObject, old["roleRef"] != request.object["roleRef"] {
      mistakes.append(
        .invalid("roleRef", request.object["roleRef"] ?? .null, "cannot change roleRef"))
    }
    return mistakes
  }

  private static let roleColumn = PrinterColumn(
    name: "Role",
    description: "RoleRef can reference a Role in the current namespace or a ClusterRole in the "
      + "global namespace. If the RoleRef cannot be resolved, the Authorizer must return an "
      + "error. This field is immutable.",
    cell: .computed { object, _ in
      let kind = object[["roleRef", "kind"]]?.stringValue ?? ""
      let name = object[["roleRef", "name"]]?.stringValue ?? ""
      return .string("\(kind)/\(name)")
    })
}

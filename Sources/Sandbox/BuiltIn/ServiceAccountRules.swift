// ServiceAccounts.

import JSON

/// What is particular to ServiceAccounts.
enum ServiceAccountRules {
  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    let reference = GoStructure(
      "ObjectReference", isAtomic: true,
      [
        GoField("kind", .string), GoField("namespace", .string), GoField("name", .string),
        GoField("uid", .named("types.UID")), GoField("apiVersion", .string),
        GoField("resourceVersion", .string), GoField("fieldPath", .string),
      ])
    let localReference = GoStructure(
      "LocalObjectReference", isAtomic: true, [GoField("name", .string)])
    definition.setType(
      BuiltInResources.structure(
        "ServiceAccount",
        [
          GoField("secrets", .list(.structure(reference), .map(keys: ["name"]))),
          GoField("imagePullSecrets", .list(.structure(localReference))),
          GoField("automountServiceAccountToken", .bool, .whenGiven),
        ]), columns: columns)
    return definition
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Secrets",
      description: "Secrets is a list of the secrets in the same namespace that pods running using "
        + "this ServiceAccount are allowed to use.",
      cell: .computed { object, _ in .int(object["secrets"]?.arrayValue?.count ?? 0) }), .age,
  ]
}

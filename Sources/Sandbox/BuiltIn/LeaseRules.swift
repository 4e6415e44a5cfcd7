// Leases.
//
// Source: k8s.io/kubernetes/pkg/apis/coordination/validation.

import JSON

/// What is particular to Leases.
enum LeaseRules {
  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    let spec = GoStructure(
      "LeaseSpec",
      [
        GoField("holderIdentity", .string, .whenGiven),
        GoField("leaseDurationSeconds", .integer32, .whenGiven),
        GoField("acquireTime", .microTime, .whenGiven),
        GoField("renewTime", .microTime, .whenGiven),
        GoField("leaseTransitions", .integer32, .whenGiven),
        GoField("strategy", .string, .whenGiven),
        GoField("preferredHolder", .string, .whenGiven),
      ])
    definition.setType(
      BuiltInResources.structure("Lease", [GoField("spec", .structure(spec), .always)]),
      columns: columns)
    definition.traits.requiresVersionOnUpdate = true
    definition.traits.allowsCreateOnUpdate = true
    definition.admission.validate = { validate($0) }
    return definition
  }

  private static func validate(_ request: AdmissionRequest) -> [FieldError] {
    var mistakes: [FieldError] = []
    let spec = request.object["spec"]
    if let duration = spec?["leaseDurationSeconds"]?.intValue, duration <= 0 {
      mistakes.append(
        .invalid("spec.leaseDurationSeconds", .int(duration), "must be greater than 0"))
    }
    if let transitions = spec?["leaseTransitions"]?.intValue, transitions < 0 {
      mistakes.append(
        .invalid(
          "spec.leaseTransitions", .int(transitions), "must be greater than or equal to 0"))
    }
    return mistakes
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Holder",
      description: "holderIdentity contains the identity of the holder of a current lease.",
      cell: .computed { object, _ in object[["spec", "holderIdentity"]] ?? "" }), .age,
  ]
}

// Namespaces.
//
// Source: k8s.io/kubernetes/pkg/registry/core/namespace.

import JSON

/// What is particular to namespaces.
enum NamespaceRules {
  /// The label that names every namespace.
  private static let nameLabel = "kubernetes.io/metadata.name"

  @Sendable static func apply(_ definition: ResourceDefinition) -> ResourceDefinition {
    var definition = definition
    let spec = GoStructure(
      "NamespaceSpec", [GoField("finalizers", .list(.named("v1.FinalizerName")))])
    let status = GoStructure(
      "NamespaceStatus",
      [
        GoField("phase", .named("v1.NamespacePhase")),
        GoField("conditions", .list(.raw, .map(keys: ["type"]))),
      ])
    definition.setType(
      BuiltInResources.structure(
        "Namespace",
        [
          GoField("spec", .structure(spec), .always),
          GoField("status", .structure(status), .always),
        ]
      ), columns: columns, selectableFields: ["status.phase"], defaults: { labelled($0) })
    definition.traits.nameRule = .label
    definition.verbs = ResourceDefinition.allVerbs.filter { $0 != "deletecollection" }
    definition.admission.mutate = { (request) throws(AdmissionDenial) in
      AdmissionAnswer(object: prepared(request))
    }
    return definition
  }

  private static func labelled(_ object: JSONValue) -> JSONValue {
    var object = object
    guard !object.name.isEmpty else { return object }
    var labels = object.labels
    labels[nameLabel] = .string(object.name)
    object.setMetadata("labels", .object(labels))
    return object
  }

  /// Life cycle fields belong to the server.
  private static func prepared(_ request: AdmissionRequest) -> JSONValue {
    var object = request.object
    guard request.subresource.isEmpty else { return object }
    if let old = request.oldObject {
      object[["spec", "finalizers"]] = old[["spec", "finalizers"]]
      object["status"] = old["status"]
      return object
    }
    object["spec"] = ["finalizers": ["kubernetes"]]
    object["status"] = ["phase": "Active"]
    return object
  }

  private static let columns: [PrinterColumn] = [
    PrinterColumn(
      name: "Status", description: "The status of the namespace",
      cell: .computed { object, _ in object[["status", "phase"]] ?? "" }), .age,
  ]
}

// The resources that Tekton adds to a cluster.

import JSON

/// Tekton's resources: pipelines with the rules of their webhook, Triggers as plain data.
///
/// *Source:* the CustomResourceDefinitions of Tekton Pipelines.
package enum TektonResources {
  /// What a sandbox serves: all of them, and Hookline's own kind.
  package static let all: [ResourceDefinition] = installed + [.hook]

  /// What a cluster with Tekton serves, in the order of discovery.
  package static let installed: [ResourceDefinition] =
    [
      resource(.task, "tasks", [.v1, .v1beta1]),
      resource(
        .taskRun, "taskruns", [.v1, .v1beta1], shortNames: ["tr", "trs"], columns: runColumns),
      resource(.stepAction, "stepactions", [.v1beta1]),
      resource(
        .pipelineRun, "pipelineruns", [.v1, .v1beta1], shortNames: ["pr", "prs"],
        columns: runColumns),
      resource(.pipeline, "pipelines", [.v1, .v1beta1]),
      resource(.customRun, "customruns", [.v1beta1], columns: runColumns),
      .permissive(
        TektonTypes.group,
        ResourceNames(
          plural: "verificationpolicies", kind: "VerificationPolicy", categories: categories),
        versions: ["v1alpha1"]),
    ] + TektonTriggersResources.all

  private static let categories = ["tekton", "tekton-pipelines"]

  private static func resource(
    _ kind: TektonKind, _ plural: String, _ versions: [TektonVersion], shortNames: [String] = [],
    columns: [PrinterColumn] = [.customAge]
  ) -> ResourceDefinition {
    ResourceDefinition(
      group: TektonTypes.group,
      names: ResourceNames(
        plural: plural, kind: kind.rawValue, shortNames: shortNames, categories: categories),
      versions: versions.map {
        ResourceVersion(
          name: $0.rawValue, schema: kind.structure($0).resourceSchema, columns: columns,
          hasStatus: true)
      },
      storageVersion: versions.first?.rawValue ?? TektonVersion.v1.rawValue,
      admission: TektonWebhook(kind: kind).admission,
      convert: versions.count > 1 ? conversion(of: kind) : nil)
  }

  private static func conversion(of kind: TektonKind) -> ObjectConversion {
    { (object, source, target) throws(AdmissionDenial) in
      guard let source = TektonVersion(rawValue: source),
        let target = TektonVersion(rawValue: target)
      else { return object }
      return try TektonConversion.convert(object, kind, from: source, to: target)
    }
  }

  private static let runColumns: [PrinterColumn] = [
    .path("Succeeded", #".status.conditions[?(@.type=="Succeeded")].status"#),
    .path("Reason", #".status.conditions[?(@.type=="Succeeded")].reason"#),
    .path("StartTime", ".status.startTime", type: "date"),
    .path("CompletionTime", ".status.completionTime", type: "date"),
  ]
}

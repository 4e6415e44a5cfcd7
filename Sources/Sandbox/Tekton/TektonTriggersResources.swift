// Kinds that the server knows, but whose content nobody looks at.

/// Tekton Triggers' resources, and the others that come with Tekton without rules of their own.
///
/// *Source:* the CustomResourceDefinitions of Tekton Triggers and of Tekton's resolvers.
enum TektonTriggersResources {
  static let all: [ResourceDefinition] = [
    .permissive(
      "resolution.tekton.dev",
      ResourceNames(
        plural: "resolutionrequests", kind: "ResolutionRequest", categories: pipelineCategories),
      versions: ["v1beta1", "v1alpha1"], columns: resolutionColumns, hasStatus: true),
    trigger(
      "clustertriggerbindings", "ClusterTriggerBinding", "ctb", .cluster),
    trigger("eventlisteners", "EventListener", "el", columns: listenerColumns, hasStatus: true),
    trigger("triggers", "Trigger", "tri"),
    trigger("triggerbindings", "TriggerBinding", "tb"),
    trigger("triggertemplates", "TriggerTemplate", "tt"),
    trigger(
      "clusterinterceptors", "ClusterInterceptor", "ci", .cluster, versions: ["v1alpha1"]),
    trigger("interceptors", "Interceptor", "ni", versions: ["v1alpha1"]),
  ]

  private static let pipelineCategories = ["tekton", "tekton-pipelines"]

  private static func trigger(
    _ plural: String, _ kind: String, _ shortName: String, _ scope: ResourceScope = .namespaced,
    versions: [String] = ["v1beta1", "v1alpha1"], columns: [PrinterColumn] = [.customAge],
    hasStatus: Bool = false
  ) -> ResourceDefinition {
    .permissive(
      "triggers.tekton.dev",
      ResourceNames(
        plural: plural, kind: kind, shortNames: [shortName],
        categories: ["tekton", "tekton-triggers"]), scope, versions: versions, columns: columns,
      hasStatus: hasStatus)
  }

  private static let resolutionColumns: [PrinterColumn] = [
    .path("Succeeded", #".status.conditions[?(@.type=='Succeeded')].status"#),
    .path("Reason", #".status.conditions[?(@.type=='Succeeded')].reason"#),
    .path("StartTime", ".metadata.creationTimestamp"),
    .path("EndTime", #".status.conditions[?(@.type=='Succeeded')].lastTransitionTime"#),
  ]

  private static let listenerColumns: [PrinterColumn] = [
    .path("Address", ".status.address.url"),
    .path("Available", #".status.conditions[?(@.type=='Available')].status"#),
    .path("Reason", #".status.conditions[?(@.type=='Available')].reason"#),
    .path("Ready", #".status.conditions[?(@.type=='Ready')].status"#),
    .path("Reason", #".status.conditions[?(@.type=='Ready')].reason"#),
  ]
}

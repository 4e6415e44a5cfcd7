// Tekton's own types that runs, pipelines and tasks share.

/// Tables of Tekton's types in both versions.
///
/// The tables of `pipelineSpec` and `taskSpec` are wider than the schemas that follow from them:
/// the CRDs keep everything there, and only the webhook looks.
///
/// *Source:* `github.com/tektoncd/pipeline/pkg/apis/pipeline` after release 1.15.
enum TektonTypes {
  static let group = "tekton.dev"

  // MARK: Parameters and results

  static func parameterValue(_ version: TektonVersion) -> WebhookType {
    .parameterValue(named: version.type("ParamValue"))
  }

  static func parameters(_ version: TektonVersion) -> WebhookMember {
    .optional(
      "params",
      .list(
        of: .structure(
          WebhookStructure(
            version.type("Param"),
            [.always("name", .string), .always("value", parameterValue(version))])),
        named: version.type("Params")))
  }

  private static func properties(_ version: TektonVersion) -> WebhookMember {
    .optional(
      "properties",
      .map(
        of: .structure(
          WebhookStructure(
            version.type("PropertySpec"),
            [.optional("type", .text(named: version.type("ParamType")))])), named: nil))
  }

  static func parameterSpecs(_ version: TektonVersion) -> WebhookMember {
    .list(
      "params",
      WebhookStructure(
        version.type("ParamSpec"),
        [
          .always("name", .string), .optional("type", .text(named: version.type("ParamType"))),
          .optional("description", .string), properties(version),
          .pointer("default", parameterValue(version)), .optional("enum", .strings),
        ]), named: version.type("ParamSpecs"))
  }

  static func resultType(_ version: TektonVersion) -> WebhookType {
    .text(named: version.type("ResultsType"))
  }

  static func taskResults(_ version: TektonVersion) -> WebhookMember {
    .list(
      "results",
      WebhookStructure(
        version.type("TaskResult"),
        [
          .always("name", .string), .optional("type", resultType(version)),
          properties(version), .optional("description", .string),
          .pointer("value", parameterValue(version)),
        ]))
  }

  /// The results of a step are declared by v1's type in either version.
  static let stepResults = WebhookMember.list(
    "results",
    WebhookStructure(
      "v1.StepResult",
      [
        .always("name", .string), .optional("type", resultType(.v1)), properties(.v1),
        .optional("description", .string),
      ]))

  static func pipelineResults(_ version: TektonVersion) -> WebhookMember {
    .list(
      "results",
      WebhookStructure(
        version.type("PipelineResult"),
        [
          .always("name", .string), .optional("type", resultType(version)),
          .written("description", .string), .always("value", parameterValue(version)),
        ]))
  }

  // MARK: References

  static func resolverReference(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("ResolverRef"),
      [
        .optional("resolver", .text(named: version.type("ResolverName"))), parameters(version),
      ])
  }

  private static func bundle(_ version: TektonVersion) -> [WebhookMember] {
    version == .v1beta1 ? [.optional("bundle", .string)] : []
  }

  static func pipelineReference(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("PipelineRef"),
      [.optional("name", .string), .optional("apiVersion", .string)] + bundle(version)
        + [.embedded(resolverReference(version))])
  }

  static func taskReference(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("TaskRef"),
      [
        .optional("name", .string), .optional("kind", .text(named: version.type("TaskKind"))),
        .optional("apiVersion", .string),
      ] + bundle(version) + [.embedded(resolverReference(version))])
  }

  // MARK: Conditions

  static func whenExpressions(_ version: TektonVersion, _ name: String = "when") -> WebhookMember {
    .list(
      name,
      WebhookStructure(
        version.type("WhenExpression"),
        [
          .optional("input", .string), .optional("operator", .text(named: "selection.Operator")),
          .optional("values", .strings), .optional("cel", .string),
        ]), named: version.type("WhenExpressions"))
  }

  // MARK: Workspaces

  static func workspaceBindings(_ version: TektonVersion) -> WebhookMember {
    .list(
      "workspaces",
      WebhookStructure(
        version.type("WorkspaceBinding"),
        [
          .always("name", .string), .optional("subPath", .string),
          .pointer("volumeClaimTemplate", CoreTypes.claim).schemaless,
          .pointer("persistentVolumeClaim", CoreTypes.claimSource),
          .pointer("emptyDir", CoreTypes.emptyDirSource),
          .pointer("configMap", CoreTypes.configMapSource),
          .pointer("secret", CoreTypes.secretSource),
          .pointer("projected", CoreTypes.projectedSource), .pointer("csi", CoreTypes.csiSource),
        ]))
  }

  static func workspaceDeclarations(_ version: TektonVersion) -> WebhookMember {
    .list(
      "workspaces",
      WebhookStructure(
        version.type("WorkspaceDeclaration"),
        [
          .always("name", .string), .optional("description", .string),
          .optional("mountPath", .string), .optional("readOnly", .flag),
          .optional("optional", .flag),
        ]))
  }

  static func workspaceUsages(_ version: TektonVersion) -> WebhookMember {
    .list(
      "workspaces",
      WebhookStructure(
        version.type("WorkspaceUsage"),
        [.always("name", .string), .always("mountPath", .string)]))
  }

  // MARK: Whole objects

  /// The fields that every object has.
  static func object(
    _ version: TektonVersion, _ kind: String, _ members: [WebhookMember]
  ) -> WebhookStructure {
    WebhookStructure(
      version.type(kind), [.embedded(CoreTypes.typeMeta), .optional("metadata", .opaque)] + members)
  }
}

// Tekton's types of pipelines.

extension TektonTypes {
  static func pipeline(_ version: TektonVersion) -> WebhookStructure {
    object(version, "Pipeline", [.written("spec", .structure(pipelineSpec(version)))])
  }

  static func pipelineSpec(_ version: TektonVersion) -> WebhookStructure {
    let tasks = WebhookType.list(of: .structure(pipelineTask(version)), named: nil)
    return WebhookStructure(
      version.type("PipelineSpec"),
      [.optional("displayName", .string), .optional("description", .string)]
        + (version == .v1beta1 ? [.list("resources", declaredResource)] : [])
        + [
          .optional("tasks", tasks), parameterSpecs(version),
          .list(
            "workspaces",
            WebhookStructure(
              version.type("PipelineWorkspaceDeclaration"),
              [
                .always("name", .string), .optional("description", .string),
                .optional("optional", .flag),
              ])),
          pipelineResults(version), .optional("finally", tasks),
        ])
  }

  private static func pipelineTask(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("PipelineTask"),
      [
        .optional("name", .string), .optional("displayName", .string),
        .optional("description", .string), .pointer("taskRef", taskReference(version)),
        .pointer("taskSpec", embeddedTask(version)), whenExpressions(version),
        .optional("retries", .int), .optional("runAfter", .strings),
      ]
        + (version == .v1beta1 ? [.pointer("resources", .raw)] : [])
        + [
          parameters(version), .pointer("matrix", matrix(version)),
          .list(
            "workspaces",
            WebhookStructure(
              version.type("WorkspacePipelineTaskBinding"),
              [
                .always("name", .string), .optional("workspace", .string),
                .optional("subPath", .string),
              ])),
          .pointer("timeout", .duration), .pointer("pipelineRef", pipelineReference(version)),
          .pointer("pipelineSpec", .recursive { pipelineSpec(version) }).schemaless,
          .optional("onError", .text(named: version.type("PipelineTaskOnErrorType"))),
        ])
  }

  private static func embeddedTask(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("EmbeddedTask"),
      [
        .embedded(
          WebhookStructure(
            "runtime.TypeMeta", [.optional("apiVersion", .string), .optional("kind", .string)])),
        .optional("spec", .raw),
        .optional("metadata", .structure(taskMetadata(version))),
        .embedded(taskSpec(version)),
      ])
  }

  static func taskMetadata(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("PipelineTaskMetadata"),
      [.optional("labels", .stringMap), .optional("annotations", .stringMap)])
  }

  private static func matrix(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("Matrix"),
      [
        parameters(version),
        .list(
          "include",
          WebhookStructure(
            version.type("IncludeParams"), [.optional("name", .string), parameters(version)]),
          named: version.type("IncludeParamsList")),
      ])
  }

  private static let declaredResource = WebhookStructure(
    "v1beta1.PipelineDeclaredResource",
    [
      .always("name", .string), .always("type", .text(named: "v1beta1.PipelineResourceType")),
      .optional("optional", .flag),
    ])
}

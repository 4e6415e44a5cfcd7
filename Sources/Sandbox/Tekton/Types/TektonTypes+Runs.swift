// Tekton's types of runs, without their status.

extension TektonTypes {
  static func pipelineRun(_ version: TektonVersion) -> WebhookStructure {
    object(
      version, "PipelineRun",
      [
        .optional("spec", .structure(pipelineRunSpec(version))),
        .optional("status", .structure(pipelineRunStatus(version))),
      ])
  }

  static func taskRun(_ version: TektonVersion) -> WebhookStructure {
    object(
      version, "TaskRun",
      [
        .optional("spec", .structure(taskRunSpec(version))),
        .optional("status", .structure(taskRunStatus(version))),
      ])
  }

  static let customRun = object(
    .v1beta1, "CustomRun",
    [
      .optional(
        "spec",
        .structure(
          WebhookStructure(
            "v1beta1.CustomRunSpec",
            [
              .pointer("customRef", taskReference(.v1beta1)), .pointer("customSpec", .raw),
              parameters(.v1beta1), .optional("status", .string),
              .optional("statusMessage", .string), .optional("retries", .int),
              .written("serviceAccountName", .string), .pointer("timeout", .duration),
              workspaceBindings(.v1beta1),
            ]))),
      .optional("status", .raw),
    ])

  // MARK: PipelineRun

  private static func pipelineRunSpec(_ version: TektonVersion) -> WebhookStructure {
    let podTemplate = WebhookMember.pointer("podTemplate", PodTemplateTypes.template)
    let reference: [WebhookMember] = [
      .pointer("pipelineRef", pipelineReference(version)),
      .pointer("pipelineSpec", pipelineSpec(version)).schemaless,
    ]
    let status = WebhookMember.optional(
      "status", .text(named: version.type("PipelineRunSpecStatus")))
    let common: [WebhookMember] = [
      workspaceBindings(version), .list("taskRunSpecs", pipelineTaskRunSpec(version)),
      .pointer("managedBy", .string),
    ]
    let own: [WebhookMember] =
      switch version {
      case .v1:
        [
          parameters(version), status, .pointer("timeouts", timeouts(version)),
          .optional(
            "taskRunTemplate",
            .structure(
              WebhookStructure(
                "v1.PipelineTaskRunTemplate",
                [podTemplate, .optional("serviceAccountName", .string)]))),
        ]
      case .v1beta1:
        [
          .list("resources", resourceBinding), parameters(version),
          .optional("serviceAccountName", .string), status,
          .pointer("timeouts", timeouts(version)), .pointer("timeout", .duration), podTemplate,
        ]
      }
    return WebhookStructure(version.type("PipelineRunSpec"), reference + own + common)
  }

  private static func timeouts(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("TimeoutFields"),
      [
        .pointer("pipeline", .duration), .pointer("tasks", .duration),
        .pointer("finally", .duration),
      ])
  }

  private static func pipelineTaskRunSpec(_ version: TektonVersion) -> WebhookStructure {
    let prefixed = version == .v1beta1
    return WebhookStructure(
      version.type("PipelineTaskRunSpec"),
      [
        .optional("pipelineTaskName", .string),
        .optional(prefixed ? "taskServiceAccountName" : "serviceAccountName", .string),
        .pointer(prefixed ? "taskPodTemplate" : "podTemplate", PodTemplateTypes.template),
      ] + overrides(version) + [
        .pointer("metadata", taskMetadata(version)),
        .pointer("computeResources", CoreTypes.resourceRequirements),
        .pointer("timeout", .duration),
      ])
  }

  /// What a run may change about steps and sidecars.
  private static func overrides(_ version: TektonVersion) -> [WebhookMember] {
    let suffix = version == .v1 ? "Specs" : "Overrides"
    return ["Step", "Sidecar"].map { kind in
      .list(
        kind.lowercased() + suffix,
        WebhookStructure(
          version.type("TaskRun\(kind)\(suffix.dropLast())"),
          [
            .always("name", .string),
            .always(resourcesField(version), .structure(CoreTypes.resourceRequirements)),
          ]))
    }
  }

  // MARK: TaskRun

  private static func taskRunSpec(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("TaskRunSpec"),
      [.pointer("debug", debug(version)), parameters(version)]
        + (version == .v1beta1 ? [.pointer("resources", .raw)] : [])
        + [
          .written("serviceAccountName", .string), .pointer("taskRef", taskReference(version)),
          .pointer("taskSpec", taskSpec(version)).schemaless,
          .optional("status", .text(named: version.type("TaskRunSpecStatus"))),
          .optional("statusMessage", .text(named: version.type("TaskRunSpecStatusMessage"))),
          .optional("retries", .int), .pointer("timeout", .duration),
          .pointer("podTemplate", PodTemplateTypes.template), workspaceBindings(version),
        ]
        + overrides(version)
        + [
          .pointer("computeResources", CoreTypes.resourceRequirements),
          .pointer("managedBy", .string),
        ])
  }

  private static func debug(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("TaskRunDebug"),
      [
        .pointer(
          "breakpoints",
          WebhookStructure(
            version.type("TaskBreakpoints"),
            [.optional("onFailure", .string), .optional("beforeSteps", .strings)]))
      ])
  }

  // MARK: v1beta1 alone

  private static let resourceBinding = WebhookStructure(
    "v1beta1.PipelineResourceBinding",
    [
      .optional("name", .string),
      .pointer(
        "resourceRef",
        WebhookStructure(
          "v1beta1.PipelineResourceRef",
          [.optional("name", .string), .optional("apiVersion", .string)])),
      .pointer("resourceSpec", .raw),
    ])
}

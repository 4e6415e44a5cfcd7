// Tekton's types of the status of runs.

extension TektonTypes {
  private static let status = WebhookStructure(
    "v1.Status",
    [
      .optional("observedGeneration", .int64),
      .list(
        "conditions",
        WebhookStructure(
          "apis.Condition",
          [
            .always("type", .text(named: "apis.ConditionType")),
            .always("status", .text(named: "v1.ConditionStatus")),
            .optional("severity", .text(named: "apis.ConditionSeverity")),
            // Written as null when it was not given, which the schema then refuses.
            .written("lastTransitionTime", .time), .optional("reason", .string),
            .optional("message", .string),
          ]), named: "v1.Conditions"),
      .optional("annotations", .stringMap),
    ])

  private static let spanContext = WebhookMember.optional("spanContext", .stringMap)

  private static func provenance(_ version: TektonVersion) -> WebhookMember {
    .pointer(
      "provenance",
      WebhookStructure(
        version.type("Provenance"),
        [
          .pointer(
            "refSource",
            WebhookStructure(
              version.type("RefSource"),
              [
                .optional("uri", .string), .optional("digest", .stringMap),
                .optional("entryPoint", .string),
              ])),
          .pointer("featureFlags", .raw),
        ]))
  }

  // MARK: PipelineRun

  static func pipelineRunStatus(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("PipelineRunStatus"),
      [
        .embedded(status),
        .embedded(
          WebhookStructure(
            version.type("PipelineRunStatusFields"),
            [
              .pointer("startTime", .time), .pointer("completionTime", .time),
              .list(
                version == .v1 ? "results" : "pipelineResults",
                WebhookStructure(
                  version.type("PipelineRunResult"),
                  [.always("name", .string), .always("value", parameterValue(version))])),
              .pointer("pipelineSpec", pipelineSpec(version)).schemaless,
              .list("skippedTasks", skippedTask(version)),
              .list("childReferences", childReference(version)),
              .pointer("finallyStartTime", .time), provenance(version), spanContext,
            ]
              + (version == .v1beta1
                ? [
                  .optional("taskRuns", .map(of: .raw, named: nil)),
                  .optional("runs", .map(of: .raw, named: nil)),
                ] : []))),
      ])
  }

  private static func skippedTask(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("SkippedTask"),
      [
        .always("name", .string), .always("reason", .text(named: version.type("SkippingReason"))),
        whenExpressions(version, "whenExpressions"),
      ])
  }

  private static func childReference(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("ChildStatusReference"),
      [
        .embedded(
          WebhookStructure(
            "runtime.TypeMeta", [.optional("apiVersion", .string), .optional("kind", .string)])),
        .optional("name", .string), .optional("displayName", .string),
        .optional("pipelineTaskName", .string), whenExpressions(version, "whenExpressions"),
      ])
  }

  // MARK: TaskRun

  static func taskRunStatus(_ version: TektonVersion) -> WebhookStructure {
    let recursive = WebhookType.list(of: .recursive { taskRunStatus(version) }, named: nil)
    let isV1 = version == .v1
    return WebhookStructure(
      version.type("TaskRunStatus"),
      [
        .embedded(status),
        .embedded(
          WebhookStructure(
            version.type("TaskRunStatusFields"),
            [
              .always("podName", .string), .pointer("startTime", .time),
              .pointer("completionTime", .time), .list("steps", stepState(version)),
            ]
              + (isV1
                ? []
                : [
                  .optional("cloudEvents", .list(of: .raw, named: nil)),
                  .optional("resourcesResult", .list(of: .raw, named: nil)),
                ])
              + [
                .optional("retriesStatus", recursive).schemaless,
                .list(
                  isV1 ? "results" : "taskResults",
                  WebhookStructure(
                    version.type("TaskRunResult"),
                    [
                      .always("name", .string), .optional("type", resultType(version)),
                      .always("value", parameterValue(version)),
                    ])),
                .optional("artifacts", .pointer(.raw)), .list("sidecars", sidecarState(version)),
                .pointer("taskSpec", taskSpec(version)).schemaless, provenance(version),
                spanContext,
              ])),
      ])
  }

  private static func stepState(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("StepState"),
      [
        .embedded(CoreTypes.containerState), .optional("name", .string),
        .optional("container", .string), .optional("imageID", .string),
        .list(
          "results",
          WebhookStructure(
            "v1.TaskRunResult",
            [
              .always("name", .string), .optional("type", resultType(.v1)),
              .always("value", parameterValue(.v1)),
            ])),
        provenance(version), .optional("terminationReason", .string),
        .optional("inputs", .list(of: .raw, named: nil)),
        .optional("outputs", .list(of: .raw, named: nil)),
      ])
  }

  private static func sidecarState(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("SidecarState"),
      [
        .embedded(CoreTypes.containerState), .optional("name", .string),
        .optional("container", .string), .optional("imageID", .string),
      ])
  }
}

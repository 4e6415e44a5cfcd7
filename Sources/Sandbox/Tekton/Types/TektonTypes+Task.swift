// Tekton's types of tasks: steps, sidecars, and what a task declares.

extension TektonTypes {
  static func task(_ version: TektonVersion) -> WebhookStructure {
    object(version, "Task", [.written("spec", .structure(taskSpec(version)))])
  }

  static func taskSpec(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("TaskSpec"),
      (version == .v1beta1 ? [.pointer("resources", taskResources)] : []) + [
        parameterSpecs(version), .optional("displayName", .string),
        .optional("description", .string), .list("steps", step(version)),
        .list("volumes", CoreTypes.volume, named: version.type("Volumes")).schemaless,
        .pointer("stepTemplate", stepTemplate(version)), .list("sidecars", sidecar(version)),
        workspaceDeclarations(version), taskResults(version),
      ])
  }

  static func stepAction(_ version: TektonVersion) -> WebhookStructure {
    object(
      version, "StepAction",
      [
        .written(
          "spec",
          .structure(
            WebhookStructure(
              version.type("StepActionSpec"),
              [
                .optional("description", .string), .optional("image", .string),
                .optional("command", .strings), .optional("args", .strings),
                .list("env", CoreTypes.environmentVariable), .optional("script", .string),
                .optional("workingDir", .string), parameterSpecs(.v1), stepResults,
                .pointer("securityContext", CoreTypes.securityContext),
                .list("volumeMounts", CoreTypes.volumeMount),
              ])))
      ])
  }

  // MARK: Steps

  private static func step(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("Step"),
      [.always("name", .string), .optional("displayName", .string)]
        + commonContainerFields(version)
        + (version == .v1beta1 ? withdrawnContainerFields : [])
        + [
          .optional("script", .string), .pointer("timeout", .duration), workspaceUsages(version),
          .optional("onError", .text(named: version.type("OnErrorType"))),
          .pointer("stdoutConfig", outputConfiguration(version)),
          .pointer("stderrConfig", outputConfiguration(version)),
          .pointer(
            "ref",
            WebhookStructure(
              version.type("Ref"),
              [.optional("name", .string), .embedded(resolverReference(version))])),
          parameters(version), stepResults, whenExpressions(version),
        ])
  }

  private static func outputConfiguration(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(version.type("StepOutputConfig"), [.optional("path", .string)])
  }

  private static func stepTemplate(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("StepTemplate"),
      (version == .v1beta1 ? [.written("name", .string)] + withdrawnContainerFields : [])
        + commonContainerFields(version))
  }

  private static func sidecar(_ version: TektonVersion) -> WebhookStructure {
    WebhookStructure(
      version.type("Sidecar"),
      [.always("name", .string)] + commonContainerFields(version) + withdrawnContainerFields + [
        .optional("script", .string), workspaceUsages(version),
        .pointer("restartPolicy", .text(named: "v1.ContainerRestartPolicy")),
      ])
  }

  /// What steps, sidecars and step templates have in common.
  private static func commonContainerFields(_ version: TektonVersion) -> [WebhookMember] {
    [
      .optional("image", .string), .optional("command", .strings), .optional("args", .strings),
      .optional("workingDir", .string), .list("envFrom", CoreTypes.environmentSource),
      .list("env", CoreTypes.environmentVariable),
      .optional(resourcesField(version), .structure(CoreTypes.resourceRequirements)),
      .list("volumeMounts", CoreTypes.volumeMount),
      .list("volumeDevices", CoreTypes.volumeDevice),
      .optional("imagePullPolicy", .text(named: "v1.PullPolicy")),
      .pointer("securityContext", CoreTypes.securityContext),
    ]
  }

  /// The field for compute resources was renamed in v1.
  static func resourcesField(_ version: TektonVersion) -> String {
    version == .v1 ? "computeResources" : "resources"
  }

  /// What only sidecars have in v1, and steps too in v1beta1.
  private static let withdrawnContainerFields: [WebhookMember] = [
    .list("ports", CoreTypes.containerPort), .pointer("livenessProbe", CoreTypes.probe),
    .pointer("readinessProbe", CoreTypes.probe), .pointer("startupProbe", CoreTypes.probe),
    .pointer("lifecycle", CoreTypes.lifecycle), .optional("terminationMessagePath", .string),
    .optional("terminationMessagePolicy", .text(named: "v1.TerminationMessagePolicy")),
    .optional("stdin", .flag), .optional("stdinOnce", .flag), .optional("tty", .flag),
  ]

  // MARK: v1beta1 alone

  private static let taskResource = WebhookStructure(
    "v1beta1.TaskResource",
    [
      .always("name", .string), .always("type", .text(named: "v1beta1.PipelineResourceType")),
      .optional("description", .string), .optional("targetPath", .string),
      .optional("optional", .flag),
    ])

  private static let taskResources = WebhookStructure(
    "v1beta1.TaskResources", [.list("inputs", taskResource), .list("outputs", taskResource)])
}

// The types of Kubernetes' core API that Tekton's objects contain: containers.

/// Tables of core/v1 types.
///
/// *Source:* `k8s.io/api/core/v1` 1.34.
enum CoreTypes {
  static let keyToPath = WebhookStructure(
    "v1.KeyToPath",
    [.always("key", .string), .always("path", .string), .pointer("mode", .int32)])

  static let localObjectReference = WebhookStructure(
    "v1.LocalObjectReference", [.optional("name", .string).defaultingToEmptyText])

  static let labelSelectorRequirement = WebhookStructure(
    "v1.LabelSelectorRequirement",
    [.always("key", .string), .always("operator", operatorName), .optional("values", .strings)])

  static let labelSelector = WebhookStructure(
    "v1.LabelSelector",
    [
      .optional("matchLabels", .stringMap),
      .list("matchExpressions", labelSelectorRequirement),
    ])

  private static let operatorName = WebhookType.text(named: "v1.LabelSelectorOperator")

  // MARK: Environment

  static let objectFieldSelector = WebhookStructure(
    "v1.ObjectFieldSelector",
    [.optional("apiVersion", .string), .always("fieldPath", .string)])

  static let resourceFieldSelector = WebhookStructure(
    "v1.ResourceFieldSelector",
    [
      .optional("containerName", .string), .always("resource", .string),
      .optional("divisor", .quantity),
    ])

  private static func keySelector(_ name: String) -> WebhookStructure {
    WebhookStructure(
      name,
      [.embedded(localObjectReference), .always("key", .string), .pointer("optional", .flag)])
  }

  static let environmentVariable = WebhookStructure(
    "v1.EnvVar",
    [
      .always("name", .string), .optional("value", .string),
      .pointer(
        "valueFrom",
        WebhookStructure(
          "v1.EnvVarSource",
          [
            .pointer("fieldRef", objectFieldSelector),
            .pointer("resourceFieldRef", resourceFieldSelector),
            .pointer("configMapKeyRef", keySelector("v1.ConfigMapKeySelector")),
            .pointer("secretKeyRef", keySelector("v1.SecretKeySelector")),
            .pointer(
              "fileKeyRef",
              WebhookStructure(
                "v1.FileKeySelector",
                [
                  .always("volumeName", .string), .always("path", .string),
                  .always("key", .string), .pointer("optional", .flag),
                ])),
          ])),
    ])

  private static func source(_ name: String) -> WebhookStructure {
    WebhookStructure(name, [.embedded(localObjectReference), .pointer("optional", .flag)])
  }

  static let environmentSource = WebhookStructure(
    "v1.EnvFromSource",
    [
      .optional("prefix", .string),
      .pointer("configMapRef", source("v1.ConfigMapEnvSource")),
      .pointer("secretRef", source("v1.SecretEnvSource")),
    ])

  // MARK: Resources and mounts

  private static let resourceList = WebhookType.map(of: .quantity, named: "v1.ResourceList")

  static let resourceRequirements = WebhookStructure(
    "v1.ResourceRequirements",
    [
      .optional("limits", resourceList), .optional("requests", resourceList),
      .list(
        "claims",
        WebhookStructure(
          "v1.ResourceClaim", [.always("name", .string), .optional("request", .string)])),
    ])

  static let volumeResourceRequirements = WebhookStructure(
    "v1.VolumeResourceRequirements",
    [.optional("limits", resourceList), .optional("requests", resourceList)])

  static let volumeMount = WebhookStructure(
    "v1.VolumeMount",
    [
      .always("name", .string), .optional("readOnly", .flag),
      .pointer("recursiveReadOnly", .text(named: "v1.RecursiveReadOnlyMode")),
      .always("mountPath", .string), .optional("subPath", .string),
      .pointer("mountPropagation", .text(named: "v1.MountPropagationMode")),
      .optional("subPathExpr", .string),
    ])

  static let volumeDevice = WebhookStructure(
    "v1.VolumeDevice", [.always("name", .string), .always("devicePath", .string)])

  static let containerPort = WebhookStructure(
    "v1.ContainerPort",
    [
      .optional("name", .string), .optional("hostPort", .int32),
      .always("containerPort", .int32), .optional("protocol", .text(named: "v1.Protocol")),
      .optional("hostIP", .string),
    ])

  // MARK: Security

  static let seLinuxOptions = WebhookStructure(
    "v1.SELinuxOptions",
    [
      .optional("user", .string), .optional("role", .string), .optional("type", .string),
      .optional("level", .string),
    ])

  static let windowsOptions = WebhookStructure(
    "v1.WindowsSecurityContextOptions",
    [
      .pointer("gmsaCredentialSpecName", .string), .pointer("gmsaCredentialSpec", .string),
      .pointer("runAsUserName", .string), .pointer("hostProcess", .flag),
    ])

  private static func profile(_ name: String) -> WebhookStructure {
    WebhookStructure(
      "v1.\(name)",
      [.always("type", .text(named: "v1.\(name)Type")), .pointer("localhostProfile", .string)])
  }

  static let seccompProfile = profile("SeccompProfile")
  static let appArmorProfile = profile("AppArmorProfile")

  private static let capabilityList = WebhookType.list(
    of: .text(named: "v1.Capability"), named: nil)

  static let securityContext = WebhookStructure(
    "v1.SecurityContext",
    [
      .pointer(
        "capabilities",
        WebhookStructure(
          "v1.Capabilities",
          [.optional("add", capabilityList), .optional("drop", capabilityList)])),
      .pointer("privileged", .flag), .pointer("seLinuxOptions", seLinuxOptions),
      .pointer("windowsOptions", windowsOptions), .pointer("runAsUser", .int64),
      .pointer("runAsGroup", .int64), .pointer("runAsNonRoot", .flag),
      .pointer("readOnlyRootFilesystem", .flag), .pointer("allowPrivilegeEscalation", .flag),
      .pointer("procMount", .text(named: "v1.ProcMountType")),
      .pointer("seccompProfile", seccompProfile), .pointer("appArmorProfile", appArmorProfile),
    ])

  // MARK: Probes

  private static let execAction = WebhookStructure(
    "v1.ExecAction", [.optional("command", .strings)])

  private static let httpGetAction = WebhookStructure(
    "v1.HTTPGetAction",
    [
      .optional("path", .string), .always("port", .integerOrString), .optional("host", .string),
      .optional("scheme", .text(named: "v1.URIScheme")),
      .list(
        "httpHeaders",
        WebhookStructure("v1.HTTPHeader", [.always("name", .string), .always("value", .string)])),
    ])

  private static let tcpSocketAction = WebhookStructure(
    "v1.TCPSocketAction", [.always("port", .integerOrString), .optional("host", .string)])

  static let probe = WebhookStructure(
    "v1.Probe",
    [
      .embedded(
        WebhookStructure(
          "v1.ProbeHandler",
          [
            .pointer("exec", execAction), .pointer("httpGet", httpGetAction),
            .pointer("tcpSocket", tcpSocketAction),
            .pointer(
              "grpc",
              WebhookStructure(
                "v1.GRPCAction",
                [.always("port", .int32), .written("service", .pointer(.string))])),
          ])),
      .optional("initialDelaySeconds", .int32), .optional("timeoutSeconds", .int32),
      .optional("periodSeconds", .int32), .optional("successThreshold", .int32),
      .optional("failureThreshold", .int32), .pointer("terminationGracePeriodSeconds", .int64),
    ])

  private static let lifecycleHandler = WebhookStructure(
    "v1.LifecycleHandler",
    [
      .pointer("exec", execAction), .pointer("httpGet", httpGetAction),
      .pointer("tcpSocket", tcpSocketAction),
      .pointer("sleep", WebhookStructure("v1.SleepAction", [.always("seconds", .int64)])),
    ])

  static let lifecycle = WebhookStructure(
    "v1.Lifecycle",
    [
      .pointer("postStart", lifecycleHandler), .pointer("preStop", lifecycleHandler),
      .pointer("stopSignal", .text(named: "v1.Signal")),
    ])

  // MARK: States of containers

  static let containerState = WebhookStructure(
    "v1.ContainerState",
    [
      .pointer(
        "waiting",
        WebhookStructure(
          "v1.ContainerStateWaiting",
          [.optional("reason", .string), .optional("message", .string)])),
      .pointer(
        "running",
        WebhookStructure("v1.ContainerStateRunning", [.optional("startedAt", .time)])),
      .pointer(
        "terminated",
        WebhookStructure(
          "v1.ContainerStateTerminated",
          [
            .always("exitCode", .int32), .optional("signal", .int32),
            .optional("reason", .string), .optional("message", .string),
            .written("startedAt", .time), .written("finishedAt", .time),
            .optional("containerID", .string),
          ])),
    ])
}

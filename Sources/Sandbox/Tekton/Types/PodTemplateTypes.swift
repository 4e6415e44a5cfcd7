// The part of a Pod that a run may determine.

/// Tables of `pod.Template` and of what is only used there.
///
/// *Source:* `github.com/tektoncd/pipeline/pkg/apis/pipeline/pod`, `k8s.io/api/core/v1`.
enum PodTemplateTypes {
  /// `affinity`, `securityContext` and `volumes` have no schema in the CRDs; the webhook reads
  /// them strictly all the same.
  static let template = WebhookStructure(
    "pod.Template",
    [
      .optional("nodeSelector", .stringMap), .list("env", CoreTypes.environmentVariable),
      .list("tolerations", toleration), .pointer("affinity", affinity).schemaless,
      .pointer("securityContext", securityContext).schemaless,
      .list("volumes", CoreTypes.volume, named: "pod.Volumes").schemaless,
      .pointer("runtimeClassName", .string), .pointer("automountServiceAccountToken", .flag),
      .pointer("dnsPolicy", .text(named: "v1.DNSPolicy")), .pointer("dnsConfig", dnsConfig),
      .pointer("enableServiceLinks", .flag), .pointer("priorityClassName", .string),
      .optional("schedulerName", .string),
      .list("imagePullSecrets", CoreTypes.localObjectReference),
      .list(
        "hostAliases",
        WebhookStructure(
          "v1.HostAlias", [.always("ip", .string), .optional("hostnames", .strings)])),
      .optional("hostNetwork", .flag), .pointer("hostUsers", .flag),
      .list("topologySpreadConstraints", topologySpreadConstraint),
    ])

  private static let toleration = WebhookStructure(
    "v1.Toleration",
    [
      .optional("key", .string), .optional("operator", .text(named: "v1.TolerationOperator")),
      .optional("value", .string), .optional("effect", .text(named: "v1.TaintEffect")),
      .pointer("tolerationSeconds", .int64),
    ])

  private static let dnsConfig = WebhookStructure(
    "v1.PodDNSConfig",
    [
      .optional("nameservers", .strings), .optional("searches", .strings),
      .list(
        "options",
        WebhookStructure(
          "v1.PodDNSConfigOption", [.optional("name", .string), .pointer("value", .string)])),
    ])

  private static let securityContext = WebhookStructure(
    "v1.PodSecurityContext",
    [
      .pointer("seLinuxOptions", CoreTypes.seLinuxOptions),
      .pointer("windowsOptions", CoreTypes.windowsOptions), .pointer("runAsUser", .int64),
      .pointer("runAsGroup", .int64), .pointer("runAsNonRoot", .flag),
      .optional("supplementalGroups", .list(of: .int64, named: nil)),
      .pointer("supplementalGroupsPolicy", .text(named: "v1.SupplementalGroupsPolicy")),
      .pointer("fsGroup", .int64),
      .list(
        "sysctls",
        WebhookStructure("v1.Sysctl", [.always("name", .string), .always("value", .string)])),
      .pointer("fsGroupChangePolicy", .text(named: "v1.PodFSGroupChangePolicy")),
      .pointer("seccompProfile", CoreTypes.seccompProfile),
      .pointer("appArmorProfile", CoreTypes.appArmorProfile),
      .pointer("seLinuxChangePolicy", .text(named: "v1.PodSELinuxChangePolicy")),
    ])

  private static let topologySpreadConstraint = WebhookStructure(
    "v1.TopologySpreadConstraint",
    [
      .always("maxSkew", .int32), .always("topologyKey", .string),
      .always("whenUnsatisfiable", .text(named: "v1.UnsatisfiableConstraintAction")),
      .pointer("labelSelector", CoreTypes.labelSelector), .pointer("minDomains", .int32),
      .pointer("nodeAffinityPolicy", .text(named: "v1.NodeInclusionPolicy")),
      .pointer("nodeTaintsPolicy", .text(named: "v1.NodeInclusionPolicy")),
      .optional("matchLabelKeys", .strings),
    ])

  // MARK: Affinity

  private static let nodeSelectorRequirements = WebhookType.list(
    of: .structure(
      WebhookStructure(
        "v1.NodeSelectorRequirement",
        [
          .always("key", .string), .always("operator", .text(named: "v1.NodeSelectorOperator")),
          .optional("values", .strings),
        ])), named: nil)

  private static let nodeSelectorTerm = WebhookStructure(
    "v1.NodeSelectorTerm",
    [
      .optional("matchExpressions", nodeSelectorRequirements),
      .optional("matchFields", nodeSelectorRequirements),
    ])

  private static let podAffinityTerm = WebhookStructure(
    "v1.PodAffinityTerm",
    [
      .pointer("labelSelector", CoreTypes.labelSelector), .optional("namespaces", .strings),
      .always("topologyKey", .string), .pointer("namespaceSelector", CoreTypes.labelSelector),
      .optional("matchLabelKeys", .strings), .optional("mismatchLabelKeys", .strings),
    ])

  private static let weightedPodAffinityTerm = WebhookStructure(
    "v1.WeightedPodAffinityTerm",
    [.always("weight", .int32), .always("podAffinityTerm", .structure(podAffinityTerm))])

  private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
  private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

  private static func podAffinity(_ name: String) -> WebhookStructure {
    WebhookStructure(
      name, [.list(required, podAffinityTerm), .list(preferred, weightedPodAffinityTerm)])
  }

  private static let affinity = WebhookStructure(
    "v1.Affinity",
    [
      .pointer(
        "nodeAffinity",
        WebhookStructure(
          "v1.NodeAffinity",
          [
            .pointer(
              required,
              WebhookStructure(
                "v1.NodeSelector",
                [
                  .always(
                    "nodeSelectorTerms", .list(of: .structure(nodeSelectorTerm), named: nil))
                ])),
            .list(
              preferred,
              WebhookStructure(
                "v1.PreferredSchedulingTerm",
                [
                  .always("weight", .int32),
                  .always("preference", .structure(nodeSelectorTerm)),
                ])),
          ])),
      .pointer("podAffinity", podAffinity("v1.PodAffinity")),
      .pointer("podAntiAffinity", podAffinity("v1.PodAntiAffinity")),
    ])
}

// The types compiled into a real API server.
//
// A few have their full structure and rules, each in a file of its own. The others are served with
// what the table below says: any spec is kept as it is.

import JSON

/// The built-in resources, in the order in which discovery lists their groups.
enum BuiltInResources {
  static let all: [ResourceDefinition] = table.map { row in
    let plain = row.definition
    return special[plain.storageName].map { $0(plain) } ?? plain
  }

  /// Kinds that only occur in bodies of subresources.
  private static let kindsWithoutResource: Set<String> = [
    "authentication.k8s.io/v1 TokenRequest", "autoscaling/v1 Scale", "policy/v1 Eviction",
    "v1 Binding", "v1 List", "v1 Status",
  ]

  /// Whether a kind, or the list of a kind, is compiled in.
  static func isRegistered(kind: String, apiVersion: String) -> Bool {
    if kindsWithoutResource.contains("\(apiVersion) \(kind)") { return true }
    let (group, version) = splitVersion(apiVersion)
    return all.contains { definition in
      definition.group == group && definition.version(version) != nil
        && (definition.names.kind == kind || definition.names.listKind == kind)
    }
  }

  /// The resources with rules of their own, by the name under which their objects are kept.
  private static let special: [String: @Sendable (ResourceDefinition) -> ResourceDefinition] = [
    "secrets": SecretRules.apply,
    "configmaps": ConfigMapRules.apply,
    "namespaces": NamespaceRules.apply,
    "serviceaccounts": ServiceAccountRules.apply,
    "events": EventRules.applyToCore,
    "events.events.k8s.io": EventRules.applyToEventsGroup,
    "leases.coordination.k8s.io": LeaseRules.apply,
    "roles.rbac.authorization.k8s.io": RoleRules.applyToRole,
    "clusterroles.rbac.authorization.k8s.io": RoleRules.applyToRole,
    "rolebindings.rbac.authorization.k8s.io": RoleRules.applyToBinding,
    "clusterrolebindings.rbac.authorization.k8s.io": RoleRules.applyToBinding,
    "customresourcedefinitions.apiextensions.k8s.io": CustomResourceRules.apply,
    "services": WorkloadColumns.applyToServices,
    "pods": WorkloadColumns.applyToPods,
    "persistentvolumeclaims": WorkloadColumns.applyToClaims,
    "deployments.apps": WorkloadColumns.applyToDeployments,
    "networkpolicies.networking.k8s.io": WorkloadColumns.applyToNetworkPolicies,
    "poddisruptionbudgets.policy": WorkloadColumns.applyToDisruptionBudgets,
  ]

  /// One line of the table.
  private struct Row {
    /// What objects have besides metadata.
    enum Parts {
      case spec
      case specAndStatus
      /// Neither: their fields stand at the top.
      case open
      /// Answered and forgotten.
      case review
    }

    var group: String
    var versions: [String]
    var plural: String
    var kind: String
    var scope: ResourceScope
    var shortNames: [String]
    var categories: [String]
    var parts: Parts

    init(
      _ group: String, _ version: String, _ plural: String, _ kind: String, _ parts: Parts,
      _ scope: ResourceScope = .namespaced, short: String = "", categories: String = ""
    ) {
      self.group = group
      versions = version.split(separator: ",").map(String.init)
      self.plural = plural
      self.kind = kind
      self.scope = scope
      self.parts = parts
      shortNames = short.split(separator: ",").map(String.init)
      self.categories = categories.split(separator: ",").map(String.init)
    }

    /// The kinds whose registries count generations.
    private static let countedKinds: Set<String> = [
      "CronJob", "CustomResourceDefinition", "DaemonSet", "Deployment", "FlowSchema", "Ingress",
      "IngressClass", "Job", "MutatingWebhookConfiguration", "NetworkPolicy", "Pod",
      "PodDisruptionBudget", "PriorityLevelConfiguration", "ReplicaSet", "ReplicationController",
      "StatefulSet", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
      "ValidatingWebhookConfiguration",
    ]

    private static let returnedWhenDeleted = [
      "persistentvolumes", "persistentvolumeclaims", "pods", "podtemplates", "resourcequotas",
      "serviceaccounts", "services",
    ]

    var definition: ResourceDefinition {
      var traits = ResourceTraits()
      traits.countsGenerations = Self.countedKinds.contains(kind)
      traits.isEphemeral = parts == .review
      traits.returnsDeletedObject = group.isEmpty && Self.returnedWhenDeleted.contains(plural)
      let structure = GoStructure(
        kind, keepsUnknownFields: true, BuiltInResources.typeFields + partFields)
      let versions = versions.map {
        ResourceVersion(
          name: $0, schema: structure.schema, columns: [.createdAt],
          hasStatus: parts == .specAndStatus, goType: structure)
      }
      return ResourceDefinition(
        group: group,
        names: ResourceNames(
          plural: plural, kind: kind, shortNames: shortNames, categories: categories),
        scope: scope, origin: .builtIn, versions: versions,
        storageVersion: versions.last?.name ?? "v1",
        verbs: parts == .review ? ["create"] : nil, traits: traits)
    }

    private var partFields: [GoField] {
      let spec = GoField(
        "spec", .structure(GoStructure("\(kind)Spec", keepsUnknownFields: true, [])), .always)
      let status = GoField(
        "status", .structure(GoStructure("\(kind)Status", keepsUnknownFields: true, [])), .always)
      return switch parts {
      case .spec: [spec]
      case .specAndStatus, .review: [spec, status]
      case .open: []
      }
    }
  }

  /// What stands before the fields of every kind.
  static let typeFields = [
    GoField("kind", .string), GoField("apiVersion", .string),
    GoField("metadata", .structure(ObjectMeta.structure), .always),
  ]

  /// A Go type of an object: its kind's fields after those of every kind.
  static func structure(_ kind: String, _ fields: [GoField]) -> GoStructure {
    GoStructure(kind, typeFields + fields)
  }

  private static let table: [Row] = core + workloads + platform

  private static let core = [
    Row("", "v1", "configmaps", "ConfigMap", .open, short: "cm"),
    Row("", "v1", "endpoints", "Endpoints", .open, short: "ep"),
    Row("", "v1", "events", "Event", .open, short: "ev"),
    Row("", "v1", "limitranges", "LimitRange", .spec, short: "limits"),
    Row("", "v1", "namespaces", "Namespace", .specAndStatus, .cluster, short: "ns"),
    Row("", "v1", "nodes", "Node", .specAndStatus, .cluster, short: "no"),
    Row(
      "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", .specAndStatus, short: "pvc"),
    Row("", "v1", "persistentvolumes", "PersistentVolume", .specAndStatus, .cluster, short: "pv"),
    Row("", "v1", "pods", "Pod", .specAndStatus, short: "po", categories: "all"),
    Row("", "v1", "podtemplates", "PodTemplate", .open),
    Row(
      "", "v1", "replicationcontrollers", "ReplicationController", .specAndStatus, short: "rc",
      categories: "all"),
    Row("", "v1", "resourcequotas", "ResourceQuota", .specAndStatus, short: "quota"),
    Row("", "v1", "secrets", "Secret", .open),
    Row("", "v1", "serviceaccounts", "ServiceAccount", .open, short: "sa"),
    Row("", "v1", "services", "Service", .specAndStatus, short: "svc", categories: "all"),
  ]

  private static let workloads = [
    Row(
      "apiregistration.k8s.io", "v1", "apiservices", "APIService", .specAndStatus, .cluster,
      categories: "api-extensions"),
    Row("apps", "v1", "controllerrevisions", "ControllerRevision", .open),
    Row("apps", "v1", "daemonsets", "DaemonSet", .specAndStatus, short: "ds", categories: "all"),
    Row(
      "apps", "v1", "deployments", "Deployment", .specAndStatus, short: "deploy",
      categories: "all"),
    Row("apps", "v1", "replicasets", "ReplicaSet", .specAndStatus, short: "rs", categories: "all"),
    Row(
      "apps", "v1", "statefulsets", "StatefulSet", .specAndStatus, short: "sts", categories: "all"),
    Row("events.k8s.io", "v1", "events", "Event", .open, short: "ev"),
    Row(
      "authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", .review, .cluster),
    Row("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", .review, .cluster),
    Row(
      "authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview",
      .review),
    Row(
      "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", .review,
      .cluster),
    Row(
      "authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", .review,
      .cluster),
    Row(
      "authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", .review,
      .cluster),
    Row(
      "autoscaling", "v2,v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler",
      .specAndStatus, short: "hpa", categories: "all"),
    Row("batch", "v1", "cronjobs", "CronJob", .specAndStatus, short: "cj", categories: "all"),
    Row("batch", "v1", "jobs", "Job", .specAndStatus, categories: "all"),
  ]

  private static let platform = [
    Row(
      "certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest",
      .specAndStatus, .cluster, short: "csr"),
    Row("networking.k8s.io", "v1", "ingressclasses", "IngressClass", .spec, .cluster),
    Row("networking.k8s.io", "v1", "ingresses", "Ingress", .specAndStatus, short: "ing"),
    Row("networking.k8s.io", "v1", "ipaddresses", "IPAddress", .spec, .cluster, short: "ip"),
    Row("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", .spec, short: "netpol"),
    Row("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", .specAndStatus, .cluster),
    Row(
      "policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", .specAndStatus, short: "pdb"),
    Row(
      "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", .open,
      .cluster),
    Row("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", .open, .cluster),
    Row("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", .open),
    Row("rbac.authorization.k8s.io", "v1", "roles", "Role", .open),
    Row("storage.k8s.io", "v1", "csidrivers", "CSIDriver", .spec, .cluster),
    Row("storage.k8s.io", "v1", "csinodes", "CSINode", .spec, .cluster),
    Row("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", .open),
    Row("storage.k8s.io", "v1", "storageclasses", "StorageClass", .open, .cluster, short: "sc"),
    Row("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", .specAndStatus, .cluster),
    Row(
      "storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", .open, .cluster,
      short: "vac"),
    Row(
      "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations",
      "MutatingWebhookConfiguration", .open, .cluster, categories: "api-extensions"),
    Row(
      "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies",
      "ValidatingAdmissionPolicy", .specAndStatus, .cluster, categories: "api-extensions"),
    Row(
      "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings",
      "ValidatingAdmissionPolicyBinding", .spec, .cluster, categories: "api-extensions"),
    Row(
      "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations",
      "ValidatingWebhookConfiguration", .open, .cluster, categories: "api-extensions"),
    Row(
      "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition",
      .specAndStatus, .cluster, short: "crd,crds", categories: "api-extensions"),
    Row(
      "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", .open, .cluster, short: "pc"),
    Row("coordination.k8s.io", "v1", "leases", "Lease", .spec),
    Row("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", .open, .cluster),
    Row("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", .open),
    Row("resource.k8s.io", "v1", "deviceclasses", "DeviceClass", .spec, .cluster),
    Row("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", .specAndStatus),
    Row("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate", .spec),
    Row("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", .spec, .cluster),
    Row(
      "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", .specAndStatus, .cluster),
    Row(
      "flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations",
      "PriorityLevelConfiguration", .specAndStatus, .cluster),
  ]
}

extension ResourceDefinition {
  /// Gives every version the same type.
  mutating func setType(
    _ structure: GoStructure, columns: [PrinterColumn], selectableFields: [String] = [],
    defaults: (@Sendable (JSONValue) -> JSONValue)? = nil
  ) {
    versions = versions.map { version in
      var version = version
      version.goType = structure
      version.schema = structure.schema
      version.columns = columns
      version.selectableFields = selectableFields
      version.defaults = defaults
      return version
    }
  }
}

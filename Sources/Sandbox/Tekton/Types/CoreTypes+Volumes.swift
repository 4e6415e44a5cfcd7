// The types of Kubernetes' core API that Tekton's objects contain: volumes and claims.

extension CoreTypes {
  private static let items = WebhookMember.list("items", keyToPath)
  private static let defaultMode = WebhookMember.pointer("defaultMode", .int32)

  private static let downwardItems = WebhookMember.list(
    "items",
    WebhookStructure(
      "v1.DownwardAPIVolumeFile",
      [
        .always("path", .string), .pointer("fieldRef", objectFieldSelector),
        .pointer("resourceFieldRef", resourceFieldSelector), .pointer("mode", .int32),
      ]))

  // MARK: Sources

  static let emptyDirSource = WebhookStructure(
    "v1.EmptyDirVolumeSource",
    [
      .optional("medium", .text(named: "v1.StorageMedium")), .pointer("sizeLimit", .quantity),
    ])

  static let secretSource = WebhookStructure(
    "v1.SecretVolumeSource",
    [.optional("secretName", .string), items, defaultMode, .pointer("optional", .flag)])

  static let configMapSource = WebhookStructure(
    "v1.ConfigMapVolumeSource",
    [.embedded(localObjectReference), items, defaultMode, .pointer("optional", .flag)])

  static let claimSource = WebhookStructure(
    "v1.PersistentVolumeClaimVolumeSource",
    [.always("claimName", .string), .optional("readOnly", .flag)])

  private static func projection(_ name: String) -> WebhookStructure {
    WebhookStructure(
      name, [.embedded(localObjectReference), items, .pointer("optional", .flag)])
  }

  static let projectedSource = WebhookStructure(
    "v1.ProjectedVolumeSource",
    [
      .written(
        "sources",
        .list(
          of: .structure(
            WebhookStructure(
              "v1.VolumeProjection",
              [
                .pointer("secret", projection("v1.SecretProjection")),
                .pointer(
                  "downwardAPI", WebhookStructure("v1.DownwardAPIProjection", [downwardItems])),
                .pointer("configMap", projection("v1.ConfigMapProjection")),
                .pointer(
                  "serviceAccountToken",
                  WebhookStructure(
                    "v1.ServiceAccountTokenProjection",
                    [
                      .optional("audience", .string), .pointer("expirationSeconds", .int64),
                      .always("path", .string),
                    ])),
                .pointer(
                  "clusterTrustBundle",
                  WebhookStructure(
                    "v1.ClusterTrustBundleProjection",
                    [
                      .pointer("name", .string), .pointer("signerName", .string),
                      .pointer("labelSelector", labelSelector), .pointer("optional", .flag),
                      .always("path", .string),
                    ])),
                .pointer("podCertificate", .raw),
              ])), named: nil)),
      defaultMode,
    ])

  static let csiSource = WebhookStructure(
    "v1.CSIVolumeSource",
    [
      .always("driver", .string), .pointer("readOnly", .flag), .pointer("fsType", .string),
      .optional("volumeAttributes", .stringMap),
      .pointer("nodePublishSecretRef", localObjectReference),
    ])

  private static let hostPathSource = WebhookStructure(
    "v1.HostPathVolumeSource",
    [.always("path", .string), .pointer("type", .text(named: "v1.HostPathType"))])

  private static let nfsSource = WebhookStructure(
    "v1.NFSVolumeSource",
    [.always("server", .string), .always("path", .string), .optional("readOnly", .flag)])

  // MARK: Volumes

  /// Kinds of volumes whose inner fields are not looked at: storage of single vendors, most of it
  /// withdrawn.
  private static let otherSources = [
    "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte",
    "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
  ]

  static let volume = WebhookStructure(
    "v1.Volume",
    [
      .always("name", .string),
      .embedded(
        WebhookStructure(
          "v1.VolumeSource",
          [
            .pointer("hostPath", hostPathSource), .pointer("emptyDir", emptyDirSource),
            .pointer("secret", secretSource), .pointer("nfs", nfsSource),
            .pointer("persistentVolumeClaim", claimSource),
            .pointer(
              "downwardAPI",
              WebhookStructure("v1.DownwardAPIVolumeSource", [downwardItems, defaultMode])),
            .pointer("configMap", configMapSource), .pointer("projected", projectedSource),
            .pointer("csi", csiSource),
            .pointer(
              "ephemeral",
              WebhookStructure(
                "v1.EphemeralVolumeSource",
                [
                  .pointer(
                    "volumeClaimTemplate",
                    WebhookStructure(
                      "v1.PersistentVolumeClaimTemplate",
                      [
                        .written("metadata", .structure(objectMeta)),
                        .always("spec", .structure(claimSpec)),
                      ]))
                ])),
            .pointer(
              "image",
              WebhookStructure(
                "v1.ImageVolumeSource",
                [
                  .optional("reference", .string),
                  .optional("pullPolicy", .text(named: "v1.PullPolicy")),
                ])),
          ] + otherSources.map { WebhookMember.pointer($0, .raw) })),
    ])

  // MARK: Claims

  static let objectMeta = WebhookStructure(
    "v1.ObjectMeta",
    [
      .optional("name", .string), .optional("generateName", .string),
      .optional("namespace", .string), .optional("selfLink", .string),
      .optional("uid", .text(named: "types.UID")), .optional("resourceVersion", .string),
      .optional("generation", .int64), .optional("creationTimestamp", .time),
      .pointer("deletionTimestamp", .time), .pointer("deletionGracePeriodSeconds", .int64),
      .optional("labels", .stringMap), .optional("annotations", .stringMap),
      .list(
        "ownerReferences",
        WebhookStructure(
          "v1.OwnerReference",
          [
            .always("apiVersion", .string), .always("kind", .string),
            .always("name", .string), .always("uid", .text(named: "types.UID")),
            .pointer("controller", .flag), .pointer("blockOwnerDeletion", .flag),
          ])),
      .optional("finalizers", .strings),
      .optional("managedFields", .list(of: .raw, named: nil)),
    ])

  private static let accessModes = WebhookMember.optional(
    "accessModes", .list(of: .text(named: "v1.PersistentVolumeAccessMode"), named: nil))

  static let claimSpec = WebhookStructure(
    "v1.PersistentVolumeClaimSpec",
    [
      accessModes, .pointer("selector", labelSelector),
      .optional("resources", .structure(volumeResourceRequirements)),
      .optional("volumeName", .string), .pointer("storageClassName", .string),
      .pointer("volumeMode", .text(named: "v1.PersistentVolumeMode")),
      .pointer(
        "dataSource",
        WebhookStructure(
          "v1.TypedLocalObjectReference",
          [
            .written("apiGroup", .pointer(.string)), .always("kind", .string),
            .always("name", .string),
          ])),
      .pointer(
        "dataSourceRef",
        WebhookStructure(
          "v1.TypedObjectReference",
          [
            .written("apiGroup", .pointer(.string)), .always("kind", .string),
            .always("name", .string), .pointer("namespace", .string),
          ])),
      .pointer("volumeAttributesClassName", .string),
    ])

  static let claim = WebhookStructure(
    "v1.PersistentVolumeClaim",
    [
      .embedded(typeMeta), .optional("metadata", .structure(objectMeta)),
      .optional("spec", .structure(claimSpec)),
      .optional(
        "status",
        .structure(
          WebhookStructure(
            "v1.PersistentVolumeClaimStatus",
            [
              .optional("phase", .text(named: "v1.PersistentVolumeClaimPhase")), accessModes,
              .optional("capacity", .map(of: .quantity, named: "v1.ResourceList")),
              .optional("conditions", .list(of: .raw, named: nil)),
              .optional("allocatedResources", .map(of: .quantity, named: "v1.ResourceList")),
              .optional("allocatedResourceStatuses", .stringMap),
              .pointer("currentVolumeAttributesClassName", .string),
              .pointer("modifyVolumeStatus", .raw),
            ]))),
    ])

  static let typeMeta = WebhookStructure(
    "v1.TypeMeta", [.optional("kind", .string), .optional("apiVersion", .string)])
}

// What a cluster holds before anybody has written to it.

import JSON

extension Cluster {
  /// Creates the namespaces and roles that every cluster has, where they are missing, and forgets
  /// that it did so: a watch cannot start from before them.
  mutating func bootstrap() {
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
      add(
        "namespaces",
        [
          "kind": "Namespace", "apiVersion": "v1",
          "metadata": [
            "name": .string(name), "labels": ["kubernetes.io/metadata.name": .string(name)],
          ],
          "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"],
        ])
    }
    for role in Self.roles { addRole(role) }
    store.compact()
  }

  /// A role of the whole cluster, and whom it is given to.
  private struct BootstrapRole {
    var name: String
    var rules: [JSONValue]
    var groups: [String]
  }

  private static let roles = [
    BootstrapRole(
      name: "cluster-admin",
      rules: [
        ["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]],
        ["nonResourceURLs": ["*"], "verbs": ["*"]],
      ], groups: ["system:masters"]),
    BootstrapRole(
      name: "system:basic-user",
      rules: [
        [
          "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
          "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        ],
        [
          "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
          "resources": ["selfsubjectreviews"],
        ],
      ], groups: ["system:authenticated"]),
    BootstrapRole(
      name: "system:discovery",
      rules: [
        [
          "verbs": ["get"],
          "nonResourceURLs": [
            "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
            "/readyz", "/version", "/version/",
          ],
        ]
      ], groups: ["system:authenticated"]),
    BootstrapRole(
      name: "system:public-info-viewer",
      rules: [
        [
          "verbs": ["get"],
          "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
        ]
      ], groups: ["system:authenticated", "system:unauthenticated"]),
  ]

  private mutating func addRole(_ role: BootstrapRole) {
    let group = "rbac.authorization.k8s.io"
    let labels: JSONValue = ["kubernetes.io/bootstrapping": "rbac-defaults"]
    add(
      "clusterroles.\(group)",
      [
        "kind": "ClusterRole", "apiVersion": .string("\(group)/v1"),
        "metadata": ["name": .string(role.name), "labels": labels], "rules": .array(role.rules),
      ])
    add(
      "clusterrolebindings.\(group)",
      [
        "kind": "ClusterRoleBinding", "apiVersion": .string("\(group)/v1"),
        "metadata": ["name": .string(role.name), "labels": labels],
        "subjects": .array(
          role.groups.map {
            ["kind": "Group", "apiGroup": .string(group), "name": .string($0)]
          }),
        "roleRef": [
          "apiGroup": .string(group), "kind": "ClusterRole", "name": .string(role.name),
        ],
      ])
  }

  private mutating func add(_ resource: String, _ object: JSONValue) {
    let key = ObjectKey(resource: resource, namespace: "", name: object.name)
    guard store.object(key) == nil else { return }
    var object = object
    object.setMetadata("uid", .string(newUID()))
    object.setMetadata("creationTimestamp", .string(environment.now().text))
    _ = store.put(key, object)
  }
}

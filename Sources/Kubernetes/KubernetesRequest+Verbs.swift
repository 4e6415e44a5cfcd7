// The builders, one for each verb. They check what ends up in the path; everything else is the
// server's to judge.

package import JSON

/// Whether the server carries a write out or only checks it.
package enum WriteMode: Hashable, Sendable {
  case persist
  /// Runs authorization, admission and validation, and stores nothing.
  case dryRun
}

/// How a patch is to be read.
package enum PatchKind: String, Hashable, Sendable {
  /// RFC 7386.
  case merge = "application/merge-patch+json"
  /// RFC 6902.
  case json = "application/json-patch+json"
}

/// Which objects of a collection to list or watch.
package struct ListSelection: Hashable, Sendable {
  package var labelSelector: String?
  package var fieldSelector: String?

  package init(labelSelector: String? = nil, fieldSelector: String? = nil) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
  }

  fileprivate var query: [KubernetesRequest.QueryItem] {
    [("labelSelector", labelSelector), ("fieldSelector", fieldSelector)].compactMap { name, value in
      value.map { KubernetesRequest.QueryItem(name, $0) }
    }
  }
}

/// What happens to the objects that a deleted one owns.
package enum Propagation: String, Hashable, Sendable {
  case background = "Background"
  case foreground = "Foreground"
  case orphan = "Orphan"
}

/// What must hold for a delete to happen.
package struct Preconditions: Hashable, Sendable {
  package var uid: String?
  package var resourceVersion: String?

  package init(uid: String? = nil, resourceVersion: String? = nil) {
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

extension KubernetesRequest {
  /// Creates an object.
  ///
  /// The server is told to refuse unknown and repeated fields: by default it drops them, and with
  /// them, say, the service account a run was to have.
  ///
  /// *Limits.* The body may have ``bodyByteCountMax`` bytes.
  ///
  /// - Throws: `invalidRequest` when the namespace cannot stand in a path or the object names
  ///   another one; `tooLarge` over the limit.
  package static func create(
    _ object: JSONValue, as resource: ResourceType, namespace: String?, mode: WriteMode = .persist
  ) throws(KubernetesError) -> Self {
    let metadata = object["metadata"]
    if let own = metadata?["namespace"]?.stringValue, !own.isEmpty, own != namespace {
      throw .invalidRequest(
        "metadata.namespace is \(quoted(own)), but the object is to be created in "
          + (namespace.map { "namespace \(quoted($0))" } ?? "no namespace"))
    }
    let name = metadata?["name"]?.stringValue
    let path = try collectionPath(resource, namespace: namespace)
    return try Self(
      .create, resource: resource, namespace: namespace,
      name: name?.isEmpty == false ? name : nil, path: path, query: writeQuery(mode),
      contentType: jsonType, body: object.serialized(.compact)
    ).withinLimit()
  }

  package static func get(
    _ resource: ResourceType, namespace: String?, name: String
  ) throws(KubernetesError) -> Self {
    Self(
      .get, resource: resource, namespace: namespace, name: name,
      path: try objectPath(resource, namespace: namespace, name: name))
  }

  /// Lists a page of a collection, in one namespace or, with nil, in all.
  ///
  /// - Parameters:
  ///   - limit: How many objects a page may have; nil for all in one.
  ///   - continuation: `metadata.continue` of the page before.
  package static func list(
    _ resource: ResourceType, namespace: String?, selection: ListSelection = ListSelection(),
    limit: Int? = nil, continuation: String? = nil
  ) throws(KubernetesError) -> Self {
    var query = selection.query
    if let limit { query.append(QueryItem("limit", String(limit))) }
    if let continuation { query.append(QueryItem("continue", continuation)) }
    return Self(
      .list, resource: resource, namespace: namespace,
      path: try collectionPath(resource, namespace: namespace, reading: .anyNamespace),
      query: query)
  }

  /// Watches a collection from a version of it on.
  ///
  /// - Parameters:
  ///   - resourceVersion: The list's; changes after it are sent.
  ///   - timeLimit: When the server ends the stream. The server reads whole seconds, and a
  ///     negative number ends it at once.
  package static func watch(
    _ resource: ResourceType, namespace: String?, selection: ListSelection = ListSelection(),
    resourceVersion: String, timeLimit: Duration
  ) throws(KubernetesError) -> Self {
    let query =
      [QueryItem("watch", "true"), QueryItem("allowWatchBookmarks", "true")] + selection.query + [
        QueryItem("resourceVersion", resourceVersion),
        QueryItem("timeoutSeconds", String(max(1, timeLimit.components.seconds))),
      ]
    return Self(
      .watch, resource: resource, namespace: namespace,
      path: try collectionPath(resource, namespace: namespace, reading: .anyNamespace),
      query: query)
  }

  package static func patch(
    _ resource: ResourceType, namespace: String?, name: String, kind: PatchKind, _ patch: JSONValue,
    mode: WriteMode = .persist
  ) throws(KubernetesError) -> Self {
    try Self(
      .patch, resource: resource, namespace: namespace, name: name,
      path: objectPath(resource, namespace: namespace, name: name), query: writeQuery(mode),
      contentType: kind.rawValue, body: patch.serialized(.compact)
    ).withinLimit()
  }

  /// Deletes one object.
  ///
  /// Every option travels in the body: a server that finds a body ignores those in the query, and
  /// a `dryRun` among them would be lost.
  package static func delete(
    _ resource: ResourceType, namespace: String?, name: String,
    propagation: Propagation = .background, preconditions: Preconditions = Preconditions(),
    mode: WriteMode = .persist
  ) throws(KubernetesError) -> Self {
    var options: JSONValue = [
      "apiVersion": "v1", "kind": "DeleteOptions",
      "propagationPolicy": .string(propagation.rawValue),
    ]
    if let uid = preconditions.uid { options[["preconditions", "uid"]] = .string(uid) }
    if let version = preconditions.resourceVersion {
      options[["preconditions", "resourceVersion"]] = .string(version)
    }
    if mode == .dryRun { options["dryRun"] = ["All"] }
    return Self(
      .delete, resource: resource, namespace: namespace, name: name,
      path: try objectPath(resource, namespace: namespace, name: name),
      contentType: jsonType, body: options.serialized(.compact))
  }

  /// Asks which resources a group and version has.
  package static func discover(_ groupVersion: GroupVersion) -> Self {
    Self(.discover, path: groupVersion.path)
  }

  /// Asks which version the server has.
  package static let serverVersion = Self(.discover, path: "/version")
}

extension KubernetesRequest {
  /// The largest body that is sent, in bytes: what etcd stores by default
  /// (`--max-request-bytes`, 1.5 MiB). The API server reads 3 MiB, and answers 500 in between.
  package static let bodyByteCountMax = 1_572_864

  /// Who we are in `managedFields`. Limit: 128 bytes.
  package static let fieldManager = "hookline"

  private static let jsonType = "application/json"

  private func withinLimit() throws(KubernetesError) -> Self {
    guard body.count <= Self.bodyByteCountMax else {
      throw KubernetesError(
        .tooLarge,
        message: "the object has \(body.count) bytes; the store takes \(Self.bodyByteCountMax)",
        operation: description)
    }
    return self
  }

  private static func writeQuery(_ mode: WriteMode) -> [QueryItem] {
    let query = [QueryItem("fieldManager", fieldManager), QueryItem("fieldValidation", "Strict")]
    return mode == .dryRun ? query + [QueryItem("dryRun", "All")] : query
  }

  /// Whether a path without a namespace means "in all of them" or is a mistake.
  private enum Reading {
    case oneNamespace, anyNamespace
  }

  private static func collectionPath(
    _ resource: ResourceType, namespace: String?, reading: Reading = .oneNamespace
  ) throws(KubernetesError) -> String {
    let root = resource.groupVersion.path
    switch (resource.scope, namespace) {
    case (.cluster, nil):
      return "\(root)/\(resource.name)"
    case (.cluster, .some(let namespace)):
      throw .invalidRequest("\(resource) are not in namespaces, \(quoted(namespace)) was given")
    case (.namespaced, nil):
      guard reading == .anyNamespace else {
        throw .invalidRequest("\(resource) are in namespaces, none was given")
      }
      return "\(root)/\(resource.name)"
    case (.namespaced, .some(let namespace)):
      return "\(root)/namespaces/\(try segment(namespace, as: "namespace"))/\(resource.name)"
    }
  }

  private static func objectPath(
    _ resource: ResourceType, namespace: String?, name: String
  ) throws(KubernetesError) -> String {
    "\(try collectionPath(resource, namespace: namespace))/\(try segment(name, as: "name"))"
  }

  /// A path segment from a name.
  ///
  /// The server takes an encoded slash for a slash and an empty segment for none, so such a name
  /// would address something else. This is its own rule for names in paths.
  /// Source: k8s.io/apimachinery/pkg/api/validation/path, `IsValidPathSegmentName`.
  private static func segment(
    _ name: String, as what: String
  ) throws(KubernetesError) -> String {
    // Bytes, not characters: a combining character behind a slash does not make it another.
    let marks = ["/", "%"].flatMap(\.utf8)
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: marks.contains)
    else {
      throw .invalidRequest(
        "\(what) \(quoted(name)) cannot stand in a path: it is empty, a dot segment, or has / or %")
    }
    return PercentEncoding.encode(name)
  }
}

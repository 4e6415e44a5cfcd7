// What all verbs need to know of the request that they serve.

import HTTPWire
import JSON

/// A request for a resource, authenticated and routed.
struct RequestContext {
  var request: APIRequest
  var target: RequestTarget
  var path: ResourcePath
  var identity: Identity
  var now: Timestamp
  var definition: ResourceDefinition
  var version: ResourceVersion
  /// Sent as `Warning` fields.
  var warnings: [String] = []

  var query: QueryParameters { target.query }

  /// The namespace of the request; empty for resources of the cluster.
  var namespace: String { definition.scope == .namespaced ? path.namespace : "" }

  /// `tekton.dev/v1`.
  var apiVersion: String { definition.apiVersion(version.name) }

  func key(_ name: String) -> ObjectKey {
    ObjectKey(resource: definition.storageName, namespace: namespace, name: name)
  }

  /// Who is noted in `managedFields`.
  func writer(_ options: WriteOptions, operation: String = "Update") -> ManagedFields.Writer {
    var manager = options.fieldManager
    if manager.isEmpty {
      let agent = request.fields["User-Agent"] ?? ""
      manager = String(agent.prefix { $0 != "/" })
      if manager.isEmpty { manager = "unknown" }
    }
    return ManagedFields.Writer(
      manager: manager, operation: operation, apiVersion: apiVersion,
      subresource: path.subresource)
  }

  func representation(
    _ endpoint: Representation.Endpoint = .resource
  ) throws(StatusError) -> Representation {
    try Representation.negotiate(request.fields, query, endpoint)
  }

  func invalid(_ object: JSONValue, _ mistakes: [FieldError]) -> StatusError {
    // Custom resources are named by the kind that the object claims to be.
    let kind =
      definition.origin == .custom && !object.kindName.isEmpty
      ? object.kindName : definition.names.kind
    return .invalid(
      group: definition.traits.kindGroup ?? definition.group, kind: kind, name: object.name,
      mistakes)
  }

  // MARK: Between storage and the client

  /// A stored object in the version of the request.
  func visible(_ stored: JSONValue) throws(StatusError) -> JSONValue {
    try converted(stored, from: definition.storageVersion, to: version.name)
  }

  /// An object of the request in the version of the store.
  func storable(_ object: JSONValue) throws(StatusError) -> JSONValue {
    try converted(object, from: version.name, to: definition.storageVersion)
  }

  private func converted(
    _ object: JSONValue, from: String, to: String
  ) throws(StatusError) -> JSONValue {
    guard from != to else { return object }
    if let convert = definition.convert {
      do throws(AdmissionDenial) {
        return try convert(object, from, to)
      } catch {
        throw StatusError(error)
      }
    }
    var result = object
    result["apiVersion"] = .string(definition.apiVersion(to))
    return result
  }

  // MARK: Answers

  /// One object in the form that was asked for.
  func answer(
    _ object: JSONValue, status: HTTPStatus = .ok, _ representation: Representation
  ) throws(StatusError) -> APIResponse {
    let value: JSONValue
    switch representation.form {
    case .object, .aggregatedDiscovery: value = object
    case .table(let version):
      value = try tableForm(version).table(
        of: [object], metadata: ["resourceVersion": .string(object.resourceVersion)])
    case .metadata(let version): value = MetadataForm.partial(object, version: version)
    case .metadataList: throw .unclassified("content is not a list")
    }
    return .value(value, status: status, encoding: representation.encoding)
  }

  func tableForm(_ version: String) throws(StatusError) -> TableForm {
    TableForm(
      columns: self.version.columns, version: version,
      included: try TableForm.Included(parameter: query["includeObject"]), now: now)
  }

  /// A list in the form that was asked for.
  func answer(
    list objects: [JSONValue], metadata: ListMetadata, _ representation: Representation
  ) throws(StatusError) -> APIResponse {
    let value: JSONValue
    switch representation.form {
    case .object, .aggregatedDiscovery: value = fullList(objects, metadata)
    case .table(let version):
      value = try tableForm(version).table(of: objects, metadata: metadata.object())
    case .metadataList(let version):
      value = MetadataForm.list(objects, metadata: metadata.object(), version: version)
    case .metadata:
      let type =
        definition.origin == .custom
        ? "*unstructured.UnstructuredList" : "*\(listPackage).\(definition.names.listKind)"
      throw StatusError(
        406, "NotAcceptable",
        "you requested PartialObjectMetadata, but the requested object is a list (\(type))")
    }
    return .value(value, encoding: representation.encoding)
  }

  private var listPackage: String {
    definition.group.isEmpty
      ? "core" : String(definition.group.split(separator: ".").first ?? "core")
  }

  private func fullList(_ objects: [JSONValue], _ metadata: ListMetadata) -> JSONValue {
    if definition.origin == .custom {
      return [
        "apiVersion": .string(apiVersion), "items": .array(objects),
        "kind": .string(definition.names.listKind),
        "metadata": metadata.object(continue: .always),
      ]
    }
    let items = objects.map { object in
      var item = object
      item["kind"] = nil
      item["apiVersion"] = nil
      return item
    }
    return [
      "kind": .string(definition.names.listKind), "apiVersion": .string(apiVersion),
      "metadata": metadata.object(), "items": .array(items),
    ]
  }
}

/// The metadata of a list.
struct ListMetadata: Equatable {
  var version: UInt64
  var continueToken = ""
  var remainingItemCount: Int?

  /// Whether `continue` is written while it is empty.
  enum ContinueMember {
    case always
    case whenNotEmpty
  }

  func object(continue member: ContinueMember = .whenNotEmpty) -> JSONValue {
    var result = JSONObject()
    if member == .always { result["continue"] = .string(continueToken) }
    result["resourceVersion"] = .string(String(version))
    if !continueToken.isEmpty { result["continue"] = .string(continueToken) }
    if let remainingItemCount { result["remainingItemCount"] = .int(remainingItemCount) }
    return .object(result)
  }
}

// The API server, as the rest of the program sees it.

import Bytes
package import JSON
package import Logging
package import Reactor

/// A client of one API server for objects of any kind.
///
/// Objects are JSON values; a kind's place in the URL comes from discovery. Failures say what to do
/// (``KubernetesError/retry``, ``KubernetesError/outcome``), and doing it is the caller's affair: the
/// client itself repeats a request once, and only where that is certain to be harmless.
///
/// *Concurrency.* Any task on any thread; every operation suspends until the answer is whole or the
/// time limit has passed.
package final class KubernetesClient: Sendable {
  /// How long one request may take, from asking for a connection to the last byte of the answer.
  package static let timeLimitDefault = Duration.seconds(30)

  /// How many objects a page of a list has; what kubectl asks for.
  static let pageObjectCount = 500

  /// How many pages a list may have, so that a server that always names a next one ends somewhere.
  static let pageCountMax = 1000

  /// Where objects go that name no namespace.
  package let defaultNamespace: String

  let sender: RequestSender
  private let discovery: Discovery

  /// A client over any transport.
  ///
  /// - Parameters:
  ///   - userAgent: What we call ourselves, as in `hookline/1.0`.
  ///   - clock: The clock that ages tokens and what discovery said.
  package convenience init(
    _ configuration: ClusterConfiguration, transport: any KubernetesTransport, logger: Logger,
    userAgent: String, timeLimit: Duration = timeLimitDefault,
    clock: any MonotonicClock = SystemMonotonicClock()
  ) {
    self.init(
      configuration, transport: transport, logger: logger, userAgent: userAgent, program: nil,
      timeLimit: timeLimit, clock: clock)
  }

  /// The same, with what gives credentials.
  init(
    _ configuration: ClusterConfiguration, transport: any KubernetesTransport, logger: Logger,
    userAgent: String, program: ProgramCredentials?, timeLimit: Duration = timeLimitDefault,
    clock: any MonotonicClock
  ) {
    let sender = RequestSender(
      transport: transport, basePath: configuration.server.basePath,
      authenticator: Authenticator(
        configuration, program: program, logger: logger, clock: clock),
      impersonation: configuration.impersonation,
      userAgent: userAgent, timeLimit: timeLimit, logger: logger, clock: clock,
      warnings: WarningLog(logger, clock: clock))
    self.sender = sender
    discovery = Discovery(clock: clock) { await Self.resources(of: $0, through: sender) }
    defaultNamespace = configuration.defaultNamespace
  }

  /// Creates an object and returns it as it was stored.
  ///
  /// - Parameter namespace: Where to create it; nil for what `metadata.namespace` says, and without
  ///   that for ``defaultNamespace``. Both may be given if they agree.
  package func create(
    _ object: JSONValue, namespace: String? = nil, mode: WriteMode = .persist
  ) async throws(KubernetesError) -> JSONValue {
    let kind = try ObjectKind(
      apiVersion: object["apiVersion"]?.stringValue ?? "", kind: object["kind"]?.stringValue ?? "")
    let resource = try await discovery.find(kind)
    let stated = object["metadata"]?["namespace"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    return try await send(
      .create(
        object, as: resource, namespace: place(namespace ?? stated, of: resource), mode: mode))
  }

  /// Reads an object. A namespace of nil means ``defaultNamespace`` here and below.
  package func get(
    apiVersion: String, kind: String, namespace: String? = nil, name: String
  ) async throws(KubernetesError) -> JSONValue {
    let resource = try await find(apiVersion, kind)
    return try await send(.get(resource, namespace: place(namespace, of: resource), name: name))
  }

  /// Reads a collection whole, page by page.
  ///
  /// - Parameter namespace: nil for all namespaces.
  /// - Returns: The objects, which lack `apiVersion` and `kind` where the server leaves them out,
  ///   and the version to watch from.
  package func list(
    apiVersion: String, kind: String, namespace: String?, selection: ListSelection = ListSelection()
  ) async throws(KubernetesError) -> ObjectList {
    let resource = try await find(apiVersion, kind)
    var list = ObjectList()
    var continuation: String?
    for _ in 0..<Self.pageCountMax {
      let page = try await send(
        .list(
          resource, namespace: namespace, selection: selection, limit: Self.pageObjectCount,
          continuation: continuation))
      list.append(page)
      continuation = page["metadata"]?["continue"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
      if continuation == nil { return list }
    }
    throw KubernetesError(
      .undecodable, message: "the list has more than \(Self.pageCountMax) pages",
      operation: "list \(resource)")
  }

  /// Changes an object and returns it as it is now.
  package func patch(
    apiVersion: String, kind: String, namespace: String? = nil, name: String,
    _ patchKind: PatchKind,
    _ patch: JSONValue, mode: WriteMode = .persist
  ) async throws(KubernetesError) -> JSONValue {
    let resource = try await find(apiVersion, kind)
    return try await send(
      .patch(
        resource, namespace: place(namespace, of: resource), name: name, kind: patchKind, patch,
        mode: mode))
  }

  /// Deletes an object.
  ///
  /// - Returns: A Status of success, or the object if it lingers for its finalizers.
  @discardableResult
  package func delete(
    apiVersion: String, kind: String, namespace: String? = nil, name: String,
    propagation: Propagation = .background, preconditions: Preconditions = Preconditions(),
    mode: WriteMode = .persist
  ) async throws(KubernetesError) -> JSONValue {
    let resource = try await find(apiVersion, kind)
    return try await send(
      .delete(
        resource, namespace: place(namespace, of: resource), name: name, propagation: propagation,
        preconditions: preconditions, mode: mode))
  }

  /// The version that the server states, as in `v1.35.2`: the cheapest proof that it is there.
  package func serverVersion() async throws(KubernetesError) -> String {
    try await send(.serverVersion)["gitVersion"]?.stringValue ?? ""
  }

  /// Closes every connection; must happen before the loops stop.
  package func close() async {
    await sender.transport.close()
  }

  func find(
    _ apiVersion: String, _ kind: String
  ) async throws(KubernetesError) -> ResourceType {
    try await discovery.find(try ObjectKind(apiVersion: apiVersion, kind: kind))
  }

  private func place(_ namespace: String?, of resource: ResourceType) -> String? {
    switch resource.scope {
    case .cluster: namespace
    case .namespaced: namespace ?? defaultNamespace
    }
  }

  private func send(_ request: KubernetesRequest) async throws(KubernetesError) -> JSONValue {
    do throws(KubernetesError) {
      return try await sender.object(for: request)
    } catch {
      // The definition of a custom resource may have been removed since we asked.
      if error.code == .unknownResource, let resource = request.resource {
        discovery.forget(resource.groupVersion)
      }
      throw error
    }
  }

  private static func resources(
    of groupVersion: GroupVersion, through sender: RequestSender
  ) async -> Result<ResourceList, KubernetesError> {
    let request = KubernetesRequest.discover(groupVersion)
    do throws(KubernetesError) {
      let answer = try await sender.object(for: request)
      guard let list = ResourceList(answer, groupVersion: groupVersion) else {
        throw KubernetesError(
          .undecodable, message: "the answer is not a list of resources", retry: .backoff,
          operation: request.description)
      }
      return .success(list)
    } catch {
      guard error.code == .unknownResource else { return .failure(error) }
      var error = error
      error.message = "the server does not serve \(groupVersion): \(error.message)"
      return .failure(error)
    }
  }
}

/// A collection as it was at one moment.
package struct ObjectList: Equatable, Sendable {
  package private(set) var items: [JSONValue] = []
  /// The version of the collection; a watch from it on misses nothing.
  package private(set) var resourceVersion = ""

  init(items: [JSONValue] = [], resourceVersion: String = "") {
    self.items = items
    self.resourceVersion = resourceVersion
  }

  /// Adds a page. `items` may be null when there are none.
  fileprivate mutating func append(_ page: JSONValue) {
    items += page["items"]?.arrayValue ?? []
    resourceVersion = page["metadata"]?["resourceVersion"]?.stringValue ?? ""
  }
}

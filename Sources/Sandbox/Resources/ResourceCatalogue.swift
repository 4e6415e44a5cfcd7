// Which resources are served, and which of them a path means.

import HTTPWire
import JSON

/// All served resources.
struct ResourceCatalogue: Sendable {
  private(set) var definitions: [ResourceDefinition]

  init(_ definitions: [ResourceDefinition]) {
    self.definitions = definitions
  }

  /// Adds a resource, or replaces the one of the same name.
  mutating func add(_ definition: ResourceDefinition) {
    if let index = index(definition.group, definition.names.plural) {
      definitions[index] = definition
    } else {
      definitions.append(definition)
    }
  }

  mutating func remove(group: String, plural: String) {
    if let index = index(group, plural) { definitions.remove(at: index) }
  }

  private func index(_ group: String, _ plural: String) -> Int? {
    definitions.firstIndex { $0.group == group && $0.names.plural == plural }
  }

  func definition(group: String, plural: String) -> ResourceDefinition? {
    index(group, plural).map { definitions[$0] }
  }

  /// Whether a group belongs to the types compiled into a real server.
  func isBuiltIn(group: String) -> Bool {
    definitions.contains { $0.group == group && $0.origin == .builtIn }
  }

  /// The groups in the order of discovery: the built-in ones as they are listed, then the others
  /// in the order in which they came.
  var groups: [String] {
    let ordered =
      definitions.filter { $0.origin == .builtIn } + definitions.filter { $0.origin == .custom }
    var groups: [String] = []
    for definition in ordered where !definition.group.isEmpty {
      if !groups.contains(definition.group) { groups.append(definition.group) }
    }
    return groups
  }

  /// The versions of a group, the preferred one first.
  func versions(of group: String) -> [String] {
    var names: Set<String> = []
    for definition in definitions where definition.group == group {
      names.formUnion(definition.versions.map(\.name))
    }
    return names.sorted { VersionPriority($0) < VersionPriority($1) }
  }

  /// The resources of a group and version.
  func definitions(group: String, version: String) -> [ResourceDefinition] {
    definitions.filter { $0.group == group && $0.version(version) != nil }
  }

  /// What a path leads to.
  enum Route {
    case resource(ResourceDefinition, ResourceVersion)
    /// A path that no handler knows; plain text says so.
    case delegateNotFound
    /// A path below a known one; a Status says so.
    case unknown
    case methodNotAllowed
  }

  /// Finds the resource of a path; `nil` when there is none of that name.
  func route(_ path: ResourcePath, method: HTTPMethod) -> Route? {
    guard let definition = definition(group: path.group, plural: path.resource),
      let version = definition.version(path.version)
    else { return nil }
    return definition.origin == .custom
      ? customRoute(definition, version, path, method)
      : builtInRoute(definition, version, path, method)
  }

  /// Custom resources: a scope that does not fit leads nowhere; only reading may span namespaces.
  private func customRoute(
    _ definition: ResourceDefinition, _ version: ResourceVersion, _ path: ResourcePath,
    _ method: HTTPMethod
  ) -> Route {
    let isNamespaced = !path.namespace.isEmpty
    switch definition.scope {
    case .cluster: if isNamespaced { return .delegateNotFound }
    case .namespaced:
      let mayspan = (method == .get || method == .head) && path.name.isEmpty
      if !isNamespaced, !(mayspan && path.subresource.isEmpty) { return .delegateNotFound }
    }
    return .resource(definition, version)
  }

  /// Built-in resources: each path has its methods.
  private func builtInRoute(
    _ definition: ResourceDefinition, _ version: ResourceVersion, _ path: ResourcePath,
    _ method: HTTPMethod
  ) -> Route {
    let isNamespaced = definition.scope == .namespaced
    if isNamespaced, path.namespace.isEmpty, !path.name.isEmpty { return .unknown }
    if !path.isWatchPath, path.segments.dropFirst(isNamespaced ? 2 : 0).contains("") {
      return .unknown
    }
    let verbs = definition.verbs ?? ResourceDefinition.allVerbs
    let allowed = methods(path, verbs, version, spans: isNamespaced && path.namespace.isEmpty)
    guard let allowed else { return .unknown }
    return allowed.contains(method) ? .resource(definition, version) : .methodNotAllowed
  }

  /// The methods of a path; `nil` when there is no such path.
  private func methods(
    _ path: ResourcePath, _ verbs: [String], _ version: ResourceVersion, spans: Bool
  ) -> Set<HTTPMethod>? {
    var methods: Set<HTTPMethod> = []
    func allow(_ verb: String, _ method: HTTPMethod) {
      if verbs.contains(verb) { methods.insert(method) }
    }
    if path.subresource == "status", version.hasStatus { return [.get, .head, .put, .patch] }
    if !path.subresource.isEmpty {
      return knownSubresource(path) ? [.post, .put, .get, .head] : nil
    }
    if path.name.isEmpty {
      allow("list", .get)
      allow("list", .head)
      if !spans {
        allow("create", .post)
        allow("deletecollection", .delete)
      }
      // Ephemeral resources of a namespace exist only there.
      return methods.isEmpty ? nil : methods
    }
    allow("get", .get)
    allow("get", .head)
    allow("update", .put)
    allow("patch", .patch)
    allow("delete", .delete)
    return methods.isEmpty ? nil : methods
  }

  private func knownSubresource(_ path: ResourcePath) -> Bool {
    guard path.group.isEmpty else { return false }
    switch (path.resource, path.subresource) {
    case ("serviceaccounts", "token"), ("namespaces", "finalize"): return true
    default: return false
    }
  }
}

extension ResourceDefinition {
  /// The verbs of an ordinary resource, as discovery lists them for built-in types.
  static let allVerbs = [
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
  ]
}

/// The order of versions: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`, then others by name.
///
/// *Source:* `k8s.io/apimachinery/pkg/version`, `CompareKubeAwareVersionStrings`.
struct VersionPriority: Comparable {
  private let stability: Int
  private let major: Int
  private let minor: Int
  private let name: String

  init(_ name: String) {
    self.name = name
    var rest = name[...]
    guard rest.popFirst() == "v", let major = Self.number(&rest) else {
      (stability, self.major, minor) = (0, 0, 0)
      return
    }
    self.major = major
    if rest.isEmpty {
      (stability, minor) = (3, 0)
      return
    }
    let isBeta = rest.hasPrefix("beta")
    rest = rest.dropFirst(isBeta ? 4 : 5)
    guard isBeta || name.contains("alpha"), let minor = Self.number(&rest), rest.isEmpty else {
      (stability, self.minor) = (0, 0)
      return
    }
    (stability, self.minor) = (isBeta ? 2 : 1, minor)
  }

  private static func number(_ rest: inout Substring) -> Int? {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    return Int(digits)
  }

  static func < (left: VersionPriority, right: VersionPriority) -> Bool {
    if left.stability != right.stability { return left.stability > right.stability }
    if left.stability == 0 { return precedes(left.name, right.name) }
    if left.major != right.major { return left.major > right.major }
    return left.minor > right.minor
  }
}

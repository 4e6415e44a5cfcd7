// What a path asks for.
//
// Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.

import HTTPWire

/// A request's target, taken apart.
struct RequestTarget: Sendable {
  /// The decoded path.
  var path: String
  var query: QueryParameters
  /// What the path names, if it is a resource.
  var resource: ResourcePath?
  /// The verb in the words of authorization: `list`, `deletecollection`, …; for other paths the
  /// method in lower case.
  var verb: String

  /// Reads a target; `nil` when it is not one that an HTTP server accepts.
  init?(method: HTTPMethod, target: String) {
    guard let origin = Self.originForm(target) else { return nil }
    let sides = origin.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let raw = sides.first, let path = percentDecoded(raw, plus: .itself) else { return nil }
    self.path = path
    query = QueryParameters(sides.count > 1 ? sides[1] : "")
    verb = method.rawValue.lowercased()
    guard let resource = ResourcePath(path) else { return }
    self.resource = resource
    verb = Self.verb(method, resource, query)
    if resource.name.isEmpty, verb == "list" || verb == "watch",
      let name = FieldSelector.exactName(query["fieldSelector"] ?? "")
    {
      self.resource?.selectedName = name
    }
  }

  /// The target without scheme and authority, which an absolute form has (RFC 9112 §3.2.2).
  private static func originForm(_ target: String) -> Substring? {
    if target.hasPrefix("/") || target == "*" { return target[...] }
    for scheme in ["https://", "http://"] where target.hasPrefix(scheme) {
      let rest = target.dropFirst(scheme.count)
      return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }
    return nil
  }

  private static func verb(
    _ method: HTTPMethod, _ resource: ResourcePath, _ query: QueryParameters
  ) -> String {
    if resource.isWatchPath { return "watch" }
    switch method {
    case .post: return "create"
    case .get, .head:
      guard resource.name.isEmpty else { return "get" }
      return isTrue(query["watch"]) ? "watch" : "list"
    case .put: return "update"
    case .patch: return "patch"
    case .delete: return resource.name.isEmpty ? "deletecollection" : "delete"
    default: return ""
    }
  }
}

/// Whether a parameter is set, as the API's codec reads truth values: everything but `false` and
/// `0` is true, even the empty text.
func isTrue(_ value: String?) -> Bool {
  guard let value else { return false }
  return value.lowercased() != "false" && value != "0"
}

/// `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE/NAME/SUBRESOURCE` and its shorter forms.
struct ResourcePath: Sendable, Equatable {
  var group = ""
  var version = ""
  var namespace = ""
  var resource = ""
  var name = ""
  var subresource = ""
  /// The name that a field selector narrows a list to. Authorization looks at it.
  var selectedName = ""
  /// Whether the old `/watch/` prefix was used.
  var isWatchPath = false
  /// The segments after the version, as they were given.
  var segments: [String] = []

  /// Reads a path; `nil` when it does not name a resource.
  init?(_ path: String) {
    guard !path.hasPrefix("//") else { return nil }
    var parts = pathSegments(path)[...]
    guard parts.count >= 3, let prefix = parts.popFirst(), prefix == "api" || prefix == "apis"
    else { return nil }
    if prefix == "apis" {
      guard parts.count >= 3 else { return nil }
      group = parts.popFirst() ?? ""
      guard !group.isEmpty else { return nil }
    }
    version = parts.popFirst() ?? ""
    segments = Array(parts)
    if parts.first == "watch" {
      isWatchPath = true
      parts = parts.dropFirst()
    }
    if parts.first == "namespaces", parts.count > 1 {
      let rest = parts.dropFirst(2)
      namespace = parts[parts.startIndex + 1]
      if let next = rest.first, next != "status", next != "finalize" { parts = rest }
    }
    resource = parts.popFirst() ?? ""
    name = parts.popFirst() ?? ""
    subresource = parts.popFirst() ?? ""
  }
}

/// The segments of a path without the slashes at its ends. A doubled slash makes an empty one.
func pathSegments(_ path: String) -> [String] {
  var text = path[...]
  while text.hasPrefix("/") { text = text.dropFirst() }
  while text.hasSuffix("/") { text = text.dropLast() }
  return text.isEmpty
    ? [] : text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
}

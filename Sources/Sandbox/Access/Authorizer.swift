// Who may do what, by the Roles and bindings in the store.
//
// Source: k8s.io/kubernetes/pkg/registry/rbac/validation and plugin/pkg/auth/authorizer/rbac.

import JSON

/// What a request wants to do.
struct AccessRequest: Sendable {
  /// What is accessed.
  enum Subject: Sendable {
    case resource(group: String, resource: String, subresource: String, name: String)
    case path(String)
  }

  var verb: String
  var namespace: String
  var subject: Subject

  /// The refusal's text, without who it concerns.
  func refusal(of identity: Identity) -> String {
    let start = "User \(quoted(identity.name)) cannot \(verb)"
    switch subject {
    case .path(let path): return "\(start) path \(quoted(path))"
    case .resource(let group, let resource, let subresource, _):
      let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
      let place =
        namespace.isEmpty ? "at the cluster scope" : "in the namespace \(quoted(namespace))"
      return "\(start) resource \(quoted(whole)) in API group \(quoted(group)) \(place)"
    }
  }
}

/// Evaluates the Roles in a store.
struct Authorizer {
  let store: ObjectStore

  /// One rule that applies to somebody, and where it comes from.
  struct AppliedRule {
    var rule: JSONValue
    /// How `auth can-i` explains it.
    var origin: String
  }

  /// Why a request is allowed; `nil` when it is not. Empty where no rule was needed.
  func permission(for request: AccessRequest, by identity: Identity) -> String? {
    if identity.groups.contains("system:masters") { return "" }
    for applied in rules(for: identity, namespace: request.namespace)
    where Self.allows(applied.rule, request) {
      return applied.origin
    }
    return nil
  }

  /// The rules that apply to somebody in a namespace, those of the whole cluster first.
  func rules(for identity: Identity, namespace: String) -> [AppliedRule] {
    var result: [AppliedRule] = []
    let group = "rbac.authorization.k8s.io"
    for binding in store.objects(of: "clusterrolebindings.\(group)") {
      guard let subject = matchingSubject(of: binding, identity, "") else { continue }
      let origin = "ClusterRoleBinding \(quoted(binding.name))"
      result += rules(of: binding, namespace: "", origin: origin, subject: subject)
    }
    guard !namespace.isEmpty else { return result }
    for binding in store.objects(of: "rolebindings.\(group)", namespace: namespace) {
      guard let subject = matchingSubject(of: binding, identity, namespace) else { continue }
      let origin = "RoleBinding \(quoted("\(binding.name)/\(namespace)"))"
      result += rules(of: binding, namespace: namespace, origin: origin, subject: subject)
    }
    return result
  }

  private func rules(
    of binding: JSONValue, namespace: String, origin: String, subject: String
  ) -> [AppliedRule] {
    let kind = binding[["roleRef", "kind"]]?.stringValue ?? ""
    let name = binding[["roleRef", "name"]]?.stringValue ?? ""
    let group = "rbac.authorization.k8s.io"
    let key =
      kind == "ClusterRole"
      ? ObjectKey(resource: "clusterroles.\(group)", namespace: "", name: name)
      : ObjectKey(resource: "roles.\(group)", namespace: namespace, name: name)
    let rules = store.object(key)?["rules"]?.arrayValue ?? []
    let explanation = "RBAC: allowed by \(origin) of \(kind) \(quoted(name)) to \(subject)"
    return rules.map { AppliedRule(rule: $0, origin: explanation) }
  }

  /// How the binding's subject is called that the user matches.
  private func matchingSubject(
    of binding: JSONValue, _ identity: Identity, _ namespace: String
  ) -> String? {
    for subject in binding["subjects"]?.arrayValue ?? [] {
      let name = subject["name"]?.stringValue ?? ""
      switch subject.kindName {
      case "User" where name == identity.name: return "User \(quoted(name))"
      case "Group" where identity.groups.contains(name): return "Group \(quoted(name))"
      case "ServiceAccount":
        let home = subject["namespace"]?.stringValue ?? namespace
        if identity.name == "system:serviceaccount:\(home):\(name)" {
          return "ServiceAccount \(quoted("\(name)/\(home)"))"
        }
      default: continue
      }
    }
    return nil
  }

  /// Whether a rule covers a request.
  static func allows(_ rule: JSONValue, _ request: AccessRequest) -> Bool {
    func list(_ key: String) -> [String] {
      rule[key]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    func covers(_ key: String, _ value: String) -> Bool {
      let values = list(key)
      return values.contains("*") || values.contains(value)
    }
    guard covers("verbs", request.verb) else { return false }
    switch request.subject {
    case .path(let path):
      return list("nonResourceURLs").contains { pattern in
        pattern == "*" || pattern == path
          || (pattern.hasSuffix("*") && path.hasPrefix(pattern.dropLast()))
      }
    case .resource(let group, let resource, let subresource, let name):
      let whole = subresource.isEmpty ? resource : "\(resource)/\(subresource)"
      guard covers("apiGroups", group) else { return false }
      let resources = list("resources")
      guard
        resources.contains("*") || resources.contains(whole)
          || (!subresource.isEmpty && resources.contains("*/\(subresource)"))
      else { return false }
      let names = list("resourceNames")
      return names.isEmpty || (!name.isEmpty && names.contains(name))
    }
  }
}

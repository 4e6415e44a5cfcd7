// Acting as somebody else, for those who may.
//
// Source: k8s.io/apiserver/pkg/endpoints/filters/impersonation.

import HTTPWire
import JSON

extension Cluster {
  /// Whom a request acts as: its sender, unless `Impersonate-*` fields name somebody else.
  func acting(_ sender: Identity, _ fields: HTTPFields) throws(StatusError) -> Identity {
    let name = fields["Impersonate-User"] ?? ""
    let groups = fields.values(for: "Impersonate-Group")
    let uid = fields["Impersonate-Uid"] ?? ""
    let extra = extras(fields)
    if name.isEmpty {
      try checkNothingElse(groups, uid)
      return sender
    }
    try checkUser(name, sender)
    for group in groups { try check("groups", name: group, sender) }
    if !uid.isEmpty { try check("uids", name: uid, group: "authentication.k8s.io", sender) }
    for (key, values) in extra {
      for value in values {
        try check(
          "userextras", name: value, subresource: key, group: "authentication.k8s.io", sender)
      }
    }
    var identity = Identity(name: name, groups: groups, uid: uid, extra: extra)
    if groups.isEmpty, let account = account(name) {
      identity.groups = [
        "system:serviceaccounts", "system:serviceaccounts:\(account.namespace)",
      ]
    }
    if name != Identity.anonymous.name, !identity.groups.contains("system:authenticated") {
      identity.groups.append("system:authenticated")
    }
    return identity
  }

  private func checkNothingElse(_ groups: [String], _ uid: String) throws(StatusError) {
    var requested = groups.map { "{Group  \($0)    }" }
    if !uid.isEmpty { requested.append("{UID  \(uid)  authentication.k8s.io/v1  }") }
    guard requested.isEmpty else {
      throw .badRequest(
        "requested [\(requested.joined(separator: " "))] without impersonating a user")
    }
  }

  private func checkUser(_ name: String, _ sender: Identity) throws(StatusError) {
    if let account = account(name) {
      try check("serviceaccounts", name: account.name, namespace: account.namespace, sender)
    } else {
      try check("users", name: name, sender)
    }
  }

  private func check(
    _ resource: String, name: String, subresource: String = "", group: String = "",
    namespace: String = "", _ sender: Identity
  ) throws(StatusError) {
    let access = AccessRequest(
      verb: "impersonate", namespace: namespace,
      subject: .resource(
        group: group, resource: resource, subresource: subresource, name: name))
    if Authorizer(store: store).permission(for: access, by: sender) == nil {
      throw refusal(access, sender)
    }
  }

  /// The parts of `system:serviceaccount:NAMESPACE:NAME`.
  private func account(_ user: String) -> (namespace: String, name: String)? {
    let parts = user.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
      NameRules.label(parts[2]).isEmpty, NameRules.subdomain(parts[3]).isEmpty
    else { return nil }
    return (parts[2], parts[3])
  }

  private func extras(_ fields: HTTPFields) -> [(key: String, values: [String])] {
    let prefix = "impersonate-extra-"
    var result: [(key: String, values: [String])] = []
    for field in fields where field.name.lowercased().hasPrefix(prefix) {
      let raw = field.name.lowercased().dropFirst(prefix.count)
      let key = percentDecoded(raw, plus: .itself) ?? String(raw)
      if let index = result.firstIndex(where: { $0.key == key }) {
        result[index].values.append(field.valueString)
      } else {
        result.append((key, [field.valueString]))
      }
    }
    return result
  }
}

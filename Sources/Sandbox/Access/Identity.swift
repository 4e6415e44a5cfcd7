// Who sends a request.

import JSON

/// An authenticated user, or nobody in particular.
struct Identity: Sendable {
  var name: String
  var groups: [String]
  var uid = ""
  /// What else is known of the user.
  var extra: [(key: String, values: [String])] = []

  static let anonymous = Identity(
    name: "system:anonymous", groups: ["system:unauthenticated"])

  /// The owner of the sandbox.
  static let administrator = Identity(
    name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])

  static func serviceAccount(namespace: String, name: String, uid: String) -> Identity {
    Identity(
      name: "system:serviceaccount:\(namespace):\(name)",
      groups: [
        "system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated",
      ],
      uid: uid)
  }

  /// As `userInfo` of the reviews.
  var object: JSONValue {
    var result: JSONObject = ["username": .string(name)]
    if !uid.isEmpty { result["uid"] = .string(uid) }
    result["groups"] = .array(groups.map { .string($0) })
    if !extra.isEmpty {
      result["extra"] = .object(
        JSONObject(extra.map { ($0.key, .array($0.values.map { .string($0) })) }))
    }
    return .object(result)
  }
}

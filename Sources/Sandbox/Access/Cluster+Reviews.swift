// Questions about identity and permission, which are created and answered but not kept.
//
// Source: k8s.io/kubernetes/pkg/registry/authorization and authentication.

import HTTPWire
import JSON

extension Cluster {
  /// The answer to a review; `nil` for other resources.
  mutating func reviewResponse(
    _ context: inout RequestContext
  ) throws(StatusError) -> APIResponse? {
    guard context.definition.traits.isEphemeral else { return nil }
    let representation = try context.representation()
    let options = try WriteOptions(context.query, .create)
    var object = try decodedBody(&context, options)
    object["status"] = nil
    try checkNamespace(of: &object, context)
    recordCreation(&object, context, context.writer(options))
    switch context.definition.names.plural {
    case "selfsubjectaccessreviews":
      try checkAttributes(object)
      object["status"] = decision(on: object, for: context.identity)
    case "subjectaccessreviews", "localsubjectaccessreviews":
      try checkAttributes(object)
      object["status"] = decision(on: object, for: try subject(of: object))
    case "selfsubjectrulesreviews":
      object["status"] = try rules(on: object, for: context.identity)
      object["spec"] = [:]
      object["metadata"] = [:]
    case "selfsubjectreviews":
      object["spec"] = nil
      object["metadata"] = [:]
      object["status"] = ["userInfo": context.identity.object]
      object.setMetadata("creationTimestamp", .string(context.now.text))
    case "tokenreviews":
      object["status"] = verdict(on: object)
    default: throw .unknownResource
    }
    return try context.answer(object, status: .created, representation)
  }

  private func checkAttributes(_ object: JSONValue) throws(StatusError) {
    let given = ["resourceAttributes", "nonResourceAttributes"].filter {
      object[["spec", $0]]?.objectValue != nil
    }
    guard given.count != 1 else { return }
    throw .invalid(
      group: "authorization.k8s.io", kind: "", name: "",
      [
        .invalid(
          "spec.resourceAttributes", object[["spec", "resourceAttributes"]] ?? .null,
          "exactly one of nonResourceAttributes or resourceAttributes must be specified")
      ])
  }

  private func subject(of object: JSONValue) throws(StatusError) -> Identity {
    let name = object[["spec", "user"]]?.stringValue ?? ""
    let groups = object[["spec", "groups"]]?.arrayValue?.compactMap(\.stringValue) ?? []
    guard !name.isEmpty || !groups.isEmpty else {
      throw .invalid(
        group: "authorization.k8s.io", kind: "", name: "",
        [.invalid("spec.user", "", "at least one of user or group must be specified")])
    }
    return Identity(name: name, groups: groups)
  }

  private func decision(on object: JSONValue, for identity: Identity) -> JSONValue {
    func text(_ kind: String, _ key: String) -> String {
      object[["spec", kind, key]]?.stringValue ?? ""
    }
    let request: AccessRequest
    if object[["spec", "nonResourceAttributes"]]?.objectValue != nil {
      let kind = "nonResourceAttributes"
      request = AccessRequest(
        verb: text(kind, "verb"), namespace: "", subject: .path(text(kind, "path")))
    } else {
      let kind = "resourceAttributes"
      request = AccessRequest(
        verb: text(kind, "verb"), namespace: text(kind, "namespace"),
        subject: .resource(
          group: text(kind, "group"), resource: text(kind, "resource"),
          subresource: text(kind, "subresource"), name: text(kind, "name")))
    }
    guard let why = Authorizer(store: store).permission(for: request, by: identity) else {
      return ["allowed": false]
    }
    return why.isEmpty ? ["allowed": true] : ["allowed": true, "reason": .string(why)]
  }

  private func rules(
    on object: JSONValue, for identity: Identity
  ) throws(StatusError) -> JSONValue {
    guard let namespace = object[["spec", "namespace"]]?.stringValue, !namespace.isEmpty
    else { throw .badRequest("no namespace on request") }
    var applied = Authorizer(store: store).rules(for: identity, namespace: namespace).map(\.rule)
    if identity.groups.contains("system:masters") {
      applied.insert(["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]], at: 0)
      applied.insert(["verbs": ["*"], "nonResourceURLs": ["*"]], at: 1)
    }
    let isPath = { (rule: JSONValue) in rule["nonResourceURLs"] != nil }
    return [
      "resourceRules": .array(applied.filter { !isPath($0) }),
      "nonResourceRules": .array(applied.filter(isPath)), "incomplete": false,
    ]
  }

  private func verdict(on object: JSONValue) -> JSONValue {
    let token = object[["spec", "token"]]?.stringValue ?? ""
    let wanted = object[["spec", "audiences"]]?.arrayValue?.compactMap(\.stringValue) ?? []
    if tokens.isAdministrator(token) {
      return ["authenticated": true, "user": Identity.administrator.object]
    }
    guard let claims = tokens.verify(token, at: environment.now()) else {
      return ["user": [:], "error": "invalid bearer token"]
    }
    let targets = wanted.isEmpty ? [TokenAuthority.audience] : wanted
    let shared = claims.audiences.filter { targets.contains($0) }
    guard !shared.isEmpty else {
      return [
        "user": [:],
        "error": .string(
          "[invalid bearer token, token audiences \(shown(claims.audiences)) is invalid for the "
            + "target audiences \(shown(targets))]"),
      ]
    }
    let identity = Identity.serviceAccount(
      namespace: claims.namespace, name: claims.name, uid: claims.uid)
    return [
      "authenticated": true, "user": identity.object,
      "audiences": .array(shared.map { .string($0) }),
    ]
  }

  private func shown(_ texts: [String]) -> String {
    "[" + texts.map { quoted($0) }.joined(separator: " ") + "]"
  }

  // MARK: Subresources

  /// The answer of `/status` on a read, `/token` and `/finalize`; `nil` for plain requests and for
  /// writes of status, which take the ordinary way.
  mutating func subresourceResponse(
    _ context: inout RequestContext
  ) throws(StatusError) -> APIResponse? {
    let subresource = context.path.subresource
    guard !subresource.isEmpty || context.path.segments.last == "" else { return nil }
    let verb = context.target.verb
    if subresource == "status", context.version.hasStatus {
      guard ["get", "update", "patch"].contains(verb) else {
        throw .verbNotSupported(context.definition, verb: verb)
      }
      return nil
    }
    switch (context.definition.storageName, subresource) {
    case ("serviceaccounts", "token") where verb == "create":
      return try tokenResponse(&context)
    case ("namespaces", "finalize") where verb == "update": return nil
    default: break
    }
    if context.definition.origin == .builtIn { throw .methodNotAllowed }
    throw .notFound(context.definition, name: context.path.name)
  }

  /// What a token's life must be at least, and what it is without a wish, in seconds.
  private static let shortestTokenLife = 600
  private static let ordinaryTokenLife = 3600

  private mutating func tokenResponse(
    _ context: inout RequestContext
  ) throws(StatusError) -> APIResponse {
    let name = context.path.name
    guard let account = store.object(context.key(name)) else {
      throw .notFound(context.definition, name: name)
    }
    let representation = try context.representation()
    let object = try tokenRequest(&context)
    let seconds = object[["spec", "expirationSeconds"]]?.intValue ?? Self.ordinaryTokenLife
    guard seconds >= Self.shortestTokenLife else {
      throw .invalid(
        group: "authentication.k8s.io", kind: "TokenRequest", name: "",
        [
          .invalid(
            "spec.expirationSeconds", .int(seconds),
            "may not specify a duration less than 10 minutes")
        ])
    }
    let expiry = context.now.adding(seconds: Int64(clamping: min(seconds, 1 << 32)))
    let audiences =
      object[["spec", "audiences"]]?.arrayValue?.compactMap(\.stringValue) ?? []
    let chosen = audiences.isEmpty ? [TokenAuthority.audience] : audiences
    let claims = TokenAuthority.Claims(
      namespace: context.namespace, name: name, uid: account.uid, audiences: chosen,
      expiry: expiry)
    var metadata: JSONObject = [
      "name": .string(name), "namespace": .string(context.namespace),
      "uid": .string(account.uid), "creationTimestamp": .string(context.now.text),
    ]
    metadata["managedFields"] = object.metadata["managedFields"]
    let answer: JSONValue = [
      "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
      "metadata": .object(metadata),
      "spec": [
        "audiences": .array(chosen.map { .string($0) }), "expirationSeconds": .int(seconds),
        "boundObjectRef": nil,
      ],
      "status": [
        "token": .string(tokens.issue(claims, at: context.now)),
        "expirationTimestamp": .string(expiry.text),
      ],
    ]
    return try context.answer(answer, status: .created, representation)
  }

  /// The body of a token request; its kind is not that of the resource in the path.
  private func tokenRequest(_ context: inout RequestContext) throws(StatusError) -> JSONValue {
    var inner = context
    inner.definition.group = "authentication.k8s.io"
    inner.definition.names.kind = "TokenRequest"
    inner.version.defaults = nil
    inner.version.goType = BuiltInResources.structure(
      "TokenRequest",
      [
        GoField(
          "spec", .structure(GoStructure("TokenRequestSpec", keepsUnknownFields: true, [])), .always
        )
      ])
    let options = try WriteOptions(context.query, .create)
    var object = try decodedBody(&inner, options)
    var writer = inner.writer(options)
    writer.apiVersion = "authentication.k8s.io/v1"
    recordCreation(&object, inner, writer)
    return object
  }
}

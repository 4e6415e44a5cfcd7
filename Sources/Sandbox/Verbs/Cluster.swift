// The server's whole state, and the way of a request through it.

import HTTPWire
import JSON

/// An API server as a value: every request changes it and gives an answer.
///
/// No sockets, files or threads. The clock and the source of randomness are given by the caller.
struct Cluster: Sendable {
  /// What the cluster cannot have of itself.
  struct Environment: Sendable {
    /// The present time.
    var now: @Sendable () -> Timestamp
    /// Random bytes, for uids and generated names.
    var random: @Sendable (Int) -> [UInt8]
    /// The address that discovery gives to clients, `127.0.0.1:6443`.
    var serverAddress: @Sendable () -> String
  }

  var store = ObjectStore()
  var catalogue: ResourceCatalogue
  let environment: Environment
  let tokens: TokenAuthority

  init(definitions: [ResourceDefinition], environment: Environment, tokens: TokenAuthority) {
    catalogue = ResourceCatalogue(definitions)
    self.environment = environment
    self.tokens = tokens
  }

  /// Serves one request.
  mutating func handle(_ request: APIRequest) -> APIResponse {
    guard let target = RequestTarget(method: request.method, target: request.target) else {
      var response = APIResponse.text(.badRequest, "400 Bad Request", sniffing: .allowed)
      response.closesConnection = true
      return response
    }
    var warnings: [String] = []
    var response: APIResponse
    do throws(StatusError) {
      try checkDeadline(target)
      let sender = try authenticate(request, &warnings)
      let identity = try acting(sender, request.fields)
      response = try authorizedResponse(request, target, identity, &warnings)
    } catch {
      response = error.response(errorEncoding(error, request, target))
      if error.code == 403, isAuthorizationRefusal(error) {
        response.fields["X-Content-Type-Options"] = "nosniff"
      }
    }
    for warning in warnings {
      response.fields.append(name: "Warning", value: "299 - \(warningText(warning))")
    }
    if request.method == .head { response.body = .none }
    return response
  }

  private func errorEncoding(
    _ error: StatusError, _ request: APIRequest, _ target: RequestTarget
  ) -> APIResponse.Encoding {
    error.code == 401
      ? .compactJSON : Representation.errorEncoding(request.fields, target.query)
  }

  private func isAuthorizationRefusal(_ error: StatusError) -> Bool {
    error.message.contains("forbidden: User \"")
  }

  /// The text of a warning in quotation marks (RFC 9111 §5.5 of old, RFC 7234).
  private func warningText(_ text: String) -> String {
    "\""
      + text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
      .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"") + "\""
  }

  /// `timeout` must be a duration. Watches have their own limit and ignore it.
  private func checkDeadline(_ target: RequestTarget) throws(StatusError) {
    guard target.verb != "watch", let text = target.query["timeout"], !text.isEmpty else { return }
    if let fault = goDurationFault(text) {
      throw .badRequest("invalid timeout specified in the request URL - \(fault)")
    }
  }

  // MARK: Who

  func authenticate(
    _ request: APIRequest, _ warnings: inout [String]
  ) throws(StatusError) -> Identity {
    if let certificate = request.certificate {
      return Identity(
        name: certificate.commonName,
        groups: certificate.organizations + ["system:authenticated"])
    }
    switch BearerCredential(request.fields["Authorization"]) {
    case .none: return .anonymous
    case .misplaced:
      warnings.append(BearerCredential.misplacedWarning)
      return .anonymous
    case .token(let token): return try identity(token)
    }
  }

  private func identity(_ token: String) throws(StatusError) -> Identity {
    if tokens.isAdministrator(token) { return .administrator }
    guard let claims = tokens.verify(token, at: environment.now()),
      claims.audiences.contains(TokenAuthority.audience)
    else { throw .unauthorized }
    let key = ObjectKey(
      resource: "serviceaccounts", namespace: claims.namespace, name: claims.name)
    guard let account = store.object(key), account.uid == claims.uid else { throw .unauthorized }
    return .serviceAccount(namespace: claims.namespace, name: claims.name, uid: claims.uid)
  }

  // MARK: What

  private mutating func authorizedResponse(
    _ request: APIRequest, _ target: RequestTarget, _ identity: Identity,
    _ warnings: inout [String]
  ) throws(StatusError) -> APIResponse {
    let access = accessRequest(target)
    guard Authorizer(store: store).permission(for: access, by: identity) != nil else {
      throw refusal(access, identity)
    }
    guard let path = target.resource else {
      return try pathResponse(request, target)
    }
    guard let route = catalogue.route(path, method: request.method) else {
      return try unroutedResponse(path)
    }
    switch route {
    case .delegateNotFound: return .pageNotFound
    case .unknown: throw .unknownResource
    case .methodNotAllowed: throw .methodNotAllowed
    case .resource(let definition, let version):
      var context = RequestContext(
        request: request, target: target, path: path, identity: identity,
        now: environment.now(), definition: definition, version: version)
      defer { warnings += context.warnings }
      return try serve(&context)
    }
  }

  private func unroutedResponse(_ path: ResourcePath) throws(StatusError) -> APIResponse {
    if path.group.isEmpty || catalogue.isBuiltIn(group: path.group) { throw .unknownResource }
    return .pageNotFound
  }

  private func accessRequest(_ target: RequestTarget) -> AccessRequest {
    guard let path = target.resource else {
      return AccessRequest(verb: target.verb, namespace: "", subject: .path(target.path))
    }
    return AccessRequest(
      verb: target.verb, namespace: path.namespace,
      subject: .resource(
        group: path.group, resource: path.resource, subresource: path.subresource,
        name: path.name.isEmpty ? path.selectedName : path.name))
  }

  func refusal(_ access: AccessRequest, _ identity: Identity) -> StatusError {
    let why = access.refusal(of: identity)
    guard case .resource(let group, let resource, _, let name) = access.subject else {
      return StatusError(403, "Forbidden", "forbidden: \(why)", details: .init())
    }
    let qualified = group.isEmpty ? resource : "\(resource).\(group)"
    let subject = name.isEmpty ? qualified : "\(qualified) \"\(name)\""
    return StatusError(
      403, "Forbidden", "\(subject) is forbidden: \(why)",
      details: .init(name: name, group: group, kind: resource))
  }

  private mutating func serve(_ context: inout RequestContext) throws(StatusError) -> APIResponse {
    try StorageLimits.check(requestByteCount: context.request.body.count)
    if let response = try reviewResponse(&context) { return response }
    if let response = try subresourceResponse(&context) { return response }
    switch context.target.verb {
    case "get": return try get(context)
    case "list": return try list(context)
    case "watch": return try watch(context)
    case "create": return try create(&context)
    case "update": return try update(&context)
    case "patch": return try patch(&context)
    case "delete": return try delete(&context)
    case "deletecollection": return try deleteCollection(&context)
    default:
      throw .verbNotSupported(context.definition, verb: context.target.verb)
    }
  }
}

/// Go's message for a text that is no duration; `nil` for one that is, such as `1h30m` or `0`.
func goDurationFault(_ text: String) -> String? {
  var rest = text[...]
  if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
  if rest == "0" { return nil }
  if rest.isEmpty { return "time: invalid duration \(quoted(text))" }
  while !rest.isEmpty {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    var fraction = Substring()
    if rest.first == "." {
      rest = rest.dropFirst()
      fraction = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(fraction.count)
    }
    if digits.isEmpty, fraction.isEmpty { return "time: invalid duration \(quoted(text))" }
    let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
    if unit.isEmpty { return "time: missing unit in duration \(quoted(text))" }
    guard ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(String(unit)) else {
      return "time: unknown unit \(quoted(String(unit))) in duration \(quoted(text))"
    }
    rest = rest.dropFirst(unit.count)
  }
  return nil
}

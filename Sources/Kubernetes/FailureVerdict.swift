// From a failed answer to what it means. The one place that looks at statuses and texts.
//
// The texts are those of kube-apiserver and of its admission plugins; where a status has several
// causes, nothing but the text tells them apart. A text that is not known falls back to what the
// status alone says.

/// What a failed answer means: the code, and what to do.
struct FailureVerdict: Equatable, Sendable {
  var code: KubernetesError.Code
  var retry: KubernetesError.RetryAdvice
  var outcome: KubernetesError.Outcome

  init(
    _ code: KubernetesError.Code, _ retry: KubernetesError.RetryAdvice = .never,
    _ outcome: KubernetesError.Outcome = .notPerformed
  ) {
    self.code = code
    self.retry = retry
    self.outcome = outcome
  }

  /// Judges an answer.
  ///
  /// - Parameters:
  ///   - httpStatus: What the status line said.
  ///   - status: The Status object in the body; nil if the body was text or empty.
  ///   - message: The Status's message or the text.
  ///   - delay: The answer's `Retry-After`, where it is a sensible number.
  ///   - request: What was asked.
  init(
    httpStatus: Int, status: APIStatus?, message: String, delay: Duration?,
    request: KubernetesRequest
  ) {
    let later = delay.map(KubernetesError.RetryAdvice.after) ?? .backoff
    switch httpStatus {
    case 300...399: self.init(.redirected)
    case 401: self.init(.unauthorized, later)
    case 404: self = Self.notFound(status, request: request)
    case 408, 504: self.init(.timeout, later, .ambiguous)
    case 409: self = Self.conflict(status, request: request)
    case 410: self.init(.expired)
    case 413, 431: self.init(.tooLarge)
    case 429: self.init(.tooManyRequests, later)
    case 400...499 where Self.isAdmissionDenial(message): self.init(.admissionDenied)
    case 403: self = Self.forbidden(status, message: message)
    case 422: self.init(.invalid)
    case 405, 406, 411, 415, 417, 426, 501, 505: self.init(.unsupported)
    case 400...499: self.init(.badRequest)
    case 500: self = Self.internalError(status, message: message, later: later)
    case 503: self.init(.unavailable, later, .ambiguous)
    case 500...599: self.init(.serverError, later, .ambiguous)
    default: self.init(.undecodable, .backoff, .ambiguous)
    }
  }

  /// 404 has three: the object, its namespace, and what nobody serves. The last is plain text in
  /// a named group and a Status without details in the core group.
  private static func notFound(_ status: APIStatus?, request: KubernetesRequest) -> Self {
    guard let subject = status?.subject else { return Self(.unknownResource) }
    let isAboutNamespace =
      subject.kind == "namespaces" && subject.group.isEmpty
      && request.resource?.description != "namespaces"
    return Self(isAboutNamespace ? .namespaceNotFound : .notFound)
  }

  private static func conflict(_ status: APIStatus?, request: KubernetesRequest) -> Self {
    if status?.reason == "AlreadyExists" { return Self(.alreadyExists) }
    // A create changes no existing object of ours: it conflicts when it loses a race for the
    // quota's counter, and a repeat may win it. An update has to read again first.
    return Self(.conflict, request.verb == .create ? .backoff : .never)
  }

  private static func forbidden(_ status: APIStatus?, message: String) -> Self {
    if status?.causes.contains(where: { $0.reason == "NamespaceTerminating" }) == true {
      return Self(.namespaceTerminating)
    }
    return Self(message.contains("exceeded quota: ") ? .quotaExceeded : .forbidden)
  }

  /// 500 has three: a webhook that could not be called, a mistake of ours that the server does not
  /// report as one (a Status without reason), and trouble of the server's own.
  private static func internalError(
    _ status: APIStatus?, message: String, later: KubernetesError.RetryAdvice
  ) -> Self {
    guard let status else { return Self(.serverError, later, .ambiguous) }
    switch status.reason {
    case "InternalError" where message.contains("failed calling webhook "):
      return Self(.webhookUnavailable, later)
    case "ServerTimeout", "Timeout":
      return Self(.timeout, later, .ambiguous)
    case nil where storeLimits.contains(where: message.contains):
      return Self(.tooLarge)
    case nil where !storeTroubles.contains(where: message.contains):
      return Self(.rejected)
    default:
      return Self(.serverError, later, .ambiguous)
    }
  }

  /// A webhook's denial begins so, whatever status the webhook chose; a policy's is in the middle.
  private static func isAdmissionDenial(_ message: String) -> Bool {
    (message.hasPrefix("admission webhook \"") && message.contains(" denied the request"))
      || (message.contains("ValidatingAdmissionPolicy '") && message.contains(" denied request: "))
  }

  /// What etcd (`--max-request-bytes`) and the connection to it say about too large an object.
  private static let storeLimits = [
    "etcdserver: request is too large", "trying to send message larger than max",
  ]

  /// What comes through from the store and its connection when those fail, without a reason, like
  /// a client's mistake.
  /// Source: go.etcd.io/etcd/api/v3rpc/rpctypes/error.go, google.golang.org/grpc/codes.
  private static let storeTroubles = [
    "etcdserver: ", "rpc error: code = ", "context deadline exceeded", "context canceled",
    "connection refused", "connection reset", "i/o timeout", "EOF",
  ]
}

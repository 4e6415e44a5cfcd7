// What went wrong between us and the API server, in terms that a dispatcher can act on and a
// person can read.

/// A request to the API server that did not succeed.
///
/// It says what failed (``code``), in the server's own words (``message``), and two things that
/// decide what happens next: ``retry`` and ``outcome``. Nobody needs to look at a status or at
/// the text to decide.
///
/// *Secrets.* No field carries a token, a key or a request body: a message comes from the server
/// or from this module, and tokens are replaced by `<token>` before it leaves the client.
package struct KubernetesError: Error, Equatable, Sendable {
  /// What failed. The set is open: compare with the members, and treat others by ``retry``.
  package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
  }

  /// What to do about it.
  package enum RetryAdvice: Hashable, Sendable {
    /// The same request would be answered the same way.
    case never
    /// Repeat it when this much time has passed, or later.
    case after(Duration)
    /// Repeat it after the caller's own, growing, delay.
    case backoff
  }

  /// What is known about the effect of the failed request.
  package enum Outcome: Hashable, Sendable {
    /// The server did not carry the request out.
    case notPerformed
    /// It may or may not have been carried out: look, or repeat it in a way that is harmless.
    case ambiguous
  }

  /// One of several mistakes, as `details.causes` of a Status lists them.
  package struct Cause: Hashable, Sendable {
    package var reason: String?
    package var field: String?
    package var message: String

    package init(reason: String? = nil, field: String? = nil, message: String) {
      self.reason = reason
      self.field = field
      self.message = message
    }
  }

  /// The object the server's message is about, which need not be the one that was asked for.
  package struct Subject: Hashable, Sendable {
    package var group: String
    /// The server writes a kind here or a resource's plural name.
    package var kind: String
    package var name: String

    package init(group: String = "", kind: String, name: String = "") {
      self.group = group
      self.kind = kind
      self.name = name
    }
  }

  package var code: Code
  /// The status of the answer; nil when there was none.
  package var httpStatus: Int?
  /// The `reason` of the Status object; nil when the answer had none.
  package var reason: String?
  /// The API's own message, or ours when nothing came from it.
  package var message: String
  package var causes: [Cause]
  package var subject: Subject?
  package var retry: RetryAdvice
  package var outcome: Outcome
  /// What was attempted, as in `create pipelineruns.tekton.dev "a" in namespace "ci"`.
  package var operation: String?

  package init(
    _ code: Code, httpStatus: Int? = nil, reason: String? = nil, message: String,
    causes: [Cause] = [], subject: Subject? = nil, retry: RetryAdvice = .never,
    outcome: Outcome = .notPerformed, operation: String? = nil
  ) {
    self.code = code
    self.httpStatus = httpStatus
    self.reason = reason
    self.message = message
    self.causes = causes
    self.subject = subject
    self.retry = retry
    self.outcome = outcome
    self.operation = operation
  }

  /// Whether an object of that name is there already.
  package var isAlreadyExists: Bool { code == .alreadyExists }

  /// Whether the object, its namespace or its type is not there.
  package var isNotFound: Bool {
    code == .notFound || code == .namespaceNotFound || code == .unknownResource
  }

  /// Whether repeating the request is pointless.
  package var isPermanent: Bool { retry == .never }

  /// A request that this module refuses to send.
  static func invalidRequest(_ message: String) -> Self {
    Self(.invalidRequest, message: message)
  }
}

extension KubernetesError.Code {
  /// 409: an object of that name exists.
  package static let alreadyExists = Self(rawValue: "alreadyExists")
  /// 409: the object, or something the server had to change with it, was changed meanwhile.
  package static let conflict = Self(rawValue: "conflict")
  /// 404: no object of that name.
  package static let notFound = Self(rawValue: "notFound")
  /// 404: no such namespace.
  package static let namespaceNotFound = Self(rawValue: "namespaceNotFound")
  /// The server serves no such resource; for a custom one, its definition is not installed.
  package static let unknownResource = Self(rawValue: "unknownResource")
  /// 403: the account lacks the permission.
  package static let forbidden = Self(rawValue: "forbidden")
  /// 403: the namespace is being deleted.
  package static let namespaceTerminating = Self(rawValue: "namespaceTerminating")
  /// 403: a ResourceQuota is used up.
  package static let quotaExceeded = Self(rawValue: "quotaExceeded")
  /// An admission webhook or policy refused the object, with whatever status it chose.
  package static let admissionDenied = Self(rawValue: "admissionDenied")
  /// 401: the credentials do not check out.
  package static let unauthorized = Self(rawValue: "unauthorized")
  /// 400: the request or the object cannot be read; unknown fields are among the causes.
  package static let badRequest = Self(rawValue: "badRequest")
  /// 422: the object breaks its schema.
  package static let invalid = Self(rawValue: "invalid")
  /// 405, 406, 415, 417, 501 and the like: the server does not do this.
  package static let unsupported = Self(rawValue: "unsupported")
  /// 413, 431, or what the store answers for too large an object.
  package static let tooLarge = Self(rawValue: "tooLarge")
  /// 410: the version asked for is too old; list again.
  package static let expired = Self(rawValue: "expired")
  /// 429: refused for now.
  package static let tooManyRequests = Self(rawValue: "tooManyRequests")
  /// 408, 504: the server ran out of time.
  package static let timeout = Self(rawValue: "timeout")
  /// 500 for what is the client's mistake; no retry helps.
  package static let rejected = Self(rawValue: "rejected")
  /// 500 because an admission webhook could not be called.
  package static let webhookUnavailable = Self(rawValue: "webhookUnavailable")
  /// 503: the server, or the one behind it, is away.
  package static let unavailable = Self(rawValue: "unavailable")
  /// Any other 5xx.
  package static let serverError = Self(rawValue: "serverError")
  /// 3xx: redirects are not followed, since the credentials would go with them.
  package static let redirected = Self(rawValue: "redirected")
  /// An answer that is not what this API sends.
  package static let undecodable = Self(rawValue: "undecodable")
  /// A request that was not sent because it cannot be right.
  package static let invalidRequest = Self(rawValue: "invalidRequest")
  /// The credentials could not be read.
  package static let credentialsUnreadable = Self(rawValue: "credentialsUnreadable")

  /// No answer was received. ``KubernetesError/outcome`` tells whether the request may have been.
  package static func transport(_ kind: TransportFailure.Kind) -> Self {
    Self(rawValue: "transport.\(kind)")
  }
}

extension KubernetesError: CustomStringConvertible {
  /// Operation, status, the API's message, and what to do next where that is not obvious.
  package var description: String {
    var text = operation.map { "\($0): " } ?? ""
    if let httpStatus { text += "\(httpStatus) " }
    if let reason, !reason.isEmpty { text += "\(reason) " }
    if text.hasSuffix(" "), httpStatus != nil || reason?.isEmpty == false {
      text.removeLast()
      text += ": "
    }
    text += message
    if let hint { text += " (\(hint))" }
    return text
  }

  /// What a person can do next; nil where the message says it.
  private var hint: String? {
    switch code {
    case .forbidden: "grant it with a Role and a RoleBinding"
    case .namespaceNotFound: "create the namespace, or correct it in the template"
    case .unknownResource: "check apiVersion and kind, and that its definition is installed"
    case .unauthorized: "the token or certificate is expired, revoked or from another cluster"
    case .redirected: "redirects are not followed; correct the server's address"
    default: nil
    }
  }
}

// Refusals, shaped as the `Status` objects of the API.
//
// Source: k8s.io/apimachinery/pkg/api/errors.

import HTTPWire
import JSON

/// A refusal of a request.
struct StatusError: Error, Equatable, Sendable {
  /// A cause in the details.
  struct Cause: Equatable, Sendable {
    var reason: String
    var message: String
    /// Absent where the cause is not about a field.
    var field: String?
  }

  /// What the refusal is about.
  struct Details: Equatable, Sendable {
    var name = ""
    var group = ""
    var kind = ""
    var uid = ""
    var causes: [Cause] = []
    var retryAfterSeconds = 0
  }

  var code: Int
  /// Empty for errors that a real server does not classify.
  var reason: String
  var message: String
  /// `nil` leaves the member out; an empty value is written as `{}`.
  var details: Details?
  /// Set where a list can be continued after all.
  var continueToken: String?

  init(
    _ code: Int, _ reason: String, _ message: String, details: Details? = nil,
    continueToken: String? = nil
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.details = details
    self.continueToken = continueToken
  }
}

// MARK: - The refusals

extension StatusError {
  static func badRequest(_ message: String) -> StatusError {
    StatusError(400, "BadRequest", message)
  }

  static let unauthorized = StatusError(401, "Unauthorized", "Unauthorized")

  /// A mistake that a real server reports as its own, without a reason.
  static func unclassified(_ message: String) -> StatusError {
    StatusError(500, "", message)
  }

  static func forbidden(_ resource: ResourceDefinition, name: String, _ why: String) -> StatusError
  {
    let subject =
      name.isEmpty ? resource.qualifiedPlural : "\(resource.qualifiedPlural) \"\(name)\""
    return StatusError(
      403, "Forbidden", "\(subject) is forbidden: \(why)",
      details: Details(name: name, group: resource.group, kind: resource.names.plural))
  }

  static func notFound(_ resource: ResourceDefinition, name: String) -> StatusError {
    notFound(group: resource.group, plural: resource.names.plural, name: name)
  }

  static func notFound(group: String, plural: String, name: String) -> StatusError {
    let qualified = group.isEmpty ? plural : "\(plural).\(group)"
    return StatusError(
      404, "NotFound", "\(qualified) \"\(name)\" not found",
      details: Details(name: name, group: group, kind: plural))
  }

  /// For a path below one that is served.
  static let unknownResource = StatusError(
    404, "NotFound", "the server could not find the requested resource", details: Details())

  static let methodNotAllowed = StatusError(
    405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
    details: Details())

  static func verbNotSupported(_ resource: ResourceDefinition, verb: String) -> StatusError {
    StatusError(
      405, "MethodNotAllowed",
      "\(verb) is not supported on resources of kind \"\(resource.qualifiedPlural)\"",
      details: Details(group: resource.group, kind: resource.names.plural))
  }

  static func notAcceptable(_ accepted: [String]) -> StatusError {
    let list = accepted.joined(separator: ", ")
    return StatusError(
      406, "NotAcceptable", "only the following media types are accepted: \(list)")
  }

  static func unsupportedMediaType(_ accepted: [String]) -> StatusError {
    let list = accepted.joined(separator: ", ")
    return StatusError(
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: \(list)")
  }

  static func alreadyExists(_ resource: ResourceDefinition, name: String) -> StatusError {
    StatusError(
      409, "AlreadyExists", "\(resource.qualifiedPlural) \"\(name)\" already exists",
      details: Details(name: name, group: resource.group, kind: resource.names.plural))
  }

  static func conflict(_ resource: ResourceDefinition, name: String, _ why: String) -> StatusError {
    StatusError(
      409, "Conflict",
      "Operation cannot be fulfilled on \(resource.qualifiedPlural) \"\(name)\": \(why)",
      details: Details(name: name, group: resource.group, kind: resource.names.plural))
  }

  /// Another write came in between.
  static func modifiedMeanwhile(_ resource: ResourceDefinition, name: String) -> StatusError {
    conflict(
      resource, name: name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  /// The kind of the resource in place of its plural, as failed preconditions name it.
  static func preconditionFailed(
    _ resource: ResourceDefinition, name: String, _ why: String
  ) -> StatusError {
    let kind = resource.names.kind
    let qualified = resource.group.isEmpty ? kind : "\(kind).\(resource.group)"
    return StatusError(
      409, "Conflict", "Operation cannot be fulfilled on \(qualified) \"\(name)\": \(why)",
      details: Details(name: name, group: resource.group, kind: kind))
  }

  static func expired(_ message: String, continueToken: String? = nil) -> StatusError {
    StatusError(410, "Expired", message, continueToken: continueToken)
  }

  /// A resource version that does not exist yet.
  static func tooLargeVersion(_ version: UInt64, current: UInt64) -> StatusError {
    StatusError(
      504, "Timeout", "Timeout: Too large resource version: \(version), current: \(current)",
      details: Details(
        causes: [
          Cause(
            reason: "ResourceVersionTooLarge", message: "Too large resource version", field: nil)
        ],
        retryAfterSeconds: 1))
  }

  /// An object with mistakes. Equal messages are said once, but each is a cause.
  static func invalid(
    group: String, kind: String, name: String, _ mistakes: [FieldError]
  ) -> StatusError {
    var texts: [String] = []
    for mistake in mistakes where !texts.contains(mistake.description) {
      texts.append(mistake.description)
    }
    let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    let qualified = group.isEmpty ? kind : "\(kind).\(group)"
    return StatusError(
      422, "Invalid", "\(qualified) \"\(name)\" is invalid: \(list)",
      details: Details(
        name: name, group: group, kind: kind,
        causes: mistakes.map {
          Cause(reason: $0.kind.rawValue, message: $0.message, field: $0.field)
        }))
  }

  /// Mistakes in the options of a request.
  static func invalidOptions(_ kind: String, _ mistakes: [FieldError]) -> StatusError {
    invalid(group: "meta.k8s.io", kind: kind, name: "", mistakes)
  }

  init(_ denial: AdmissionDenial) {
    self.init(denial.code, denial.reason, denial.message)
  }
}

// MARK: - The answer

extension StatusError {
  /// The `Status` object.
  var object: JSONValue {
    var status: JSONObject = [
      "kind": "Status", "apiVersion": "v1",
      "metadata": continueToken.map { ["continue": .string($0)] } ?? [:],
      "status": "Failure", "message": .string(message),
    ]
    if !reason.isEmpty { status["reason"] = .string(reason) }
    if let details { status["details"] = details.object }
    status["code"] = .int(code)
    return .object(status)
  }

  /// The answer to a client that reads this encoding.
  func response(_ encoding: APIResponse.Encoding = .compactJSON) -> APIResponse {
    var response = APIResponse.value(
      object, status: HTTPStatus(rawValue: code), encoding: encoding)
    if let seconds = details?.retryAfterSeconds, seconds > 0 {
      response.fields["Retry-After"] = String(seconds)
    }
    return response
  }

  /// The `Status` of a success that has no object to show.
  static func success(_ resource: ResourceDefinition, name: String, uid: String) -> JSONValue {
    let details = Details(
      name: name, group: resource.group, kind: resource.names.plural, uid: uid)
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
      "details": details.object,
    ]
  }
}

extension StatusError.Details {
  fileprivate var object: JSONValue {
    var result = JSONObject()
    if !name.isEmpty { result["name"] = .string(name) }
    if !group.isEmpty { result["group"] = .string(group) }
    if !kind.isEmpty { result["kind"] = .string(kind) }
    if !uid.isEmpty { result["uid"] = .string(uid) }
    if !causes.isEmpty { result["causes"] = .array(causes.map(\.object)) }
    if retryAfterSeconds > 0 { result["retryAfterSeconds"] = .int(retryAfterSeconds) }
    return .object(result)
  }
}

extension StatusError.Cause {
  fileprivate var object: JSONValue {
    var result: JSONObject = ["reason": .string(reason), "message": .string(message)]
    if let field { result["field"] = .string(field) }
    return .object(result)
  }
}

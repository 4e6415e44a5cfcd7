// The way of an object into the store, as far as it belongs to its kind.

package import JSON

/// The rules of one resource for objects that are written.
///
/// They run in the order of the members, as in a real API server: ``mutate`` stands for mutating
/// admission webhooks, ``validate`` for the resource's own validation (422, all mistakes at once),
/// ``review`` for validating admission webhooks. Between ``mutate`` and ``validate`` the server
/// checks metadata and schema.
package struct ResourceAdmission: Sendable {
  /// Fills in defaults and may refuse. Gives the object to go on with.
  package var mutate: @Sendable (AdmissionRequest) throws(AdmissionDenial) -> AdmissionAnswer
  /// The mistakes that neither metadata nor schema show.
  package var validate: @Sendable (AdmissionRequest) -> [FieldError]
  /// May refuse, and may warn.
  package var review: @Sendable (AdmissionRequest) throws(AdmissionDenial) -> [String]

  package init(
    mutate:
      @escaping @Sendable (AdmissionRequest) throws(AdmissionDenial) -> AdmissionAnswer = {
        (request) throws(AdmissionDenial) in AdmissionAnswer(object: request.object)
      },
    validate: @escaping @Sendable (AdmissionRequest) -> [FieldError] = { _ in [] },
    review:
      @escaping @Sendable (AdmissionRequest) throws(AdmissionDenial) -> [String] = {
        (_) throws(AdmissionDenial) in []
      }
  ) {
    self.mutate = mutate
    self.validate = validate
    self.review = review
  }
}

/// One write, as admission sees it.
package struct AdmissionRequest: Sendable {
  /// What is done to the object.
  package enum Operation: String, Sendable {
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
  }

  package var operation: Operation
  package var group: String
  /// The version in the URL; the objects are in this version.
  package var version: String
  /// The plural name in the URL.
  package var resource: String
  /// The kind that belongs to the resource. The object's own `kind` may be another: a mutating
  /// hook may repair it before it is checked.
  package var kind: String
  /// `status`, or empty.
  package var subresource: String
  /// Empty for resources of the cluster.
  package var namespace: String
  /// The object's name; empty while it is still to be generated.
  package var name: String
  /// The object as it would be stored. For a deletion the one that is stored.
  package var object: JSONValue
  /// The stored object, for updates and deletions.
  package var oldObject: JSONValue?
  package var isDryRun: Bool
  package var user: String

  package init(
    operation: Operation, group: String, version: String, resource: String, kind: String,
    subresource: String = "", namespace: String, name: String, object: JSONValue,
    oldObject: JSONValue? = nil, isDryRun: Bool = false, user: String = ""
  ) {
    self.operation = operation
    self.group = group
    self.version = version
    self.resource = resource
    self.kind = kind
    self.subresource = subresource
    self.namespace = namespace
    self.name = name
    self.object = object
    self.oldObject = oldObject
    self.isDryRun = isDryRun
    self.user = user
  }
}

/// What a mutating hook gives back.
package struct AdmissionAnswer: Sendable {
  package var object: JSONValue
  /// Sent to the client as `Warning` fields.
  package var warnings: [String]

  package init(object: JSONValue, warnings: [String] = []) {
    self.object = object
    self.warnings = warnings
  }
}

/// A refusal by an admission webhook, or by a conversion.
package struct AdmissionDenial: Error, Equatable, Sendable {
  /// The status code of the answer.
  package var code: Int
  /// `BadRequest`, `Forbidden`, …; empty for none.
  package var reason: String
  /// The whole message, with the text that names the webhook.
  package var message: String

  package init(code: Int = 400, reason: String = "BadRequest", message: String) {
    self.code = code
    self.reason = reason
    self.message = message
  }

  /// A denial worded as the API server words one that a webhook sent.
  package static func byWebhook(_ webhook: String, _ text: String) -> AdmissionDenial {
    AdmissionDenial(message: "admission webhook \"\(webhook)\" denied the request: \(text)")
  }
}

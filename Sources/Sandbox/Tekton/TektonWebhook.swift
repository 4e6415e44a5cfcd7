// Tekton's admission webhooks, as part of the server.

import JSON

/// The mutating and the validating webhook for one kind.
///
/// *Source:* `knative.dev/pkg/webhook/resourcesemantics`.
struct TektonWebhook: Sendable {
  let kind: TektonKind

  private static let mutatingName = "webhook.pipeline.tekton.dev"
  private static let validatingName = "validation.webhook.pipeline.tekton.dev"

  /// The hooks in the form that the server calls.
  var admission: ResourceAdmission {
    ResourceAdmission(
      mutate: { (request) throws(AdmissionDenial) in
        AdmissionAnswer(object: try mutated(request))
      },
      review: { (request) throws(AdmissionDenial) in
        try review(request)
        return []
      })
  }

  /// The object as it comes out of the webhook's types, with its defaults.
  ///
  /// *Errors:* the object does not fit the types.
  func mutated(_ request: AdmissionRequest) throws(AdmissionDenial) -> JSONValue {
    guard request.operation != .delete, let version = TektonVersion(rawValue: request.version)
    else { return request.object }
    var object: JSONValue
    do {
      object = try WebhookRoundTrip.pass(request.object, through: kind.structure(version))
    } catch {
      throw .byWebhook(Self.mutatingName, "mutation failed: \(error)")
    }
    kind.setDefaults(&object, version, isNew: request.operation == .create)
    object["kind"] = .string(kind.rawValue)
    // What the client did not send at all is the server's to make.
    if request.object["metadata"] == nil, object["metadata"] == [:] { object["metadata"] = nil }
    if request.object["status"] == nil { object["status"] = nil }
    return object
  }

  /// *Errors:* the object breaks a rule; all mistakes are in one message.
  func review(_ request: AdmissionRequest) throws(AdmissionDenial) {
    guard request.operation != .delete, let version = TektonVersion(rawValue: request.version)
    else { return }
    let structure = kind.structure(version)
    let object: JSONValue
    var old: JSONValue?
    do {
      object = try WebhookRoundTrip.pass(request.object, through: structure)
      if request.operation == .update, let stored = request.oldObject {
        old = try WebhookRoundTrip.pass(stored, through: structure, unknownFields: .dropped)
      }
    } catch {
      throw .byWebhook(Self.validatingName, "validation failed: \(error)")
    }
    let violations = kind.violations(of: object, old: old, version)
    guard violations.isEmpty else {
      throw .byWebhook(Self.validatingName, "validation failed: \(violations)")
    }
  }
}

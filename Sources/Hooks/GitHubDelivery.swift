// GitHub's deliveries: `X-GitHub-Event` names the event, `X-GitHub-Delivery` the delivery, the body is
// the payload.
//
// The payload is signed, and still nothing in it is taken for granted: a field that is absent, null or
// of another type is absent, and where the event makes no sense without it the delivery is malformed.
//
// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads.

import Bytes
import JSON

/// Reads GitHub's deliveries.
enum GitHubDelivery {
  static func read(fields: HeaderLookup, body: JSONView) -> SourceDelivery {
    let names = fields("X-GitHub-Event")
    guard let name = names.first else { return .malformed("the header X-GitHub-Event is missing") }
    guard names.count == 1 else { return .malformed("more than one header X-GitHub-Event") }
    guard isEventName(name) else {
      return .malformed("the header X-GitHub-Event is not the name of an event")
    }
    let ids = fields("X-GitHub-Delivery")
    guard ids.count <= 1 else { return .malformed("more than one header X-GitHub-Delivery") }
    if let id = ids.first, !isDeliveryID(id) {
      return .malformed("the header X-GitHub-Delivery is not the id of a delivery")
    }
    guard body.kind == .object else {
      return .malformed("the payload is \(body.typeName), an object is expected")
    }
    if name == "ping" { return .ping }
    switch GitHubEvents.event(name, body) {
    case .success(let event): return .events([event], id: ids.first)
    case .failure(let problem): return .malformed("\(name): \(problem.message)")
    }
  }

  private static func isEventName(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= eventNameLimit
      && bytes.allSatisfy { KubernetesNames.isLowerOrDigit($0) || $0 == UInt8(ascii: "_") }
  }

  /// The id is not signed, and the run's name is derived from it. A slash is in the keys of manual
  /// calls alone, so no delivery can pass for one.
  private static func isDeliveryID(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= deliveryIDLimit
      && bytes.allSatisfy { ASCII.isVisible($0) && $0 != UInt8(ascii: "/") }
  }

  /// Twice GitHub's longest name.
  private static let eventNameLimit = 64
  /// GitHub sends a UUID of 36 characters.
  private static let deliveryIDLimit = 128
}

/// Why a payload cannot be what its header says.
struct MalformedPayload: Error, Equatable {
  let message: String
}

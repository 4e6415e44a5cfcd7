// Reading a verified delivery by its sender's profile: what happened and which delivery it is.
//
// The payload is signed, and still nothing in it is taken for granted: a field that is absent, null or
// of another type is absent, and where the event makes no sense without it the delivery is malformed.
// Headers are rarely signed, and names of runs and subscriptions are made from them.

import Bytes
package import JSON

/// A verified delivery as its sender sent it.
package struct NativeDelivery {
  package let kind: SourceKind
  /// The sender's own name of the event; nil where it gives none.
  package let name: String?
  package let fields: HeaderLookup
  package let body: JSONView
}

/// Why a payload cannot be what its header says.
package struct MalformedPayload: Error, Equatable {
  package let message: String

  package init(message: String) {
    self.message = message
  }
}

extension NativeDelivery {
  /// The delivery as an event of its sender's own name, `stripe:invoice.paid`, of which nothing else
  /// is read: for senders whose payloads have no common form.
  package var namedEvent: Event {
    let name = name ?? kind.profile.namelessEvent
    return Event(
      kind: EventKind(rawValue: "\(kind.rawValue):\(name)"), provider: kind.rawValue,
      providerEvent: name)
  }
}

// MARK: - Reading

extension SenderProfile {
  /// What a verified delivery says.
  func delivery(kind: SourceKind, fields: @escaping HeaderLookup, body: JSONView) -> SourceDelivery
  {
    do throws(MalformedPayload) {
      let name = try name(fields, body)
      let id = try id(fields, body)
      guard body.kind == .object else {
        throw MalformedPayload(message: "the payload is \(body.typeName), an object is expected")
      }
      switch greeting {
      case .ping(name), .unsignedPing(name): return .ping
      case .challenge(name, let member):
        guard let text = body[member]?.stringValue, text.utf8.count <= Self.challengeLimit else {
          throw MalformedPayload(message: "\(member) is missing or no text")
        }
        return .challenge(text)
      default: break
      }
      let native = NativeDelivery(kind: kind, name: name, fields: fields, body: body)
      do throws(MalformedPayload) {
        return .events(try native.events(), id: id)
      } catch {
        throw MalformedPayload(message: "\(name ?? namelessEvent): \(error.message)")
      }
    } catch {
      return .malformed(error.message)
    }
  }

  /// The header fields in which this sender names an event and a delivery; none where it does so in
  /// the body.
  package func fields(event: String, delivery: String) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    if case .header(let name) = eventName.locations.first { fields.append((name, event)) }
    if case .header(let name) = deliveryID.first { fields.append((name, delivery)) }
    return fields
  }

  /// Given fields, completed with those of ``fields(event:delivery:)`` that are not among them.
  package func completing(
    _ given: [(name: String, value: String)], event: String, delivery: String
  ) -> [(name: String, value: String)] {
    given
      + fields(event: event, delivery: delivery).filter { field in
        !given.contains { ASCII.equalsIgnoringCase($0.name, field.name) }
      }
  }

  /// Whether a delivery needs a header that names its event.
  package var isEventNamedInHeader: Bool {
    guard eventName.presence == .required, case .header = eventName.locations.first else {
      return false
    }
    return true
  }

  /// Whether a delivery is the greeting that this sender does not sign, decided from its head.
  package func isUnsignedPing(_ fields: HeaderLookup) -> Bool {
    guard case .unsignedPing(let name) = greeting else { return false }
    return eventName.locations.contains { location in
      if case .header(let header) = location { fields(header) == [name] } else { false }
    }
  }

  private func name(
    _ fields: HeaderLookup, _ body: JSONView
  ) throws(MalformedPayload) -> String? {
    for location in eventName.locations {
      guard let text = try location.text(fields, body) else { continue }
      guard isEventName(text) else {
        throw MalformedPayload(message: "\(location) is not the name of an event")
      }
      return text
    }
    if eventName.presence == .required, let first = eventName.locations.first {
      throw MalformedPayload(message: "\(first) is missing")
    }
    return nil
  }

  private func id(
    _ fields: HeaderLookup, _ body: JSONView
  ) throws(MalformedPayload) -> String? {
    for location in deliveryID {
      guard let text = try location.text(fields, body) else { continue }
      guard Self.isDeliveryID(text) else {
        throw MalformedPayload(message: "\(location) is not the id of a delivery")
      }
      return text
    }
    return nil
  }

  /// Whether a text may be the name of an event of this sender.
  func isEventName(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= Self.eventNameLimit
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: ":"),
          UInt8(ascii: "/"), UInt8(ascii: "-"):
          eventName.alphabet == .open
        default: false
        }
      }
  }

  /// The id is hardly ever signed, and the run's name is derived from it. A slash is in the keys of
  /// manual calls alone, so no delivery can pass for one.
  private static func isDeliveryID(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= deliveryIDLimit
      && bytes.allSatisfy { ASCII.isVisible($0) && $0 != UInt8(ascii: "/") }
  }

  /// Twice the longest name that a Git host has.
  private static let eventNameLimit = 64
  /// Mostly it is a UUID of 36 characters.
  private static let deliveryIDLimit = 128
  /// Slack sends 52 characters.
  private static let challengeLimit = 1024
}

extension SenderProfile.Location {
  /// The text there; nil where there is nothing that could be one.
  fileprivate func text(
    _ fields: HeaderLookup, _ body: JSONView
  ) throws(MalformedPayload) -> String? {
    switch self {
    case .header(let name):
      let values = fields(name)
      guard values.count <= 1 else {
        throw MalformedPayload(message: "more than one header \(name)")
      }
      return values.first
    case .body(let path):
      var value: JSONView? = body
      for key in path { value = value?[key] }
      return value?.stringValue ?? value?.intValue.map { "\($0)" }
    }
  }
}

extension SenderProfile.Location: CustomStringConvertible {
  package var description: String {
    switch self {
    case .header(let name): "the header \(name)"
    case .body(let path): path.joined(separator: ".")
    }
  }
}

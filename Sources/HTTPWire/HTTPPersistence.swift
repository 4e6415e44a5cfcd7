// What becomes of a connection after a message.

/// Whether a connection is used again after the present exchange.
///
/// *Source*: RFC 9112 §9.3.
package enum HTTPPersistence: Sendable {
  case keepAlive
  case close
}

extension HTTPPersistence {
  /// What a message of the version with these fields asks for: 1.1 persists unless it says
  /// `close`, 1.0 only if it says `keep-alive`.
  init(version: HTTPVersion, fields: HTTPFields) {
    if fields.firstIndex(named: "connection") == nil {
      self = version == .http11 ? .keepAlive : .close
    } else if fields.containsOption("close", in: "connection") {
      self = .close
    } else if version == .http11 || fields.containsOption("keep-alive", in: "connection") {
      self = .keepAlive
    } else {
      self = .close
    }
  }
}

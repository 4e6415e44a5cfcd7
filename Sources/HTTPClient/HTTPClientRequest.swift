// A request, and what may be done with it.

package import HTTPWire

/// A request to the origin of an ``HTTPClient``.
package struct HTTPClientRequest: Sendable {
  /// Whether the request may reach the server twice.
  package enum Repeatability: Sendable {
    /// It may: a second time does no harm.
    case repeatable
    /// It must not: whoever made it decides what an unanswered request means.
    case once
  }

  package var method: HTTPMethod
  /// The path with its query, escaped.
  package var target: String
  /// All fields but `Host`, those of the framing and those of the connection, which the client
  /// writes.
  package var fields: HTTPFields
  package var body: [UInt8]
  /// Whether it is sent again when a kept connection turns out to be dead.
  package var repeatability: Repeatability

  /// - Parameter repeatability: when nil, it follows from the method: what RFC 9110 §9.2.2 calls
  ///   idempotent may be repeated.
  package init(
    _ method: HTTPMethod, _ target: String, fields: HTTPFields = [], body: [UInt8] = [],
    repeatability: Repeatability? = nil
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
    self.repeatability = repeatability ?? (Self.idempotent.contains(method) ? .repeatable : .once)
  }

  private static let idempotent: Set<HTTPMethod> = [
    .get, .head, .put, .delete, .options, .trace,
  ]
}

/// An answer that was received whole.
package struct HTTPClientResponse: Sendable {
  package let head: HTTPResponseHead
  package let body: [UInt8]

  package var status: HTTPStatus { head.status }
  package var fields: HTTPFields { head.fields }
}

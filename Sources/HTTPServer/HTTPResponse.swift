// What is answered.

package import HTTPWire

/// A response. The server adds `Date`, `Content-Length` or `Transfer-Encoding`, and `Connection`;
/// its fields must not have them.
package struct HTTPResponse: Sendable {
  package var status: HTTPStatus
  package var fields: HTTPFields
  package var body: Body
  /// Whether the connection ends after it, whatever the request asked for.
  package var closesConnection: Bool

  package enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// A body that comes bit by bit, in chunks. The closure runs on the connection's loop, in a task
    /// that is cancelled once the peer is gone or the server drains; the body ends when it returns.
    /// If it throws for another reason, the connection is cut, so that the peer does not take the
    /// body for whole.
    case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
  }

  package init(
    _ status: HTTPStatus, fields: HTTPFields = [], body: Body = .none,
    closesConnection: Bool = false
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.closesConnection = closesConnection
  }
}

extension HTTPResponse {
  /// A body of JSON, given as its bytes.
  package static func json(
    _ status: HTTPStatus, _ bytes: [UInt8], fields: HTTPFields = []
  ) -> HTTPResponse {
    response(status, bytes, type: "application/json", fields: fields)
  }

  /// A body of plain text.
  package static func text(
    _ status: HTTPStatus, _ text: String, fields: HTTPFields = []
  ) -> HTTPResponse {
    response(status, Array(text.utf8), type: "text/plain; charset=utf-8", fields: fields)
  }

  private static func response(
    _ status: HTTPStatus, _ bytes: [UInt8], type: String, fields: HTTPFields
  ) -> HTTPResponse {
    var fields = fields
    fields.append(name: "Content-Type", value: type)
    return HTTPResponse(status, fields: fields, body: .bytes(bytes))
  }
}

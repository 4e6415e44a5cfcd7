// The head of a response.

/// The status line and header fields of a response.
///
/// The reason phrase is not kept: a client ignores it (RFC 9112 §4), and a server writes
/// ``HTTPStatus/reasonPhrase``.
package struct HTTPResponseHead: Sendable, Equatable {
  package var status: HTTPStatus
  package var version: HTTPVersion
  package var fields: HTTPFields

  /// How the body of a received response is framed; `none` in a head that is made here.
  package internal(set) var bodyFraming: HTTPBodyFraming

  /// A head to be sent. The fields of the framing, of the connection and the date are added by
  /// ``HTTPServerMachine``.
  package init(status: HTTPStatus, version: HTTPVersion = .http11, fields: HTTPFields = []) {
    self.status = status
    self.version = version
    self.fields = fields
    bodyFraming = .none
  }
}

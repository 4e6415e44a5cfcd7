// An answer of the API as a value.

package import HTTPWire
package import JSON

/// One answer: status, fields and a body that is a value, bytes, or a watch to be pulled.
package struct APIResponse: Sendable {
  /// What the body is.
  package enum Body: Sendable {
    case none
    /// Written as JSON or YAML, as ``APIResponse/encoding`` says.
    case value(JSONValue)
    case bytes([UInt8])
    /// Events without end. The driver pulls them with ``APIServer/poll(_:)``.
    case watch(Watch)
  }

  /// How a value is written.
  package enum Encoding: Sendable, Equatable {
    case compactJSON
    case prettyJSON
    case yaml
  }

  package var status: HTTPStatus
  package var fields: HTTPFields
  package var body: Body
  package var encoding: Encoding
  /// Whether the connection is to be closed after it.
  package var closesConnection = false

  package init(
    status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: Body = .none,
    encoding: Encoding = .compactJSON
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.encoding = encoding
  }

  /// Plain text.
  static func text(_ status: HTTPStatus, _ text: String, sniffing: Sniffing) -> APIResponse {
    var response = APIResponse(status: status, body: .bytes(Array(text.utf8)))
    response.fields["Content-Type"] = "text/plain; charset=utf-8"
    if sniffing == .forbidden { response.fields["X-Content-Type-Options"] = "nosniff" }
    return response
  }

  /// Whether a browser may guess the content's type.
  enum Sniffing {
    case allowed
    case forbidden
  }

  /// For a path that nobody serves.
  static let pageNotFound = text(.notFound, "404 page not found\n", sniffing: .forbidden)

  /// A value as JSON.
  static func value(
    _ value: JSONValue, status: HTTPStatus = .ok, encoding: Encoding = .compactJSON
  ) -> APIResponse {
    var response = APIResponse(status: status, body: .value(value), encoding: encoding)
    response.fields["Content-Type"] =
      encoding == .yaml ? "application/yaml" : "application/json"
    return response
  }
}

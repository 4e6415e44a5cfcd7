// What a sender is told: a status and a JSON object that always names what happened (DESIGN §6).

import HTTPServer
import HTTPWire
import JSON

/// Builds the answers of the listeners.
enum Reply {
  /// The answer to a ping.
  static func ping() -> HTTPResponse {
    json(.ok, ["ping": true, "message": "the signature is right; deliveries will be accepted"])
  }

  /// The answer to a ping that its sender does not sign.
  static func unsignedPing() -> HTTPResponse {
    json(
      .ok,
      [
        "ping": true,
        "message": "the hook is here; a ping of this sender is not signed, deliveries have to be",
      ])
  }

  /// A refusal, for a person to read.
  static func refusal(
    _ status: HTTPStatus, _ reason: String, _ message: String, fields: HTTPFields = [:]
  ) -> HTTPResponse {
    var response = json(
      status, ["error": ["reason": .string(reason), "message": .string(message)]])
    for field in fields { response.fields.append(field) }
    return response
  }

  static func json(_ status: HTTPStatus, _ body: JSONValue) -> HTTPResponse {
    .json(status, body.serialized() + [UInt8(ascii: "\n")])
  }
}

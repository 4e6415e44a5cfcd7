// The answers to requests that are not accepted. They tell the sender what to change, and nothing
// about secrets.

import Crypto
import HTTPServer
import HTTPWire
import Hooks
import JSON

/// Refusals with fixed words.
enum Refusal {
  static let unknownPath = Reply.refusal(
    .notFound, "path", "deliveries go to /hooks/{namespace}/{hook}")
  static let unknownHook = Reply.refusal(
    .notFound, "hook", "no hook of this namespace and name is configured")
  /// The sender tries again, and nothing was accepted.
  static let secretsMissing = Reply.refusal(
    .serviceUnavailable, "secrets", "the secrets of this hook could not be read yet: send it again",
    fields: ["Retry-After": "5"])
  static let addressNotAllowed = Reply.refusal(
    .forbidden, "address", "this hook takes no deliveries from your address")
  static let noDeliveries = Reply.refusal(
    .notFound, "hook", "this hook takes no deliveries: it has only manual triggers")
  static let unknownMethod = Reply.refusal(
    .notImplemented, "method", "this method is not known here")
  static let onlyPOST = Reply.refusal(
    .methodNotAllowed, "method", "only POST is served here", fields: ["Allow": "POST"])
  static let noLength = Reply.refusal(
    .lengthRequired, "length", "send the length of the body in Content-Length")
  static let encodedBody = Reply.refusal(
    .unsupportedMediaType, "content-encoding", "send the body without Content-Encoding")

  /// One answer for every way in which a signature can be wrong or missing.
  ///
  /// The challenge names the scheme that the source is checked by, which is no secret.
  static func badSignature(of source: Source) -> HTTPResponse {
    let scheme =
      switch source.profile.methods.first {
      case .signature(let scheme): scheme.challenge
      case .basic: "Basic"
      case .bearer: "Bearer"
      case .token: "Token"
      case nil: "Certificate"
      }
    return Reply.refusal(
      .unauthorized, "signature", "the signature is missing or not right",
      fields: ["WWW-Authenticate": "\(scheme) realm=\"hookline\""])
  }

  static let badToken = Reply.refusal(
    .unauthorized, "token", "the bearer token is missing or not right",
    fields: ["WWW-Authenticate": "Bearer realm=\"hookline\""])

  /// To an address that failed too often (``FailureLimiter``).
  static func tooManyFailures(retryAfter seconds: Int) -> HTTPResponse {
    var response = Reply.refusal(
      .tooManyRequests, "rate",
      "too many requests from your address could not be authenticated; one that can is served",
      fields: ["Retry-After": "\(seconds)"])
    response.closesConnection = true
    return response
  }

  /// To a caller who starts runs more often than their rate allows.
  static func tooManyCalls(
    of caller: String, _ rate: CallRate, retryAfter seconds: Int
  ) -> HTTPResponse {
    Reply.refusal(
      .tooManyRequests, "rate",
      "caller \(caller) may start \(rate.count) runs in \(rate.period.components.seconds) s",
      fields: ["Retry-After": "\(seconds)"])
  }

  static let inputsNotJSON = mediaType(
    "the inputs are JSON: send them with the header 'Content-Type: application/json'")

  static let tokenInURL = Reply.refusal(
    .badRequest, "query",
    "a token in a URL ends in logs and histories: send it as 'Authorization: Bearer …', and replace "
      + "the one that was sent")
  static let keyReused = Reply.refusal(
    .unprocessableContent, "idempotency-key",
    "this Idempotency-Key was used with another body: nothing was started; a new call needs a new "
      + "key")

  /// Everything that is wrong with the inputs of a manual call, up to ``problemLimit``.
  static func inputs(_ problems: [InputProblem]) -> HTTPResponse {
    let shown = problems.prefix(problemLimit)
    let more = problems.count > shown.count ? "; and \(problems.count - shown.count) more" : ""
    let text = shown.map(\.description).joined(separator: "; ")
    return Reply.json(
      .badRequest,
      [
        "error": [
          "reason": "inputs", "message": .string(text + more),
          "problems": .array(
            shown.map { ["path": .string($0.path), "message": .string($0.message)] }),
        ]
      ])
  }

  /// Nobody reads more; a body of 64 KiB can hold thousands of unknown names.
  private static let problemLimit = 50

  static func mediaType(_ message: String) -> HTTPResponse {
    Reply.refusal(.unsupportedMediaType, "content-type", message)
  }

  static func malformed(_ message: String) -> HTTPResponse {
    Reply.refusal(.badRequest, "malformed", message)
  }

  static func forbiddenTrigger(caller: String, trigger: String) -> HTTPResponse {
    Reply.refusal(.forbidden, "trigger", "caller \(caller) may not start trigger \(trigger)")
  }

  static func notManual(_ trigger: String) -> HTTPResponse {
    Reply.refusal(.forbidden, "trigger", "trigger \(trigger) cannot be started by hand")
  }
}

extension SignatureScheme {
  /// The scheme as a challenge names it (RFC 9110 §11.3): `HMAC-SHA256`.
  fileprivate var challenge: String {
    switch method {
    case .hmac(let algorithm): "HMAC-\(algorithm.rawValue.uppercased())"
    case .ed25519: "Ed25519"
    }
  }
}

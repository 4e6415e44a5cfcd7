// Answers of the API server, as they come: objects, Status objects, Status objects without a kind
// under text/plain, plain text, nothing at all.

import Bytes
package import HTTPWire
package import JSON

/// Reads answers. Stateless.
package enum AnswerDecoder {
  /// The object in a successful answer.
  ///
  /// A delete may answer with a Status of success instead of the object; that is returned as it is.
  ///
  /// - Throws: What the answer reports; `undecodable` for a 2xx whose body is not a JSON object,
  ///   which leaves open what became of the request.
  package static func object(
    in answer: KubernetesAnswer, to request: KubernetesRequest
  ) throws(KubernetesError) -> JSONValue {
    let body = parse(answer.body)
    guard answer.status.isSuccess else {
      throw failure(answer, body: body.value, request: request)
    }
    guard let object = body.value, object.objectValue != nil else {
      throw KubernetesError(
        .undecodable, httpStatus: answer.status.rawValue,
        message: "the answer is not a JSON object: "
          + (body.error.map(\.description) ?? outline(of: answer)),
        retry: .backoff, outcome: request.isRead ? .notPerformed : .ambiguous,
        operation: request.description)
    }
    if let status = APIStatus(object), status.isFailure {
      throw failure(answer, body: object, request: request)
    }
    return object
  }

  /// The texts of an answer's `Warning` fields, in order.
  package static func warnings(in fields: HTTPFields) -> [String] {
    fields.values(for: "Warning").compactMap(warningText)
  }

  /// The largest message taken from a body that is not a Status, in bytes.
  static let excerptByteCountMax = 1024

  /// The largest message taken from a Status, in bytes. One may quote what it refuses, and that may
  /// be an annotation of 256 KiB.
  static let messageByteCountMax = 16 * 1024

  /// The longest delay that is taken from a `Retry-After`. What is longer is somebody's mistake,
  /// and the caller's own delay is better.
  static let retryDelayMax = Duration.seconds(3600)

  private static func parse(_ body: [UInt8]) -> (value: JSONValue?, error: JSONError?) {
    guard body.first(where: { !isSpace($0) }) == UInt8(ascii: "{") else { return (nil, nil) }
    do throws(JSONError) {
      return (try JSONValue.parse(body), nil)
    } catch {
      return (nil, error)
    }
  }

  private static func failure(
    _ answer: KubernetesAnswer, body: JSONValue?, request: KubernetesRequest
  ) -> KubernetesError {
    let status = body.flatMap(APIStatus.init)
    // A Status in a 2xx answer carries the code that the status line should have had.
    let stated = answer.status.rawValue
    let httpStatus = answer.status.isSuccess ? status?.code ?? stated : stated
    let message =
      status.flatMap { $0.message.isEmpty ? nil : cut($0.message.utf8, to: messageByteCountMax) }
      ?? excerpt(answer.body)
    let verdict = FailureVerdict(
      httpStatus: httpStatus, status: status, message: message,
      delay: delay(answer.fields["Retry-After"], status), request: request)
    return KubernetesError(
      verdict.code, httpStatus: httpStatus, reason: status?.reason,
      message: message, causes: status?.causes ?? [], subject: status?.subject,
      retry: verdict.retry,
      outcome: request.isRead ? .notPerformed : verdict.outcome, operation: request.description)
  }

  /// `Retry-After` in seconds, else what the Status says. Dates, signs and what is over
  /// ``retryDelayMax`` count as absent.
  private static func delay(_ field: String?, _ status: APIStatus?) -> Duration? {
    let seconds =
      field.flatMap { Decimal.parse($0.utf8) }
      ?? status?.retryAfterSeconds.flatMap { UInt64(exactly: $0) }
    guard let seconds, seconds <= UInt64(retryDelayMax.components.seconds) else { return nil }
    return .seconds(Int64(seconds))
  }

  /// The beginning of a body that is text.
  private static func excerpt(_ body: [UInt8]) -> String {
    let text = trimmed(body)
    return text.isEmpty ? "the answer has no body" : cut(text, to: excerptByteCountMax)
  }

  /// A successful answer without its body, which may be a Secret.
  private static func outline(of answer: KubernetesAnswer) -> String {
    let type = answer.fields["Content-Type"].map { "\(quoted($0)), " } ?? ""
    return "\(type)\(answer.body.count) bytes"
  }

  /// The text of one `Warning` value: `299 - "text" ["date"]`. Source: RFC 7234 §5.5.
  private static func warningText(_ value: String) -> String? {
    let scalars = value.unicodeScalars
    guard let start = scalars.firstIndex(of: "\"") else { return nil }
    var text = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in scalars[scalars.index(after: start)...] {
      if isEscaped {
        text.append(scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else if scalar == "\"" {
        return printable(String(text))
      } else {
        text.append(scalar)
      }
    }
    return nil
  }
}

// Answers of the API server, as they come: objects, Status objects, Status objects without a kind
// under text/plain, plain text, nothing at all.

import Bytes
import HTTPWire
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
          + (body.error.map(\.description) ?? excerpt(answer.body)),
        retry: .backoff, outcome: request.isRead ? .notPerformed : .ambiguous,
        operation: request.description)
    }
    if let status = APIStatus(object), status.isFailure {
      throw failure(answer, body: object, request: request)
    }
    return object
  }

  /// The texts of the `Warning` fields, in order.
  package static func warnings(in answer: KubernetesAnswer) -> [String] {
    answer.fields.values(for: "Warning").compactMap(warningText)
  }

  /// The largest message taken from a body that is not a Status, in bytes.
  static let excerptByteCountMax = 1024

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
    let message = status.flatMap { $0.message.isEmpty ? nil : $0.message } ?? excerpt(answer.body)
    let verdict = FailureVerdict(
      httpStatus: httpStatus, status: status, message: message,
      delay: delay(answer.fields["Retry-After"], status), request: request)
    return KubernetesError(
      verdict.code, httpStatus: httpStatus, reason: status?.reason, message: printable(message),
      causes: status?.causes ?? [], subject: status?.subject, retry: verdict.retry,
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

  /// The beginning of a body that is text, on one line.
  private static func excerpt(_ body: [UInt8]) -> String {
    let text = trimmed(body)
    guard !text.isEmpty else { return "the answer has no body" }
    let beginning = printable(String(decoding: text.prefix(excerptByteCountMax), as: UTF8.self))
    let rest = text.count - excerptByteCountMax
    return rest > 0 ? "\(beginning)… (\(rest) bytes more)" : beginning
  }

  /// The text of one `Warning` value: `299 - "text" ["date"]`. Source: RFC 7234 §5.5.
  private static func warningText(_ value: String) -> String? {
    guard let start = value.firstIndex(of: "\"") else { return nil }
    var text = ""
    var isEscaped = false
    for character in value[value.index(after: start)...] {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        return printable(text)
      } else {
        text.append(character)
      }
    }
    return nil
  }
}

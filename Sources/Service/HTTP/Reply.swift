// What a sender is told: a status and a JSON object that always names what happened (DESIGN §6).

import HTTPServer
import HTTPWire
import Hooks
import JSON

/// What one trigger made of a delivery, as the reply tells it.
struct TriggerReport: Sendable, Equatable {
  /// A trigger's part of the reply.
  enum Verdict: Sendable, Equatable {
    /// The run exists now.
    case run(RunReference)
    /// The run existed already: this delivery came before.
    case existed(RunReference)
    /// The trigger does not want the delivery.
    case skip(reason: String, message: String)
    /// The trigger wants it, and no run could be made of it: a mistake in the template or in the
    /// payload.
    case unrenderable(message: String)
    /// The API server did not create the run.
    case notCreated(RunReference, RunFailure)
  }

  let trigger: String
  let verdict: Verdict
}

/// A run, as replies and logs name it.
struct RunReference: Sendable, Equatable, CustomStringConvertible {
  let namespace: String
  let name: String

  /// `namespace/name`
  var description: String { "\(namespace)/\(name)" }

  var json: JSONValue { ["namespace": .string(namespace), "name": .string(name)] }
}

/// Builds the answers of the public listener.
enum Reply {
  /// The answer to an accepted delivery.
  ///
  /// - 202: runs were created, and nothing failed.
  /// - 200: nothing was to be done: no trigger matched, or all runs existed.
  /// - 422: a trigger's run could not be rendered. Sending the same again does not help.
  /// - 502: the API server did not create a run.
  ///
  /// - Parameter message: why there is no decision, if there is none.
  static func delivery(
    id: String, _ reports: [TriggerReport], message: String? = nil
  ) -> HTTPResponse {
    var body: JSONObject = ["delivery": .string(id)]
    if isDuplicate(reports) { body["duplicate"] = true }
    body["decisions"] = .array(reports.map(\.json))
    if let message { body["message"] = .string(message) }
    return json(status(of: reports), .object(body))
  }

  /// The answer to a ping.
  static func ping() -> HTTPResponse {
    json(.ok, ["ping": true, "message": "the signature is right; deliveries will be accepted"])
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

  private static func json(_ status: HTTPStatus, _ body: JSONValue) -> HTTPResponse {
    .json(status, body.serialized() + [UInt8(ascii: "\n")])
  }

  /// Nothing failed, no run is new, and at least one is from before.
  static func isDuplicate(_ reports: [TriggerReport]) -> Bool {
    reports.contains { $0.verdict.isExisting }
      && !reports.contains { $0.verdict.isNew || $0.verdict.isFailure }
  }

  static func status(of reports: [TriggerReport]) -> HTTPStatus {
    if reports.contains(where: { $0.verdict.isNotCreated }) { return .badGateway }
    if reports.contains(where: { $0.verdict.isFailure }) { return .unprocessableContent }
    return reports.contains { $0.verdict.isNew } ? .accepted : .ok
  }
}

extension TriggerReport {
  fileprivate var json: JSONValue {
    var object: JSONObject = ["trigger": .string(trigger)]
    switch verdict {
    case .run(let run), .existed(let run):
      object["run"] = run.json
    case .skip(let reason, let message):
      object["skip"] = ["reason": .string(reason), "message": .string(message)]
    case .unrenderable(let message):
      object["fail"] = ["reason": "Unrenderable", "message": .string(message)]
    case .notCreated(let run, let failure):
      object["run"] = run.json
      object["fail"] = ["reason": .string(failure.reason), "message": .string(failure.message)]
    }
    return .object(object)
  }
}

extension TriggerReport.Verdict {
  fileprivate var isNew: Bool {
    if case .run = self { true } else { false }
  }

  fileprivate var isExisting: Bool {
    if case .existed = self { true } else { false }
  }

  fileprivate var isNotCreated: Bool {
    if case .notCreated = self { true } else { false }
  }

  /// The trigger wanted a run, and there is none.
  var isFailure: Bool {
    switch self {
    case .unrenderable, .notCreated: true
    case .run, .existed, .skip: false
    }
  }
}

// The answer to an accepted delivery.
//
//   202  runs were journaled and will be created; or a known delivery is tried again
//   200  nothing is to be done: no trigger wanted it, or the delivery is known
//   422  a trigger's run could not be rendered: sending the same again does not help
//   503  it is not on disk: the journal is full or does not work
//
// With `?wait` the answer comes when it is known what became of the runs:
//
//   201  every run exists (`for=completion`: has finished, well or not)
//   202  the time was not enough; what is not there yet will be created
//   502  a run was given up

import HTTPServer
import HTTPWire
import Hooks
import JSON
import Journal

extension Reply {
  /// - Parameters:
  ///   - outcome: what waiting showed; nil when nobody waited.
  ///   - message: why there is no decision, if there is none.
  ///   - following: how runs can be watched, for somebody who wants to.
  ///   - detail: how much of it is said; the status says the same whatever it is.
  static func delivery(
    _ acceptance: Acceptance, outcome: WaitOutcome? = nil, message: String? = nil,
    following: RunFollowing? = nil, detail: ReplyDetail = .full
  ) -> HTTPResponse {
    let delivery = outcome?.delivery ?? acceptance.delivery
    var body: JSONObject = ["delivery": .string(delivery.id.description)]
    guard detail == .full else {
      body["runs"] = .int(delivery.runs.count { $0.task == .create })
      return json(status(of: acceptance, outcome), .object(body))
    }
    if acceptance.novelty != .new { body["duplicate"] = true }
    if acceptance.novelty == .retried { body["retried"] = true }
    if acceptance.novelty == .new, delivery.isConflicting {
      body["conflict"] = "the sender used this delivery id for another body before"
    }
    body["decisions"] = .array(
      delivery.decisions.flatMap { $0.replies(outcome, following) })
    if !acceptance.approvals.isEmpty {
      body["approvals"] = .array(acceptance.approvals.map(\.json))
    }
    if let message { body["message"] = .string(message) }
    return json(status(of: acceptance, outcome), .object(body))
  }

  static func status(of acceptance: Acceptance, _ outcome: WaitOutcome?) -> HTTPStatus {
    if let outcome, !outcome.delivery.runs.isEmpty {
      if outcome.delivery.runs.contains(where: { $0.state == .dead }) { return .badGateway }
      if !outcome.isReached { return .accepted }
      return acceptance.novelty == .known ? .ok : .created
    }
    switch acceptance.novelty {
    case .known: return .ok
    case .retried: return .accepted
    case .new:
      let decisions = acceptance.delivery.decisions
      if decisions.contains(where: { $0.isFailure }) { return .unprocessableContent }
      let hasReleased = acceptance.approvals.contains { !$0.released.isEmpty }
      return hasReleased || decisions.contains { !$0.runs.isEmpty } ? .accepted : .ok
    }
  }

  /// The delivery is not on disk.
  static func notJournaled(_ error: JournalError) -> HTTPResponse {
    let status: HTTPStatus = error.code == .unacceptable ? .contentTooLarge : .serviceUnavailable
    guard status == .serviceUnavailable else {
      return refusal(status, error.code.rawValue, error.message)
    }
    let seconds = max(1, (error.retryAfter ?? .seconds(1)).components.seconds)
    return refusal(
      status, "journal", "nothing was accepted: \(error.message)",
      fields: ["Retry-After": "\(seconds)"])
  }
}

extension StoredDecision {
  var isFailure: Bool {
    if case .fail = verdict { true } else { false }
  }

  /// The decision's part of a reply, once for each run.
  fileprivate func replies(
    _ outcome: WaitOutcome?, _ following: RunFollowing?
  ) -> [JSONValue] {
    switch verdict {
    case .skip(let reason, let message):
      return [
        [
          "trigger": .string(trigger),
          "skip": ["reason": .string(reason), "message": .string(message)],
        ]
      ]
    case .fail(let message):
      return [
        [
          "trigger": .string(trigger),
          "fail": ["reason": "Unrenderable", "message": .string(message)],
        ]
      ]
    case .defer(let message):
      return [["trigger": .string(trigger), "deferred": ["message": .string(message)]]]
    case .held(let message) where runs.allSatisfy({ $0.state == .held }):
      return runs.map { run in
        [
          "trigger": .string(trigger),
          "held": ["message": .string(message), "run": run.reference.json],
        ]
      }
    case .run, .held:
      return runs.map { run in
        var object: JSONObject = ["trigger": .string(trigger), "run": run.reference.json]
        object["follow"] = following?.json(run)
        guard let outcome else { return .object(object) }
        object["state"] = .string(run.state.word)
        object["status"] = outcome.statuses[run.id]?.json
        if run.state == .dead, let failure = run.failure {
          object["fail"] = ["reason": .string(failure.reason), "message": .string(failure.message)]
        }
        return .object(object)
      }
    }
  }
}

/// A run, as replies and logs name it.
struct RunReference: Sendable, Equatable, CustomStringConvertible {
  let namespace: String
  let name: String

  /// `namespace/name`
  var description: String { "\(namespace)/\(name)" }

  var json: JSONValue { ["namespace": .string(namespace), "name": .string(name)] }
}

extension StoredRun {
  var reference: RunReference { RunReference(namespace: namespace, name: name) }
}

extension RunState {
  /// The state as the API and the commands say it.
  var word: String {
    switch self {
    case .pending: "pending"
    case .waiting: "waiting"
    case .created: "created"
    case .dead: "dead"
    case .superseded: "superseded"
    case .held: "held"
    }
  }
}

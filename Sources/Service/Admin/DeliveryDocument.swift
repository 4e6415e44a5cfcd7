// Deliveries as the admin API shows them.

import Bytes
import JSON
import Journal
import Reactor

/// JSON of stored deliveries.
enum DeliveryDocument {
  /// A page of the list.
  static func list(_ page: DeliveryPage) -> JSONValue {
    var object: JSONObject = ["deliveries": .array(page.deliveries.map { .object(summary($0)) })]
    if let next = page.next { object["next"] = .string(next.description) }
    return .object(object)
  }

  /// One delivery with what came with it.
  ///
  /// - Parameter withBody: the payload, too: as JSON, or as text when it is none.
  static func whole(_ delivery: WholeDelivery, withBody: Bool) -> JSONValue {
    var object = summary(delivery.summary)
    if let head = StoredHead(delivery.head) {
      object["peer"] = .string(head.peer)
      if let caller = head.caller { object["caller"] = .string(caller) }
      object["header"] = .object(head.header)
      object["query"] = .object(head.query)
    }
    object["events"] = json(delivery.event)
    if withBody { object["body"] = json(delivery.body) }
    return .object(object)
  }

  private static func json(_ bytes: [UInt8]) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue.parse(bytes)
    } catch {
      return .string(String(decoding: bytes, as: UTF8.self))
    }
  }

  private static func summary(_ delivery: StoredDelivery) -> JSONObject {
    var object: JSONObject = [
      "id": .string(delivery.id.description), "hook": .string(delivery.hook),
      "source": .string(delivery.source), "event": .string(delivery.kind),
      "receivedAt": .string(timestamp(delivery.receivedAt)),
      "state": .string(delivery.state.rawValue), "bodyBytes": .int(delivery.bodyByteCount),
    ]
    if let id = delivery.senderID { object["sourceDelivery"] = .string(id) }
    if delivery.isConflicting { object["conflict"] = true }
    if let first = delivery.replayOf { object["replayOf"] = .string(first.description) }
    object["decisions"] = .array(delivery.decisions.map { .object(decision($0)) })
    return object
  }

  private static func decision(_ decision: StoredDecision) -> JSONObject {
    var object: JSONObject = ["trigger": .string(decision.trigger)]
    if let note = decision.note { object["note"] = .string(note) }
    switch decision.verdict {
    case .skip(let reason, let message):
      object["skip"] = ["reason": .string(reason), "message": .string(message)]
    case .fail(let message):
      object["fail"] = ["reason": "Unrenderable", "message": .string(message)]
    case .defer(let message):
      object["deferred"] = .object(deferral(decision.runs.first, message))
    case .run, .held:
      if case .held(let message) = decision.verdict {
        object["held"] = .object(hold(decision.runs.first?.hold, message))
      }
      object["runs"] = .array(
        decision.runs.filter { $0.task == .create }.map { .object(run($0)) })
    }
    return object
  }

  /// A decision that is still to be taken, or was given up.
  private static func deferral(_ task: StoredRun?, _ message: String) -> JSONObject {
    var object: JSONObject = ["message": .string(message)]
    guard let task else { return object }
    object["state"] = .string(task.state.word)
    object["attempts"] = .int(task.attemptCount)
    object["changedAt"] = .string(timestamp(task.changedAt.wallTime))
    if let failure = task.failure { object["fail"] = fail(failure) }
    return object
  }

  private static func hold(_ hold: StoredHold?, _ message: String) -> JSONObject {
    var object: JSONObject = ["message": .string(message)]
    guard let hold else { return object }
    object["subject"] = .string(hold.subject)
    object["revision"] = .string(hold.revision)
    if let approver = hold.approver { object["approver"] = .string(approver) }
    if let approval = hold.approval { object["approval"] = .string(approval.description) }
    return object
  }

  private static func fail(_ failure: RunFailureRecord) -> JSONValue {
    ["reason": .string(failure.reason), "message": .string(failure.message)]
  }

  private static func run(_ run: StoredRun) -> JSONObject {
    var object: JSONObject = [
      "apiVersion": .string(run.apiVersion), "kind": .string(run.kind),
      "namespace": .string(run.namespace), "name": .string(run.name),
      "state": .string(run.state.word), "attempts": .int(run.attemptCount),
      "changedAt": .string(timestamp(run.changedAt.wallTime)),
    ]
    if let uid = run.uid { object["uid"] = .string(uid) }
    if let failure = run.failure { object["fail"] = fail(failure) }
    return object
  }

  /// RFC 3339, in whole seconds of UTC.
  private static func timestamp(_ time: WallTime) -> String {
    CivilTime(secondsSince1970: time.secondsSince1970).dateAndTime + "Z"
  }
}

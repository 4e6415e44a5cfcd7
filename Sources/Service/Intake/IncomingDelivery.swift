// A delivery on its way into the journal.

import Hooks
import JSON
import Journal

/// A verified request with everything that the journal keeps of it, and the way to decide it.
struct IncomingDelivery: Sendable {
  /// Our id.
  let id: DeliveryID
  let hook: HookName
  /// The sender's kind, `github`, or `manual`.
  let source: String
  let events: [Event]
  /// The sender's id of it; of a manual call the `Idempotency-Key` with its caller.
  let senderID: String?
  /// How long its body is remembered; nil when it may repeat.
  let replayWindow: Duration?
  /// What becomes of it when the sender's id belongs to another body.
  var onConflict = ConflictHandling.another
  /// The delivery that an operator has repeated.
  let replayOf: DeliveryID?
  let head: StoredHead
  let body: [UInt8]
  /// What it says about pull requests whose runs may be held, and what it approves of.
  var revisions: [NewRevision] = []
  var approvals: [NewApproval] = []
  /// Decides it, with names derived from a key; nil for the usual one.
  let decide: @Sendable (_ key: String?) -> [TriggerDecision]
  /// The API that deferred decisions ask, with which they are held up together.
  var fetchLane = ""

  /// What a sender means who repeats an id with another body.
  enum ConflictHandling: Sendable {
    /// Another delivery: Git hosts number theirs, and some begin again.
    case another
    /// A mistake: whoever chooses an `Idempotency-Key` asks for one run at most.
    case refuse
  }

  /// The kinds of its events, for lists and logs.
  var kind: String { events.map(\.kind.rawValue).joined(separator: ",") }

  /// What the journal stores.
  func journaled(
    _ decisions: [TriggerDecision], conflictPolicy: NewDelivery.ConflictPolicy
  ) -> NewDelivery {
    var delivery = NewDelivery(
      id: id, hook: hook.description, source: source, kind: kind, senderID: senderID,
      replayWindow: replayWindow, conflictPolicy: conflictPolicy, replayOf: replayOf,
      head: head.encoded, event: JSONValue.array(events.map(\.json)).serialized(), body: body,
      decisions: decisions.map { NewDecision($0, fetchLane: fetchLane) })
    delivery.revisions = revisions
    delivery.approvals = approvals
    return delivery
  }
}

extension NewDecision {
  /// - Parameters:
  ///   - fetchLane: what the decision is held up with if it is deferred.
  ///   - note: what was not known when it was taken.
  init(_ decision: TriggerDecision, fetchLane: String, note: String? = nil) {
    let verdict: Verdict =
      switch decision.decision {
      case .run(let runs): .run(runs.map { NewRun($0) })
      case .skip(let reason, let message): .skip(reason: reason.rawValue, message: message)
      case .fail(let message): .fail(message: message)
      case .deferred(let deferral):
        .defer(
          payload: StoredDeferral(deferral).encoded, lane: fetchLane, message: deferral.message)
      case .held(let runs, let hold): .held(runs.map { NewRun($0) }, NewHold(hold))
      }
    self.init(
      trigger: decision.trigger, order: decision.order == .serial ? .serial : .any,
      verdict: verdict, note: note)
  }

  /// The runs to create.
  var runs: [NewRun] {
    if case .run(let runs) = verdict { runs } else { [] }
  }
}

extension NewRun {
  init(_ run: RenderedRun) {
    self.init(
      apiVersion: run.apiVersion, kind: run.kind, namespace: run.namespace, name: run.name,
      object: run.object.serialized(), lane: ClaimedRun.lane(of: run))
  }
}

// Trying deliveries again by hand.

import Hooks
import HTTPServer
import HTTPWire
import JSON
import Journal
import Kubernetes
import Reactor

/// Replays stored deliveries.
///
/// Without force it is idempotent: runs that were given up are tried again under their names, runs
/// that were created and are not in the cluster any more are created again, and decisions that failed
/// are taken again with today's configuration. With force the delivery is decided anew as another
/// one, with new names, whatever became of it.
struct Replay: Sendable {
  let deliveries: Deliveries
  let hooks: HookTable

  /// What a replay did.
  struct Result: Sendable {
    var retried: [RunReference] = []
    var recreated: [RunReference] = []
    var existing: [RunReference] = []
    var failed: [(run: RunReference, failure: RunFailure)] = []
  }

  /// Tries again what is missing. Nil when there is no such delivery.
  func retry(_ id: DeliveryID) async throws(JournalError) -> Result? {
    guard let whole = try await deliveries.journal.delivery(id) else { return nil }
    var revived = Set(try await deliveries.journal.revive(id) ?? [])
    if whole.summary.decisions.contains(where: { $0.isFailure }), whole.summary.senderID != nil,
      case .success(let incoming) = incoming(whole, as: .repetition)
    {
      // The journal knows the delivery again, and replaces the decisions that failed.
      let runs = try await deliveries.accept(incoming)?.delivery.runs ?? []
      let before = Set(whole.summary.runs.map(\.id))
      revived.formUnion(runs.map(\.id).filter { !before.contains($0) })
    }
    deliveries.dispatcher.lookForWork()
    let now = try await deliveries.journal.delivery(id) ?? whole
    var result = Result()
    for run in now.summary.runs where run.task == .create {
      if revived.contains(run.id) {
        result.retried.append(run.reference)
      } else if run.state == .created {
        await restore(run, now.objects[run.id], into: &result)
      }
    }
    return result
  }

  /// Creates a run again unless it is there.
  private func restore(
    _ run: StoredRun, _ object: [UInt8]?, into result: inout Result
  ) async {
    let claimed = ClaimedRun(run, object: object ?? [])
    switch await claimed.create(at: deliveries.target) {
    case .created: result.recreated.append(run.reference)
    case .existed, .decided: result.existing.append(run.reference)
    case .again(_, let failure), .refused(let failure):
      result.failed.append((run.reference, failure))
    }
  }

  /// Why a delivery cannot be decided again.
  struct Obstacle: Error {
    let message: String
  }

  /// Decides a delivery anew, as another one.
  func force(
    _ id: DeliveryID
  ) async throws(JournalError) -> Swift.Result<Acceptance, Obstacle>? {
    guard let whole = try await deliveries.journal.delivery(id) else { return nil }
    switch incoming(whole, as: .another) {
    case .failure(let obstacle): return .failure(obstacle)
    case .success(let incoming):
      guard let acceptance = try await deliveries.accept(incoming) else {
        return .failure(Obstacle(message: "its id belongs to another body"))
      }
      return .success(acceptance)
    }
  }

  private enum Identity {
    /// The same delivery, which the journal knows by its sender's id.
    case repetition
    /// Another one, which nothing tells from a new one but ``IncomingDelivery/replayOf``.
    case another
  }

  private func incoming(
    _ whole: WholeDelivery, as identity: Identity
  ) -> Swift.Result<IncomingDelivery, Obstacle> {
    let stored = whole.summary
    guard let hook = hooks.hook(named: stored.hook) else {
      return .failure(Obstacle(message: "the hook \(stored.hook) is not configured any more"))
    }
    guard let head = StoredHead(whole.head) else {
      return .failure(Obstacle(message: "its head was written by another version"))
    }
    let isManual = stored.source == Intake.manualSource
    let isScheduled = stored.source == DueDelivery.source
    let body: JSONView
    do throws(MalformedPayload) {
      body = try Self.payload(of: whole, head, source: isManual || isScheduled ? nil : hook.source)
    } catch {
      return .failure(Obstacle(message: error.message))
    }
    let id = DeliveryID()
    let key = identity == .another ? id.description : nil
    func view(_ inputs: JSONObject?) -> Delivery {
      head.delivery(
        id: id.description, sourceID: stored.senderID, key: key, body: body, inputs: inputs)
    }
    func incoming(
      _ events: [Event], _ decide: @escaping @Sendable (String?) -> [TriggerDecision]
    ) -> IncomingDelivery {
      IncomingDelivery(
        id: id, hook: hook.name, source: stored.source, events: events,
        senderID: identity == .another ? nil : stored.senderID, replayWindow: nil,
        replayOf: identity == .another ? stored.id : nil, head: head, body: whole.body,
        decide: decide)
    }

    if isManual {
      guard let name = stored.decisions.first?.trigger, let trigger = hook.trigger(named: name),
        trigger.isManual
      else { return .failure(Obstacle(message: "its trigger is not started by hand any more")) }
      let given = whole.body.isEmpty ? Optional.none : body.materialised
      guard case .accepted(let inputs) = ManualInputs.check(given, against: trigger.inputs) else {
        return .failure(Obstacle(message: "its inputs are not what the trigger takes any more"))
      }
      let event = Event.manual(caller: head.caller ?? "")
      let delivery = view(inputs)
      return .success(
        incoming([event]) { [trigger.decision(event, at: 0, of: delivery.named(by: $0))] })
    }
    if isScheduled {
      guard let name = stored.decisions.first?.trigger, let trigger = hook.trigger(named: name),
        trigger.schedule != nil, let time = DueDelivery.time(of: body)
      else { return .failure(Obstacle(message: "its trigger has no schedule any more")) }
      let event = Event.scheduled(at: time)
      let delivery = view(nil)
      return .success(
        incoming([event]) { [trigger.decision(event, at: 0, of: delivery.named(by: $0))] })
    }
    guard let source = hook.source,
      case .events(let events, _) = source.delivery(fields: head.lookup, body: body)
    else { return .failure(Obstacle(message: "the hook's source does not understand it any more")) }
    let delivery = view(nil)
    return .success(
      incoming(events) { hook.decide(events, of: delivery.named(by: $0)) })
  }

  private static func payload(
    of whole: WholeDelivery, _ head: StoredHead, source: Source?
  ) throws(MalformedPayload) -> JSONView {
    if let source { return try source.payload(fields: head.lookup, body: whole.body).root }
    guard !whole.body.isEmpty else { return JSONDocument.emptyObject.root }
    do throws(JSONError) {
      return try JSONDocument.parse(whole.body).root
    } catch {
      throw MalformedPayload(message: "its body is not JSON: \(error)")
    }
  }
}

extension Replay.Result {
  var json: JSONValue {
    func list(_ runs: [RunReference]) -> JSONValue { .array(runs.map(\.json)) }
    return [
      "retried": list(retried), "recreated": list(recreated), "existing": list(existing),
      "failed": .array(
        failed.map { run, failure in
          [
            "run": run.json,
            "fail": ["reason": .string(failure.reason), "message": .string(failure.message)],
          ]
        }),
    ]
  }
}

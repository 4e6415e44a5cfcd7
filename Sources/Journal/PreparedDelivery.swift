// What of a delivery can be made ready before it is the journal's thread's turn.

/// A delivery with everything encoded.
struct PreparedDelivery: Sendable {
  let delivery: NewDelivery
  let decisions: [UInt8]
  let senderKey: Int64?
  let bodyKey: Int64?
  let runs: [PreparedRun]
  let byteCount: Int

  /// *Errors*: ``JournalError/Code/unacceptable`` when it has too many runs.
  init(_ delivery: NewDelivery) throws(JournalError) {
    self.delivery = delivery
    decisions = DecisionText.encode(delivery.decisions.map(DecisionText.init))
    let hook = delivery.hook
    senderKey = delivery.senderID.map { DeliveryKey.sender(hook: hook, id: $0) }
    bodyKey = delivery.replayWindow.map { _ in
      DeliveryKey.body(hook: hook, digest: delivery.digest)
    }
    runs = delivery.decisions.enumerated().flatMap { index, decision in
      PreparedRun.of(decision, at: index, hook: hook)
    }
    guard runs.count < RunID.ordinalLimit else {
      throw JournalError(
        .unacceptable,
        "the delivery makes \(runs.count) runs; at most \(RunID.ordinalLimit - 1) are stored")
    }
    byteCount =
      delivery.body.count + delivery.event.count + delivery.head.count + decisions.count
      + runs.reduce(0) { $0 + $1.object.count }
  }
}

/// A run, deferred decision or failed decision that becomes a row.
struct PreparedRun: Sendable {
  let task: RunTask
  let decision: Int
  let trigger: String
  let serial: Int64?
  let lane: String
  let apiVersion: String
  let kind: String
  let namespace: String
  let name: String
  let object: [UInt8]
  let objectDigest: [UInt8]
  let failure: RunFailureRecord?
  /// What it waits for before it may be created.
  let hold: NewHold?

  /// The rows of a decision, none for one that skips.
  static func of(_ decision: NewDecision, at index: Int, hook: String) -> [PreparedRun] {
    let serial =
      decision.order == .serial ? DeliveryKey.serial(hook: hook, trigger: decision.trigger) : nil
    switch decision.verdict {
    case .skip: return []
    case .run(let runs):
      return runs.map { run in
        PreparedRun(
          task: .create, decision: index, trigger: decision.trigger, serial: serial, run: run)
      }
    case .held(let runs, let hold):
      return runs.map { run in
        PreparedRun(
          task: .create, decision: index, trigger: decision.trigger, serial: serial, run: run,
          hold: hold)
      }
    case .defer(let payload, let lane, _):
      let run = NewRun(
        apiVersion: "", kind: "", namespace: "", name: "", object: payload, lane: lane)
      return [
        PreparedRun(
          task: .decide, decision: index, trigger: decision.trigger, serial: serial, run: run)
      ]
    case .fail(let message):
      let run = NewRun(apiVersion: "", kind: "", namespace: "", name: "", object: [], lane: "")
      return [
        PreparedRun(
          task: .none, decision: index, trigger: decision.trigger, serial: nil, run: run,
          failure: RunFailureRecord(reason: failedDecisionReason, message: message))
      ]
    }
  }

  /// The `reason` of a decision that failed.
  static let failedDecisionReason = "Undecidable"

  private init(
    task: RunTask, decision: Int, trigger: String, serial: Int64?, run: NewRun,
    failure: RunFailureRecord? = nil, hold: NewHold? = nil
  ) {
    self.task = task
    self.decision = decision
    self.trigger = trigger
    self.serial = serial
    self.failure = failure
    self.hold = hold
    lane = run.lane
    apiVersion = run.apiVersion
    kind = run.kind
    namespace = run.namespace
    name = run.name
    object = run.object
    objectDigest = RunRow.digest(run.object)
  }
}

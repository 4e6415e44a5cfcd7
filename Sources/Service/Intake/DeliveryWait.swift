// Waiting for what becomes of a delivery, for callers that asked for it.

import JSON
import Journal
import Kubernetes
import Reactor

/// What waiting showed.
struct WaitOutcome: Sendable {
  /// The delivery as it is now.
  let delivery: StoredDelivery
  /// What the cluster says about its runs, when that was waited for.
  var statuses: [RunID: CompletionStatus] = [:]
  /// Whether what was waited for has come about.
  let isReached: Bool
}

/// Waits by looking again, after delays that grow.
///
/// *Limits.* ``WaitPreference/limitMax``; the journal is asked at most every 5 ms by one caller and
/// each run's object at most every second, both ever less often, up to ``journalDelayMax`` and
/// ``targetDelayMax``. It ends early when the service stops.
struct DeliveryWait {
  let deliveries: Deliveries
  let state: ServiceState
  let preference: WaitPreference

  /// Waits for a delivery.
  ///
  /// - Returns: what is known when it is enough or the time is over.
  ///
  /// *Concurrency.* On a loop.
  func outcome(of first: StoredDelivery) async throws(JournalError) -> WaitOutcome {
    guard let loop = deliveries.loops.loops.first(where: \.isCurrent) else {
      preconditionFailure("a request is answered on its loop")
    }
    let end = loop.now.advanced(by: preference.limit)
    var delivery = first
    var delay = Self.journalDelayMin
    while delivery.runs.contains(where: { $0.state.isOpen }) {
      guard await pause(for: delay, until: end, on: loop) else {
        return WaitOutcome(delivery: delivery, isReached: false)
      }
      delay = min(delay * 2, Self.journalDelayMax)
      guard let now = try await deliveries.journal.summary(first.id) else { break }
      delivery = now
    }
    guard preference.goal == .completion else {
      return WaitOutcome(delivery: delivery, isReached: true)
    }
    return await completion(of: delivery, until: end, on: loop)
  }

  private func completion(
    of delivery: StoredDelivery, until end: MonotonicInstant, on loop: EventLoop
  ) async -> WaitOutcome {
    var open = delivery.runs.filter { $0.state == .created && $0.task == .create }
    var statuses: [RunID: CompletionStatus] = [:]
    var delay = Self.targetDelayMin
    while true {
      for run in open { statuses[run.id] = await status(of: run) ?? statuses[run.id] }
      open.removeAll { statuses[$0.id]?.isFinal == true }
      guard !open.isEmpty, await pause(for: delay, until: end, on: loop) else { break }
      delay = min(delay * 2, Self.targetDelayMax)
    }
    return WaitOutcome(delivery: delivery, statuses: statuses, isReached: open.isEmpty)
  }

  /// Nil when the cluster cannot be asked at the moment.
  private func status(of run: StoredRun) async -> CompletionStatus? {
    do throws(KubernetesError) {
      return CompletionStatus(
        try await deliveries.target.get(
          apiVersion: run.apiVersion, kind: run.kind, namespace: run.namespace, name: run.name))
    } catch {
      return error.isNotFound ? .gone : nil
    }
  }

  /// - Returns: false when the time is over or the service stops.
  private func pause(
    for delay: Duration, until end: MonotonicInstant, on loop: EventLoop
  ) async -> Bool {
    let next = min(loop.now.advanced(by: delay), end)
    guard loop.now < end, state.current != .draining else { return false }
    do throws(CancellationError) { try await loop.sleep(until: next) } catch { return false }
    return next < end || loop.now < end
  }

  private static let journalDelayMin = Duration.milliseconds(5)
  private static let journalDelayMax = Duration.milliseconds(500)
  private static let targetDelayMin = Duration.seconds(1)
  private static let targetDelayMax = Duration.seconds(10)
}

/// How far a run is, from the condition `Succeeded` of its status.
///
/// *Source*: https://tekton.dev/docs/pipelines/pipelineruns/#monitoring-execution-status
struct CompletionStatus: Equatable, Sendable {
  enum Phase: String, Sendable {
    case pending, running, succeeded, failed
    /// The object is not there any more, so nobody can tell.
    case gone
  }

  let phase: Phase
  let reason: String?
  let message: String?

  static let gone = CompletionStatus(phase: .gone, reason: nil, message: nil)

  init(phase: Phase, reason: String?, message: String?) {
    self.phase = phase
    self.reason = reason
    self.message = message
  }

  /// Reads a run's object. One without conditions, of whatever kind, is pending.
  init(_ object: JSONValue) {
    let conditions = object[["status", "conditions"]]?.arrayValue ?? []
    let condition = conditions.first { $0["type"] == "Succeeded" }
    phase =
      switch condition?["status"]?.stringValue {
      case "True": .succeeded
      case "False": .failed
      case nil: .pending
      default: .running
      }
    reason = condition?["reason"]?.stringValue
    message = condition?["message"]?.stringValue
  }

  var isFinal: Bool {
    switch phase {
    case .succeeded, .failed, .gone: true
    case .pending, .running: false
    }
  }

  var json: JSONValue {
    var object: JSONObject = ["phase": .string(phase.rawValue)]
    if let reason { object["reason"] = .string(reason) }
    if let message { object["message"] = .string(message) }
    return .object(object)
  }
}

// From decisions to the journal: what is acknowledged is on disk (DESIGN §2).

import Hooks
package import Journal
package import Reactor

/// Where accepted deliveries go.
package struct Deliveries: Sendable {
  package let journal: Journal
  package let dispatcher: Dispatcher
  let target: any RunTarget
  let loops: EventLoopGroup
  let clock: any MonotonicClock

  package init(
    journal: Journal, dispatcher: Dispatcher, target: any RunTarget, loops: EventLoopGroup,
    clock: any MonotonicClock = SystemMonotonicClock()
  ) {
    self.journal = journal
    self.dispatcher = dispatcher
    self.target = target
    self.loops = loops
    self.clock = clock
  }

  /// Journals a delivery with what its triggers decide, and hands its runs over.
  ///
  /// When it returns, the delivery is on disk: this one or, for a repetition, the first.
  ///
  /// - Returns: nil when nothing was stored, because the sender's id belongs to another body and the
  ///   delivery is to be refused then.
  func accept(_ delivery: IncomingDelivery) async throws(JournalError) -> Acceptance? {
    let decisions = delivery.decide(nil)
    let new = delivery.journaled(decisions, conflictPolicy: .report)
    if let acceptance = try await commit(new, decisions) { return acceptance }
    if delivery.onConflict == .refuse { return nil }
    // The sender's id belongs to another body, so what is derived from it alone is taken.
    let others = delivery.decide(new.conflictKey)
    let second = delivery.journaled(others, conflictPolicy: .store)
    guard let acceptance = try await commit(second, others) else {
      throw JournalError(.failed, "the journal reported a conflict that it was told to store")
    }
    return acceptance
  }

  /// Nil when the sender's id belongs to another body.
  private func commit(
    _ delivery: NewDelivery, _ decisions: [TriggerDecision]
  ) async throws(JournalError) -> Acceptance? {
    let runs = delivery.decisions.flatMap(\.runs)
    let isTaken = !runs.isEmpty && dispatcher.takes(runs)
    switch try await journal.commit(delivery, claim: isTaken ? .caller : .queue) {
    case .conflict: return nil
    case .duplicate(let first, let retried):
      return Acceptance(
        delivery: first, novelty: retried.isEmpty ? .known : .retried)
    case .stored(let stored, let claimed, let approvals):
      dispatcher.add(claimedRuns(Set(claimed), of: stored, delivery, decisions))
      return Acceptance(delivery: stored, novelty: .new, approvals: approvals)
    }
  }

  /// The runs that are ours to create, with the objects that were rendered.
  private func claimedRuns(
    _ claimed: Set<RunID>, of stored: StoredDelivery, _ delivery: NewDelivery,
    _ decisions: [TriggerDecision]
  ) -> [ClaimedRun] {
    guard !claimed.isEmpty else { return [] }
    let now = clock.now
    var runs: [ClaimedRun] = []
    for (index, decision) in decisions.enumerated() {
      guard case .run(let rendered) = decision.decision,
        stored.decisions.indices.contains(index), delivery.decisions.indices.contains(index)
      else { continue }
      let news = delivery.decisions[index].runs
      for (run, (new, row)) in zip(rendered, zip(news, stored.decisions[index].runs))
      where claimed.contains(row.id) {
        runs.append(
          ClaimedRun(run, row.id, of: stored.id, byteCount: new.object.count, now: now))
      }
    }
    return runs
  }
}

/// What became of a delivery that was handed in.
struct Acceptance: Sendable {
  enum Novelty: Sendable, Equatable {
    /// It is on disk now.
    case new
    /// The same was on disk already.
    case known
    /// The same was on disk already, had ended among the dead letters, and is tried again.
    case retried
  }

  /// As it is stored: the first one, when it is known.
  let delivery: StoredDelivery
  let novelty: Novelty
  /// What became of the approvals that it brought.
  var approvals: [ApprovalOutcome] = []
}

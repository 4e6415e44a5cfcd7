// What comes back out of the journal.

package import Reactor

/// A delivery as stored, without its large parts.
package struct StoredDelivery: Sendable {
  package let id: DeliveryID
  package let hook: String
  package let source: String
  package let kind: String
  package let senderID: String?
  /// When it was committed, by the wall clock.
  package let receivedAt: WallTime
  /// Its sender's id had been used with another body.
  package let isConflicting: Bool
  package let replayOf: DeliveryID?
  package let bodyByteCount: Int
  package var decisions: [StoredDecision]

  /// The place in the order of arrival.
  let sequence: Int64

  /// All runs, whatever trigger they are of.
  package var runs: [StoredRun] { decisions.flatMap(\.runs) }

  /// What has become of all its decisions.
  package var state: DeliveryState {
    let states = runs.map(\.state)
    if states.contains(where: { $0.isOpen }) { return .pending }
    if states.contains(.dead) { return .failed }
    if states.contains(.held) { return .held }
    return states.contains(.created) || states.contains(.superseded) ? .done : .ignored
  }
}

/// What has become of a delivery as a whole.
package enum DeliveryState: String, Sendable, CaseIterable {
  /// There is work left.
  case pending
  /// A run is among the dead letters, or a trigger failed.
  case failed
  /// A run waits for an approval.
  case held
  /// Every run was created, or given up on purpose.
  case done
  /// No trigger wanted it.
  case ignored
}

/// What one trigger decided, and what became of it.
package struct StoredDecision: Sendable {
  package enum Verdict: Sendable, Equatable {
    case run
    case skip(reason: String, message: String)
    case fail(message: String)
    /// Not taken yet, or never: see the only run's state. The message says what it takes.
    case `defer`(message: String)
    /// The runs wait, or waited, for an approval.
    case held(message: String)
  }

  package let trigger: String
  package let verdict: Verdict
  /// What was not known when it was taken after the reply.
  package let note: String?
  /// The objects to create; for a deferred decision that is not taken and for a failed one, one that
  /// stands for it.
  package var runs: [StoredRun]

}

/// A run as stored, without its object.
package struct StoredRun: Sendable, Equatable {
  package let id: RunID
  package let task: RunTask
  package let trigger: String
  package let apiVersion: String
  package let kind: String
  package let namespace: String
  package let name: String
  package let state: RunState
  /// Tries that were counted.
  package let attemptCount: Int
  /// When the state or the count of tries changed last, by the journal's clock.
  package let changedAt: JournalTime
  /// The object's UID in the cluster, once created.
  package let uid: String?
  /// Why the last try failed, or why it was given up.
  package let failure: RunFailureRecord?
  /// What it waits for, or waited for; nil when it never needed an approval.
  package internal(set) var hold: StoredHold?
}

/// What a run waits for that needs an approval, and who gave it.
package struct StoredHold: Sendable, Equatable {
  package let subject: String
  package let revision: String
  /// Nil while nobody has approved.
  package let approver: String?
  /// The delivery that brought the approval.
  package let approval: DeliveryID?
}

/// What there is to do.
package enum RunTask: Int64, Sendable {
  /// Create the object.
  case create = 0
  /// Come to a decision that was deferred.
  case decide = 1
  /// Nothing: it stands for a decision that failed, so that dead letters are one list.
  case none = 2
}

/// The state of a run.
package enum RunState: Int64, Sendable, CaseIterable {
  /// To be done, now or at its time.
  case pending = 0
  /// To be done after earlier ones of its trigger (``RunOrder/serial``).
  case waiting = 1
  /// The object exists; of a deferred decision: it was taken.
  case created = 2
  /// Given up: a dead letter.
  case dead = 3
  /// Given up on purpose, because a newer run took its place.
  case superseded = 4
  /// To be done once somebody has approved.
  case held = 5

  /// Whether the dispatcher has something left to do.
  package var isOpen: Bool { self == .pending || self == .waiting }
  /// Whether nothing is left that could be done.
  package var isFinal: Bool { !isOpen && self != .held }
}

/// Why a run failed.
package struct RunFailureRecord: Sendable, Equatable {
  /// A word for machines: the API's `reason`, or the kind of failure.
  package let reason: String
  /// A sentence for people. At most ``messageByteLimit`` bytes are kept.
  package let message: String

  package init(reason: String, message: String) {
    self.reason = reason
    self.message =
      message.utf8.count <= Self.messageByteLimit
      ? message : String(decoding: message.utf8.prefix(Self.messageByteLimit), as: UTF8.self)
  }

  /// An admission webhook can answer pages; the start says what is wrong.
  package static let messageByteLimit = 4096
}

/// A delivery with everything that was stored of it.
package struct WholeDelivery: Sendable {
  package let summary: StoredDelivery
  package let head: [UInt8]
  package let event: [UInt8]
  package let body: [UInt8]
  /// The objects of its runs, by run.
  package let objects: [RunID: [UInt8]]
}

/// Something to be done now.
package struct DueRun: Sendable {
  package let id: RunID
  package let delivery: DeliveryID
  package let hook: String
  package let task: RunTask
  package let trigger: String
  package let order: RunOrder
  package let lane: String
  package let apiVersion: String
  package let kind: String
  package let namespace: String
  package let name: String
  /// The object as JSON; of a deferred decision, its payload.
  package let object: [UInt8]
  /// Tries that were counted before.
  package let attemptCount: Int
  /// Tries in a row before this that were counted, and of which the end is not known: the process
  /// ended first.
  package let interruptionCount: Int
  /// For how long it has been tried: since it was committed, or brought back from the dead letters.
  package let age: Duration
}

/// What became of a commit.
package enum CommitOutcome: Sendable {
  /// It is on disk. The runs in ``StoredDelivery/runs`` that are `claimed` belong to the caller, who
  /// ends them as if ``Journal/claim(_:)`` had given them out.
  /// Beside them, what became of the delivery's approvals, in their order.
  case stored(StoredDelivery, claimed: [RunID], approvals: [ApprovalOutcome])
  /// The first delivery is on disk. When it had ended among the dead letters, the runs `retried` are
  /// pending again.
  case duplicate(of: StoredDelivery, retried: [RunID])
  /// Its sender's id belongs to this delivery, whose body differs, and nothing was stored. Derive
  /// the names from ``NewDelivery/conflictKey`` and commit with `conflictPolicy` `store`.
  case conflict(DeliveryID)
}

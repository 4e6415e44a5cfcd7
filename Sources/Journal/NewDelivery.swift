// What is handed to the journal: a delivery with what was decided about it.

import Bytes
import Crypto

/// A delivery to be stored. Nothing in it is interpreted; texts and bytes come back as given.
package struct NewDelivery: Sendable {
  /// What to do when the sender's id is known with another body.
  package enum ConflictPolicy: Sendable {
    /// Store nothing and answer ``CommitOutcome/conflict(_:)``.
    case report
    /// Store it, flagged. For the second try, with names derived from ``conflictKey``.
    case store
  }

  package let id: DeliveryID
  /// The hook it arrived at, `namespace/name`.
  package let hook: String
  /// The sender's kind, `github`.
  package let source: String
  /// What the event is, for lists: `push`.
  package let kind: String
  /// The sender's own id; for a manual call its `Idempotency-Key`; nil when there is none.
  package let senderID: String?
  /// For how long a body is remembered, so that it is known again under another id; nil: not at all.
  /// For manual calls it has to be nil.
  package let replayWindow: Duration?
  package var conflictPolicy: ConflictPolicy
  /// The delivery of which this is a forced repetition.
  package let replayOf: DeliveryID?
  /// Header fields without credentials, query and peer, in the caller's encoding.
  package let head: [UInt8]
  /// The event, in the caller's encoding.
  package let event: [UInt8]
  /// The body as it arrived.
  package let body: [UInt8]
  /// SHA-256 of the body.
  package let digest: [UInt8]
  package var decisions: [NewDecision]
  /// What the delivery says about pull requests of which runs may be held.
  package var revisions: [NewRevision] = []
  /// Approvals that it brings; they take effect with its commit, and never when it is known already.
  package var approvals: [NewApproval] = []

  /// Takes the digest of the body: some 5 µs for 8 KB, on the caller's thread.
  package init(
    id: DeliveryID = DeliveryID(), hook: String, source: String, kind: String,
    senderID: String?, replayWindow: Duration?, conflictPolicy: ConflictPolicy = .report,
    replayOf: DeliveryID? = nil, head: [UInt8], event: [UInt8], body: [UInt8],
    decisions: [NewDecision]
  ) {
    self.id = id
    self.hook = hook
    self.source = source
    self.kind = kind
    self.senderID = senderID
    self.replayWindow = replayWindow
    self.conflictPolicy = conflictPolicy
    self.replayOf = replayOf
    self.head = head
    self.event = event
    self.body = body
    digest = Self.digest(of: body)
    self.decisions = decisions
  }
}

/// What one trigger decided.
package struct NewDecision: Sendable {
  package enum Verdict: Sendable {
    /// These objects are to be created.
    case run([NewRun])
    /// Nothing is to be done.
    case skip(reason: String, message: String)
    /// Something should be done and cannot: it counts as a dead letter from the start.
    case fail(message: String)
    /// To be decided after the reply. The bytes are what that needs beside the delivery; the message
    /// says why.
    case `defer`(payload: [UInt8], lane: String, message: String)
    /// These objects are to be created once somebody has approved.
    case held([NewRun], NewHold)
  }

  package let trigger: String
  /// In which order the runs of this trigger are created.
  package let order: RunOrder
  package let verdict: Verdict
  /// What was not known when the decision was taken after the reply; for people.
  package let note: String?

  package init(
    trigger: String, order: RunOrder = .any, verdict: Verdict, note: String? = nil
  ) {
    self.trigger = trigger
    self.order = order
    self.verdict = verdict
    self.note = note
  }
}

/// In which order runs of one trigger are created.
package enum RunOrder: Sendable, Equatable {
  /// As fast as the API allows.
  case any
  /// Each after all those of earlier deliveries have ended.
  case serial
}

/// An object to create.
package struct NewRun: Sendable {
  package let apiVersion: String
  package let kind: String
  /// Empty for an object that is in no namespace.
  package let namespace: String
  package let name: String
  /// The whole object as JSON.
  package let object: [UInt8]
  /// What fails together and is held up together, such as the target and namespace.
  package let lane: String

  package init(
    apiVersion: String, kind: String, namespace: String, name: String, object: [UInt8],
    lane: String
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.object = object
    self.lane = lane
  }
}

extension NewDelivery {
  static func digest(of body: [UInt8]) -> [UInt8] { Digest.sha256(body) }

  /// What names of runs are derived from when the sender's id belongs to another body already: the
  /// same on every replica.
  package var conflictKey: String {
    "\(senderID ?? id.description)#\(Hex.encode(digest.prefix(8)))"
  }
}

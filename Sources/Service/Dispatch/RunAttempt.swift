// What to do about one run, from the answers of the API server. No socket, no clock.
//
//     create ──201──────────────────────────────────────────────▶ created
//       │ ──409 AlreadyExists──▶ look ──our labels──────────────▶ existed
//       │                         │ ──other labels──────────────▶ refused (NameCollision)
//       │                         │ ──not there, or unreadable──▶ again
//       │ ──no answer, half an answer, 5xx (ambiguous)──────────▶ again, from now on uncertain
//       │ ──401, 429, … (not carried out, worth repeating)──────▶ again
//       └ ──refused for good──▶ certain?   ─────────────────────▶ refused
//                               uncertain? ──▶ look ──not there─▶ refused
//
// Uncertain means that an earlier attempt may have created the run without our learning of it. Then
// no refusal is believed before the run was looked for: a real API server checks quotas before it
// checks the name, so the repetition of a creation that succeeded can be answered 403.

import Hooks
import JSON
import Kubernetes

/// The state of one attempt at creating a run.
struct RunAttempt {
  /// What the driver does next.
  enum Step: Equatable {
    /// Send the object.
    case create
    /// Read the object that has the run's name.
    case look
    /// The attempt is over.
    case end(Ending)
  }

  /// How an attempt ends.
  enum Ending: Equatable {
    /// The run was created now.
    case created(uid: String?)
    /// The run was there: another replica, or an earlier attempt whose answer was lost, created it.
    case existed(uid: String?)
    /// Not now. The failure is the last one, for people.
    case again(KubernetesError.RetryAdvice, RunFailure)
    /// Never.
    case refused(RunFailure)
    /// A deferred decision was taken, or had been; the journal knows.
    case decided
  }

  private let run: RunIdentity
  private(set) var isUncertain: Bool
  private var refusal: RunFailure?

  /// - Parameter isUncertain: an earlier attempt may have created the run.
  init(_ run: RunIdentity, isUncertain: Bool) {
    self.run = run
    self.isUncertain = isUncertain
  }

  /// The first step of every attempt.
  let begin = Step.create

  /// The server created it.
  mutating func created(_ object: JSONValue) -> Step { .end(.created(uid: Self.uid(of: object))) }

  /// The server, or the way there, did not create it.
  mutating func failed(_ error: KubernetesError) -> Step {
    if error.isAlreadyExists { return .look }
    if error.outcome == .ambiguous { isUncertain = true }
    let failure = RunFailure(error)
    guard error.isPermanent, error.outcome == .notPerformed else {
      return .end(.again(error.isPermanent ? .backoff : error.retry, failure))
    }
    guard isUncertain else { return .end(.refused(failure)) }
    refusal = failure
    return .look
  }

  /// An object of the run's name is there.
  mutating func found(_ object: JSONValue) -> Step {
    if run.marks(object) { return .end(.existed(uid: Self.uid(of: object))) }
    // A refusal that was waiting for this look is the more telling one: the name is somebody else's
    // and the creation would have failed even without that.
    return .end(.refused(refusal ?? run.collision))
  }

  /// The look showed nothing, or nothing could be seen.
  mutating func notFound(_ error: KubernetesError) -> Step {
    if let refusal, error.isNotFound { return .end(.refused(refusal)) }
    // The object went away after the server had named it, or it cannot be read: nothing is known.
    return .end(.again(error.isPermanent ? .backoff : error.retry, RunFailure(error)))
  }
}

extension RunAttempt {
  private static func uid(of object: JSONValue) -> String? {
    object[["metadata", "uid"]]?.stringValue
  }
}

/// What tells a run from all others: kind, place, name and our labels on it.
struct RunIdentity: Sendable, Equatable {
  let apiVersion: String
  let kind: String
  let namespace: String
  let name: String
  /// The labels that mark the delivery, as the object was sent with them.
  let labels: [String: String]

  /// - Parameter object: the object as it is sent.
  init(object: JSONValue, namespace: String, name: String) {
    apiVersion = object["apiVersion"]?.stringValue ?? ""
    kind = object["kind"]?.stringValue ?? ""
    self.namespace = namespace
    self.name = name
    var labels: [String: String] = [:]
    for label in [RunMark.hook, RunMark.trigger, RunMark.delivery] {
      labels[label] = object[["metadata", "labels", label]]?.stringValue
    }
    self.labels = labels
  }

  /// Whether an object is this run: it has all three of our labels, with our values.
  func marks(_ object: JSONValue) -> Bool {
    guard labels.count == Self.labelCount else { return false }
    return labels.allSatisfy { label, value in
      object[["metadata", "labels", label]]?.stringValue == value
    }
  }

  /// Somebody else's object has the name.
  var collision: RunFailure {
    RunFailure(
      reason: "NameCollision",
      message: "\(kind) \(namespace)/\(name) exists and belongs to another delivery: "
        + "use generateName instead of name in the template, or delete the object")
  }

  private static let labelCount = 3
}

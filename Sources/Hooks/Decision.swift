// What one trigger decided for one event.

package import JSON

/// The decision of a trigger.
package enum Decision: Equatable, Sendable {
  /// These objects are to be created.
  case run([RenderedRun])
  /// Nothing is to be done; the message is a sentence with the values that decided.
  case skip(SkipReason, message: String)
  /// Something should be done and cannot.
  case fail(message: String)
  /// Not known yet: it takes what only the network knows, and is decided again after the reply.
  case deferred(Deferral)
  /// These objects are to be created once somebody has approved of what they build.
  case held([RenderedRun], Hold)
}

/// Whether a decision may be put off.
package enum DecisionPhase: Sendable {
  /// While the sender waits for the reply. Without the complete list of changed files a trigger that
  /// needs it answers ``Decision/deferred(_:)``.
  case reply
  /// After it, once the provider was asked. The event's list of files is what the provider says, and
  /// a trigger that finds it incomplete even so runs: nobody can tell that nothing it listens to was
  /// changed. It never answers ``Decision/deferred(_:)``.
  case afterReply
}

/// A decision that needs the complete list of changed files.
///
/// It holds what taking the decision again needs beside the delivery's own bytes.
package struct Deferral: Equatable, Sendable {
  /// The event's place in its delivery.
  package let index: Int
  /// What names are derived from (``Delivery/key``), so that the run has the name that it would have
  /// had at once.
  package let deliveryKey: String
  /// What is missing, as a sentence.
  package let message: String

  package init(index: Int, deliveryKey: String, message: String) {
    self.index = index
    self.deliveryKey = deliveryKey
    self.message = message
  }
}

/// What a run waits for that builds somebody else's change.
///
/// It is bound to one revision: an approval of what is there now releases nothing that is pushed
/// later.
package struct Hold: Equatable, Sendable {
  /// The full name of the repository that the pull request wants to go to.
  package let repository: String
  /// The pull request's number.
  package let pullRequest: Int
  /// The commit at the head of the pull request, 40 or 64 hexadecimal digits.
  package let revision: String
  /// What is waited for, as a sentence.
  package let message: String

  package init(repository: String, pullRequest: Int, revision: String, message: String) {
    self.repository = repository
    self.pullRequest = pullRequest
    self.revision = revision
    self.message = message
  }
}

/// Why a trigger did not run.
package struct SkipReason: RawRepresentable, Hashable, Sendable {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// The trigger does not listen to such events.
  package static let event = SkipReason(rawValue: "event")
  /// Not this action.
  package static let action = SkipReason(rawValue: "action")
  /// The comment holds no command of the trigger.
  package static let comment = SkipReason(rawValue: "comment")
  /// The arguments of the command are not what the trigger takes.
  package static let inputs = SkipReason(rawValue: "inputs")
  /// Not this branch.
  package static let branch = SkipReason(rawValue: "branch")
  /// Not this tag.
  package static let tag = SkipReason(rawValue: "tag")
  /// A pull request from another repository, or perhaps from another one.
  package static let fork = SkipReason(rawValue: "fork")
  /// A draft.
  package static let draft = SkipReason(rawValue: "draft")
  /// None of the labels.
  package static let label = SkipReason(rawValue: "label")
  /// Not this author.
  package static let author = SkipReason(rawValue: "author")
  /// The commit or the pull request asks for no run.
  package static let marker = SkipReason(rawValue: "skip-ci")
  /// None of the files.
  package static let path = SkipReason(rawValue: "path")
  /// None of the files that are known, and there may be others.
  package static let files = SkipReason(rawValue: "files")
  /// The trigger's own condition, `when`, is false.
  package static let condition = SkipReason(rawValue: "when")

  /// All of them.
  package static let all: [SkipReason] = [
    .event, .action, .comment, .inputs, .branch, .tag, .fork, .draft, .label, .author, .marker,
    .path, .files, .condition,
  ]
}

/// A decision with the values that led to it.
package struct TriggerExplanation: Equatable, Sendable {
  package let decision: Decision
  /// The inputs of the call or command, defaults included; empty where the filters objected.
  package let inputs: JSONObject
  /// The values of `vars`; empty where it did not come to them.
  package let variables: JSONObject
  /// Why the event passes a filter that cannot tell; nil where all of them could.
  package var note: String?

  init(_ decision: Decision, inputs: JSONObject = [:], variables: JSONObject = [:]) {
    self.decision = decision
    self.inputs = inputs
    self.variables = variables
  }
}

/// A decision and whose it is.
package struct TriggerDecision: Equatable, Sendable {
  package let trigger: String
  package let decision: Decision
  /// In which order the trigger's runs are created.
  package let order: TriggerOrder

  package init(trigger: String, decision: Decision, order: TriggerOrder = .parallel) {
    self.trigger = trigger
    self.decision = decision
    self.order = order
  }
}

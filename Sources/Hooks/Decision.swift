// What one trigger decided for one event.

/// The decision of a trigger.
package enum Decision: Equatable, Sendable {
  /// These objects are to be created.
  case run([RenderedRun])
  /// Nothing is to be done; the message is a sentence with the values that decided.
  case skip(SkipReason, message: String)
  /// Something should be done and cannot.
  case fail(message: String)
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
  /// Not this branch.
  package static let branch = SkipReason(rawValue: "branch")
  /// Not this tag.
  package static let tag = SkipReason(rawValue: "tag")
  /// A pull request from another repository.
  package static let fork = SkipReason(rawValue: "fork")
  /// The trigger's own condition, `when`, is false.
  package static let condition = SkipReason(rawValue: "when")
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

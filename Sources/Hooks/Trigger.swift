// Filter and template: which events make which run.

import JSON

/// What a trigger listens to: one entry of `on`.
package enum Subscription: Hashable, Sendable {
  /// Events of a kind with a word of its own.
  case kind(EventKind)
  /// Every event that the host names so; of pushes those that delete nothing.
  case provider(String, event: String)

  /// The entry as it is written.
  package var text: String {
    switch self {
    case .kind(let kind): kind.rawValue
    case .provider(let provider, let event): "\(provider):\(event)"
    }
  }
}

/// What becomes of `$(` in a value: Tekton takes `$(…)` in a run for a reference of its own.
package enum UnsafeValues: String, CaseIterable, Sendable {
  /// It is written `$$(`.
  case escape
  /// The trigger fails.
  case refuse
  /// The `$` is left out, and every other `$` right before it.
  case replace
}

/// In which order a trigger's runs are created.
package enum TriggerOrder: String, CaseIterable, Sendable {
  /// As fast as the API server takes them; one that has to wait holds up no other.
  case parallel
  /// In the order in which the deliveries arrived: the next one when the one before was created or
  /// given up.
  case serial
}

/// One trigger of a hook.
package struct Trigger: Sendable {
  package let hook: HookName
  package let name: String
  package let subscriptions: [Subscription]
  let filters: EventFilters
  package let unsafeValues: UnsafeValues
  package let order: TriggerOrder
  /// Who may approve of runs that are held, as the host names them. Letters count without case.
  package let approvers: [String]
  package let inputs: [InputDeclaration]
  /// When it starts by itself.
  package let schedule: Schedule?
  let expressions: TriggerExpressions
  package let template: RunTemplate

  /// Whether the trigger may be started by hand.
  package var isManual: Bool { subscriptions.contains(.kind(.manual)) }

  /// What the trigger does about an event, with its name and order.
  package func decision(
    _ event: Event, at index: Int, of delivery: Delivery, phase: DecisionPhase = .reply
  ) -> TriggerDecision {
    TriggerDecision(
      trigger: name, decision: decide(event, at: index, of: delivery, phase: phase), order: order)
  }

  /// What the trigger does about an event.
  ///
  /// The decision depends on the arguments alone. It looks at the kind, then at the filters
  /// (``EventFilters``) and then at the condition, and names the first that does not let the event
  /// pass.
  ///
  /// - Parameters:
  ///   - index: the event's place in its delivery.
  ///   - phase: whether the decision may be put off.
  package func decide(
    _ event: Event, at index: Int, of delivery: Delivery, phase: DecisionPhase = .reply
  ) -> Decision {
    explain(event, at: index, of: delivery, phase: phase).decision
  }

  /// What the trigger does about an event, with the values that it found on the way.
  package func explain(
    _ event: Event, at index: Int, of delivery: Delivery, phase: DecisionPhase = .reply
  ) -> TriggerExplanation {
    guard subscriptions.contains(where: { event.subscriptions.contains($0) }) else {
      let names = subscriptions.map(\.text).joined(separator: ", ")
      return TriggerExplanation(
        .skip(.event, message: "\(event.kind.rawValue) is none of [\(names)]"))
    }
    let isNamedByHost =
      event.providerEvent.map { subscriptions.contains(.provider(event.provider, event: $0)) }
      ?? false
    switch filters.verdict(
      on: event, isNamedByHost: isNamedByHost, inputs: inputs, phase: phase)
    {
    case .skip(let objection):
      return TriggerExplanation(.skip(objection.reason, message: objection.message))
    case .fetch(let message):
      let deferral = Deferral(index: index, deliveryKey: delivery.key, message: message)
      return TriggerExplanation(.deferred(deferral))
    case .pass(let passage):
      var explanation = explain(
        event, at: index, of: delivery, hold: passage.hold,
        inputs: passage.inputs ?? delivery.inputs ?? ManualInputs.defaults(inputs))
      explanation.note = passage.note
      return explanation
    }
  }

  /// What the condition, the variables and the template make of an event that the filters let pass.
  private func explain(
    _ event: Event, at index: Int, of delivery: Delivery, hold: Hold?, inputs: JSONObject
  ) -> TriggerExplanation {
    let eventValue = event.json
    switch expressions.evaluate(event: eventValue, of: delivery, inputs: inputs) {
    case .skip(let message):
      return TriggerExplanation(.skip(.condition, message: message), inputs: inputs)
    case .fail(let message): return TriggerExplanation(.fail(message: message), inputs: inputs)
    case .proceed(let variables):
      do throws(TemplateError) {
        let run = try template.render(
          event, eventValue, at: index, of: delivery, hook: hook, trigger: name, inputs: inputs,
          variables: variables, unsafeValues: unsafeValues)
        return TriggerExplanation(
          hold.map { .held([run], $0) } ?? .run([run]), inputs: inputs, variables: variables)
      } catch {
        return TriggerExplanation(
          .fail(message: error.description), inputs: inputs, variables: variables)
      }
    }
  }
}

extension Event {
  /// The entries of `on` that this event answers to. A deletion answers to its own word alone, so
  /// that no trigger builds what is gone without having asked for it.
  package var subscriptions: [Subscription] {
    switch kind {
    case .branchDelete, .tagDelete, .manual, .schedule: return [.kind(kind)]
    default:
      let native = providerEvent.map { Subscription.provider(provider, event: $0) }
      return [.kind(kind)] + (native.map { [$0] } ?? [])
    }
  }
}

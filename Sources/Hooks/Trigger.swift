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

/// Whether pull requests from other repositories run.
package enum ForkPolicy: String, CaseIterable, Sendable {
  case skip
  case run
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
  /// The actions that count; empty for the usual ones.
  package let actions: [String]
  package let branches: GlobList?
  package let tags: GlobList?
  package let forks: ForkPolicy
  package let unsafeValues: UnsafeValues
  package let order: TriggerOrder
  /// Who may approve of runs that are held, as the host names them. Letters count without case.
  package var approvers: [String] = []
  package let inputs: [InputDeclaration]
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
  /// The decision depends on the arguments alone. It looks at the filters in the order kind, action,
  /// branch or tag, fork, and then at the
  /// condition, and names the first that does not let the event pass.
  ///
  /// - Parameters:
  ///   - index: the event's place in its delivery.
  ///   - phase: whether the decision may be put off.
  package func decide(
    _ event: Event, at index: Int, of delivery: Delivery, phase: DecisionPhase = .reply
  ) -> Decision {
    guard subscriptions.contains(where: { event.subscriptions.contains($0) }) else {
      let names = subscriptions.map(\.text).joined(separator: ", ")
      return .skip(.event, message: "\(event.kind.rawValue) is none of [\(names)]")
    }
    if let skip = actionFilter(event) ?? nameFilter(event) ?? forkFilter(event) { return skip }
    let inputs = delivery.inputs ?? ManualInputs.defaults(inputs)
    let eventValue = event.json
    let variables: JSONObject
    switch expressions.evaluate(event: eventValue, of: delivery, inputs: inputs) {
    case .skip(let message): return .skip(.condition, message: message)
    case .fail(let message): return .fail(message: message)
    case .proceed(let values): variables = values
    }
    do throws(TemplateError) {
      let run = try template.render(
        event, eventValue, at: index, of: delivery, hook: hook, trigger: name, inputs: inputs,
        variables: variables, unsafeValues: unsafeValues)
      return .run([run])
    } catch {
      return .fail(message: error.description)
    }
  }

  private func actionFilter(_ event: Event) -> Decision? {
    guard let action = event.action else { return nil }
    let isByHostsName =
      event.providerEvent.map {
        subscriptions.contains(.provider(event.provider, event: $0))
      } ?? false
    let isUsual = actions.isEmpty && event.kind == .pullRequest && !isByHostsName
    let allowed = isUsual ? Self.usualActions : actions
    guard !allowed.isEmpty, !allowed.contains(action), !allowed.contains(Self.anyAction) else {
      return nil
    }
    return .skip(
      .action,
      message: "action \(excerpt(action)) is none of [\(allowed.joined(separator: ", "))]")
  }

  /// Tags are filtered by `tags`, everything else by `branches`.
  private func nameFilter(_ event: Event) -> Decision? {
    let isTag = event.tag != nil && event.branch == nil
    guard let list = isTag ? tags : branches, event.kind != .manual else { return nil }
    let reason: SkipReason = isTag ? .tag : .branch
    guard let name = isTag ? event.tag : event.branch else {
      return .skip(reason, message: "the event has no \(reason.rawValue)")
    }
    guard !list.matches(name) else { return nil }
    return .skip(
      reason, message: "\(reason.rawValue) \(excerpt(name)) matches none of \(list)")
  }

  private func forkFilter(_ event: Event) -> Decision? {
    guard forks == .skip, let request = event.pullRequest, request.isFromFork != false
    else { return nil }
    return .skip(
      .fork,
      message: "pull request \(request.number) comes from a fork and forks are set to skip")
  }

  /// A name for a message: cut, and without what could mislead a terminal or a log.
  private func excerpt(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars.prefix(Self.excerptLimit) {
      let isControl = scalar.properties.generalCategory == .control
      let isFormat = scalar.properties.generalCategory == .format
      text.unicodeScalars.append(isControl || isFormat ? "\u{FFFD}" : scalar)
    }
    return name.unicodeScalars.count > Self.excerptLimit ? text + "…" : text
  }

  /// The actions that change what a pull request would merge.
  static let usualActions = ["opened", "synchronize", "reopened"]
  /// Lets every action pass.
  static let anyAction = "*"
  /// Characters of a name in a message.
  private static let excerptLimit = 100
}

extension Event {
  /// The entries of `on` that this event answers to. A deletion answers to its own word alone, so
  /// that no trigger builds what is gone without having asked for it.
  package var subscriptions: [Subscription] {
    switch kind {
    case .branchDelete, .tagDelete, .manual: return [.kind(kind)]
    default:
      let native = providerEvent.map { Subscription.provider(provider, event: $0) }
      return [.kind(kind)] + (native.map { [$0] } ?? [])
    }
  }
}

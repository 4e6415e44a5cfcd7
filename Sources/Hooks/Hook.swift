// An endpoint: where deliveries arrive, who may send them, and the triggers behind it.

/// The name of a hook.
package struct HookName: Hashable, Sendable {
  package let namespace: String
  package let name: String

  package init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// Reads what ``description`` writes, `namespace/name`; nil for what has not exactly two parts.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self.init(namespace: String(parts[0]), name: String(parts[1]))
  }
}

extension HookName: CustomStringConvertible {
  package var description: String { "\(namespace)/\(name)" }
}

/// How much replies tell the sender of deliveries. Callers of manual triggers, the journal and the admin
/// API are told everything whatever it says.
package enum ReplyDetail: String, CaseIterable, Sendable {
  /// Every decision with its reason, and the names of runs.
  case full
  /// The delivery's id and how many runs there are.
  case brief
}

/// A hook, compiled.
package struct Hook: Sendable {
  package let name: HookName
  /// Who sends deliveries; nil for a hook that is only ever started by hand.
  package let source: Source?
  /// Who may start triggers by hand.
  package let callers: [ManualCaller]
  package let triggers: [Trigger]
  /// How much the sender of deliveries is told.
  package let replies: ReplyDetail
  /// What the document says must come of certain deliveries.
  package let tests: [HookTest]
  /// The places of the triggers that listen to something, so that an event costs as much as the
  /// triggers that it concerns.
  private let index: [Subscription: [Int]]

  init(
    name: HookName, source: Source?, callers: [ManualCaller], triggers: [Trigger],
    replies: ReplyDetail = .full, tests: [HookTest] = []
  ) {
    self.replies = replies
    self.tests = tests
    self.name = name
    self.source = source
    self.callers = callers
    self.triggers = triggers
    var index: [Subscription: [Int]] = [:]
    for (place, trigger) in triggers.enumerated() {
      for subscription in trigger.subscriptions { index[subscription, default: []].append(place) }
    }
    self.index = index
  }

  /// The trigger of a name.
  package func trigger(named name: String) -> Trigger? {
    triggers.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The decisions of the triggers that listen to such events, in the order of the document. Empty
  /// when none does; ``silence(about:)`` says so in words.
  package func decide(_ event: Event, at index: Int, of delivery: Delivery) -> [TriggerDecision] {
    let places = Set(event.subscriptions.flatMap { self.index[$0] ?? [] })
    return places.sorted().map { place in
      triggers[place].decision(event, at: index, of: delivery)
    }
  }

  /// The decisions about all events of a delivery, event by event.
  package func decide(_ events: [Event], of delivery: Delivery) -> [TriggerDecision] {
    events.enumerated().flatMap { decide($1, at: $0, of: delivery) }
  }

  /// The decisions of all triggers, those included that do not listen to such events.
  package func explain(_ event: Event, at index: Int, of delivery: Delivery) -> [TriggerDecision] {
    triggers.map { $0.decision(event, at: index, of: delivery) }
  }

  /// Why an event concerns no trigger.
  package func silence(about event: Event) -> String {
    "no trigger of \(name) listens to \(event.kind.rawValue)"
  }

  /// All places that hold secrets which the hook needs.
  package var secrets: [SecretReference] {
    (source?.secrets.map(\.reference) ?? []) + callers.map(\.secret.reference)
  }
}

// The delivery that a due time makes: the same on every replica and after every restart.

package import JSON

/// A delivery of a due time, before it is decided.
///
/// Everything in it is derived from trigger and time alone but our id, from which nothing follows.
package struct DueDelivery: Sendable {
  package let delivery: Delivery
  package let event: Event
  /// The bytes of the body, which hold the time.
  package let body: [UInt8]

  /// What deliveries of schedules have as their source.
  package static let source = "schedule"

  /// - Parameters:
  ///   - time: in seconds since 1970.
  ///   - id: our id of it.
  package init(_ trigger: Trigger, at time: Int64, id: String) {
    let text = Event.scheduleTime(time)
    let value: JSONValue = ["time": .string(text)]
    body = value.serialized()
    event = .scheduled(at: text)
    delivery = Delivery(
      id: id, sourceID: "\(Self.source)/\(trigger.name)/\(text)", body: Self.view(body),
      inputs: nil)
  }

  /// The time that the body of a stored delivery holds, as RFC 3339 writes it; nil when it is another
  /// body.
  package static func time(of body: JSONView) -> String? {
    body.materialised["time"]?.stringValue
  }

  private static func view(_ body: [UInt8]) -> JSONView {
    do throws(JSONError) { return try JSONDocument.parse(body).root } catch {
      preconditionFailure("what is printed is JSON")
    }
  }
}

extension Hook {
  /// What a trigger would do at a time of its schedule, in seconds since 1970.
  package func explanation(
    ofSchedule triggerName: String, at time: Int64, id: String
  ) -> HookExplanation {
    guard let trigger = trigger(named: triggerName), trigger.schedule != nil else {
      let names = triggers.filter { $0.schedule != nil }.map(\.name).joined(separator: ", ")
      return HookExplanation(
        hook: name,
        outcome: .refused(
          "no trigger \(excerpt(triggerName)) has a schedule; those that have are [\(names)]"))
    }
    guard trigger.schedule?.next(after: time.subtractingReportingOverflow(1).partialValue) == time
    else {
      return HookExplanation(
        hook: name, outcome: .refused("\(Event.scheduleTime(time)) is no time of its schedule"))
    }
    let due = DueDelivery(trigger, at: time, id: id)
    let named = HookExplanation.NamedTrigger(
      name: trigger.name, explanation: trigger.explain(due.event, at: 0, of: due.delivery))
    return HookExplanation(
      hook: name, outcome: .events([HookExplanation.Part(event: due.event, triggers: [named])]))
  }
}

// The delivery that a due time makes.

import Hooks
import JSON
import Journal

/// Makes deliveries of due times.
///
/// Everything in one is derived from hook, trigger and time alone, names of runs included: several
/// replicas, and one that tries again, make the same.
enum ScheduledDelivery {
  /// What the journal has as the source.
  static let source = "schedule"

  /// The delivery of a due time, in seconds since 1970.
  static func incoming(
    _ trigger: Trigger, of hook: HookName, at time: Int64, id: DeliveryID = DeliveryID()
  ) -> IncomingDelivery {
    let text = Event.scheduleTime(time)
    let value: JSONValue = ["time": .string(text)]
    let body = value.serialized()
    let senderID = "\(source)/\(trigger.name)/\(text)"
    let event = Event.scheduled(at: time)
    let view = Delivery(
      id: id.description, sourceID: senderID, body: Self.view(body), inputs: nil)
    return IncomingDelivery(
      id: id, hook: hook, source: source, events: [event], senderID: senderID, replayWindow: nil,
      replayOf: nil, head: StoredHead(view, peer: "", caller: nil), body: body,
      decide: { [trigger.decision(event, at: 0, of: view.named(by: $0))] })
  }

  /// The due time of a stored delivery's body; nil for another body.
  static func time(of body: JSONView) -> String? { body.materialised["time"]?.stringValue }

  private static func view(_ body: [UInt8]) -> JSONView {
    do throws(JSONError) { return try JSONDocument.parse(body).root } catch {
      preconditionFailure("what is printed is JSON")
    }
  }
}

// From a due time to what the journal takes.

import Hooks
import Journal

extension IncomingDelivery {
  /// The delivery of a due time, in seconds since 1970.
  init(_ trigger: Trigger, of hook: HookName, dueAt time: Int64) {
    let id = DeliveryID()
    let due = DueDelivery(trigger, at: time, id: id.description)
    self.init(
      id: id, hook: hook, source: DueDelivery.source, events: [due.event],
      senderID: due.delivery.sourceID, replayWindow: nil, replayOf: nil,
      head: StoredHead(due.delivery, peer: "", caller: nil), body: due.body,
      decide: { [trigger.decision(due.event, at: 0, of: due.delivery.named(by: $0))] })
  }
}

// A row of `delivery`.

import Crypto
import Reactor

/// Everything about a delivery but its body and runs.
struct DeliveryRow {
  let sequence: Int64
  let id: DeliveryID
  let hook: String
  let source: String
  let kind: String
  let senderID: String?
  let digest: [UInt8]
  let bodyKey: Int64?
  let bodyLength: Int64
  let received: JournalTime
  let receivedWall: Int64
  let isConflicting: Bool
  let replayOf: DeliveryID?
  let decisions: [UInt8]
  let event: [UInt8]
  let head: [UInt8]

  var senderKey: Int64? { senderID.map { DeliveryKey.sender(hook: hook, id: $0) } }
}

/// Index entries of eight bytes. What is found by them is compared in full.
enum DeliveryKey {
  static func sender(hook: String, id: String) -> Int64 { number(hook, [UInt8](id.utf8)) }

  static func body(hook: String, digest: [UInt8]) -> Int64 { number(hook, digest) }

  /// What runs of one trigger that keep their order have in common.
  static func serial(hook: String, trigger: String) -> Int64 { number(hook, [UInt8](trigger.utf8)) }

  /// What holds and revisions of one subject have in common.
  static func subject(hook: String, subject: String) -> Int64 {
    number(hook, [UInt8](subject.utf8))
  }

  /// Senders choose what goes in, so that a hash has to be one for which nobody finds collisions.
  private static func number(_ hook: String, _ rest: [UInt8]) -> Int64 {
    let text = [UInt8](hook.utf8) + [0] + rest
    let bits = Digest.sha256(text).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int64(bitPattern: bits)
  }
}

// MARK: - In the database

extension DeliveryRow {
  var checksum: Int64 {
    var sum = RowChecksum()
    sum.add(sequence)
    sum.add(id.bytes)
    for text in [hook, source, kind] { sum.add(text) }
    sum.add(senderID)
    sum.add(digest)
    sum.add(bodyKey)
    sum.add(bodyLength)
    sum.add(received.microseconds)
    sum.add(receivedWall)
    sum.add(isConflicting ? 1 as Int64 : 0)
    sum.add(replayOf?.bytes)
    sum.add(decisions)
    sum.add(event)
    sum.add(head)
    return sum.value
  }

  static let columns = """
    sequence, id, hook, source, kind, sender_id, sender_key, digest, body_key, body_length, received,
    received_wall, conflicting, replay_of, decisions, event, head, checksum
    """

  /// Reads the columns of ``columns``; nil when the checksum is not that of the others.
  init?(_ row: StatementRow) {
    guard let id = DeliveryID(bytes: row.bytes(1)) else { return nil }
    sequence = row.integer(0)
    self.id = id
    hook = row.text(2)
    source = row.text(3)
    kind = row.text(4)
    senderID = row.optionalText(5)
    digest = row.bytes(7)
    bodyKey = row.optionalInteger(8)
    bodyLength = row.integer(9)
    received = JournalTime(microseconds: row.integer(10))
    receivedWall = row.integer(11)
    isConflicting = row.integer(12) != 0
    replayOf = row.optionalBytes(13).flatMap(DeliveryID.init(bytes:))
    decisions = row.bytes(14)
    event = row.bytes(15)
    head = row.bytes(16)
    guard checksum == row.integer(17) else { return nil }
  }

  /// What is given out, once the runs are known.
  ///
  /// - Returns: nil when the decisions do not fit the runs, which only damage causes.
  func stored(_ runs: [RunRow]) -> StoredDelivery? {
    guard let texts = DecisionText.decode(decisions) else { return nil }
    var stored: [StoredDecision] = []
    for (index, text) in texts.enumerated() {
      let own = runs.filter { $0.decision == Int64(index) }
      var verdict = text.verdict
      var note: String?
      var visible = own
      // The newest replacement counts; what it replaced is no longer shown.
      for row in own {
        guard let bytes = row.verdict else { continue }
        guard let replacement = DecisionText.decode(bytes)?.first else { return nil }
        verdict = replacement.verdict
        note = row.failure?.reason == RunRow.noteReason ? row.failure?.message : nil
        visible.removeAll { $0.id == row.id }
      }
      stored.append(
        StoredDecision(
          trigger: text.trigger, verdict: verdict, note: note, runs: visible.map(\.stored)))
    }
    return StoredDelivery(
      id: id, hook: hook, source: source, kind: kind, senderID: senderID,
      receivedAt: JournalTime(microseconds: receivedWall).wallTime, isConflicting: isConflicting,
      replayOf: replayOf, bodyByteCount: Int(clamping: max(0, bodyLength)), decisions: stored,
      sequence: sequence)
  }
}

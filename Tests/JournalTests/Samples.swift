// Deliveries for tests.

import Reactor

@testable import Journal

/// A journal's clocks, moved by hand.
final class TestClock: Sendable {
  let monotonic = ManualClock()

  func clock(wall seconds: Int64 = 1_800_000_000, boot: String = "boot") -> JournalClock {
    JournalClock(
      monotonic: monotonic,
      wall: { WallTime(secondsSince1970: seconds, nanoseconds: 0) }, bootID: boot)
  }
}

enum Sample {
  static func bytes(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

  static func run(_ name: String, lane: String = "ci") -> NewRun {
    NewRun(
      apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: "ci", name: name,
      object: bytes("{\"metadata\":{\"name\":\"\(name)\"}}"), lane: lane)
  }

  static func delivery(
    _ senderID: String?, body: String = "{}", hook: String = "ci/app", window: Duration? = nil,
    policy: NewDelivery.ConflictPolicy = .report, decisions: [NewDecision]? = nil
  ) -> NewDelivery {
    NewDelivery(
      hook: hook, source: "github", kind: "push", senderID: senderID, replayWindow: window,
      conflictPolicy: policy, head: bytes("{\"x-github-event\":\"push\"}"),
      event: bytes("{\"kind\":\"push\"}"), body: bytes(body),
      decisions: decisions ?? [
        NewDecision(trigger: "build", verdict: .run([run("build-\(senderID ?? "none")")])),
        NewDecision(trigger: "docs", verdict: .skip(reason: "branch", message: "not main")),
      ])
  }

  static let failure = RunFailureRecord(reason: "Forbidden", message: "no")
}

extension CommitOutcome {
  var stored: StoredDelivery? {
    if case .stored(let delivery, _, _) = self { delivery } else { nil }
  }
  var duplicate: StoredDelivery? {
    if case .duplicate(let delivery, _) = self { delivery } else { nil }
  }
  var retried: [RunID] {
    if case .duplicate(_, let retried) = self { retried } else { [] }
  }
}

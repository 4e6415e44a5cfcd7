import Hooks
import JSON
import Reactor

/// When a trigger's schedule is due next.
struct NextDueTimes {
  let hook: HookName
  let trigger: String
  let schedule: Schedule
  /// In seconds since 1970.
  let times: [Int64]

  /// Those of a trigger; nil when it has no schedule.
  init?(_ trigger: Trigger, of hook: Hook, after now: Int64 = WallTime.now.secondsSince1970) {
    guard let schedule = trigger.schedule else { return nil }
    self.hook = hook.name
    self.trigger = trigger.name
    self.schedule = schedule
    times = schedule.next(Self.count, after: now)
  }

  /// Those of all triggers, by the names of their hooks.
  static func all(of hooks: HookSet) -> [NextDueTimes] {
    hooks.hooks.values.sorted { $0.name.description < $1.name.description }.flatMap { hook in
      hook.triggers.compactMap { NextDueTimes($0, of: hook) }
    }
  }

  /// `ci/my-app nightly (0 3 * * * Europe/Berlin): 2026-11-25T03:00:00+01:00, …`
  var text: String {
    "\(hook) \(trigger) (\(schedule.text)): "
      + times.map { schedule.localText($0) }.joined(separator: ", ")
  }

  var json: JSONValue {
    [
      "hook": .string(hook.description), "trigger": .string(trigger),
      "schedule": .string(schedule.expression.text), "timeZone": .string(schedule.zoneName),
      "missed": .string(schedule.missed.rawValue),
      "next": .array(times.map { .string(schedule.localText($0)) }),
    ]
  }

  /// Enough to see which days are meant.
  private static let count = 3
}

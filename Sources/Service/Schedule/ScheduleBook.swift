// What is due, and how far each schedule has been dealt with. No clock, no journal.

import Hooks
import Journal

/// The schedules of all triggers.
///
/// A due time is dealt with once: what is due is looked for between the mark and the present, and the
/// mark never goes back. So a clock that is set back by less than ``setbackLimit`` makes nothing due
/// twice, and nothing late either: the next due time comes when the clock has passed the mark.
struct ScheduleBook: Sendable {
  /// A trigger with a schedule.
  struct Entry: Sendable {
    let hook: HookName
    let trigger: Trigger
    let schedule: Schedule
    /// In seconds since 1970.
    var handledThrough: Int64

    var mark: ScheduleMark {
      ScheduleMark(
        hook: hook.description, trigger: trigger.name, schedule: schedule.text,
        handledThrough: handledThrough)
    }
  }

  private(set) var entries: [Entry]

  /// - Parameters:
  ///   - marks: what the journal knows. A schedule that it does not know, or knew otherwise, begins
  ///     now.
  ///   - now: in seconds since 1970.
  init(_ hooks: [Hook], marks: [ScheduleMark], now: Int64) {
    var known: [String: ScheduleMark] = [:]
    for mark in marks { known["\(mark.hook)/\(mark.trigger)"] = mark }
    entries = hooks.flatMap { hook in
      hook.triggers.compactMap { trigger in
        guard let schedule = trigger.schedule else { return nil }
        let mark = known["\(hook.name)/\(trigger.name)"]
        let start = mark?.schedule == schedule.text ? mark?.handledThrough : nil
        return Entry(
          hook: hook.name, trigger: trigger, schedule: schedule, handledThrough: start ?? now)
      }
    }
  }

  var marks: [ScheduleMark] { entries.map(\.mark) }

  /// Begins anew with schedules whose mark lies far in the future: the clock was wrong then.
  ///
  /// - Returns: their places.
  mutating func correct(at now: Int64) -> [Int] {
    let latest = now.addingReportingOverflow(Self.setbackLimit).partialValue
    let wrong = entries.indices.filter { entries[$0].handledThrough > latest }
    for index in wrong { entries[index].handledThrough = now }
    return wrong
  }

  /// What is to be done now, by the place of the entry.
  func due(at now: Int64) -> [(index: Int, due: Schedule.Due)] {
    entries.indices.compactMap { index in
      let entry = entries[index]
      let due = entry.schedule.due(after: entry.handledThrough, through: now)
      return due.latest == nil ? nil : (index, due)
    }
  }

  /// Every due time of an entry until then is dealt with.
  mutating func handle(_ index: Int, through time: Int64) {
    entries[index].handledThrough = max(entries[index].handledThrough, time)
  }

  /// When something is due next, in seconds since 1970; nil for never.
  var next: Int64? {
    entries.compactMap { $0.schedule.next(after: $0.handledThrough) }.min()
  }

  /// Seconds by which clocks are corrected at most: a zone that was taken for another.
  static let setbackLimit: Int64 = 26 * 3600
}

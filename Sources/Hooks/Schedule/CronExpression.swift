// When a schedule is due: the five fields of cron as a value, and the search for the next match.
//
//   minute hour day-of-month month day-of-week         the grammar is at the head of CronParser.swift
//
// A time matches when minute, hour and month do, and the day does: its day of the month and its
// weekday both, or one of the two when neither field is `*` (POSIX). A field with a step, `*/2`, is not
// `*`, as in Kubernetes' CronJob; Vixie's cron takes it for one.
//
// Where clocks are set forward or back:
//
// * A time that the clock leaves out is due once, at the moment at which the clock goes on; a time that
//   comes twice is due the first time.
// * With `*` as the hour, a schedule is due at every moment at which its minute matches, in the
//   repeated hour as in any other; nothing is made up for what is left out. It would otherwise pause
//   for an hour each autumn. crontab(5) of Debian and of cronie has the same two rules.
//
// Source: POSIX.1-2017, crontab; crontab(5); https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/.

package import Bytes

/// A cron expression.
///
/// Every expression matches some day: one that names none (30 February) cannot be made.
package struct CronExpression: Hashable, Sendable {
  /// As it was written.
  package let text: String
  /// A bit for each value that matches.
  let minutes: UInt64
  let hours: UInt64
  let days: UInt64
  let months: UInt64
  /// 0 for Sunday.
  let weekdays: UInt64
  /// Whether the day of the month alone, or the weekday alone, makes a day match.
  let matchesEitherDay: Bool
  /// Whether the hour is `*`.
  let recursEveryHour: Bool

  /// The first moment after another at which the expression is due, in seconds since 1970.
  ///
  /// It costs a few steps for each field, however far away that is.
  ///
  /// - Returns: nil past the year 9999.
  package func next(after seconds: Int64, in zone: ZoneInfo) -> Int64? {
    let seconds = min(max(seconds, Self.earliest), Self.latest)
    guard recursEveryHour else {
      // What the clock shows again was due before.
      let shown = zone.latestLocalTime(through: seconds)
      return nextMatch(after: shown).map { zone.firstMoment(showing: $0) }
    }
    var start = seconds + 1
    while true {
      let offset = Int64(zone.localType(at: start).offset)
      guard let local = nextMatch(after: start - 1 + offset) else { return nil }
      let end = zone.nextChange(after: start) ?? .max
      if local - offset < end { return local - offset }
      start = end
    }
  }

  // MARK: - Local times

  /// The first matching minute after a local time, in seconds from 1970-01-01T00:00:00.
  private func nextMatch(after local: Int64) -> Int64? {
    let intoMinute = ((local % 60) + 60) % 60
    let start = CivilTime(secondsSince1970: local - intoMinute + 60)
    if dayMask(year: start.date.year, month: start.date.month) >> UInt64(start.date.day) & 1 == 1,
      let second = nextSecondOfDay(hour: start.hour, minute: start.minute)
    {
      return start.date.daysSince1970 * Self.secondsPerDay + second
    }
    guard let date = nextDate(after: start.date), let second = nextSecondOfDay(hour: 0, minute: 0)
    else { return nil }
    return date.daysSince1970 * Self.secondsPerDay + second
  }

  /// The first matching minute of a day, at or after a time of the day.
  private func nextSecondOfDay(hour: Int64, minute: Int64) -> Int64? {
    if hours >> UInt64(hour) & 1 == 1, let minute = Self.first(in: minutes, from: minute) {
      return hour * 3600 + minute * 60
    }
    guard let hour = Self.first(in: hours, from: hour + 1),
      let minute = Self.first(in: minutes, from: 0)
    else { return nil }
    return hour * 3600 + minute * 60
  }

  private func nextDate(after date: CivilDate) -> CivilDate? {
    var day = date.day + 1
    var month = date.month
    for year in date.year...(date.year + Self.yearSpan) where year <= Self.lastYear {
      while let found = Self.first(in: months, from: month) {
        // Days of an earlier month than the first say nothing about this one.
        if found != month { day = 1 }
        if let day = Self.first(in: dayMask(year: year, month: found), from: day) {
          return CivilDate(year: year, month: found, day: day)
        }
        month = found + 1
        day = 1
      }
      month = 1
      day = 1
    }
    return nil
  }

  /// The matching days of a month, a bit for each.
  private func dayMask(year: Int64, month: Int64) -> UInt64 {
    guard months >> UInt64(month) & 1 == 1 else { return 0 }
    let first = CivilDate(year: year, month: month, day: 1).daysSince1970
    let next =
      month == 12
      ? CivilDate(year: year + 1, month: 1, day: 1)
      : CivilDate(year: year, month: month + 1, day: 1)
    let all: UInt64 = (1 << UInt64(next.daysSince1970 - first + 1)) - 2
    // 1970-01-01 was a Thursday.
    let firstWeekday = UInt64(((first + 4) % 7 + 7) % 7)
    var weeks: UInt64 = 0
    for week in 0..<UInt64(6) { weeks |= weekdays << (7 * week) }
    let byWeekday = (weeks >> firstWeekday) << 1
    return (matchesEitherDay ? days | byWeekday : days & byWeekday) & all
  }

  /// The first value of a set that is not below a bound.
  private static func first(in set: UInt64, from bound: Int64) -> Int64? {
    guard bound < 64 else { return nil }
    let rest = set >> UInt64(bound)
    return rest == 0 ? nil : bound + Int64(rest.trailingZeroBitCount)
  }

  /// Years between two leap days that are furthest apart: 1896 and 1904.
  private static let yearSpan: Int64 = 8
  private static let lastYear: Int64 = 9999
  /// 0001-01-01T00:00:00Z and 9998-12-31T00:00:00Z: sums with offsets stay within the calendar.
  private static let earliest: Int64 = -62_135_596_800
  private static let latest: Int64 = 253_370_678_400
  private static let secondsPerDay: Int64 = 86_400
}

extension CronExpression: CustomStringConvertible {
  package var description: String { text }
}

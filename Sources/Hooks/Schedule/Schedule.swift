// When a trigger starts by itself, and what becomes of times that were missed.

package import Bytes

/// What becomes of times at which nobody could start the trigger.
package enum MissedPolicy: String, CaseIterable, Sendable {
  /// Nothing.
  case skip
  /// The latest of them is made up for.
  case latest
  /// All are, the latest ``Schedule/missedLimit`` at most.
  case all
}

/// The schedule of a trigger.
package struct Schedule: Hashable, Sendable {
  package let expression: CronExpression
  /// The zone's name in the IANA database.
  package let zoneName: String
  package let zone: ZoneInfo
  package let missed: MissedPolicy

  package init(
    _ expression: CronExpression, zoneName: String, zone: ZoneInfo, missed: MissedPolicy
  ) {
    self.expression = expression
    self.zoneName = zoneName
    self.zone = zone
    self.missed = missed
  }

  /// What tells one schedule from another: a trigger that is given another one begins anew.
  package var text: String { "\(expression.text) \(zoneName)" }

  /// The first due time after a moment, in seconds since 1970; nil past the year 9999.
  package func next(after seconds: Int64) -> Int64? { expression.next(after: seconds, in: zone) }

  /// The next due times after a moment.
  package func next(_ count: Int, after seconds: Int64) -> [Int64] {
    var times: [Int64] = []
    var last = seconds
    while times.count < count, let time = next(after: last) {
      times.append(time)
      last = time
    }
    return times
  }

  /// What is to be done about the time since a moment.
  package struct Due: Hashable, Sendable {
    /// The due times for which the trigger starts, rising, in seconds since 1970.
    package var times: [Int64] = []
    /// How many more were due and are left out, up to ``countLimit``.
    package var omittedCount = 0
    /// The latest due time, whether the trigger starts for it or not; nil when none was due.
    package var latest: Int64?
  }

  /// The due times after a moment and until another, as far as the policy wants them.
  ///
  /// A time is missed when it is more than ``punctuality`` ago; of those that are not, none is left
  /// out.
  package func due(after start: Int64, through now: Int64) -> Due {
    guard let latest = latest(after: start, through: now) else { return Due() }
    let onTime = max(start, now.subtractingReportingOverflow(Self.punctuality).partialValue)
    var due = Due(latest: latest)
    due.times = next(Self.punctualLimit, after: onTime).filter { $0 <= now }
    var wanted =
      switch missed {
      case .skip: 0
      case .latest: due.times.isEmpty ? 1 : 0
      case .all: Self.missedLimit
      }
    var end = due.times.first.map { $0 - 1 } ?? onTime
    var made: [Int64] = []
    while wanted > 0, let time = self.latest(after: start, through: end) {
      made.append(time)
      end = time - 1
      wanted -= 1
    }
    due.omittedCount = count(after: start, through: end)
    due.times = made.reversed() + due.times
    return due
  }

  /// The last due time in an interval that begins after its start.
  ///
  /// The interval is halved: a moment lies before the last due time as long as the next one after it
  /// lies within.
  private func latest(after start: Int64, through end: Int64) -> Int64? {
    func dueTime(after moment: Int64) -> Int64? {
      next(after: moment).flatMap { $0 <= end ? $0 : nil }
    }
    guard start < end, var found = dueTime(after: start) else { return nil }
    var low = found
    var high = end
    while low < high {
      let middle = low + (high - low) / 2
      if let time = dueTime(after: middle) {
        found = time
        low = time
      } else {
        high = middle
      }
    }
    return found
  }

  private func count(after start: Int64, through end: Int64) -> Int {
    var count = 0
    var last = start
    while count < Self.countLimit, let time = next(after: last), time <= end {
      count += 1
      last = time
    }
    return count
  }

  /// Missed times that are made up for at most: two days of half-hourly builds. More would keep a
  /// cluster busy with what nobody looks at any more.
  package static let missedLimit = 100
  /// Seconds after which a due time counts as missed: longer than a pod takes to be replaced, shorter
  /// than what people schedule.
  package static let punctuality: Int64 = 120
  /// Due times within ``punctuality`` are one a minute.
  private static let punctualLimit = 4
  /// Missed times that are counted: a week of minutes.
  package static let countLimit = 10_080
}

// Time that does not jump.
//
// The wall clock may be set forward and back at any time. Windows, retries and ages are measured on
// the journal's own time: it starts as the wall clock's, then follows the machine's monotonic clock,
// across restarts of the process as long as the machine runs (boot id and monotonic clock were noted).
// After a restart of the machine only the wall clock can tell how long it was off; the journal then
// goes on with it, but never back behind a time it has stored.

package import Reactor
import Synchronization

/// A point on the journal's time, in microseconds since 1970-01-01T00:00:00Z, nominally.
package struct JournalTime: Hashable, Comparable, Sendable {
  package let microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  package static func < (left: JournalTime, right: JournalTime) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The time so much later, at most the far future.
  package func advanced(by duration: Duration) -> JournalTime {
    let (sum, overflow) = microseconds.addingReportingOverflow(duration.wholeNanoseconds / 1000)
    return JournalTime(
      microseconds: overflow ? (duration < .zero ? Int64.min : Int64.max) : sum)
  }

  /// How long from this time to a later one; negative when that is earlier.
  package func duration(to later: JournalTime) -> Duration {
    let (difference, overflow) = later.microseconds.subtractingReportingOverflow(microseconds)
    return .microseconds(overflow ? Int64.max : difference)
  }

  /// Whole seconds and nanoseconds, for a calendar.
  package var wallTime: WallTime { WallTime(nanosecondsSince1970: microseconds, scale: 1000) }
}

/// The clocks that the journal reads.
package struct JournalClock: Sendable {
  /// Time that passes evenly while the machine runs.
  let monotonic: any MonotonicClock
  /// The time of day.
  let wall: @Sendable () -> WallTime
  /// What differs after each start of the machine.
  let bootID: String

  /// - Parameters:
  ///   - bootID: nil reads `/proc/sys/kernel/random/boot_id`; where that is unreadable every start
  ///     of the process counts as one of the machine.
  package init(
    monotonic: any MonotonicClock = SystemMonotonicClock(),
    wall: @escaping @Sendable () -> WallTime = { .now }, bootID: String? = nil
  ) {
    self.monotonic = monotonic
    self.wall = wall
    self.bootID = bootID ?? Self.machineBootID()
  }

  private static func machineBootID() -> String {
    do throws(FileError) {
      return try LocalFile.readText("/proc/sys/kernel/random/boot_id")
        .split(separator: "\n").first.map(String.init) ?? ""
    } catch {
      return ""
    }
  }
}

/// Where the journal's time stands relative to the machine's clock.
struct TimeBase: Sendable, Equatable {
  let bootID: String
  /// Journal time minus monotonic time, in microseconds.
  let offset: Int64

  /// Goes on from what was stored.
  ///
  /// - Parameters:
  ///   - stored: as noted by the last process.
  ///   - latest: the latest time found in the journal.
  init(stored: TimeBase?, latest: JournalTime?, clock: JournalClock) {
    let monotonic = clock.monotonic.now.nanoseconds / 1000
    let wall = clock.wall().microsecondsSince1970
    var offset = wall.subtractingReportingOverflow(monotonic).partialValue
    if let stored, !clock.bootID.isEmpty, stored.bootID == clock.bootID { offset = stored.offset }
    if let latest {
      offset = max(offset, latest.microseconds.subtractingReportingOverflow(monotonic).partialValue)
    }
    self.bootID = clock.bootID
    self.offset = offset
  }

  init(bootID: String, offset: Int64) {
    self.bootID = bootID
    self.offset = offset
  }

  func now(_ clock: JournalClock) -> JournalTime {
    JournalTime(
      microseconds: (clock.monotonic.now.nanoseconds / 1000).addingReportingOverflow(offset)
        .partialValue)
  }
}

extension WallTime {
  /// Microseconds since 1970-01-01T00:00:00Z, cut to what 64 bits hold.
  var microsecondsSince1970: Int64 {
    let (scaled, overflow) = secondsSince1970.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return secondsSince1970 < 0 ? .min : .max }
    return scaled.addingReportingOverflow(nanoseconds / 1000).partialValue
  }

  /// The time so many units after 1970, each of `scale` nanoseconds.
  init(nanosecondsSince1970 count: Int64, scale: Int64) {
    let perSecond = 1_000_000_000 / scale
    let seconds = count >= 0 ? count / perSecond : (count - perSecond + 1) / perSecond
    self.init(
      secondsSince1970: seconds,
      nanoseconds: count.subtractingReportingOverflow(
        seconds.multipliedReportingOverflow(by: perSecond).partialValue
      ).partialValue * scale)
  }
}

// The event that a schedule makes.

import Bytes
import JSON

extension Event {
  /// A due time of a schedule, in seconds since 1970. Its ``time`` is in UTC.
  package static func scheduled(at seconds: Int64) -> Event {
    scheduled(at: scheduleTime(seconds))
  }

  /// A due time as ``scheduleTime(_:)`` writes it.
  package static func scheduled(at time: String) -> Event {
    var event = Event(kind: .schedule, provider: "schedule", providerEvent: nil)
    event.time = time
    return event
  }

  /// A due time as RFC 3339 writes it, `2026-11-24T03:00:00Z`.
  package static func scheduleTime(_ seconds: Int64) -> String {
    CivilTime(secondsSince1970: seconds).dateAndTime + "Z"
  }
}

extension Schedule {
  /// A due time in the schedule's zone as RFC 3339 writes it, `2026-11-24T03:00:00+01:00`.
  package func localText(_ seconds: Int64) -> String {
    let offset = Int64(zone.localType(at: seconds).offset)
    let local = CivilTime(secondsSince1970: seconds + offset).dateAndTime
    guard offset != 0 else { return local + "Z" }
    let minutes = abs(offset) / 60
    func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return local + (offset < 0 ? "-" : "+") + padded(minutes / 60) + ":" + padded(minutes % 60)
  }
}

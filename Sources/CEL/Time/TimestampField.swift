// The parts of a timestamp on a calendar and a clock.

package import Bytes

/// A part of a timestamp, as the functions `getFullYear` and so on give it.
package enum TimestampField: CaseIterable, Sendable {
  case fullYear, month, date, dayOfMonth, dayOfWeek, dayOfYear
  case hours, minutes, seconds, milliseconds

  /// The function's name.
  package var functionName: String {
    switch self {
    case .fullYear: "getFullYear"
    case .month: "getMonth"
    case .date: "getDate"
    case .dayOfMonth: "getDayOfMonth"
    case .dayOfWeek: "getDayOfWeek"
    case .dayOfYear: "getDayOfYear"
    case .hours: "getHours"
    case .minutes: "getMinutes"
    case .seconds: "getSeconds"
    case .milliseconds: "getMilliseconds"
    }
  }

  /// The part of a timestamp in a zone; nil for UTC. Months, days of the month of
  /// ``dayOfMonth``, and days of the year and week count from 0, days of ``date`` from 1.
  package func value(of timestamp: CELTimestamp, in zone: ZoneInfo?) -> Int64 {
    let offset = Int64(zone?.localType(at: timestamp.seconds).offset ?? 0)
    let seconds = timestamp.seconds + offset
    // The end of the year 9999 may fall into 10000 on local clocks, which CivilTime does not know.
    let days = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
    let date = CivilDate(daysSince1970: days)
    let secondOfDay = seconds - days * 86_400
    switch self {
    case .fullYear: return date.year
    case .month: return date.month - 1
    case .date: return date.day
    case .dayOfMonth: return date.day - 1
    case .dayOfWeek: return ((days + 4) % 7 + 7) % 7
    case .dayOfYear:
      return days - CivilDate(year: date.year, month: 1, day: 1).daysSince1970
    case .hours: return secondOfDay / 3600
    case .minutes: return secondOfDay / 60 % 60
    case .seconds: return secondOfDay % 60
    case .milliseconds: return Int64(timestamp.nanoseconds) / 1_000_000
    }
  }
}

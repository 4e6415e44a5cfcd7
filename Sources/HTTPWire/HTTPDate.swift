// Dates in messages.

import Bytes

/// The IMF-fixdate of RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`, from a count of seconds.
///
/// There is no clock here: the driver has one, and formats once a second.
package enum HTTPDate {
  /// How many bytes a date has.
  package static let byteCount = 29

  private static let dayNames: [String] = [
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
  ]
  private static let monthNames: [String] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The date of a moment in seconds since 1970-01-01T00:00:00Z, which must be in the years 0 to
  /// 9999; outside, the nearest moment inside is taken, since the format has four digits.
  package static func format(secondsSince1970 seconds: Int64) -> [UInt8] {
    let time = CivilTime(secondsSince1970: seconds)

    return [UInt8](capacity: byteCount) { (text: inout OutputSpan<UInt8>) in
      text.append(copying: dayNames[time.weekday])
      text.append(copying: ", ")
      text.append(decimal: time.date.day, digits: 2)
      text.append(copying: " ")
      text.append(copying: monthNames[Int(time.date.month - 1)])
      text.append(copying: " ")
      text.append(decimal: time.date.year, digits: 4)
      text.append(copying: " ")
      text.append(decimal: time.hour, digits: 2)
      text.append(copying: ":")
      text.append(decimal: time.minute, digits: 2)
      text.append(copying: ":")
      text.append(decimal: time.second, digits: 2)
      text.append(copying: " GMT")
    }
  }
}

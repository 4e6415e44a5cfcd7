// Dates in messages.

/// The IMF-fixdate of RFC 9110 §5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`, from a count of seconds.
///
/// There is no clock here: the driver has one, and formats once a second.
package enum HTTPDate {
  /// How many bytes a date has.
  package static let byteCount = 29

  private static let dayNames: [StaticString] = [
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
  ]
  private static let monthNames: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The date of a moment in seconds since 1970-01-01T00:00:00Z, which must be in the years 0 to
  /// 9999; outside, the nearest moment inside is taken, since the format has four digits.
  package static func format(secondsSince1970 seconds: Int64) -> [UInt8] {
    let clamped = min(max(seconds, -62_167_219_200), 253_402_300_799)
    let days = clamped.quotientRoundingDown(86_400)
    let secondOfDay = clamped - days * 86_400
    let date = CivilDate(daysSince1970: days)

    var text: [UInt8] = []
    text.reserveCapacity(byteCount)
    // 1970-01-01 was a Thursday, the fourth name counted from 0.
    text.append(copying: dayNames[Int((days + 4).modulo(7))])
    text.append(copying: ", ")
    text.append(decimal: date.day, digits: 2)
    text.append(copying: " ")
    text.append(copying: monthNames[Int(date.month - 1)])
    text.append(copying: " ")
    text.append(decimal: date.year, digits: 4)
    text.append(copying: " ")
    text.append(decimal: secondOfDay / 3600, digits: 2)
    text.append(copying: ":")
    text.append(decimal: secondOfDay / 60 % 60, digits: 2)
    text.append(copying: ":")
    text.append(decimal: secondOfDay % 60, digits: 2)
    text.append(copying: " GMT")
    return text
  }
}

/// A date of the proleptic Gregorian calendar.
///
/// *Source*: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years
/// begin in March, so that a leap day is the last of its year, and 400 years are 146,097 days.
private struct CivilDate {
  var year: Int64
  var month: Int64
  var day: Int64

  init(daysSince1970: Int64) {
    let shifted = daysSince1970 + 719_468  // days since 0000-03-01
    let era = shifted.quotientRoundingDown(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

extension Int64 {
  fileprivate func quotientRoundingDown(_ divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }

  fileprivate func modulo(_ divisor: Int64) -> Int64 {
    self - quotientRoundingDown(divisor) * divisor
  }
}

// Dates without a clock: from counts of days and seconds to years, months and days, and back.

/// A date of the proleptic Gregorian calendar.
///
/// *Source*: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days` and
/// `days_from_civil`: years begin in March, so that a leap day is the last of its year, and 400
/// years are 146,097 days.
package struct CivilDate: Hashable, Sendable {
  package var year: Int64
  /// 1 to 12.
  package var month: Int64
  /// 1 to 31.
  package var day: Int64

  package init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date of a day counted from 1970-01-01.
  package init(daysSince1970: Int64) {
    let shifted = daysSince1970 + Self.daysFromMarchOfYear0
    let era = shifted.quotientRoundingDown(Self.daysPerEra)
    let dayOfEra = shifted - era * Self.daysPerEra
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The day, counted from 1970-01-01. The date must exist, in the years −9999 to 9999.
  package var daysSince1970: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.quotientRoundingDown(400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * Self.daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
      - Self.daysFromMarchOfYear0
  }

  /// Days from 0000-03-01 to 1970-01-01.
  private static let daysFromMarchOfYear0: Int64 = 719_468
  /// Days in 400 years.
  private static let daysPerEra: Int64 = 146_097
}

/// A moment of civil time in UTC.
package struct CivilTime: Hashable, Sendable {
  package let date: CivilDate
  /// Seconds since midnight, 0 to 86,399.
  package let secondOfDay: Int64

  /// The moment so many seconds after 1970-01-01T00:00:00Z. Formats have four digits for the year:
  /// outside the years 0 to 9999 the nearest moment inside is taken.
  package init(secondsSince1970 seconds: Int64) {
    let clamped = min(max(seconds, Self.earliest), Self.latest)
    let days = clamped.quotientRoundingDown(Self.secondsPerDay)
    date = CivilDate(daysSince1970: days)
    secondOfDay = clamped - days * Self.secondsPerDay
  }

  package var hour: Int64 { secondOfDay / 3600 }
  package var minute: Int64 { secondOfDay / 60 % 60 }
  package var second: Int64 { secondOfDay % 60 }

  /// 0 for Sunday to 6 for Saturday.
  package var weekday: Int {
    // 1970-01-01 was a Thursday.
    let days = date.daysSince1970 + 4
    return Int(days - days.quotientRoundingDown(7) * 7)
  }

  /// The start of the text that RFC 3339 §5.6 defines, `2026-11-24T13:45:01`, to which a fraction
  /// may be added and `Z` has to be.
  package var dateAndTime: String {
    "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
      + "T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
  }

  private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// 0000-01-01T00:00:00Z
  private static let earliest: Int64 = -62_167_219_200
  /// 9999-12-31T23:59:59Z
  private static let latest: Int64 = 253_402_300_799
  private static let secondsPerDay: Int64 = 86_400
}

extension Int64 {
  fileprivate func quotientRoundingDown(_ divisor: Int64) -> Int64 {
    self / divisor - (self % divisor < 0 ? 1 : 0)
  }
}

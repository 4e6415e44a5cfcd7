// From the text of a schedule to its fields.
//
//   schedule = 5field / macro                       fields apart by spaces or tabs
//   field    = item *( "," item )
//   item     = "*" [ "/" step ] / value [ "-" value [ "/" step ] ]
//   value    = 1*DIGIT / name
//   name     = "jan" … "dec" / "sun" … "sat"        of months and weekdays, in any case
//   macro    = "@yearly" / "@annually" / "@monthly" / "@weekly" / "@daily" / "@midnight" / "@hourly"
//
//   minute 0-59, hour 0-23, day of the month 1-31, month 1-12, weekday 0-7 with 0 and 7 for Sunday
//
// POSIX has numbers, ranges, lists and `*`; names, steps and macros are what cron(8) has everywhere.
// Left out on purpose, since the programs that take them disagree about what they mean: a step after a
// single value (`5/15`), ranges that begin above their end, `?`, `L`, `W`, `#`, fields for seconds and
// years, `@reboot` and `@every`. A step that no second value can follow (`*/60`) is a mistake.

import Bytes

/// Why a text is no schedule.
package enum CronError: Error, Hashable, Sendable {
  case tooLong(byteCount: Int)
  case fieldCount(Int)
  case unknownMacro(String)
  /// A zone before the fields, `TZ=…` or `CRON_TZ=…`.
  case zonePrefix
  case notAValue(String, CronField)
  case outOfRange(String, CronField)
  case backwards(String, CronField)
  case badStep(String, CronField)
  case stepAfterValue(String, CronField)
  /// None of the days is in one of the months.
  case neverDue
}

extension CronError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let count): "has \(count) bytes, at most \(CronParser.byteLimit) are allowed"
    case .fieldCount(let count):
      "has \(count) fields, five are expected: minute hour day-of-month month day-of-week"
    case .unknownMacro(let name):
      "\(name) is none of \(CronParser.macros.map(\.name).joined(separator: ", "))"
    case .zonePrefix: "gives a time zone: write it in timeZone"
    case .notAValue(let text, let field):
      text.isEmpty
        ? "the \(field) has an empty item"
        : "\"\(text)\" is no \(field): expected \(field.expectation)"
    case .outOfRange(let text, let field):
      "the \(field) \(text) is not from \(field.range.lowerBound) to \(field.range.upperBound)"
    case .backwards(let text, let field):
      "the \(field)s \(text) begin after their end: write two ranges"
    case .badStep(let text, let field):
      "the step \"\(text)\" of the \(field) is not from 1 to \(field.largestStep)"
    case .stepAfterValue(let text, let field):
      "the \(field) \(text) has a step and no range: write "
        + "\(text.prefix { $0 != "/" })-\(field.largestValue)\(text.drop { $0 != "/" })"
    case .neverDue: "is never due: none of its days is in one of its months"
    }
  }

  /// What was probably meant.
  package var suggestion: String? {
    switch self {
    case .unknownMacro(let name):
      Suggestion.nearest(to: ASCII.lowercased(name), among: CronParser.macros.map(\.name))
    case .notAValue("?", _): "*"
    case .notAValue(let text, let field):
      Suggestion.nearest(to: ASCII.lowercased(text), among: field.names)
    default: nil
    }
  }
}

/// One of the five fields.
package enum CronField: CaseIterable, Hashable, Sendable, CustomStringConvertible {
  case minute, hour, day, month, weekday

  package var description: String {
    switch self {
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day of the month"
    case .month: "month"
    case .weekday: "weekday"
    }
  }

  var range: ClosedRange<UInt64> {
    switch self {
    case .minute: 0...59
    case .hour: 0...23
    case .day: 1...31
    case .month: 1...12
    case .weekday: 0...7
    }
  }

  /// Names of values, from the first on.
  var names: [String] {
    switch self {
    case .minute, .hour, .day: []
    case .month:
      ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    }
  }

  /// The last of the values that differ.
  var largestValue: UInt64 { self == .weekday ? 6 : range.upperBound }
  /// The largest step that a second value can follow.
  var largestStep: UInt64 { largestValue - range.lowerBound }

  fileprivate var expectation: String {
    let numbers = "\(range.lowerBound) to \(range.upperBound)"
    guard let first = names.first, let last = names.last else { return "\(numbers) or *" }
    return "\(numbers), \(first) to \(last) or *"
  }
}

extension CronExpression {
  /// Reads an expression.
  ///
  /// *Errors:* ``CronError``; whoever wrote the configuration is to change it.
  package init(_ text: String) throws(CronError) {
    self = try CronParser.parse(text)
  }
}

/// Reads schedules.
enum CronParser {
  static func parse(_ text: String) throws(CronError) -> CronExpression {
    guard text.utf8.count <= byteLimit else { throw .tooLong(byteCount: text.utf8.count) }
    var fields = text.split { $0 == " " || $0 == "\t" }.map(String.init)
    if let first = fields.first, first.utf8.first == UInt8(ascii: "@") {
      guard fields.count == 1, let macro = macros.first(where: { $0.name == first }) else {
        throw .unknownMacro(fields.joined(separator: " "))
      }
      fields = macro.fields.split(separator: " ").map(String.init)
    }
    if fields.first?.contains("TZ=") == true { throw .zonePrefix }
    guard fields.count == CronField.allCases.count else { throw .fieldCount(fields.count) }
    var sets: [Values] = []
    for (field, text) in zip(CronField.allCases, fields) {
      sets.append(try values(of: text, field))
    }
    let expression = CronExpression(
      text: text, minutes: sets[0].bits, hours: sets[1].bits, days: sets[2].bits,
      months: sets[3].bits, weekdays: sets[4].bits,
      matchesEitherDay: !sets[2].isAny && !sets[4].isAny, recursEveryHour: sets[1].isAny)
    guard hasDay(expression, weekday: sets[4]) else { throw .neverDue }
    return expression
  }

  /// What a field matches.
  private struct Values {
    /// A bit for each value.
    var bits: UInt64 = 0
    /// Whether it is `*`.
    var isAny = false
  }

  private static func values(of text: String, _ field: CronField) throws(CronError) -> Values {
    var values = Values()
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let range = try range(parts[0], whole: String(item), hasStep: parts.count == 2, field)
      let step = parts.count == 2 ? try step(parts[1], field) : 1
      for value in stride(from: range.lowerBound, through: range.upperBound, by: Int(step)) {
        values.bits |= 1 << (field == .weekday ? value % 7 : value)
      }
      if parts[0] == "*", step == 1 { values.isAny = true }
    }
    return values
  }

  private static func range(
    _ text: Substring, whole: String, hasStep: Bool, _ field: CronField
  ) throws(CronError) -> ClosedRange<UInt64> {
    if text == "*" { return field.range.lowerBound...field.largestValue }
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let first = try value(ends[0], field)
    guard ends.count == 2 else {
      if hasStep { throw .stepAfterValue(whole, field) }
      return first...first
    }
    var last = try value(ends[1], field)
    // A week that ends on Sunday, written by name.
    if field == .weekday, last == 0, first > 0, ends[1].utf8.first.map(ASCII.isLetter) == true {
      last = 7
    }
    guard first <= last else { throw .backwards(String(text), field) }
    return first...last
  }

  private static func value(_ text: Substring, _ field: CronField) throws(CronError) -> UInt64 {
    if let place = field.names.firstIndex(of: ASCII.lowercased(String(text))) {
      return field.range.lowerBound + UInt64(place)
    }
    guard text.utf8.count <= digitLimit, let number = Decimal.parse(text.utf8) else {
      throw .notAValue(String(text.prefix(excerptLimit)), field)
    }
    guard field.range.contains(number) else { throw .outOfRange(String(text), field) }
    return number
  }

  private static func step(_ text: Substring, _ field: CronField) throws(CronError) -> UInt64 {
    guard text.utf8.count <= digitLimit, let step = Decimal.parse(text.utf8),
      (1...field.largestStep).contains(step)
    else { throw .badStep(String(text.prefix(excerptLimit)), field) }
    return step
  }

  /// Whether a day of the expression is in one of its months. A weekday is in every month.
  private static func hasDay(_ expression: CronExpression, weekday: Values) -> Bool {
    if expression.matchesEitherDay { return true }
    return lengths.enumerated().contains { index, length in
      let days: UInt64 = (1 << (length + 1)) - 2
      return expression.months >> UInt64(index + 1) & 1 == 1 && expression.days & days != 0
    }
  }

  /// What macros stand for.
  static let macros = [
    (name: "@yearly", fields: "0 0 1 1 *"), (name: "@annually", fields: "0 0 1 1 *"),
    (name: "@monthly", fields: "0 0 1 * *"), (name: "@weekly", fields: "0 0 * * 0"),
    (name: "@daily", fields: "0 0 * * *"), (name: "@midnight", fields: "0 0 * * *"),
    (name: "@hourly", fields: "0 * * * *"),
  ]
  /// Days of the months, in a leap year.
  private static let lengths: [UInt64] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  /// Every minute written out has 169.
  static let byteLimit = 512
  private static let digitLimit = 4
  /// Characters of an item in a message.
  private static let excerptLimit = 20
}

import Bytes
import Hooks
import TestSupport
import Testing

@Suite struct CronExpressionTests {
  private static func due(
    _ text: String, _ zone: ZoneInfo, after start: String, count: Int
  ) throws -> [String] {
    let expression = try CronExpression(text)
    var moment = Zones.moment(start)
    return (0..<count).map { _ in
      let next = expression.next(after: moment, in: zone)
      moment = next ?? .max
      return Zones.text(next)
    }
  }

  @Test(
    arguments: [
      ("* * * * *", ["2026-11-24T20:31:00Z", "2026-11-24T20:32:00Z"]),
      ("*/15 * * * *", ["2026-11-24T20:45:00Z", "2026-11-24T21:00:00Z"]),
      ("7-59/20 22 * * *", ["2026-11-24T22:07:00Z", "2026-11-24T22:27:00Z"]),
      ("0 3 * * *", ["2026-11-25T03:00:00Z", "2026-11-26T03:00:00Z"]),
      ("30 20 * * *", ["2026-11-25T20:30:00Z", "2026-11-26T20:30:00Z"]),
      ("0 0,12 1 */2 *", ["2027-01-01T00:00:00Z", "2027-01-01T12:00:00Z"]),
      ("0 9 * * mon-FRI", ["2026-11-25T09:00:00Z", "2026-11-26T09:00:00Z"]),
      ("0 9 * * 0", ["2026-11-29T09:00:00Z", "2026-12-06T09:00:00Z"]),
      ("0 9 * * 7", ["2026-11-29T09:00:00Z", "2026-12-06T09:00:00Z"]),
      ("0 9 * * sat-sun", ["2026-11-28T09:00:00Z", "2026-11-29T09:00:00Z"]),
      ("0 9 * * 5-7", ["2026-11-27T09:00:00Z", "2026-11-28T09:00:00Z"]),
      ("0 0 31 * *", ["2026-12-31T00:00:00Z", "2027-01-31T00:00:00Z"]),
      ("5 4 * Dec,jan *", ["2026-12-01T04:05:00Z", "2026-12-02T04:05:00Z"]),
      ("@yearly", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
      ("@annually", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"]),
      ("@monthly", ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
      ("@weekly", ["2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"]),
      ("@daily", ["2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"]),
      ("@midnight", ["2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"]),
      ("@hourly", ["2026-11-24T21:00:00Z", "2026-11-24T22:00:00Z"]),
      // Leap days, and the century that has none.
      ("0 12 29 2 *", ["2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"]),
      // Friday or the 13th, when neither field is `*`; both, when one is.
      ("0 0 13 * 5", ["2026-11-27T00:00:00Z", "2026-12-04T00:00:00Z"]),
      ("0 0 13 * *", ["2026-12-13T00:00:00Z", "2027-01-13T00:00:00Z"]),
      ("0 0 * 2 5", ["2027-02-05T00:00:00Z", "2027-02-12T00:00:00Z"]),
      ("0 0 31 2 1", ["2027-02-01T00:00:00Z", "2027-02-08T00:00:00Z"]),
      ("0 0 */30 * 1", ["2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"]),
    ])
  func `it is due next`(text: String, expected: [String]) throws {
    let found = try Self.due(text, Zones.utc, after: "2026-11-24T20:30:00Z", count: expected.count)
    #expect(found == expected)
  }

  @Test func `eight years lie between the leap days around 2100`() throws {
    let found = try Self.due("0 0 29 feb *", Zones.utc, after: "2096-02-29T00:00:00Z", count: 1)
    #expect(found == ["2104-02-29T00:00:00Z"])
  }

  @Test(
    arguments: [
      // 02:00 becomes 03:00: what is left out is due once, when the clock goes on.
      ("30 2 * * *", Zones.berlin, "2026-03-28T12:00:00Z", ["03-29T01:00", "03-30T00:30"]),
      ("5,30 2 * * *", Zones.berlin, "2026-03-28T12:00:00Z", ["03-29T01:00", "03-30T00:05"]),
      ("0 2,3 * * *", Zones.berlin, "2026-03-28T12:00:00Z", ["03-29T01:00", "03-30T00:00"]),
      ("30 2 * * *", Zones.newYork, "2026-03-07T12:00:00Z", ["03-08T07:00", "03-09T06:30"]),
      ("15 2 * * *", Zones.lordHowe, "2026-10-03T12:00:00Z", ["10-03T15:30", "10-04T15:15"]),
      // 03:00 becomes 02:00: what comes twice is due the first time.
      ("30 2 * * *", Zones.berlin, "2026-10-24T12:00:00Z", ["10-25T00:30", "10-26T01:30"]),
      ("0 3 * * *", Zones.berlin, "2026-10-24T12:00:00Z", ["10-25T02:00", "10-26T02:00"]),
      ("30 1 * * *", Zones.newYork, "2026-10-31T12:00:00Z", ["11-01T05:30", "11-02T06:30"]),
      ("45 1 * * *", Zones.lordHowe, "2026-04-04T12:00:00Z", ["04-04T14:45", "04-05T15:15"]),
      // Asked in the repeated hour itself.
      ("30 2 * * *", Zones.berlin, "2026-10-25T01:10:00Z", ["10-26T01:30", "10-27T01:30"]),
      // Every hour is every hour.
      (
        "30 * * * *", Zones.berlin, "2026-10-24T23:30:00Z",
        ["10-25T00:30", "10-25T01:30", "10-25T02:30"]
      ),
      (
        "30 * * * *", Zones.berlin, "2026-03-28T23:30:00Z",
        ["03-29T00:30", "03-29T01:30", "03-29T02:30"]
      ),
      (
        "*/30 * * * *", Zones.lordHowe, "2026-04-04T14:30:00Z",
        ["04-04T15:00", "04-04T15:30", "04-04T16:00"]
      ),
    ])
  func `where clocks are changed`(
    text: String, zone: ZoneInfo, start: String, expected: [String]
  ) throws {
    let found = try Self.due(text, zone, after: start, count: expected.count)
    #expect(found == expected.map { "2026-\($0):00Z" })
  }

  @Test(arguments: ["0 0 1 1 *", "* * * * *", "0 0 29 2 *"])
  func `the ends of the calendar`(text: String) throws {
    let expression = try CronExpression(text)
    for zone in [Zones.utc, Zones.berlin, Zones.lordHowe] {
      #expect(expression.next(after: .min, in: zone) != nil)
      #expect((expression.next(after: .max, in: zone) ?? 0) < 253_402_300_800)
    }
  }

  @Test(
    arguments: [
      ("", CronError.fieldCount(0)), ("* * * *", .fieldCount(4)), ("0 * * * * *", .fieldCount(6)),
      ("@reboot", .unknownMacro("@reboot")), ("@every 5m", .unknownMacro("@every 5m")),
      ("@Daily", .unknownMacro("@Daily")), ("@daily 0 * * * *", .unknownMacro("@daily 0 * * * *")),
      ("TZ=UTC 0 3 * * *", .zonePrefix), ("CRON_TZ=Europe/Berlin 0 3 * * *", .zonePrefix),
      ("60 * * * *", .outOfRange("60", .minute)), ("* 24 * * *", .outOfRange("24", .hour)),
      ("* * 0 * *", .outOfRange("0", .day)), ("* * 32 * *", .outOfRange("32", .day)),
      ("* * * 13 *", .outOfRange("13", .month)), ("* * * * 8", .outOfRange("8", .weekday)),
      ("-1 * * * *", .notAValue("", .minute)), ("1- * * * *", .notAValue("", .minute)),
      ("1,,2 * * * *", .notAValue("", .minute)), ("+1 * * * *", .notAValue("+1", .minute)),
      ("? * * * *", .notAValue("?", .minute)), ("1.5 * * * *", .notAValue("1.5", .minute)),
      ("* mon * * *", .notAValue("mon", .hour)), ("* * * jux *", .notAValue("jux", .month)),
      ("* * L * *", .notAValue("L", .day)), ("* * * * 5#2", .notAValue("5#2", .weekday)),
      ("99999999999999999999 * * * *", .notAValue("99999999999999999999", .minute)),
      ("*/0 * * * *", .badStep("0", .minute)), ("*/60 * * * *", .badStep("60", .minute)),
      ("*/x * * * *", .badStep("x", .minute)), ("*/ * * * *", .badStep("", .minute)),
      ("*/2/3 * * * *", .badStep("2/3", .minute)), ("* */24 * * *", .badStep("24", .hour)),
      ("5/15 * * * *", .stepAfterValue("5/15", .minute)),
      ("* 22-2 * * *", .backwards("22-2", .hour)), ("* * * * 5-1", .backwards("5-1", .weekday)),
      ("* * * * fri-mon", .backwards("fri-mon", .weekday)),
      ("1-2-3 * * * *", .notAValue("2-3", .minute)), ("*-5 * * * *", .notAValue("*", .minute)),
      ("0 0 30 2 *", .neverDue), ("0 0 31 2,4,6,9,11 *", .neverDue),
      (String(repeating: "1", count: 600), .tooLong(byteCount: 600)),
    ])
  func `what is no schedule is refused`(text: String, expected: CronError) {
    #expect(throws: expected) { try CronExpression(text) }
  }

  @Test func `no text is a trap, and what is taken is due some day`() {
    var generator = SeededNumbers(seed: 21)
    let texts = ["0 3 * * *", "*/15 0-6,20 1,31 jan-dec mon-sun", "@daily", "59 23 29 2 7"]
    var accepted = 0
    for round in 0..<4000 {
      var bytes = Array(texts[round % texts.count].utf8)
      for _ in 0...generator.next(below: 3) {
        let place = generator.next(below: bytes.count)
        bytes[place] = UInt8(truncatingIfNeeded: generator.next(below: 256))
        if generator.next(below: 4) == 0 { bytes.insert(bytes[place], at: place) }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let expression = try? CronExpression(text) else { continue }
      accepted += 1
      #expect(expression.next(after: 0, in: Zones.lordHowe) != nil, "\(text)")
    }
    #expect(accepted > 10)
  }

  @Test func `a refusal says what to write instead`() {
    #expect(
      CronError.stepAfterValue("5/15", .minute).description
        == "the minute 5/15 has a step and no range: write 5-59/15")
    #expect(CronError.unknownMacro("@dayly").suggestion == "@daily")
    #expect(CronError.notAValue("tues", .weekday).suggestion == "tue")
  }

  // MARK: - Against a walk, minute by minute

  /// A schedule that is known by its sets, not by what the parser makes of the text.
  private struct Model {
    var sets: [Set<Int>] = []
    var isAny: [Bool] = []
    var text = ""

    init(_ generator: inout SeededNumbers) {
      let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
      var fields: [String] = []
      for range in ranges {
        let choice = generator.next(below: 5)
        let low = range.lowerBound + generator.next(below: range.count)
        let high = low + generator.next(below: range.upperBound - low + 1)
        let step = 1 + generator.next(below: range.count - 1)
        switch choice {
        case 0, 1:
          fields.append("*")
          sets.append(Set(range))
        case 2:
          fields.append("\(low)-\(high)")
          sets.append(Set(low...high))
        case 3:
          fields.append("\(low),\(high)")
          sets.append([low, high])
        default:
          fields.append("*/\(step)")
          sets.append(Set(stride(from: range.lowerBound, through: range.upperBound, by: step)))
        }
        isAny.append(choice < 2 || choice == 4 && step == 1)
      }
      text = fields.joined(separator: " ")
    }

    func matches(_ local: Int64) -> Bool {
      let time = CivilTime(secondsSince1970: local)
      let day = sets[2].contains(Int(time.date.day))
      let weekday = sets[4].contains(time.weekday)
      return sets[0].contains(Int(time.minute)) && sets[1].contains(Int(time.hour))
        && sets[3].contains(Int(time.date.month))
        && (isAny[2] || isAny[4] ? day && weekday : day || weekday)
    }
  }

  /// The due times within some days, found by looking at every minute.
  private static func walk(
    _ model: Model, _ zone: ZoneInfo, from start: Int64, days: Int64
  ) -> [Int64] {
    var due: [Int64] = []
    // Clocks are changed at whole minutes nowadays.
    var shown = Int64.min
    for minute in stride(from: start - 3 * 86_400, through: start + days * 86_400, by: 60) {
      let local = minute + Int64(zone.localType(at: minute).offset)
      let isDue: Bool
      if model.isAny[1] {
        isDue = model.matches(local)
      } else if shown == .min || local <= shown {
        isDue = false
      } else {
        isDue = stride(from: shown + 60, through: local, by: 60).contains { model.matches($0) }
      }
      shown = max(shown, local)
      if isDue, minute > start { due.append(minute) }
    }
    return due
  }

  @Test(
    .timeLimit(.minutes(TestTime.minutes)),
    arguments: [Zones.utc, Zones.berlin, Zones.newYork, Zones.lordHowe])
  func `it finds what looking at every minute finds`(zone: ZoneInfo) throws {
    var generator = SeededNumbers(seed: 6)
    // Days at which clocks are changed somewhere, the ends of years and a leap day.
    let days = [
      "2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31",
      "2026-12-30", "2028-02-27",
    ]
    var checked = 0
    for round in 0..<64 {
      let model = Model(&generator)
      // The parser refuses what is never due.
      guard let expression = try? CronExpression(model.text) else { continue }
      let start =
        Zones.moment("\(days[round % days.count])T00:00:00Z") + 60
        * Int64(generator.next(below: 1440))
      let expected = Self.walk(model, zone, from: start, days: 3)
      var found: [Int64] = []
      var moment = start
      while let next = expression.next(after: moment, in: zone),
        next <= start + 3 * 86_400
      {
        found.append(next)
        moment = next
      }
      let difference = Set(found).symmetricDifference(expected).min()
      #expect(
        difference == nil,
        "\(model.text) from \(Zones.text(start)) at \(Zones.text(difference))")
      #expect(found.count == expected.count)
      checked += expected.count
    }
    #expect(checked > 1000)
  }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(max(1, bound)))
  }
}

import Bytes
import Testing

@testable import CEL

@Suite struct TimeTextTests {
  @Test(
    arguments: [
      ("2009-02-13T23:31:30Z", 1_234_567_890, 0, "2009-02-13T23:31:30Z"),
      ("2009-02-14T00:31:30.5+01:00", 1_234_567_890, 500_000_000, "2009-02-13T23:31:30.5Z"),
      ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
      (
        "9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999,
        "9999-12-31T23:59:59.999999999Z"
      ),
      ("2000-02-29T00:00:00.000000001Z", 951_782_400, 1, "2000-02-29T00:00:00.000000001Z"),
      ("1969-12-31T23:59:59.9999999999Z", -1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
      ("2009-02-13T23:31:30,25-00:00", 1_234_567_890, 250_000_000, "2009-02-13T23:31:30.25Z"),
    ] as [(String, Int64, Int32, String)])
  func `a timestamp reads and prints`(
    text: String, seconds: Int64, nanoseconds: Int32, printed: String
  ) throws {
    let timestamp = try CELTimestamp(parsing: text)
    #expect(timestamp.seconds == seconds)
    #expect(timestamp.nanoseconds == nanoseconds)
    #expect(timestamp.text == printed)
  }

  @Test(arguments: [
    "", "x", "2009-02-13", "2009-02-13T23:31:30", "2009-02-13t23:31:30Z", "2009-02-13T23:31:30z",
    "2009-02-30T23:31:30Z", "2001-02-29T00:00:00Z", "2009-02-13T24:00:00Z", "2009-02-13T23:60:00Z",
    "2009-02-13T23:31:60Z", "2009-02-13T23:31:30.Z", "2009-02-13T23:31:30+0100",
    "2009-13-13T23:31:30Z", "2009-00-13T23:31:30Z", "+009-02-13T23:31:30Z", "10000-01-01T00:00:00Z",
    "2009-02-13 23:31:30Z", "2009-02-13T23:31:30Z ", "2009-02-13T23:31:30+01:0x",
  ])
  func `other texts are no timestamp`(text: String) {
    #expect(throws: CELEvaluationError.self) { try CELTimestamp(parsing: text) }
  }

  @Test func `outside of the years 1 to 9999 is an overflow`() {
    for text in ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"] {
      #expect(throws: CELEvaluationError.timestampOverflow) { try CELTimestamp(parsing: text) }
    }
  }

  @Test(
    arguments: [
      ("1h2m3.5s", 3_723_500_000_000, "3723.5s"), ("0", 0, "0s"),
      ("-1.5h", -5_400_000_000_000, "-5400s"),
      ("1ns", 1, "0.000000001s"), ("-999999999ns", -999_999_999, "-0.999999999s"),
      ("1.999999999s", 1_999_999_999, "1.999999999s"),
      ("123.321456789s", 123_321_456_789, "123.321456789s"),
      ("0.000000003s", 3, "0.000000003s"), (".5ms", 500_000, "0.0005s"),
      ("2us3µs", 5000, "0.000005s"),
      ("9223372036.854775807s", .max, "9223372036.854775807s"),
      ("-9223372036.854775808s", .min, "-9223372036.854775808s"),
    ] as [(String, Int64, String)])
  func `a duration reads and prints`(text: String, nanoseconds: Int64, printed: String) throws {
    let duration = try CELDuration(parsing: text)
    #expect(duration.nanoseconds == nanoseconds)
    #expect(duration.text == printed)
  }

  @Test(arguments: [
    ("", "time: invalid duration \"\""), ("1", "time: missing unit in duration \"1\""),
    ("1d", "time: unknown unit \"d\" in duration \"1d\""), ("s", "time: invalid duration \"s\""),
    ("320000000000s", "time: invalid duration \"320000000000s\""),
    ("1h\u{301}", "time: unknown unit \"h\u{301}\" in duration \"1h\u{301}\""),
  ])
  func `other texts are no duration`(text: String, reason: String) {
    #expect(throws: CELEvaluationError.invalidArgument(reason)) { try CELDuration(parsing: text) }
  }

  @Test func `fields of the last second on clocks east of UTC lie in the year 10000`() throws {
    let last = try CELTimestamp(parsing: "9999-12-31T23:59:59.987654321Z")
    let zone = ZoneInfo(fixedOffset: 3600, abbreviation: "+01")
    #expect(TimestampField.fullYear.value(of: last, in: zone) == 10_000)
    #expect(TimestampField.dayOfYear.value(of: last, in: zone) == 0)
    #expect(TimestampField.hours.value(of: last, in: zone) == 0)
    #expect(TimestampField.milliseconds.value(of: last, in: zone) == 987)
    let first = try CELTimestamp(parsing: "0001-01-01T00:00:00Z")
    let west = ZoneInfo(fixedOffset: -3600, abbreviation: "-01")
    #expect(TimestampField.fullYear.value(of: first, in: west) == 0)
    #expect(TimestampField.month.value(of: first, in: west) == 11)
    #expect(TimestampField.date.value(of: first, in: west) == 31)
    #expect(TimestampField.dayOfWeek.value(of: first, in: west) == 0)
  }
}

@Suite struct TimeZoneDatabaseTests {
  @Test(
    arguments: [
      ("", 0), ("UTC", 0), ("+02:00", 7200), ("02:00", 7200), ("-09:30", -34_200), ("-00:00", 0),
      ("1:05", 3900),
    ] as [(String, Int32)])
  func `offsets and UTC need no database`(name: String, offset: Int32) throws {
    #expect(try TimeZoneDatabase.none.zone(name).localType(at: 0).offset == offset)
  }

  @Test func `without a database a name is an error that says so`() {
    let error = #expect(throws: CELEvaluationError.self) {
      try TimeZoneDatabase.none.zone("Europe/Zurich")
    }
    #expect(error?.description.contains("no time zone database") == true)
  }

  @Test(arguments: [
    "../etc/passwd", "/etc/passwd", "Europe/..", "a b", "Zürich", "x\0", "+1:2:3", "25:00",
  ])
  func `names that are none reach no file`(name: String) {
    let database = TimeZoneDatabase { _ in
      Issue.record("a file was asked for")
      return .unknown
    }
    #expect(throws: CELEvaluationError.self) { try database.zone(name) }
  }

  @Test func `an unknown zone and a damaged file are errors`() {
    let unknown = TimeZoneDatabase { _ in .unknown }
    #expect(throws: CELEvaluationError.invalidArgument("unknown time zone Foo/Bar")) {
      try unknown.zone("Foo/Bar")
    }
    let damaged = TimeZoneDatabase { _ in .file([1, 2, 3]) }
    #expect(throws: CELEvaluationError.self) { try damaged.zone("Foo/Bar") }
  }
}

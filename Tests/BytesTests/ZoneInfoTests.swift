import Foundation
import Testing

@testable import Bytes

@Suite struct ZoneInfoTests {
  /// A file with one transition, at 1000, from offset 3600 to offset 7200, and a rule.
  static func file(
    version: UInt8 = UInt8(ascii: "2"), transitions: [Int64] = [1000], indexes: [UInt8] = [1],
    offsets: [Int32] = [3600, 7200], rule: String = "CET-1CEST,M3.5.0,M10.5.0/3"
  ) -> [UInt8] {
    func big(_ value: some FixedWidthInteger) -> [UInt8] {
      stride(from: value.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: value >> $0)
      }
    }
    func header(_ counts: [UInt32]) -> [UInt8] {
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15) + counts.flatMap(big)
    }
    var bytes = header([0, 0, 0, 0, 1, 4]) + big(Int32(0)) + [0, 0] + Array("UTC\0".utf8)
    bytes += header([0, 0, 0, UInt32(transitions.count), UInt32(offsets.count), 4])
    bytes += transitions.flatMap(big) + indexes
    for (index, offset) in offsets.enumerated() { bytes += big(offset) + [UInt8(index % 2), 0] }
    return bytes + Array("ABC\0".utf8) + Array("\n\(rule)\n".utf8)
  }

  @Test func `before, between and after the transitions`() throws {
    let zone = try ZoneInfo(file: Self.file(transitions: [1000, 2000], indexes: [1, 0], rule: ""))
    #expect(zone.localType(at: 999).offset == 3600)
    #expect(zone.localType(at: 1000).offset == 7200)
    #expect(zone.localType(at: 1000).isDaylight)
    #expect(zone.localType(at: 1999).abbreviation == "ABC")
    #expect(zone.localType(at: 2000).offset == 3600)
    #expect(zone.localType(at: .max).offset == 3600)
    #expect(zone.localType(at: .min).offset == 3600)
  }

  @Test func `after the last transition the rule holds, whatever the year`() throws {
    let zone = try ZoneInfo(file: Self.file())
    // 2400-07-01 and 2400-01-01.
    let summer = CivilDate(year: 2400, month: 7, day: 1).daysSince1970 * 86_400
    let winter = CivilDate(year: 2400, month: 1, day: 1).daysSince1970 * 86_400
    #expect(zone.localType(at: summer).offset == 7200)
    #expect(zone.localType(at: summer).abbreviation == "CEST")
    #expect(zone.localType(at: winter).offset == 3600)
  }

  @Test(arguments: [
    (file(version: 0), ZoneInfoError.unsupportedVersion(0)),
    (file(transitions: [5, 5], indexes: [0, 0]), .transitionsNotRising),
    (file(indexes: [2]), .badTypeIndex), (file(offsets: [.min, 0]), .badOffset(.min)),
    (file(rule: "CET"), .badRule("CET")), (file(rule: "CET-1CEST"), .badRule("CET-1CEST")),
    ([], .truncated), (Array("TZid".utf8) + [UInt8](repeating: 0, count: 80), .noMagic),
    ([UInt8](repeating: 0, count: 70_000), .tooLong(byteCount: 70_000)),
  ])
  func `a damaged file is an error`(bytes: [UInt8], expected: ZoneInfoError) {
    #expect(throws: expected) { try ZoneInfo(file: bytes) }
  }

  @Test func `a file that is cut off anywhere is an error`() {
    let file = Self.file()
    for count in 0..<file.count {
      #expect(throws: ZoneInfoError.self) { try ZoneInfo(file: Array(file.prefix(count))) }
    }
  }

  @Test func `no change of one byte makes the reader trap`() {
    let file = Self.file()
    for position in file.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var bytes = file
        bytes[position] = value
        if let zone = try? ZoneInfo(file: bytes) { _ = zone.localType(at: 1_700_000_000) }
      }
    }
  }

  /// Moments and offsets as `date` of the GNU core utilities gives them.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Zurich")),
    arguments: [
      ("Europe/Zurich", 1_700_000_000, 3600), ("Europe/Zurich", 1_689_000_000, 7200),
      ("America/New_York", 1_700_000_000, -18_000), ("America/New_York", 4_113_000_000, -14_400),
      ("Australia/Sydney", 1_234_567_890, 39_600), ("Australia/Sydney", 4_108_000_000, 39_600),
      ("Asia/Kathmandu", 1_700_000_000, 20_700), ("America/St_Johns", 1_234_567_890, -12_600),
      ("Asia/Tehran", 4_108_000_000, 12_600), ("Etc/GMT+5", 0, -18_000),
    ] as [(String, Int64, Int32)])
  func `the system's zones give its offsets`(name: String, seconds: Int64, offset: Int32) throws {
    let url = URL(fileURLWithPath: "/usr/share/zoneinfo").appendingPathComponent(name)
    let zone = try ZoneInfo(file: [UInt8](Data(contentsOf: url)))
    #expect(zone.localType(at: seconds).offset == offset)
  }

  @Test(
    arguments: [
      ("UTC0", 0, 0), ("<+0330>-3:30", 0, 12_600),
      ("EST5EDT,M3.2.0,M11.1.0", 1_700_000_000, -18_000),
      ("EST5EDT,M3.2.0,M11.1.0", 1_689_000_000, -14_400),
      // South of the equator, by day of the year, and beyond a day.
      ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_704_067_200, 39_600),
      ("AAA0BBB,J60/0,J300/0", 951_782_400, 0), ("AAA0BBB,59/0,300/0", 951_782_400, 3600),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_711_843_199, -7200),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_711_846_800, -3600),
    ] as [(String, Int64, Int32)])
  func `a rule decides by the day`(text: String, seconds: Int64, offset: Int32) throws {
    let rule = try #require(ZoneRule(text.utf8))
    #expect(rule.localType(at: seconds).offset == offset)
  }

  @Test(arguments: [
    "", "A", "AB1", "ABC", "ABC25", "ABC1:60", "ABC1DEF,M13.1.0,M1.1.0", "ABC1DEF,M1.6.0,M1.1.0",
    "ABC1DEF,M1.1.7,M1.1.0", "ABC1DEF,J0,J1", "ABC1DEF,366,1", "ABC1DEF,1/168,2", "ABC1DEF,1",
    "<ABC1", "ABC1DEF,1,2,3",
  ])
  func `other texts are no rule`(text: String) {
    #expect(ZoneRule(text.utf8) == nil)
  }
}

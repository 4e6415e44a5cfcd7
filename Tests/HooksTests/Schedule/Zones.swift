import Bytes
import Foundation
import Testing

/// Time zones for tests, which need no database.
enum Zones {
  static let utc = ZoneInfo(fixedOffset: 0, abbreviation: "UTC")
  static let berlin = zone("CET-1CEST,M3.5.0,M10.5.0/3")
  static let newYork = zone("EST5EDT,M3.2.0,M11.1.0")
  /// Daylight saving time there is half an hour, and the year ends in it.
  static let lordHowe = zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0")

  /// A zone that has followed a rule of POSIX's TZ variable for ever.
  static func zone(_ rule: String) -> ZoneInfo {
    guard let zone = try? ZoneInfo(file: file(rule)) else {
      preconditionFailure("\(rule) is no rule")
    }
    return zone
  }

  /// The file of such a zone.
  static func file(_ rule: String) -> [UInt8] {
    func header(_ counts: [UInt8]) -> [UInt8] {
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15) + counts.flatMap { [0, 0, 0, $0] }
    }
    let block = header([0, 0, 0, 0, 1, 4]) + [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
    return block + block + Array("\n\(rule)\n".utf8)
  }

  /// A moment, written as RFC 3339 has it in UTC.
  static func moment(_ text: String) -> Int64 {
    let format = Date.ISO8601FormatStyle()
    guard let date = try? format.parse(text) else { preconditionFailure("\(text) is no time") }
    return Int64(date.timeIntervalSince1970)
  }

  static func text(_ seconds: Int64?) -> String {
    seconds.map { CivilTime(secondsSince1970: $0).dateAndTime + "Z" } ?? "never"
  }
}

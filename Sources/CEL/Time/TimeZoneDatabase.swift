// Time zones by name.

package import Bytes
import Synchronization

/// Where time zones of the IANA database are found, and those that were.
///
/// Reading a file is injected, so that this target opens none. A zone is read once and kept.
///
/// *Limits:* ``cacheLimit`` zones are kept; names that are none cost a read each time they are asked
/// for, unless their form alone tells.
///
/// *Concurrency:* may be used on any thread; a lock is held to look a name up, never while reading.
package final class TimeZoneDatabase: Sendable {
  /// What a reader found.
  package enum Finding: Sendable {
    /// The bytes of the zone's file.
    case file([UInt8])
    /// There is a database, and no such zone in it.
    case unknown
    /// There is no database.
    case noDatabase
  }

  private let read: @Sendable (_ name: String) -> Finding
  private let zones = Mutex<[String: ZoneInfo]>([:])

  /// A database.
  ///
  /// - Parameter read: gives the file of a name, which is made of letters, digits, `_ + -` and
  ///   slashes, has no leading slash and no `..`.
  package init(read: @escaping @Sendable (_ name: String) -> Finding) {
    self.read = read
  }

  /// No database: offsets and UTC alone are known.
  package static let none = TimeZoneDatabase { _ in .noDatabase }

  /// The zone of a name (`Europe/Zurich`, `UTC`, or empty for UTC) or of an offset (`+02:00`,
  /// `-09:30`, `02:00`).
  ///
  /// *Errors:* ``CELEvaluationError/invalidArgument(_:)``.
  package func zone(_ name: String) throws(CELEvaluationError) -> ZoneInfo {
    if name.utf8.isEmpty || name == "UTC" { return Self.utc }
    if name.utf8.contains(UInt8(ascii: ":")) { return try Self.fixed(name) }
    if let known = zones.withLock({ $0[name] }) { return known }
    guard Self.isName(name) else { throw .invalidArgument("unknown time zone \(name)") }
    switch read(name) {
    case .unknown:
      throw .invalidArgument("unknown time zone \(name)")
    case .noDatabase:
      throw .invalidArgument(
        "time zone \(name): there is no time zone database here (package tzdata); offsets such as"
          + " '+02:00' work without one")
    case .file(let bytes):
      do {
        let zone = try ZoneInfo(file: bytes)
        zones.withLock { if $0.count < Self.cacheLimit { $0[name] = zone } }
        return zone
      } catch {
        throw .invalidArgument("time zone \(name): \(error)")
      }
    }
  }

  /// Whether a text may be the name of a zone: nothing else reaches a file system.
  private static func isName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard bytes.count <= nameLimit, bytes.first.map(ASCII.isLetter) == true else { return false }
    return bytes.allSatisfy { byte in
      ASCII.isLetterOrDigit(byte) || byte == 0x5F || byte == 0x2B || byte == 0x2D || byte == 0x2F
    }
  }

  /// `[+-]hh:mm`; the sign may be absent.
  private static func fixed(_ text: String) throws(CELEvaluationError) -> ZoneInfo {
    var bytes = Array(text.utf8)[...]
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      let hours = Bytes.Decimal.parse(parts[0]), hours <= 23,
      let minutes = Bytes.Decimal.parse(parts[1]), minutes <= 59
    else { throw .invalidArgument("invalid time zone offset '\(text)': expected '+02:00'") }
    let seconds = Int32(hours * 3600 + minutes * 60)
    return ZoneInfo(fixedOffset: isNegative ? -seconds : seconds, abbreviation: text)
  }

  private static let utc = ZoneInfo(fixedOffset: 0, abbreviation: "UTC")

  /// The IANA database has about 600 names.
  private static let cacheLimit = 1024
  /// The longest names have some thirty characters.
  private static let nameLimit = 100
}

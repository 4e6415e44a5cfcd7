import Bytes
package import CEL
import Reactor

extension TimeZoneDatabase {
  /// The database of the operating system, `/usr/share/zoneinfo` (package tzdata).
  ///
  /// A zone is read when it is first asked for, on the thread that asks, some kilobytes from a local
  /// disk.
  package static let system = TimeZoneDatabase(read: find)

  private static func find(_ name: String) -> Finding {
    do {
      return .file(try LocalFile.read("\(folder)/\(name)", byteCountMax: ZoneInfo.byteLimit))
    } catch {
      return isThere ? .unknown : .noDatabase
    }
  }

  private static var isThere: Bool {
    do {
      return try !LocalFile.names(inFolder: folder).isEmpty
    } catch {
      return false
    }
  }

  private static let folder = "/usr/share/zoneinfo"
}

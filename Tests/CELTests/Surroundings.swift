// What environments take from outside.

import CEL
import Foundation

extension TimeZoneDatabase {
  /// The zones of the machine that runs the tests.
  static let ofThisMachine = TimeZoneDatabase { name in
    guard let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)") else {
      return .unknown
    }
    return .file([UInt8](data))
  }
}

extension TektonServices {
  /// Neither secrets nor YAML.
  static let none = TektonServices(
    secret: { _, name throws(Refusal) in throw Refusal("secrets \"\(name)\" not found") },
    parseYAML: { _ throws(Refusal) in throw Refusal("no YAML here") })
}

// Where the conformance suites and recordings lie.

package import Foundation

/// The test data that lies beside the repository, in `../shared/data`.
///
/// A test that needs it is enabled by ``isPresent``, so that it skips, with a message, where the
/// folder is absent.
package enum SharedData {
  /// The folder of the package, found from this file's own place.
  package static let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `../shared/data`, or what `HOOKLINE_SHARED_DATA` names.
  package static let root: URL =
    ProcessInfo.processInfo.environment["HOOKLINE_SHARED_DATA"].map { URL(fileURLWithPath: $0) }
    ?? packageRoot.deletingLastPathComponent().appendingPathComponent("shared/data")

  /// Whether the folder is there.
  package static var isPresent: Bool {
    FileManager.default.fileExists(atPath: root.path)
  }

  /// The message of a skipped test.
  package static let absence =
    "the shared test data is absent: set HOOKLINE_SHARED_DATA to its folder"

  /// The bytes of one file, named relative to the folder.
  package static func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: root.appendingPathComponent(path)))
  }

  /// The names of the files in one folder, sorted.
  package static func files(in folder: String, withSuffix suffix: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
      .filter { $0.hasSuffix(suffix) }.sorted()
  }
}

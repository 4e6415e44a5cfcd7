// Files for one test.

import Foundation

/// A new folder, removed with everything in it when the last reference goes.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("kubernetes-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    // What is left over in a temporary folder harms nobody.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file, with the folders it needs, and returns its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  func makeExecutable(_ name: String) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: "\(path)/\(name)")
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// Makes `name` a symbolic link to `target`, replacing one that is there in a single step.
  func link(_ name: String, to target: String) throws {
    let new = "\(path)/\(name).new"
    try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: target)
    guard unsafe rename(new, "\(path)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}

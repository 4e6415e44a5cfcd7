// Writing what must survive a crash.

import Glibc

extension LocalFile {
  /// Who may read a file.
  package enum Readers: Sendable {
    /// Only its owner: for keys and tokens.
    case owner
    /// Everybody.
    case everyone

    fileprivate var mode: mode_t { self == .owner ? 0o600 : 0o644 }
  }

  /// Replaces a file, or makes it. Whoever reads it at any moment, even after a crash, sees the
  /// whole old content or the whole new one.
  ///
  /// The corresponding C functions are `open`, `write`, `fsync`, `rename` and `close`.
  package static func replace(
    _ path: String, with contents: [UInt8], readers: Readers = .everyone
  ) throws(FileError) {
    let temporary = "\(path).\(getpid()).new"
    do throws(FileError) {
      let file = try AppendedFile(
        temporary, opening: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: readers.mode)
      try file.append(contents)
    } catch {
      _ = unsafe unlink(temporary)  // SAFETY: the string outlives the call.
      throw error
    }
    // SAFETY: both strings outlive the call.
    guard unsafe rename(temporary, path) == 0 else {
      let number = errno
      _ = unsafe unlink(temporary)  // SAFETY: as above.
      throw FileError(path: path, reason: .system(number))
    }
    try synchronizeFolder(of: path)
  }

  /// Makes a folder that only its owner may enter, unless it is there. Its parent must exist.
  ///
  /// The corresponding C function is `mkdir`.
  package static func makeFolder(_ path: String) throws(FileError) {
    // SAFETY: the string outlives the call.
    if unsafe mkdir(path, 0o700) == 0 { return }
    let number = errno
    guard number == EEXIST, try isFolder(path) else {
      throw FileError(path: path, reason: .system(number))
    }
  }

  /// Makes the names in a file's folder survive a crash.
  package static func synchronizeFolder(of path: String) throws(FileError) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let file = try AppendedFile(
      folder.isEmpty ? "/" : folder, opening: O_RDONLY | O_DIRECTORY, mode: 0)
    try file.synchronize()
  }
}

/// A file that only grows.
///
/// *Concurrency:* one caller at a time.
package final class AppendedFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Opens a file for appending, or makes it, readable by its owner only.
  package convenience init(_ path: String) throws(FileError) {
    try self.init(path, opening: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
  }

  /// The corresponding C function is `open`.
  fileprivate init(_ path: String, opening flags: Int32, mode: mode_t) throws(FileError) {
    self.path = path
    while true {
      // SAFETY: the string outlives the call, which does not keep the pointer.
      let result = unsafe open(path, flags | O_CLOEXEC, mode)
      if result >= 0 {
        descriptor = result
        return
      }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  deinit {
    _ = close(descriptor)  // What matters was synchronized by ``append(_:)``.
  }

  /// Writes all bytes at the end of the file; on return they survive a crash.
  ///
  /// The corresponding C functions are `write` and `fsync`.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // SAFETY: the pointer and the length are those of one slice, which outlives the call.
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
    try synchronize()
  }

  /// The corresponding C function is `fsync`.
  fileprivate func synchronize() throws(FileError) {
    while fsync(descriptor) != 0 {
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }
}

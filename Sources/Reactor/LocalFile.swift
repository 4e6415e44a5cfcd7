// Reading what people put on disk for us: configuration, certificates, tokens.

import Glibc

/// Why a file could not be read.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: Equatable, Sendable {
    case system(Int32)
    case tooLong(byteCountMax: Int)
    case notText
  }

  package let path: String
  package let reason: Reason

  /// Whether there is no such file.
  package var isAbsence: Bool { reason == .system(ENOENT) || reason == .system(ENOTDIR) }

  package var description: String { "\(path): \(reason)" }
}

extension FileError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let number): Self.text(number)
    case .tooLong(let limit): "longer than \(limit) bytes"
    case .notText: "not UTF-8 text"
    }
  }

  private static func text(_ number: Int32) -> String {
    switch number {
    case ENOENT: "no such file"
    case ENOTDIR: "a part of the path is not a folder"
    case EACCES, EPERM: "permission denied"
    case EISDIR: "is a folder"
    case ELOOP: "too many symbolic links"
    default: "system error \(number)"
    }
  }
}

/// Which file it is, and when it was changed last: equal as long as nobody touched it.
package struct FileVersion: Equatable, Sendable {
  let device: UInt64
  let number: UInt64
  let byteCount: Int64
  /// Of the contents' last change, and of the file's.
  let seconds: [Int64]
  let nanoseconds: [Int64]
}

/// Reads files whole. It blocks, and so must not be called on a loop.
package enum LocalFile {
  /// The longest file that is read, in bytes: kubeconfigs of hundreds of clusters are shorter, and
  /// certificates and tokens far shorter.
  package static let byteCountMax = 4 * 1024 * 1024

  /// The contents of a file; also of a pipe, which a shell's `<(…)` makes.
  package static func read(
    _ path: String, byteCountMax: Int = LocalFile.byteCountMax
  ) throws(FileError) -> [UInt8] {
    let descriptor = try openForReading(path)
    // Nothing was written, so a failure to close loses nothing.
    defer { _ = close(descriptor) }
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: chunkByteCount)
    while true {
      let count = try readSome(descriptor, path, into: &chunk)
      guard count > 0 else { return contents }
      contents.append(contentsOf: chunk[..<count])
      guard contents.count <= byteCountMax else {
        throw FileError(path: path, reason: .tooLong(byteCountMax: byteCountMax))
      }
    }
  }

  /// The contents of a file that has to be UTF-8.
  package static func readText(_ path: String) throws(FileError) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw FileError(path: path, reason: .notText)
    }
    return text
  }

  private static let chunkByteCount = 16 * 1024

  /// The corresponding C function is `open`.
  private static func openForReading(_ path: String) throws(FileError) -> Int32 {
    while true {
      // SAFETY: the string outlives the call, which does not keep the pointer.
      let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  /// The corresponding C function is `read`.
  private static func readSome(
    _ descriptor: Int32, _ path: String, into chunk: inout [UInt8]
  ) throws(FileError) -> Int {
    while true {
      // SAFETY: the length given is the array's, and nothing else has access to it meanwhile.
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count >= 0 { return count }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  /// Whether the path is a folder; links are followed.
  ///
  /// The corresponding C function is `stat`.
  package static func isFolder(_ path: String) throws(FileError) -> Bool {
    var status = stat()
    // SAFETY: the string and the structure outlive the call, which keeps neither.
    guard unsafe stat(path, &status) == 0 else {
      throw FileError(path: path, reason: .system(errno))
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a path stands for just now, links followed: it differs after a file was written, replaced
  /// or exchanged behind a link, as a mounted Secret is.
  ///
  /// The corresponding C function is `stat`.
  package static func version(_ path: String) throws(FileError) -> FileVersion {
    var status = stat()
    // SAFETY: the string and the structure outlive the call, which keeps neither.
    guard unsafe stat(path, &status) == 0 else {
      throw FileError(path: path, reason: .system(errno))
    }
    return FileVersion(
      device: UInt64(status.st_dev), number: UInt64(status.st_ino),
      byteCount: Int64(status.st_size),
      seconds: [Int64(status.st_mtim.tv_sec), Int64(status.st_ctim.tv_sec)],
      nanoseconds: [Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_nsec)])
  }

  /// The names in a folder, in no particular order, without `.` and `..`.
  ///
  /// The corresponding C functions are `opendir`, `readdir` and `closedir`.
  package static func names(inFolder path: String) throws(FileError) -> [String] {
    // SAFETY: the string outlives the call; the stream is closed once, below, and each entry is read
    // before the next call may overwrite it.
    guard let stream = unsafe opendir(path) else {
      throw FileError(path: path, reason: .system(errno))
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

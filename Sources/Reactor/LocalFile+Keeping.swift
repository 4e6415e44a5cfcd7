// What a program needs that keeps files of its own in a folder: a lock, room set aside, moving files.

import Glibc

/// A lock on a file, held by one process at a time and let go of by the kernel when that ends.
package struct FileLock: ~Copyable {
  private let descriptor: OwnedDescriptor

  /// Takes the lock of a file, which is made when it is not there, and writes a line into it that
  /// says who has it.
  ///
  /// - Returns: nil when somebody else has it.
  ///
  /// The corresponding C functions are `open`, `flock`, `ftruncate` and `pwrite`.
  package static func take(_ path: String, holder: String) throws(FileError) -> FileLock? {
    let descriptor = try LocalFile.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    while flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
      let number = errno
      if number == EWOULDBLOCK { return nil }
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
    // The line is for people; when the disk is full the lock holds without it.
    _ = ftruncate(descriptor.rawValue, 0)
    let line = [UInt8](holder.utf8) + [UInt8(ascii: "\n")]
    // SAFETY: the pointer and the length are one array's, which outlives the call.
    _ = unsafe pwrite(descriptor.rawValue, line, line.count, 0)
    return FileLock(descriptor: descriptor)
  }

  private init(descriptor: consuming OwnedDescriptor) {
    self.descriptor = descriptor
  }

  /// A process that is just being started has a copy of the descriptor until it runs its program, and
  /// would keep the lock that long; so it is let go of by name.
  deinit {
    // There is nothing to do when this fails: the descriptor is closed next.
    _ = flock(descriptor.rawValue, LOCK_UN)
  }
}

extension LocalFile {
  /// The corresponding C function is `open`.
  fileprivate static func open(
    _ path: String, _ flags: Int32, mode: mode_t
  ) throws(FileError) -> OwnedDescriptor {
    while true {
      // SAFETY: the string outlives the call, which does not keep the pointer.
      let result = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
      if result >= 0 { return OwnedDescriptor(owning: result) }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  /// Makes a file when there is none, readable by its owner only.
  ///
  /// The corresponding C function is `open`.
  package static func make(_ path: String) throws(FileError) {
    _ = try open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  /// Makes a file of so many bytes for which the disk has room for sure.
  ///
  /// The corresponding C functions are `open` and `posix_fallocate`.
  package static func reserve(_ path: String, byteCount: Int64) throws(FileError) {
    let descriptor = try open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    while true {
      let number = posix_fallocate(descriptor.rawValue, 0, off_t(byteCount))
      if number == 0 { return }
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  /// Removes a file, if it is there.
  ///
  /// The corresponding C function is `unlink`.
  package static func remove(_ path: String) throws(FileError) {
    // SAFETY: the string outlives the call.
    if unsafe unlink(path) == 0 { return }
    let number = errno
    guard number == ENOENT else { throw FileError(path: path, reason: .system(number)) }
  }

  /// Gives a file another name in the same file system; what had it is replaced.
  ///
  /// The corresponding C function is `rename`.
  package static func move(_ path: String, to other: String) throws(FileError) {
    // SAFETY: both strings outlive the call.
    guard unsafe rename(path, other) == 0 else {
      throw FileError(path: path, reason: .system(errno))
    }
  }

  /// The length of a file in bytes, nil when there is none.
  ///
  /// The corresponding C function is `stat`.
  package static func byteCount(_ path: String) throws(FileError) -> Int64? {
    do throws(FileError) {
      return try version(path).byteCount
    } catch {
      if error.isAbsence { return nil }
      throw error
    }
  }

  /// Lets the kernel forget what it holds of a file and has written, so that the next reading is of
  /// what the disk has.
  ///
  /// The corresponding C function is `posix_fadvise`.
  package static func forgetCache(_ path: String) throws(FileError) {
    let descriptor = try open(path, O_RDONLY, mode: 0)
    // Advice: where it is not taken, the next reading is of the cache.
    _ = posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_DONTNEED)
  }
}

// MARK: - Copies

extension LocalFile {
  /// Copies a file over another one, or to a new one that only its owner may read; not synced.
  ///
  /// The corresponding C functions are `open`, `read` and `pwrite`.
  package static func copy(_ path: String, to other: String) throws(FileError) {
    let source = try open(path, O_RDONLY, mode: 0)
    let target = try open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
    var chunk = [UInt8](repeating: 0, count: copyChunkByteCount)
    var offset: Int64 = 0
    while true {
      // SAFETY: the length given is the array's, and nothing else has access to it meanwhile.
      let count = unsafe Glibc.read(source.rawValue, &chunk, chunk.count)
      if count == 0 { return }
      guard count > 0 else {
        let number = errno
        if number == EINTR { continue }
        throw FileError(path: path, reason: .system(number))
      }
      try write(chunk[..<count], at: offset, of: target.rawValue, other)
      offset += Int64(count)
    }
  }

  /// Overwrites parts of a file; not synced.
  ///
  /// The corresponding C functions are `open` and `pwrite`.
  package static func patch(
    _ path: String, _ parts: [(offset: Int64, bytes: ArraySlice<UInt8>)]
  ) throws(FileError) {
    let target = try open(path, O_WRONLY, mode: 0)
    for part in parts { try write(part.bytes, at: part.offset, of: target.rawValue, path) }
  }

  private static func write(
    _ bytes: ArraySlice<UInt8>, at offset: Int64, of descriptor: Int32, _ path: String
  ) throws(FileError) {
    var rest = bytes
    var offset = offset
    while !rest.isEmpty {
      // SAFETY: the pointer and the length are those of one slice, which outlives the call.
      let count = unsafe rest.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
      }
      if count >= 0 {
        rest = rest.dropFirst(count)
        offset += Int64(count)
        continue
      }
      let number = errno
      guard number == EINTR else { throw FileError(path: path, reason: .system(number)) }
    }
  }

  private static let copyChunkByteCount = 256 * 1024
}

// A folder that goes with the test.

import Glibc

/// A new empty folder, removed when the last reference goes.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let template = "\(getenvText("TMPDIR") ?? "/tmp")/hookline-journal-XXXXXX"
    var bytes = Array(template.utf8CString)
    // SAFETY: the array is terminated, and is written within its length.
    guard unsafe mkdtemp(&bytes) != nil else { throw Failure(number: errno) }
    path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    Self.empty(path)
    _ = unsafe rmdir(path)  // SAFETY: the string outlives the call.
  }

  struct Failure: Error {
    let number: Int32
  }

  private static func empty(_ path: String) {
    for name in names(path) {
      let child = "\(path)/\(name)"
      // SAFETY: the strings outlive the calls.
      if unsafe unlink(child) != 0 {
        empty(child)
        _ = unsafe rmdir(child)
      }
    }
  }

  /// The names in a folder, sorted, without `.` and `..`.
  static func names(_ path: String) -> [String] {
    // SAFETY: the stream is closed once; each entry is read before the next call.
    guard let stream = unsafe opendir(path) else { return [] }
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
    return names.sorted()
  }
}

/// A variable of the environment.
func getenvText(_ name: String) -> String? {
  // SAFETY: the result is copied at once, and no test changes the environment.
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}

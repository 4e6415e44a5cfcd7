import Glibc

/// Where everything goes that is not a command's result.
package enum StandardError {
  /// Writes all bytes, as far as standard error takes them: a log that nobody can read is no reason
  /// to stop. It blocks while the reader does not keep up.
  ///
  /// Bytes given in one call stay together, also when several threads write, as long as they fit
  /// the pipe (`PIPE_BUF`, 4 KiB).
  ///
  /// The corresponding C function is `write`.
  package static func write(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.span.extracting(start...).withUnsafeBytes { rest in
        // SAFETY: `rest` is a part of `bytes`, which is borrowed for the call.
        unsafe Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      start += count
    }
  }

  /// Writes a line.
  package static func print(_ line: String) {
    write(Array((line + "\n").utf8))
  }
}

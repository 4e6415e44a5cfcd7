import Glibc

/// The terminal that a person types at.
///
/// *Concurrency:* reading blocks, so it is for commands and never for a loop.
package struct Terminal: ~Copyable {
  private let saved: termios

  /// Whether a person types at standard input and reads standard output.
  ///
  /// The corresponding C function is `isatty`.
  package static var isInteractive: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  /// The columns of the terminal that standard error goes to; nil when it goes elsewhere.
  ///
  /// The corresponding C functions are `isatty` and `ioctl` with `TIOCGWINSZ`.
  package static var errorColumns: Int? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    var size = winsize()
    // SAFETY: the call fills the structure and keeps no pointer to it.
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return columnsDefault
    }
    return Int(size.ws_col)
  }

  /// What a terminal that does not say its width has: that of a VT100.
  private static let columnsDefault = 80

  private init(saved: termios) { self.saved = saved }

  /// Takes the terminal over: keys arrive one by one and are not shown. Nil where that is
  /// impossible. The terminal is given back when the value goes away.
  ///
  /// The corresponding C functions are `tcgetattr` and `tcsetattr`.
  package static func takeOver() -> Terminal? {
    var settings = termios()
    // SAFETY: the functions fill and read the structure during the call only.
    guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    let saved = settings
    unsafe cfmakeraw(&settings)
    // A line feed still begins a new line.
    settings.c_oflag = saved.c_oflag
    guard unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
    return Terminal(saved: saved)
  }

  deinit {
    var settings = saved
    // SAFETY: as above.
    _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
  }

  /// The next byte that is typed; nil at the end.
  ///
  /// The corresponding C function is `read`.
  package borrowing func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      // SAFETY: one byte is written to the variable during the call.
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      return count == 1 ? byte : nil
    }
  }

  /// Shows a text.
  ///
  /// The corresponding C function is `write`.
  package borrowing func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      // SAFETY: the pointer covers the bytes that are left, during the call only.
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

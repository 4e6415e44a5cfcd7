import Foundation
import Glibc

/// A terminal that a test types at: what a program finds at the other end is one (pty(7)).
///
/// It is raw from the beginning, so that keys can be typed before the program takes the terminal over.
final class PseudoTerminal {
  /// Where the test types and reads.
  let keyboard: FileHandle
  /// What the program has for standard input and output.
  let screen: FileHandle

  init() throws {
    let descriptor = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXError(.EIO) }
    keyboard = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    var unlocked: Int32 = 0
    var number: UInt32 = 0
    // SAFETY: the calls read and write one integer each, the last two settings too, and keep nothing.
    guard unsafe ioctl(descriptor, Self.setLock, &unlocked) == 0,
      unsafe ioctl(descriptor, Self.getNumber, &number) == 0
    else { throw POSIXError(.EIO) }
    let other = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard other >= 0 else { throw POSIXError(.EIO) }
    screen = FileHandle(fileDescriptor: other, closeOnDealloc: false)
    var settings = termios()
    guard unsafe tcgetattr(other, &settings) == 0 else { throw POSIXError(.EIO) }
    unsafe cfmakeraw(&settings)
    guard unsafe tcsetattr(other, TCSANOW, &settings) == 0 else { throw POSIXError(.EIO) }
  }

  /// `TIOCSPTLCK` and `TIOCGPTN` (ioctl_tty(2)), macros that Swift does not import.
  private static let setLock: UInt = 0x4004_5431
  private static let getNumber: UInt = 0x8004_5430

  /// Types keys.
  func type(_ keys: String) { keyboard.write(Data(keys.utf8)) }
}

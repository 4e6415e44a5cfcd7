// System calls for child processes and the pipes to them.

import CLinux
import Glibc

extension SystemCall {
  /// A pipe: what is written at one end is read at the other.
  struct Pipe: ~Copyable {
    let reading: OwnedDescriptor
    let writing: OwnedDescriptor
  }

  /// A process that was started and not waited for yet.
  struct Child: ~Copyable {
    let process: pid_t
    /// Becomes readable when the process has ended.
    let descriptor: OwnedDescriptor
  }

  /// Makes a pipe whose reading end does not block; the writing end, which a child is given, does.
  /// The corresponding C functions are `pipe2` and `fcntl`.
  static func pipe() throws(Errno) -> Pipe {
    var ends: [Int32] = [0, 0]
    // SAFETY: the kernel writes two numbers into the array.
    _ = try retryingInterrupts { unsafe clinux_pipe2(&ends, O_CLOEXEC) }
    let pipe = Pipe(
      reading: OwnedDescriptor(owning: ends[0]), writing: OwnedDescriptor(owning: ends[1]))
    _ = try retryingInterrupts { fcntl(ends[0], F_SETFL, O_NONBLOCK) }
    return pipe
  }

  /// Starts a program in a process group of its own, with no input and every signal as at the
  /// machine's start. The corresponding C functions are `posix_spawnp` and `pidfd_open`.
  static func spawn(
    _ command: String, _ arguments: [String], _ environment: [String], output: Int32, errors: Int32
  ) throws(Errno) -> Child {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    var signals = sigset_t()
    // SAFETY: both are initialised here, used for the call below and destroyed; every text is copied.
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // Ours are closed by themselves; those of a library may not be.
    unsafe clinux_spawn_close_from(&actions, 3)
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

    var process: pid_t = 0
    let result = unsafe withTexts(arguments) { arguments in
      unsafe withTexts(environment) { environment in
        unsafe posix_spawnp(&process, command, &actions, &attributes, arguments, environment)
      }
    }
    guard result == 0 else { throw Errno(rawValue: result) }
    do throws(Errno) {
      let descriptor = try retryingInterrupts { clinux_pidfd_open(process) }
      return Child(process: process, descriptor: OwnedDescriptor(owning: descriptor))
    } catch {
      kill(-process, SIGKILL)
      _ = ending(of: process)
      throw error
    }
  }

  /// Waits until the child has ended, has written something, or the time is over; says whether it has
  /// ended. The corresponding C function is `poll`.
  static func wait(
    for child: borrowing Child, _ output: Int32, _ errors: Int32, atMost limit: Duration
  ) throws(Errno) -> Bool {
    let events = Int16(POLLIN)
    var polled = [
      pollfd(fd: child.descriptor.rawValue, events: events, revents: 0),
      pollfd(fd: output, events: events, revents: 0),
      pollfd(fd: errors, events: events, revents: 0),
    ]
    // An end that nobody holds any more is ready for ever: only the child's end is waited for then.
    for index in 1...2 where isAtEnd(polled[index].fd) { polled[index].fd = -1 }
    let milliseconds = Int32(clamping: limit.wholeNanoseconds / 1_000_000 + 1)
    // SAFETY: the array is ours for the call and its count is passed along.
    _ = try retryingInterrupts { unsafe poll(&polled, nfds_t(polled.count), milliseconds) }
    return polled[0].revents != 0
  }

  /// Whether a pipe is empty and its other end closed. The corresponding C function is `poll`.
  private static func isAtEnd(_ descriptor: Int32) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one structure, ours for the call.
    guard unsafe poll(&polled, 1, 0) == 1 else { return false }
    return polled.revents & Int16(POLLIN) == 0 && polled.revents & Int16(POLLHUP) != 0
  }

  /// Takes what is in a pipe, until so many bytes are there in all. The corresponding C function is
  /// `read`.
  static func drain(
    _ descriptor: Int32, into bytes: inout [UInt8], upTo countMax: Int
  ) throws(Errno) {
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while bytes.count < countMax {
      let room = min(chunk.count, countMax - bytes.count)
      let count: Int
      do throws(Errno) {
        // SAFETY: the kernel writes at most `room` bytes into the array, which is as long.
        count = try retryingInterrupts { unsafe read(descriptor, &chunk, room) }
      } catch {
        guard error == .wouldBlock else { throw error }
        return
      }
      guard count > 0 else { return }
      bytes += chunk[..<count]
    }
  }

  /// Ends the child and what it has started. The corresponding C function is `kill`.
  static func killGroup(of child: borrowing Child) {
    kill(-child.process, SIGKILL)
  }

  /// Waits for the child's end and lets the kernel forget it. The corresponding C function is
  /// `waitpid`.
  static func reap(_ child: borrowing Child) -> ChildProcess.Ending {
    ending(of: child.process)
  }

  private static func ending(of process: pid_t) -> ChildProcess.Ending {
    var status: Int32 = 0
    do throws(Errno) {
      // SAFETY: the kernel writes the status into the local.
      _ = try retryingInterrupts { unsafe waitpid(process, &status, 0) }
    } catch {
      // Somebody has the kernel forget children by itself; how it ended is lost.
      return .exited(code: -1)
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited(code: (status >> 8) & 0xFF) : .killed(signal: signal)
  }

  /// Lends a list of C strings that ends with NULL.
  private static func withTexts<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    // SAFETY: each copy is freed once, after the call.
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe body(&copies)
  }
}

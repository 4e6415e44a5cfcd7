import CLinux
import Glibc

/// A thread with a name that `top` and a debugger show, joined by its owner.
package struct NamedThread: ~Copyable {
  private let thread: pthread_t

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: at most 15 bytes are kept, which is what Linux holds.
  ///   - body: what it does; the thread ends when it returns.
  ///
  /// Errors: the kernel's, when there is no room for another thread.
  /// The corresponding C function is `pthread_create`.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
    let start = Start(name: name, body: body)
    // SAFETY: the pointer carries one retain, which the new thread takes over at once; when there
    // is no new thread it is released here.
    let context = unsafe Unmanaged.passRetained(start)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        _ = unsafe clinux_set_thread_name(String(start.name.utf8.prefix(15)) ?? "")
        start.body()
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      unsafe context.release()
      throw Errno(rawValue: result)
    }
    self.thread = thread
  }

  /// Waits until the thread has ended. The corresponding C function is `pthread_join`.
  package consuming func join() {
    _ = pthread_join(thread, nil)
  }

  /// Lets the thread end by itself. The corresponding C function is `pthread_detach`.
  package consuming func detach() {
    _ = pthread_detach(thread)
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

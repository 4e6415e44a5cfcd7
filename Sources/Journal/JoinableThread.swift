// A thread that can be held by a class.

import Reactor
import Synchronization

/// A named thread, joined once.
final class JoinableThread: Sendable {
  private let thread: Mutex<NamedThread?>

  /// *Errors*: ``JournalError/Code/unusable`` when the machine has no room for another thread.
  init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(JournalError) {
    do throws(Errno) {
      thread = Mutex(try NamedThread(name, body))
    } catch {
      throw JournalError(.unusable, "the journal's thread cannot be started: \(error)")
    }
  }

  /// Waits until the thread has ended.
  func join() {
    let thread = thread.withLock { $0.take() }
    if let thread { thread.join() }
  }
}

/// Passes the store, which belongs to one thread at a time, to the journal's thread.
///
/// `@unchecked`: the store is put in before the thread starts, taken out by it once, and nobody else
/// has a reference.
final class Handover: @unchecked Sendable {
  private var store: Store?

  init(_ store: Store) {
    self.store = store
  }

  func take() -> Store? {
    defer { store = nil }
    return store
  }
}

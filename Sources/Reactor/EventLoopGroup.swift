import Synchronization

/// The event loops of a process, one thread each.
///
/// Concurrency: every member from any thread but the loops' own.
package final class EventLoopGroup: Sendable {
  /// The loops, at least one.
  package let loops: [EventLoop]

  /// Finds addresses for names.
  package let resolver = NameResolver()

  private let threads: Mutex<[Thread]>
  private let turn = Atomic<Int>(0)

  private final class Thread: Sendable {
    private let thread: Mutex<NamedThread?>

    init(_ thread: consuming sending NamedThread) {
      self.thread = Mutex(thread)
    }

    func join() {
      thread.withLock { $0.take() }?.join()
    }
  }

  /// Starts the loops.
  ///
  /// - Parameters:
  ///   - loopCount: how many threads, at least 1.
  ///   - name: what the threads are called, with a number behind it.
  ///   - clock: where the loops read the time.
  ///
  /// Errors: the environment's: no descriptor or thread left.
  package init(
    loopCount: Int, name: String = "loop", clock: any MonotonicClock = SystemMonotonicClock()
  ) throws(ReactorError) {
    precondition(loopCount > 0, "an event loop group has at least one loop")
    var loops: [EventLoop] = []
    var threads: [Thread] = []
    do throws(Errno) {
      for index in 0..<loopCount {
        let loop = try EventLoop(name: "\(name)-\(index)", clock: clock)
        let thread = try NamedThread(loop.name) { loop.runUntilStopped() }
        threads.append(Thread(thread))
        loops.append(loop)
      }
    } catch {
      for loop in loops { loop.stop() }
      for thread in threads { thread.join() }
      throw ReactorError(.systemCallFailed, underlying: error, detail: "starting an event loop")
    }
    self.loops = loops
    self.threads = Mutex(threads)
  }

  deinit {
    stop()
  }

  /// The loops in turn, for spreading what has no loop of its own.
  package func next() -> EventLoop {
    let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: index) % UInt(loops.count))]
  }

  /// Closes every connection and listener, lets the tasks on the loops see it and end, and joins
  /// the threads. A second call does nothing.
  package func stop() {
    for loop in loops { precondition(!loop.isCurrent, "a loop cannot wait for its own end") }
    let threads = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for loop in loops { loop.stop() }
    for thread in threads { thread.join() }
  }
}

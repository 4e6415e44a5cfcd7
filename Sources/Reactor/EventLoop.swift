import Synchronization

/// One thread that waits for sockets and deadlines and runs the tasks that live on it.
///
/// A connection belongs to one loop for its whole life, and its code is straight-line `async`
/// started with `Task(executorPreference: loop)`: it runs on this thread, suspends only when the
/// kernel has nothing for it, and shares its loop's state without locks. Nothing that runs here may
/// block.
///
/// It is no executor for actors. An actor's code leaves its executor at every closure that the
/// standard library runs without isolation (`withTaskCancellationHandler` is one), while a task that
/// prefers a loop is brought back to it from everywhere.
///
/// A turn is: wait for events, mark what became ready, expire deadlines, run every task that can
/// run. A task made ready by a task of the same turn runs in that turn too, up to a bound, so that
/// tasks which always have work cannot keep the loop from its sockets.
///
/// Concurrency: ``enqueue(_:)``, ``run(_:)`` and ``isCurrent`` from any thread; everything else only
/// on the loop's own thread, which is checked where a mistake would corrupt something.
// `@unchecked Sendable`: what is mutable is touched by the loop's thread alone, save the inbox,
// which its lock guards, and the thread's identity, which is atomic.
@safe package final class EventLoop: TaskExecutor, @unchecked Sendable {
  /// The thread's name.
  package let name: String

  /// The time at the beginning of this turn.
  package var now: MonotonicInstant { turnTime }

  /// How many turns there have been.
  private(set) var turn: UInt64 = 0

  /// Room for one read; its content means something only until the next suspension.
  let scratch: UnsafeMutableRawBufferPointer

  private var turnTime: MonotonicInstant
  private let clock: any MonotonicClock
  private let poller: Poller
  private let inbox = Mutex(Inbox())
  private let thread = Atomic<UInt>(0)

  private var registrants = SlotTable<Registrant>()
  private var deadlines = DeadlineQueue<DeadlineTarget>()
  private var ready: [UnownedJob] = []
  private var running: [UnownedJob] = []
  private var yielded: [Waiter] = []
  private var sleepers = SlotTable<Waiter>()
  private var isStopping = false

  /// Makes a loop that does nothing until a thread calls ``runUntilStopped()``.
  ///
  /// Errors: the kernel's, when descriptors have run out.
  init(name: String, clock: any MonotonicClock) throws(Errno) {
    self.name = name
    self.clock = clock
    turnTime = clock.now
    poller = try Poller()
    unsafe scratch = .allocate(byteCount: EventLoop.scratchByteCount, alignment: 64)
    clock.add(self)
  }

  deinit {
    // SAFETY: allocated in init and lent out only during calls on this object.
    unsafe scratch.deallocate()
  }
}

// MARK: - Other threads

extension EventLoop {
  /// What other threads hand over.
  private struct Inbox {
    var jobs: [UnownedJob] = []
    /// The loop waits, or is about to, and has not been woken yet.
    var isAsleep = false
    var mustStop = false
    var isClosed = false
  }

  /// Says whether the caller runs on this loop's thread.
  @inline(__always)
  package var isCurrent: Bool { thread.load(ordering: .relaxed) == SystemCall.currentThread() }

  /// Takes a piece of a task to run. From the loop's own thread that costs neither a lock nor a
  /// system call; from another one a lock, and a system call if the loop sleeps.
  ///
  /// A loop that has stopped runs nothing any more: the task stays where it is.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      ready.append(job)
    } else {
      post { $0.jobs.append(job) }
    }
  }

  /// Runs an operation on this loop and waits for it.
  package func run<Success: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Success
  ) async throws -> Success {
    try await Task(executorPreference: self, operation: operation).value
  }

  /// Stops the process when the caller does not run on this loop: a mistake of ours that would
  /// corrupt its state.
  @inline(__always)
  package func checkIsolated() {
    precondition(isCurrent, "must run on the thread of its event loop")
  }

  /// Asks the loop to close everything and end; ``EventLoopGroup`` joins its thread.
  func stop() {
    post { $0.mustStop = true }
  }

  /// Has the loop look at its clock.
  func wake() {
    post { _ in }
  }

  /// Changes the inbox and sees to it that the loop looks.
  ///
  /// The flag is set by the loop under the lock, after it has found the inbox empty, so a change
  /// comes either before that look, and is seen, or after it, and then wakes. One wake-up is enough
  /// for all changes until the loop has looked again.
  private func post(_ change: (inout Inbox) -> Void) {
    let mustWake = inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      change(&inbox)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if mustWake { poller.wake() }
  }
}

// MARK: - The loop

extension EventLoop {
  /// Room for one read. A larger read saves system calls on large bodies, but what it brings of the
  /// requests of a peer that does not read their answers waits in memory.
  static let scratchByteCount = 32 * 1024

  /// Pieces of tasks run between two looks at the sockets.
  private static let jobsPerTurn = 1024

  /// What a loop is up to, decided under the inbox's lock.
  private enum Plan {
    case wait
    case look
    case end
  }

  /// Runs turns until ``stop()`` was called and nothing is left to run.
  func runUntilStopped() {
    thread.store(SystemCall.currentThread(), ordering: .relaxed)
    while true {
      switch plan() {
      case .end:
        // The kernel gives thread identities out again: the next owner is not on this loop.
        thread.store(0, ordering: .relaxed)
        return
      case .wait: turn(timeoutMilliseconds: millisecondsToNextDeadline())
      case .look: turn(timeoutMilliseconds: 0)
      }
    }
  }

  private func turn(timeoutMilliseconds: Int32) {
    let eventCount: Int
    do throws(Errno) {
      eventCount = try poller.wait(timeoutMilliseconds: timeoutMilliseconds)
    } catch {
      preconditionFailure("epoll_wait refused a live descriptor and a valid buffer: \(error)")
    }
    turn &+= 1
    turnTime = clock.now
    // Whoever hears of an event may act on it at once, so it is this turn already.
    poller.forEachEvent(eventCount) { registrants[$0.token]?.handle($0) }
    while let target = deadlines.expireNext(now: turnTime) { target.deadlinePassed() }
    resumeYielded()
    runReadyJobs()
  }

  /// Empties the inbox and decides whether the loop may sleep.
  private func plan() -> Plan {
    let mustStop = inbox.withLock { inbox in
      ready.append(contentsOf: inbox.jobs)
      inbox.jobs.removeAll(keepingCapacity: true)
      inbox.isAsleep = ready.isEmpty && yielded.isEmpty
      return inbox.mustStop
    }
    if mustStop, !isStopping { closeEverything() }
    if !ready.isEmpty || !yielded.isEmpty { return .look }
    guard isStopping, registrants.count == 0 else { return .wait }
    return inbox.withLock { inbox in
      guard inbox.jobs.isEmpty else { return .look }
      inbox.isClosed = true
      return .end
    }
  }

  private func runReadyJobs() {
    var budget = EventLoop.jobsPerTurn
    let executor = unsafe asUnownedTaskExecutor()
    while !ready.isEmpty, budget > 0 {
      swap(&ready, &running)
      for job in running { unsafe job.runSynchronously(on: executor) }
      budget -= running.count
      running.removeAll(keepingCapacity: true)
    }
  }

  private func resumeYielded() {
    guard !yielded.isEmpty else { return }
    let waiters = yielded
    yielded = []
    for waiter in waiters { waiter.end(.ready) }
  }

  /// Suspends the task until every socket and every other ready task has had its turn.
  package func yield() async {
    checkIsolated()
    let waiter = Waiter(on: self)
    yielded.append(waiter)
    _ = await waiter.wait(until: .distantFuture)
  }

  /// How long the poller may wait: rounded up, lest the loop spins through the last millisecond
  /// before a deadline.
  private func millisecondsToNextDeadline() -> Int32 {
    let next = deadlines.nextLook
    guard next != .distantFuture else { return -1 }
    let nanoseconds = max(0, next.nanoseconds &- clock.now.nanoseconds)
    return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1))
  }

  private func closeEverything() {
    isStopping = true
    for registrant in registrants.values { registrant.close() }
    for waiter in sleepers.values { waiter.close() }
  }
}

// MARK: - Registrations and deadlines

extension EventLoop {
  /// Registers a descriptor for events until ``deregister(_:)``, which must come before its close.
  ///
  /// Errors: the kernel's; and `ECANCELED` once the loop stops.
  func register(
    _ registrant: Registrant, _ descriptor: Int32,
    for interest: Poller.Interest
  ) throws(Errno) -> SlotToken {
    checkIsolated()
    guard !isStopping else { throw .canceled }
    let token = registrants.insert(registrant)
    do throws(Errno) {
      try poller.add(descriptor, for: interest, token: token)
    } catch {
      registrants.remove(token)
      throw error
    }
    return token
  }

  /// Keeps a sleeping task where ``endSleep(_:)`` finds it.
  func insert(sleeper: Waiter) -> SlotToken {
    sleepers.insert(sleeper)
  }

  /// Ends a sleep, if it goes on.
  func endSleep(_ token: SlotToken) {
    sleepers.remove(token)?.close()
  }

  /// Changes what is reported for a registered descriptor.
  func modify(
    _ token: SlotToken, _ descriptor: Int32, for interest: Poller.Interest
  ) throws(Errno) {
    try poller.modify(descriptor, for: interest, token: token)
  }

  /// Forgets a registrant; events already fetched for it are dropped.
  func deregister(_ token: SlotToken) {
    registrants.remove(token)
  }

  /// Adds a deadline, not armed yet, until ``removeDeadline(_:)``.
  func addDeadline(_ target: DeadlineTarget) -> SlotToken {
    deadlines.insert(target)
  }

  func removeDeadline(_ token: SlotToken) {
    deadlines.remove(token)
  }

  /// Arms or moves a deadline; ``MonotonicInstant/distantFuture`` disarms it.
  func setDeadline(_ token: SlotToken, to due: MonotonicInstant) {
    deadlines.set(token, to: due)
  }
}

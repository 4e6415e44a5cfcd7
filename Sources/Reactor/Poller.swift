import CLinux

/// The kernel's list of descriptors to watch, and the counter with which other threads end a wait.
///
/// Every descriptor is registered once for all that can happen to it, edge-triggered, and stays so
/// until it is closed: a request costs no change of registration. Listeners are the exception, see
/// ``Interest``.
///
/// Concurrency: ``wake()`` from any thread, everything else from the loop's.
///
/// Source: epoll(7), eventfd(2).
@safe struct Poller: ~Copyable {
  /// What a registration asks for.
  enum Interest {
    /// Both directions of a connection, reported when they change.
    case stream
    /// Connections waiting to be accepted, reported as long as there are any, so that accepting a
    /// few at a time loses none.
    case listener
    /// Nothing for now: a listener that rests.
    case none
  }

  /// What happened to one descriptor.
  struct Event {
    let token: SlotToken
    private let flags: UInt32

    fileprivate init(token: SlotToken, flags: UInt32) {
      self.token = token
      self.flags = flags
    }

    /// There are bytes to read, an end, or an error to be learnt by reading.
    var isReadable: Bool { flags & (EPOLLIN.rawValue | Event.endFlags) != 0 }
    /// There is room to write, or an error to be learnt by writing.
    var isWritable: Bool { flags & (EPOLLOUT.rawValue | Event.failureFlags) != 0 }
    /// The peer will send nothing more, or the connection is gone.
    var hasEnded: Bool { flags & Event.endFlags != 0 }
    /// The connection is gone in both directions.
    var hasFailed: Bool { flags & Event.failureFlags != 0 }

    private static let failureFlags = EPOLLERR.rawValue | EPOLLHUP.rawValue
    private static let endFlags = failureFlags | EPOLLRDHUP.rawValue
  }

  private let poll: OwnedDescriptor
  private let wakeCounter: OwnedDescriptor
  private let buffer: UnsafeMutableBufferPointer<epoll_event>

  /// Events fetched by one wait. Enough that a busy loop asks seldom, few enough that the first is
  /// not old when the last is handled.
  private static let batchSize = 256

  /// The counter's token; no slot has it.
  private static let wakeToken = SlotToken(rawValue: .max)

  init() throws(Errno) {
    let poll = try SystemCall.epollCreate()
    let wakeCounter = try SystemCall.eventCounter()
    // Edge-triggered and never read: each write reports anew, and the count cannot get full in the
    // lifetime of a machine.
    try SystemCall.epollControl(
      poll, .add, descriptor: wakeCounter.rawValue, events: EPOLLIN.rawValue | EPOLLET.rawValue,
      token: Poller.wakeToken.rawValue)
    self.poll = poll
    self.wakeCounter = wakeCounter
    unsafe buffer = .allocate(capacity: Poller.batchSize)
  }

  deinit {
    // SAFETY: allocated in init, owned by this value alone, and epoll_event is trivial.
    unsafe buffer.deallocate()
  }

  /// Registers a descriptor. Closing it ends the registration.
  func add(
    _ descriptor: Int32, for interest: Interest, token: SlotToken
  )
    throws(Errno)
  {
    try SystemCall.epollControl(
      poll, .add, descriptor: descriptor, events: interest.events, token: token.rawValue)
  }

  /// Changes what is asked for.
  func modify(
    _ descriptor: Int32, for interest: Interest, token: SlotToken
  )
    throws(Errno)
  {
    try SystemCall.epollControl(
      poll, .modify, descriptor: descriptor, events: interest.events,
      token: token.rawValue)
  }

  /// Ends the wait that goes on, or else the next one.
  func wake() {
    // The counter is never full (see init), so there is nothing that could fail.
    try? SystemCall.increment(wakeCounter)
  }

  /// Waits, at most so long, and fetches what happened.
  ///
  /// - Parameter timeoutMilliseconds: 0 looks without waiting, −1 waits for ever.
  /// - Returns: how many events there are for ``forEachEvent(_:_:)``.
  func wait(timeoutMilliseconds: Int32) throws(Errno) -> Int {
    unsafe try SystemCall.epollWait(
      poll, into: buffer, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Hands over the events that the last wait fetched, wake-ups left out.
  func forEachEvent(_ count: Int, _ handle: (Event) -> Void) {
    for index in 0..<min(count, Poller.batchSize) {
      // SAFETY: the kernel filled `count` elements, at most the buffer's capacity.
      let event = unsafe buffer[index]
      let token = unsafe SlotToken(rawValue: event.data.u64)
      if token != Poller.wakeToken { unsafe handle(Event(token: token, flags: event.events)) }
    }
  }
}

extension Poller.Interest {
  fileprivate var events: UInt32 {
    switch self {
    case .stream:
      EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    case .listener: EPOLLIN.rawValue
    case .none: 0
    }
  }
}

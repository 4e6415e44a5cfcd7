import CLinux
import Glibc

/// Every system call the reactor makes, one function each.
///
/// The rules kept here and nowhere else: `EINTR` is retried, `errno` is read right after −1,
/// descriptors are made close-on-exec and non-blocking, and writing to a dead peer raises no
/// signal. Nothing above this file compares with −1.
///
/// Errors: each throws the `Errno` of the failed call; `.wouldBlock` is an ordinary answer.
enum SystemCall {
  /// Calls until the result is not "interrupted", and turns −1 into the error behind it.
  ///
  /// - Parameters:
  ///   - failure: reads the error; a test scripts it.
  ///   - call: one system call.
  @inline(__always)
  static func retryingInterrupts<Value: FixedWidthInteger>(
    failure: () -> Errno = { .current }, _ call: () -> Value
  ) throws(Errno) -> Value {
    while true {
      let value = call()
      if value != -1 { return value }
      let errno = failure()
      if errno != .interrupted { throw errno }
    }
  }
}

// MARK: - Descriptors

extension SystemCall {
  /// Closes a descriptor. Linux has let go of it even when the call fails, so nothing is retried.
  /// The corresponding C function is `close`.
  static func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }

  /// Makes an epoll instance. The corresponding C function is `epoll_create1`.
  static func epollCreate() throws(Errno) -> OwnedDescriptor {
    let raw = try retryingInterrupts { epoll_create1(Int32(CLINUX_EPOLL_CLOEXEC)) }
    return OwnedDescriptor(owning: raw)
  }

  /// Makes a counter that wakes a poller. The corresponding C function is `eventfd`.
  static func eventCounter() throws(Errno) -> OwnedDescriptor {
    let flags = Int32(CLINUX_EFD_CLOEXEC | CLINUX_EFD_NONBLOCK)
    let raw = try retryingInterrupts { eventfd(0, flags) }
    return OwnedDescriptor(owning: raw)
  }

  /// Adds one to a counter made by ``eventCounter()``. The corresponding C function is `write`.
  static func increment(_ counter: borrowing OwnedDescriptor) throws(Errno) {
    let raw = counter.rawValue
    var one: UInt64 = 1
    // SAFETY: eight bytes of a local are read during the call only.
    _ = try retryingInterrupts { unsafe write(raw, &one, MemoryLayout<UInt64>.size) }
  }
}

// MARK: - Polling

extension SystemCall {
  /// What to do with a descriptor's registration.
  enum PollChange: Int32 {
    case add = 1
    case remove = 2
    case modify = 3
  }

  /// Changes what a poller reports for a descriptor. The corresponding C function is `epoll_ctl`.
  static func epollControl(
    _ poller: borrowing OwnedDescriptor, _ change: PollChange, descriptor: Int32, events: UInt32,
    token: UInt64
  ) throws(Errno) {
    let raw = poller.rawValue
    var event = unsafe epoll_event()
    unsafe event.events = events
    unsafe event.data.u64 = token
    // SAFETY: the kernel copies the event during the call.
    _ = try retryingInterrupts {
      unsafe epoll_ctl(raw, change.rawValue, descriptor, &event)
    }
  }

  /// Waits for events; an interrupted wait reports none, for the caller's clock may have moved.
  /// The corresponding C function is `epoll_wait`.
  static func epollWait(
    _ poller: borrowing OwnedDescriptor, into events: UnsafeMutableBufferPointer<epoll_event>,
    timeoutMilliseconds: Int32
  ) throws(Errno) -> Int {
    // SAFETY: the kernel writes at most `events.count` elements into the caller's buffer.
    let count = unsafe epoll_wait(
      poller.rawValue, events.baseAddress, Int32(clamping: events.count), timeoutMilliseconds)
    if count >= 0 { return Int(count) }
    let errno = Errno.current
    if errno == .interrupted { return 0 }
    throw errno
  }
}

// MARK: - Sockets

extension SystemCall {
  /// Makes a TCP socket for the address's family. The corresponding C function is `socket`.
  static func streamSocket(for address: SocketAddress) throws(Errno) -> OwnedDescriptor {
    let type = Int32(
      CLINUX_SOCK_STREAM | CLINUX_SOCK_NONBLOCK | CLINUX_SOCK_CLOEXEC)
    let family = address.family
    let raw = try retryingInterrupts { socket(family, type, 0) }
    return OwnedDescriptor(owning: raw)
  }

  /// Gives a socket its local address. The corresponding C function is `bind`.
  static func bind(
    _ descriptor: Int32, to address: SocketAddress
  )
    throws(Errno)
  {
    // SAFETY: the address is copied by the kernel during the call, with its true length.
    _ = try retryingInterrupts {
      unsafe address.withSockaddr { unsafe Glibc.bind(descriptor, $0, $1) }
    }
  }

  /// Lets a socket take connections. The corresponding C function is `listen`.
  static func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    _ = try retryingInterrupts { Glibc.listen(descriptor, backlog) }
  }

  /// A connection that was taken, and who made it.
  struct Accepted: ~Copyable {
    let descriptor: OwnedDescriptor
    let peer: SocketAddress
  }

  /// Takes the next connection and its peer. The corresponding C function is `accept4`.
  static func accept(
    _ descriptor: borrowing OwnedDescriptor
  ) throws(Errno)
    -> Accepted
  {
    let raw = descriptor.rawValue
    let flags = Int32(CLINUX_SOCK_NONBLOCK | CLINUX_SOCK_CLOEXEC)
    var storage = sockaddr_storage()
    // SAFETY: the kernel writes at most `length` bytes of address into the storage.
    let accepted = try retryingInterrupts {
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe clinux_accept4(raw, $0, &length, flags)
        }
      }
    }
    return Accepted(
      descriptor: OwnedDescriptor(owning: accepted), peer: SocketAddress(storage) ?? .unknown)
  }

  /// Starts connecting; how it went shows when the socket is writable. An interrupted attempt goes
  /// on in the kernel and must not be repeated. The corresponding C function is `connect`.
  static func connect(
    _ descriptor: Int32, to address: SocketAddress
  )
    throws(Errno)
  {
    // SAFETY: the address is copied by the kernel during the call, with its true length.
    let result = unsafe address.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
    if result == 0 { return }
    let errno = Errno.current
    if errno == .inProgress || errno == .interrupted { return }
    throw errno
  }

  /// Which end of a connection is asked for its address.
  enum SocketEnd {
    case local
    case peer
  }

  /// The address of one end. The corresponding C functions are `getsockname` and `getpeername`.
  static func address(
    of end: SocketEnd, _ descriptor: Int32
  ) throws(Errno)
    -> SocketAddress
  {
    var storage = sockaddr_storage()
    // SAFETY: the kernel writes at most `length` bytes of address into the storage.
    _ = try retryingInterrupts {
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          switch end {
          case .local: unsafe getsockname(descriptor, $0, &length)
          case .peer: unsafe getpeername(descriptor, $0, &length)
          }
        }
      }
    }
    return SocketAddress(storage) ?? .unknown
  }

  /// Sets an integer option. The corresponding C function is `setsockopt`.
  static func setOption(
    _ descriptor: Int32, level: Int32, name: Int32, to value: Int32
  ) throws(Errno) {
    var value = value
    // SAFETY: the kernel copies four bytes of a local during the call.
    _ = try retryingInterrupts {
      unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Unsent bytes the kernel takes for one connection: enough to keep a fast peer busy while the
  /// loop is elsewhere. Without the limit it takes megabytes, and tells of room only when a third
  /// of them is gone, so that a slow reader looks like one that stopped.
  private static let unsentByteCountMax: Int32 = 128 * 1024

  /// Sets the options that every connection wants. The corresponding C function is `setsockopt`.
  static func prepareForStreaming(_ descriptor: Int32) throws(Errno) {
    let level = Int32(IPPROTO_TCP)
    // Small messages leave at once; else they may wait for the last one's acknowledgement.
    try setOption(descriptor, level: level, name: TCP_NODELAY, to: 1)
    try setOption(descriptor, level: level, name: TCP_NOTSENT_LOWAT, to: unsentByteCountMax)
  }

  /// The error a socket holds since an event, taken from it. The corresponding C function is
  /// `getsockopt` with `SO_ERROR`.
  static func pendingError(_ descriptor: Int32) throws(Errno) -> Errno? {
    var value: Int32 = 0
    // SAFETY: the kernel writes at most `length` bytes into the local.
    _ = try retryingInterrupts {
      var length = socklen_t(MemoryLayout<Int32>.size)
      return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length)
    }
    return value == 0 ? nil : Errno(rawValue: value)
  }

  /// Has the close of a socket throw away what was not sent and reset the connection. The
  /// corresponding C function is `setsockopt` with `SO_LINGER`.
  static func resetOnClose(_ descriptor: Int32) throws(Errno) {
    var value = linger(l_onoff: 1, l_linger: 0)
    // SAFETY: the kernel copies the structure during the call.
    _ = try retryingInterrupts {
      unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }
  }

  /// Ends the sending direction. The corresponding C function is `shutdown`.
  static func shutdownWriting(_ descriptor: Int32) throws(Errno) {
    _ = try retryingInterrupts { shutdown(descriptor, Int32(CLINUX_SHUT_WR)) }
  }
}

// MARK: - Bytes

extension SystemCall {
  /// Takes received bytes; 0 means the peer will send no more. The corresponding C function is
  /// `recv`.
  @inline(__always)
  static func receive(
    _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
  )
    throws(Errno) -> Int
  {
    // SAFETY: the kernel writes at most `buffer.count` bytes.
    try retryingInterrupts { unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0) }
  }

  /// Hands bytes to the kernel, possibly fewer than given; a dead peer is an error, not a signal.
  /// The corresponding C function is `send`.
  @inline(__always)
  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
    let flags = Int32(CLINUX_MSG_NOSIGNAL)
    // SAFETY: the kernel reads at most `bytes.count` bytes.
    return try retryingInterrupts {
      unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
    }
  }
}

// MARK: - Clock and threads

extension SystemCall {
  /// Nanoseconds on the clock that never goes back. The corresponding C function is
  /// `clock_gettime` with `CLOCK_MONOTONIC`.
  static func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    // SAFETY: the kernel fills the local; the call cannot fail with this clock.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// The calling thread's identity, never zero. The corresponding C function is `pthread_self`.
  @inline(__always)
  static func currentThread() -> UInt {
    clinux_current_thread()
  }
}

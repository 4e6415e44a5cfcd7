import TLS

/// One connection: bytes in, bytes out, over a non-blocking socket, plain or through TLS.
///
/// Reading and writing try first and suspend only when the kernel has nothing or no room, so a
/// request whose bytes are there costs one system call and no trip through the poller. What the
/// kernel last said is remembered: after a read that came back short the socket is known to be
/// empty, and no second read asks.
///
/// At most one task reads and one writes at a time. A stream must be closed by its user: until then
/// its loop holds on to it.
///
/// Concurrency: every member on the stream's loop only.
// `@unchecked Sendable`: all state is touched by the loop's thread alone.
package final class ByteStream: @unchecked Sendable {
  /// The loop this stream lives on.
  package let loop: EventLoop
  /// The other end.
  package let peer: SocketAddress

  /// Called once when the peer ends its sending direction, or the connection is lost, whether or
  /// not anybody reads.
  package var onPeerEnd: (() -> Void)? {
    get { peerEndHandler }
    set { peerEndHandler = newValue }
  }

  /// Called when there may be something to read while somebody waits for that, before the wait
  /// ends: what can be done at once is done here, since starting a task costs as much as answering a
  /// small request.
  ///
  /// It returns until when the wait shall go on, or nil to have it end.
  package var onReadable: (() -> MonotonicInstant?)?

  private var isClosed = false
  private var peerEndHandler: (() -> Void)?
  private var socket: OwnedDescriptor?
  private var token = SlotToken(rawValue: .max)
  /// The socket's number, for system calls while `socket` is there.
  let descriptor: Int32

  var hasEnded = false
  var isReadable = false
  var isWritable: Bool
  let reading: Waiter
  let writing: Waiter
  var readTurn: UInt64 = 0
  var readsThisTurn = 0
  /// What stands between the socket and the user, once ``startTLS(_:deadline:)`` was called.
  var tls: TLSSession?
  /// The session that carries ``tls``, where there are two.
  var outerTLS: TLSSession?
  /// Says that ``startTLS(_:deadline:)`` failed because the peer speaks plain HTTP, or the like.
  package internal(set) var wasAddressedInPlainText = false

  /// Says that the peer will send nothing more, though bytes it sent before may still be unread.
  package var peerHasEnded: Bool { hasEnded }

  /// What a socket is when a stream takes it over.
  enum State {
    case connected
    case connecting
  }

  /// Takes over a socket and registers it with a loop.
  ///
  /// Errors: the kernel's when the registration fails; the socket is closed then.
  init(
    owning socket: consuming OwnedDescriptor, _ state: State, peer: SocketAddress,
    on loop: EventLoop
  ) throws(ReactorError) {
    self.loop = loop
    self.peer = peer
    descriptor = socket.rawValue
    isWritable = state == .connected
    reading = Waiter(on: loop)
    writing = Waiter(on: loop)
    self.socket = consume socket
    do throws(Errno) {
      token = try loop.register(.stream(self), descriptor, for: .stream)
    } catch {
      self.socket = nil
      isClosed = true
      throw error == .canceled
        ? ReactorError(.closed) : ReactorError(.systemCallFailed, underlying: error)
    }
  }

  /// The address of this end.
  package var localAddress: SocketAddress? {
    isOpen ? try? SystemCall.address(of: .local, descriptor) : nil
  }

  /// Says that this side has not closed the stream.
  package var isOpen: Bool { !isClosed }

  /// Closes at once and ends what waits on this stream with `.closed`. A second call does nothing.
  package func close() {
    guard isOpen else { return }
    isClosed = true
    loop.deregister(token)
    socket = nil
    peerEndHandler = nil
    onReadable = nil
    reading.close()
    writing.close()
  }

  /// Closes at once and throws away what the peer has not taken yet. A peer that stopped reading
  /// would else keep it in the kernel's memory for minutes.
  package func reset() {
    guard isOpen else { return }
    // If it failed, the close would still be one.
    try? SystemCall.resetOnClose(descriptor)
    close()
  }

  /// Marks what an event says and wakes whom it concerns.
  func handle(_ event: Poller.Event) {
    // All is marked before anybody is told: a read behaves otherwise once the end is near.
    let isEnd = event.hasEnded && !hasEnded
    if isEnd { hasEnded = true }
    if event.isWritable {
      isWritable = true
      writing.end(.ready)
    }
    if event.isReadable {
      isReadable = true
      wakeReader()
    }
    if isEnd { peerEndHandler.take()?() }
  }

  private func wakeReader() {
    guard reading.isWaiting else { return }
    if let onReadable, let deadline = onReadable() {
      reading.moveDeadline(to: deadline)
    } else {
      reading.end(.ready)
    }
  }

  /// Ends a read that waits as if its deadline had passed. The next one asks the kernel, even if
  /// nothing was reported: who tries once more before closing does not miss what just arrived.
  package func expireRead() {
    isReadable = isOpen
    reading.end(.deadlinePassed)
  }

  /// Suspends until a direction may be tried again.
  func wait(_ waiter: Waiter, until deadline: MonotonicInstant) async throws(ReactorError) {
    try ByteStream.check(await waiter.wait(until: deadline))
  }

  /// Turns the end of a wait into an error, unless it is the end that was waited for.
  static func check(_ wake: Waiter.Wake) throws(ReactorError) {
    switch wake {
    case .ready: return
    case .deadlinePassed: throw ReactorError(.deadlinePassed)
    case .closed: throw ReactorError(.closed)
    }
  }
}

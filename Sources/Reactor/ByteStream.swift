/// One connection: bytes in, bytes out, over a non-blocking socket.
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
  package var onPeerEnd: (() -> Void)?

  private var socket: OwnedDescriptor?
  private var token = SlotToken(rawValue: .max)
  /// The socket's number, for system calls while `socket` is there.
  let descriptor: Int32

  var isReadable = false
  var isWritable: Bool
  let reading: Waiter
  let writing: Waiter
  private var readTurn: UInt64 = 0
  private var readsThisTurn = 0

  /// Says that the peer will send nothing more, though bytes it sent before may still be unread.
  package private(set) var peerHasEnded = false

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
      throw error == .canceled
        ? ReactorError(.closed) : ReactorError(.systemCallFailed, underlying: error)
    }
  }

  /// The address of this end.
  package var localAddress: SocketAddress? {
    isOpen ? try? SystemCall.address(of: .local, descriptor) : nil
  }

  /// Says that this side has not closed the stream.
  package var isOpen: Bool { socket != nil }

  /// Closes at once and ends what waits on this stream with `.closed`. A second call does nothing.
  package func close() {
    guard socket != nil else { return }
    loop.deregister(token)
    socket = nil
    onPeerEnd = nil
    reading.close()
    writing.close()
  }

  /// Marks what an event says and wakes whom it concerns.
  func handle(_ event: Poller.Event) {
    if event.isReadable {
      isReadable = true
      reading.end(.ready)
    }
    if event.isWritable {
      isWritable = true
      writing.end(.ready)
    }
    if event.hasEnded, !peerHasEnded {
      peerHasEnded = true
      onPeerEnd.take()?()
    }
  }

  /// Suspends until a direction may be tried again.
  func wait(_ waiter: Waiter, until deadline: MonotonicInstant) async throws(ReactorError) {
    switch await waiter.wait(until: deadline) {
    case .ready: return
    case .deadlinePassed: throw ReactorError(.deadlinePassed)
    case .closed: throw ReactorError(.closed)
    }
  }
}

// MARK: - Reading

extension ByteStream {
  /// Reads from one stream in one turn of the loop. A peer that sends faster than its bytes are
  /// used must not keep the loop from the other connections.
  private static let readsPerTurn = 16

  /// Waits for bytes and lends them.
  ///
  /// - Parameters:
  ///   - deadline: when to give up waiting.
  ///   - consume: is given what was read, at most ``EventLoop/scratchByteCount`` bytes, in the
  ///     loop's own room: what it wants to keep it copies.
  /// - Returns: how many bytes were lent; 0 when the peer will send no more.
  ///
  /// Errors: `.deadlinePassed`; `.connectionLost`; `.closed` when this side closed it.
  package func read(
    deadline: MonotonicInstant, _ consume: (Span<UInt8>) -> Void
  ) async throws(ReactorError) -> Int {
    while true {
      if isReadable {
        if spendsReadBudget() { await loop.yield() }
        if let count = try receive(consume) { return count }
      }
      guard isOpen else { throw ReactorError(.closed) }
      try await wait(reading, until: deadline)
    }
  }

  /// One attempt; nil when there is nothing.
  private func receive(_ consume: (Span<UInt8>) -> Void) throws(ReactorError) -> Int? {
    guard isOpen else { throw ReactorError(.closed) }
    let count: Int
    do throws(Errno) {
      count = unsafe try SystemCall.receive(descriptor, into: loop.scratch)
    } catch {
      guard error == .wouldBlock else { throw ReactorError(onConnection: error) }
      isReadable = false
      return nil
    }
    // A short read has emptied the socket, and what comes later is a new edge. The end is not:
    // it may have been reported already, and only reading on finds it.
    if count < EventLoop.scratchByteCount, !peerHasEnded { isReadable = false }
    if count > 0 {
      // SAFETY: the kernel filled `count` bytes of the loop's room, which stays in place for the
      // call; nothing suspends within it, so no other read writes there.
      let bytes = unsafe UnsafeRawBufferPointer(start: loop.scratch.baseAddress, count: count)
      unsafe consume(Span(_unsafeBytes: bytes))
    }
    return count
  }

  /// Counts a read; true when the turn's share is used up.
  private func spendsReadBudget() -> Bool {
    if readTurn != loop.turn {
      readTurn = loop.turn
      readsThisTurn = 0
    }
    readsThisTurn += 1
    return readsThisTurn > ByteStream.readsPerTurn
  }
}

// MARK: - Writing

extension ByteStream {
  /// Hands all bytes to the kernel, waiting for room as often as it takes.
  ///
  /// - Parameter stallLimit: the longest wait for room without any progress.
  ///
  /// Errors: `.deadlinePassed` when the peer takes nothing for that long; `.connectionLost`;
  /// `.closed`. Some of the bytes may have been sent then.
  package func write(_ bytes: [UInt8], stallLimit: Duration) async throws(ReactorError) {
    var sent = 0
    while sent < bytes.count {
      guard isOpen else { throw ReactorError(.closed) }
      if isWritable { sent += try send(bytes, from: sent) }
      if !isWritable { try await wait(writing, until: loop.now.advanced(by: stallLimit)) }
    }
  }

  /// One attempt; how many bytes the kernel took.
  private func send(_ bytes: [UInt8], from start: Int) throws(ReactorError) -> Int {
    do throws(Errno) {
      // SAFETY: the slice lies within the array, which is borrowed for the call.
      return unsafe try bytes.span.withUnsafeBytes { buffer throws(Errno) in
        unsafe try SystemCall.send(descriptor, UnsafeRawBufferPointer(rebasing: buffer[start...]))
      }
    } catch {
      guard error == .wouldBlock else { throw ReactorError(onConnection: error) }
      isWritable = false
      return 0
    }
  }

  /// Says that nothing more will be sent: the peer reads an end after what it was sent.
  package func shutdownWriting() {
    guard isOpen else { return }
    // A peer that is gone already needs no end.
    try? SystemCall.shutdownWriting(descriptor)
  }

  /// Ends the sending direction and throws away what the peer still sends, until its end, then
  /// closes.
  ///
  /// Closing a socket that holds unread bytes makes the kernel send a reset, which destroys what
  /// the peer has not read yet: an answer sent before its request was read whole would be lost.
  ///
  /// - Parameters:
  ///   - byteLimit: gives up after so many bytes.
  ///   - deadline: and at this time.
  ///
  /// Source: RFC 9112 §9.6.
  package func closeLingering(byteLimit: Int, deadline: MonotonicInstant) async {
    shutdownWriting()
    var remaining = byteLimit
    while remaining > 0 {
      // Whatever goes wrong here, closing is the answer.
      guard let count = try? await read(deadline: deadline, { _ in }), count > 0 else { break }
      remaining -= count
    }
    close()
  }
}

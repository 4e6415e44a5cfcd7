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
  /// Errors: `.deadlinePassed`; `.connectionLost`; `.closed` when this side closed it;
  /// `.tlsFailed`.
  package func read(
    deadline: MonotonicInstant, _ consume: (Span<UInt8>) -> Void
  ) async throws(ReactorError) -> Int {
    while true {
      if let count = try tryRead(consume) { return count }
      try await waitUntilReadable(deadline: deadline)
    }
  }

  /// Lends bytes that are there already; see ``read(deadline:_:)``.
  ///
  /// - Returns: how many; 0 when the peer will send no more; nil when there are none now, or when
  ///   this stream has had its share of the turn.
  package func tryRead(_ consume: (Span<UInt8>) -> Void) throws(ReactorError) -> Int? {
    guard let tls else {
      return isReadable && spendsReadBudget() ? try receive(consume) : nil
    }
    while true {
      if let count = try readPlaintext(of: tls, consume) { return count }
      guard isReadable, spendsReadBudget(), try receiveCiphertext(for: tls) else { return nil }
    }
  }

  /// Says that ``tryRead(_:)`` has had its share of the turn, or may have something.
  package var mayHaveMore: Bool { isReadable }

  /// Suspends until ``tryRead(_:)`` may have something.
  ///
  /// Errors: `.deadlinePassed`, `.closed`.
  package func waitUntilReadable(deadline: MonotonicInstant) async throws(ReactorError) {
    guard isOpen else { throw ReactorError(.closed) }
    if isReadable { return await loop.yield() }
    try ByteStream.check(await reading.wait(until: deadline))
  }

  /// Has a callback wait until ``tryRead(_:)`` may have something, which takes no task. There is
  /// nothing now: ``mayHaveMore`` was asked.
  ///
  /// - Parameter proceed: called once, on the loop; within this call if the stream is closed or the
  ///   deadline has passed.
  package func whenReadable(
    deadline: MonotonicInstant, _ proceed: @escaping (Waiter.Wake) -> Void
  ) {
    guard isOpen else { return proceed(.closed) }
    reading.wait(until: deadline, proceed)
  }

  /// One attempt; nil when there is nothing.
  func receive(_ consume: (Span<UInt8>) -> Void) throws(ReactorError) -> Int? {
    guard isOpen else { throw ReactorError(.closed) }
    let count: Int
    do throws(Errno) {
      count = unsafe try SystemCall.receive(descriptor, into: loop.scratch)
    } catch {
      guard error == .wouldBlock else { throw ReactorError(onConnection: error) }
      isReadable = false
      return nil
    }
    if count == 0 { hasEnded = true }
    // A short read has emptied the socket, and what comes later is a new edge. The end is not:
    // it may have been reported already, and only reading on finds it.
    if count < EventLoop.scratchByteCount, !hasEnded { isReadable = false }
    if count > 0 {
      // SAFETY: the kernel filled `count` bytes of the loop's room, which stays in place for the
      // call; nothing suspends within it, so no other read writes there.
      let bytes = unsafe UnsafeRawBufferPointer(start: loop.scratch.baseAddress, count: count)
      unsafe consume(Span(_unsafeBytes: bytes))
    }
    return count
  }

  /// Counts a read; false when the turn's share is used up.
  private func spendsReadBudget() -> Bool {
    if readTurn != loop.turn {
      readTurn = loop.turn
      readsThisTurn = 0
    }
    guard readsThisTurn < ByteStream.readsPerTurn else { return false }
    readsThisTurn += 1
    return true
  }
}

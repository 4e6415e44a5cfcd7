package import TLS

extension ByteStream {
  /// Puts TLS between the socket and the user, and shakes hands. Whatever was read before stays
  /// plain, so this comes first, or after an agreement made in plain text.
  ///
  /// Errors: `.tlsFailed` with the reason, after the peer was told; `.deadlinePassed`;
  /// `.connectionLost`, also when the peer ends the connection instead of answering.
  /// ``wasAddressedInPlainText`` tells apart a `.tlsFailed` after which nothing was sent and the
  /// stream is as without TLS, for an answer in plain text.
  ///
  /// Called again, it puts a second session within the first, for a server behind a proxy that speaks
  /// TLS itself.
  package func startTLS(
    _ session: TLSSession, deadline: MonotonicInstant
  ) async throws(ReactorError) {
    precondition(outerTLS == nil, "a stream has at most two TLS sessions")
    outerTLS = tls
    wasAddressedInPlainText = false
    tls = session
    while true {
      let outcome = try step(session) { session throws(TLSError) in try session.handshake() }
      while try !sendPending(of: session) { try await wait(writing, until: deadline) }
      if outcome == .complete { return }
      guard isOpen else { throw ReactorError(.closed) }
      if try !receiveCiphertext(for: session) { try await wait(reading, until: deadline) }
    }
  }

  /// The other side's verified certificate, when it gave one.
  package var peerIdentity: TLSPeerIdentity? { tls?.peerIdentity }

  /// Reads what is decrypted already or can be; nil when more must come first.
  func readPlaintext(
    of session: TLSSession, _ consume: (Span<UInt8>) -> Void
  ) throws(ReactorError) -> Int? {
    // SAFETY: the loop's room stays in place for the call and nothing suspends within it; the
    // session writes no more than it holds, and says how much.
    let room = unsafe UnsafeMutableBufferPointer(
      start: loop.scratch.baseAddress?.assumingMemoryBound(to: UInt8.self),
      count: loop.scratch.count)
    let outcome = try step(session) { session throws(TLSError) in
      var span = unsafe MutableSpan(_unsafeElements: room)
      return try session.read(into: &span)
    }
    // An answer to the peer, a new key for one, goes out when there is room; what does not is sent
    // with the next bytes.
    _ = try sendPending(of: session)
    switch outcome {
    case .bytes(let count):
      unsafe consume(
        Span(_unsafeElements: UnsafeBufferPointer(start: room.baseAddress, count: count)))
      return count
    case .closed: return 0
    case .needsCiphertext: return nil
    }
  }

  /// Encrypts what the session takes in one step, and sends as much of that as there is room for.
  func tryWritePlaintext(
    _ bytes: Span<UInt8>, to session: TLSSession
  ) throws(ReactorError) -> Int {
    guard session.pendingByteCount == 0 else { return 0 }
    let outcome = try step(session) { session throws(TLSError) in try session.write(bytes) }
    guard case .wrote(let count) = outcome else { return 0 }
    _ = try sendPending(of: session)
    return count
  }

  /// Encrypts and sends all of the bytes.
  func writePlaintext(
    _ bytes: [UInt8], to session: TLSSession, stallLimit: Duration
  ) async throws(ReactorError) {
    var taken = 0
    while true {
      guard isOpen else { throw ReactorError(.closed) }
      if taken < bytes.count {
        let outcome = try step(session) { session throws(TLSError) in
          try session.write(bytes.span.extracting(droppingFirst: taken))
        }
        switch outcome {
        case .wrote(let count): taken += count
        case .needsSending: break
        case .needsCiphertext: try finishInterruption(of: session)
        }
      }
      if try !sendPending(of: session) {
        try await wait(writing, until: loop.now.advanced(by: stallLimit))
      } else if taken == bytes.count {
        return
      }
    }
  }

  /// Takes what the peer has sent of a message of TLS that it began, a key update in two records,
  /// before which nothing can be written. What is not there yet is not waited for: no peer needs
  /// that, and one that keeps the rest would have this loop go round and round.
  private func finishInterruption(of session: TLSSession) throws(ReactorError) {
    guard try receiveCiphertext(for: session) else {
      throw ReactorError(.tlsFailed, detail: "the peer stopped within a message of TLS")
    }
    // What was received may be more, and a reader waits at the socket.
    reading.end(.ready)
  }

  /// Says close_notify. If the kernel has no room for it now, the peer sees a cut: it had stopped
  /// reading.
  func sayEnd(of session: TLSSession) {
    session.close()
    // The stream is being closed; there is nobody left to tell.
    _ = try? sendPending(of: session)
  }

  /// Gives the session what the socket has; false when that is nothing.
  func receiveCiphertext(for session: TLSSession) throws(ReactorError) -> Bool {
    if let outerTLS, session !== outerTLS {
      return try receiveCiphertext(for: session, through: outerTLS)
    }
    guard isReadable, let count = try receive({ session.receive($0) }) else { return false }
    if count == 0 { session.receiveEnd() }
    return true
  }

  /// Gives the inner session all that the outer one has, so that nothing waits there which no event of
  /// the socket would tell of.
  private func receiveCiphertext(
    for inner: TLSSession, through outer: TLSSession
  ) throws(ReactorError) -> Bool {
    guard try receiveCiphertext(for: outer) else { return false }
    while let count = try readPlaintext(of: outer, { inner.receive($0) }) {
      if count == 0 {
        inner.receiveEnd()
        break
      }
    }
    return true
  }

  /// Hands over what the session wants sent; false when the kernel has no room for all of it.
  private func sendPending(of session: TLSSession) throws(ReactorError) -> Bool {
    if let outerTLS, session !== outerTLS {
      return try sendPending(of: session, through: outerTLS)
    }
    while isOpen, isWritable, session.pendingByteCount > 0 {
      let sent = try session.withPendingCiphertext { bytes throws(ReactorError) in
        try send(bytes)
      }
      session.markSent(sent)
    }
    return session.pendingByteCount == 0
  }

  private func sendPending(
    of inner: TLSSession, through outer: TLSSession
  ) throws(ReactorError) -> Bool {
    while inner.pendingByteCount > 0 {
      let outcome = try inner.withPendingCiphertext { bytes throws(ReactorError) in
        try step(outer) { outer throws(TLSError) in try outer.write(bytes) }
      }
      switch outcome {
      case .wrote(let count): inner.markSent(count)
      case .needsSending: guard try sendPending(of: outer) else { return false }
      case .needsCiphertext: try finishInterruption(of: outer)
      }
    }
    return try sendPending(of: outer)
  }

  /// Takes a step of the session; when it fails the peer is told why, as far as there is room.
  private func step<Outcome>(
    _ session: TLSSession, _ body: (TLSSession) throws(TLSError) -> Outcome
  ) throws(ReactorError) -> Outcome {
    do throws(TLSError) {
      return try body(session)
    } catch {
      if session.wasAddressedInPlainText {
        // An alert would be noise before an answer that the peer can read.
        wasAddressedInPlainText = true
        tls = nil
      } else {
        // The failure is what is reported, not that its notice could not be sent.
        _ = try? sendPending(of: session)
      }
      throw error == .truncated
        ? ReactorError(.connectionLost, detail: error.description)
        : ReactorError(.tlsFailed, detail: error.description)
    }
  }
}

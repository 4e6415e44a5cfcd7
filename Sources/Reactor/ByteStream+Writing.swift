import TLS

extension ByteStream {
  /// Hands all bytes to the kernel, waiting for room as often as it takes.
  ///
  /// - Parameter stallLimit: the longest wait for room without any progress.
  ///
  /// Errors: `.deadlinePassed` when the peer takes nothing for that long; `.connectionLost`;
  /// `.closed`. Some of the bytes may have been sent then.
  package func write(_ bytes: [UInt8], stallLimit: Duration) async throws(ReactorError) {
    if let tls { return try await writePlaintext(bytes, to: tls, stallLimit: stallLimit) }
    var sent = 0
    while sent < bytes.count {
      guard isOpen else { throw ReactorError(.closed) }
      if isWritable { sent += try send(bytes.span.extracting(droppingFirst: sent)) }
      if !isWritable { try await wait(writing, until: loop.now.advanced(by: stallLimit)) }
    }
  }

  /// Hands over as many bytes as the kernel takes now, or with TLS, the session; while
  /// ``hasUnsent``, some of those wait here. ``write(_:stallLimit:)`` does the rest.
  package func tryWrite(_ bytes: Span<UInt8>) throws(ReactorError) -> Int {
    guard isOpen else { throw ReactorError(.closed) }
    if let tls { return try tryWritePlaintext(bytes, to: tls) }
    return isWritable ? try send(bytes) : 0
  }

  /// Says that bytes which were taken still wait for room: a write, even of nothing, sends them.
  package var hasUnsent: Bool { tls.map { $0.pendingByteCount > 0 } ?? false }

  /// One attempt; how many bytes the kernel took.
  func send(_ bytes: Span<UInt8>) throws(ReactorError) -> Int {
    do throws(Errno) {
      // SAFETY: the span is borrowed for the call.
      return unsafe try bytes.withUnsafeBytes { buffer throws(Errno) in
        unsafe try SystemCall.send(descriptor, buffer)
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
    if let tls { sayEnd(of: tls) }
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

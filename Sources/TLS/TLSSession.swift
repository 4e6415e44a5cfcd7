// TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) as a value: bytes in, bytes out, no socket.
//
//   socket ─► receive ─► [ TLSSession ] ─► read  ─► application
//   socket ◄─ withPendingCiphertext ◄─ [ TLSSession ] ◄─ write ◄─ application
//
// A driver repeats: call handshake, read, write or close; send what is pending, after every call,
// since any of them may answer the peer; when the outcome is `needsCiphertext`, receive more.

import COpenSSL
import Crypto

/// What became of a step in the handshake.
package enum TLSHandshakeOutcome: Equatable, Sendable {
  /// Both sides are agreed and, as configured, verified.
  case complete
  /// The peer has to speak.
  case needsCiphertext
}

/// What became of reading.
package enum TLSReadOutcome: Equatable, Sendable {
  /// So many bytes were read, at least one.
  case bytes(Int)
  /// There is no whole record: the peer has to speak.
  case needsCiphertext
  /// The peer sent close_notify: there will be no more.
  case closed
}

/// What became of writing.
package enum TLSWriteOutcome: Equatable, Sendable {
  /// So many bytes were taken, at least one unless none were given.
  case wrote(Int)
  /// So much is pending already that it must be sent first.
  case needsSending
  /// The handshake is not complete: the peer has to speak.
  case needsCiphertext
}

/// One end of a TLS connection, over memory.
///
/// *Limits.* At most ``pendingByteCountMax`` and one record are pending before `write` declines.
/// What is received is kept until it is read, so a driver reads before it receives more.
///
/// *Errors.* ``TLSError``; each is final and is thrown again by later calls. What is pending may
/// still be sent: it tells the peer why.
///
/// *Concurrency.* Not Sendable: it belongs to one connection, on one loop.
///
/// It owns one `SSL` with its two memory BIOs.
@safe package final class TLSSession {
  let handle: OpaquePointer
  // Both belong to the session, which frees them.
  private let input: OpaquePointer
  private let output: OpaquePointer
  private let expectedName: String?
  private let isServer: Bool
  private var firstByte: UInt8?
  /// How much of the output BIO was sent; the BIO itself can only be emptied as a whole.
  private var sentByteCount = 0
  private var transportEnded = false
  private var isClosing = false
  private var failure: TLSError?

  /// Whether the handshake is complete.
  package private(set) var isEstablished = false

  /// The server's end of a new connection.
  package convenience init(server context: TLSServerContext) {
    self.init(context.handle, expectedName: nil, isServer: true)
    unsafe SSL_set_accept_state(handle)
  }

  /// The client's end of a new connection to `peer`.
  package convenience init(client context: TLSClientContext, peer: TLSPeerName) {
    self.init(context.handle, expectedName: peer.text, isServer: false)
    // SAFETY: the parameters belong to the session; the strings are copied.
    let parameters = unsafe SSL_get0_param(handle)
    let accepted: Bool
    switch peer.kind {
    case .ipAddress:
      accepted = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, peer.text) == 1
    case .hostName:
      unsafe X509_VERIFY_PARAM_set_hostflags(
        parameters,
        UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
      accepted =
        unsafe X509_VERIFY_PARAM_set1_host(parameters, peer.text, 0) == 1
        && hookline_SSL_set_tlsext_host_name(handle, peer.text) == 1
    }
    // Fails closed: without the check any certificate of the CA would do.
    precondition(accepted, "a TLSPeerName is one that OpenSSL takes")
    unsafe SSL_set_connect_state(handle)
  }

  private init(_ context: TLSContextHandle, expectedName: String?, isServer: Bool) {
    // SAFETY: the session takes both BIOs over and holds a reference to the context.
    guard let session = unsafe SSL_new(context.context),
      let input = unsafe BIO_new(BIO_s_mem()), let output = unsafe BIO_new(BIO_s_mem())
    else { fatalError("\(CryptoError.draining("making a TLS session"))") }
    // An empty input means "not yet", until the transport ends.
    unsafe hookline_BIO_set_mem_eof_return(input, -1)
    unsafe hookline_BIO_set_mem_eof_return(output, -1)
    unsafe SSL_set_bio(session, input, output)
    unsafe handle = session
    unsafe self.input = input
    unsafe self.output = output
    self.expectedName = expectedName
    self.isServer = isServer
  }

  deinit {
    // SAFETY: frees the session and the BIOs that it took over, once.
    unsafe SSL_free(handle)
  }

  // MARK: Ciphertext

  /// Takes bytes that came from the peer.
  package func receive(_ ciphertext: Span<UInt8>) {
    guard !ciphertext.isEmpty, !transportEnded else { return }
    if firstByte == nil { firstByte = ciphertext[0] }
    // SAFETY: the bytes are copied during the call.
    let taken = unsafe ciphertext.withUnsafeBytes {
      unsafe BIO_write(input, $0.baseAddress, Int32(clamping: $0.count))
    }
    precondition(Int(taken) == ciphertext.count, "memory takes all bytes")
  }

  /// Says that the peer will send nothing more: whatever it had to say is cut here, unless it
  /// said close_notify.
  package func receiveEnd() {
    guard !transportEnded else { return }
    transportEnded = true
    unsafe hookline_BIO_set_mem_eof_return(input, 0)
  }

  /// How many bytes wait to be sent to the peer.
  package var pendingByteCount: Int {
    unsafe BIO_ctrl_pending(output) - sentByteCount
  }

  /// Lends what waits to be sent, for the time of the call; ``markSent(_:)`` takes it off.
  package func withPendingCiphertext<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe hookline_BIO_get_mem_data(output, &start)
    // SAFETY: OpenSSL owns `count` bytes at `start` until the BIO is written, which happens in
    // other methods of this object only, and `self` is kept alive; the offset is within them.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: max(0, count))
    defer { withExtendedLifetime(self) {} }
    return try body(unsafe Span(_unsafeBytes: bytes).extracting(droppingFirst: sentByteCount))
  }

  /// Takes bytes off what waits to be sent.
  package func markSent(_ count: Int) {
    precondition(count >= 0 && count <= pendingByteCount, "no more is sent than was pending")
    sentByteCount += count
    if pendingByteCount == 0 {
      unsafe hookline_BIO_reset(output)
      sentByteCount = 0
    }
  }

  /// Whether this is a server whose client did not speak TLS but began with a letter, as every
  /// request of plain HTTP does and no record (RFC 8446 §5.1). It can be told so in plain text.
  package var wasAddressedInPlainText: Bool {
    guard isServer, failure == .notTLS, let firstByte else { return false }
    return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(firstByte & 0xDF)
  }

  // MARK: Steps

  /// Goes on with the handshake. The corresponding C function is `SSL_do_handshake`.
  package func handshake() throws(TLSError) -> TLSHandshakeOutcome {
    if isEstablished { return .complete }
    try begin()
    let result = unsafe SSL_do_handshake(handle)
    if result == 1 {
      isEstablished = true
      return .complete
    }
    switch try outcome(of: result) {
    case .wantsRead: return .needsCiphertext
    case .closed: throw fail(.truncated)
    }
  }

  /// Reads as much plaintext as there is and as fits. The corresponding C function is
  /// `SSL_read_ex`.
  ///
  /// A full buffer says nothing about what is left: read until the outcome is
  /// `needsCiphertext` before waiting for the socket.
  package func read(into buffer: inout MutableSpan<UInt8>) throws(TLSError) -> TLSReadOutcome {
    guard try handshake() == .complete else { return .needsCiphertext }
    precondition(!buffer.isEmpty, "there must be room for at least one byte")
    let (count, stop) = unsafe buffer.withUnsafeMutableBytes { unsafe fill($0) }
    return try readOutcome(count: count, stop: stop)
  }

  /// Appends as much plaintext as there is and as fits.
  package func read(into buffer: inout OutputSpan<UInt8>) throws(TLSError) -> TLSReadOutcome {
    guard try handshake() == .complete else { return .needsCiphertext }
    precondition(!buffer.isFull, "there must be room for at least one byte")
    let (count, stop) = unsafe buffer.withUnsafeMutableBufferPointer { memory, initialized in
      let free = unsafe UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: memory[initialized...]))
      let outcome = unsafe fill(free)
      initialized += outcome.count
      return outcome
    }
    return try readOutcome(count: count, stop: stop)
  }

  /// Encrypts as much as may be pending. The corresponding C function is `SSL_write_ex`.
  package func write(_ plaintext: Span<UInt8>) throws(TLSError) -> TLSWriteOutcome {
    if isClosing { throw .closed }
    guard try handshake() == .complete else { return .needsCiphertext }
    try begin()
    var written = 0
    while written < plaintext.count, pendingByteCount < Self.pendingByteCountMax {
      var count = 0
      // SAFETY: the pointer is used during the call only, for bytes within the span.
      let result = unsafe plaintext.extracting(droppingFirst: written).withUnsafeBytes {
        unsafe SSL_write_ex(handle, $0.baseAddress, $0.count, &count)
      }
      if result == 1 {
        written += count
        continue
      }
      switch try outcome(of: result) {
      case .wantsRead: return written > 0 ? .wrote(written) : .needsCiphertext
      case .closed: throw fail(.closed)
      }
    }
    return written > 0 || plaintext.isEmpty ? .wrote(written) : .needsSending
  }

  /// Says close_notify; nothing can be written afterwards, but what the peer still sends can be
  /// read. The corresponding C function is `SSL_shutdown`.
  package func close() {
    guard !isClosing else { return }
    isClosing = true
    // After a failure OpenSSL must not be asked, and within the handshake it would answer with
    // an error: there is nothing to close.
    guard failure == nil, isEstablished else { return }
    OpenSSLErrorQueue.clear()
    unsafe SSL_shutdown(handle)
    OpenSSLErrorQueue.clear()
  }
}

// MARK: - The calls' outcomes

extension TLSSession {
  /// Why a call did not do all it was asked to.
  private enum Stop {
    case wantsRead
    case closed
  }

  /// Throws what ended the session, or readies OpenSSL's error queue.
  private func begin() throws(TLSError) {
    if let failure { throw failure }
    OpenSSLErrorQueue.clear()
  }

  /// Reads record after record until the buffer is full or OpenSSL stops; `result` is that of
  /// the call that stopped, or 1.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> (count: Int, stop: Int32) {
    guard failure == nil else { return (0, 0) }
    OpenSSLErrorQueue.clear()
    var filled = 0
    while filled < buffer.count {
      var count = 0
      // SAFETY: OpenSSL writes at most the room that is left behind `filled`.
      let result = unsafe SSL_read_ex(
        handle, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled, &count)
      guard result == 1 else { return (filled, result) }
      filled += count
    }
    return (filled, 1)
  }

  private func readOutcome(count: Int, stop: Int32) throws(TLSError) -> TLSReadOutcome {
    if let failure { throw failure }
    if stop == 1 { return .bytes(count) }
    do throws(TLSError) {
      switch try outcome(of: stop) {
      case .wantsRead: return count > 0 ? .bytes(count) : .needsCiphertext
      case .closed: return count > 0 ? .bytes(count) : .closed
      }
    } catch {
      // What came before the failure is delivered; the next call throws.
      if count > 0 { return .bytes(count) }
      throw error
    }
  }

  /// Sorts the result of a call that did not succeed. The corresponding C function is
  /// `SSL_get_error`.
  private func outcome(of result: Int32) throws(TLSError) -> Stop {
    switch unsafe SSL_get_error(handle, result) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_ZERO_RETURN: return .closed
    default:
      throw fail(
        TLSError(
          faults: OpenSSLErrorQueue.drain(), verification: unsafe SSL_get_verify_result(handle),
          expectedName: expectedName, transportEnded: transportEnded))
    }
  }

  private func fail(_ error: TLSError) -> TLSError {
    failure = error
    return error
  }

  /// When this much waits to be sent, `write` takes no more: four full records, enough to fill a
  /// socket's buffer at once and small beside a connection's other memory.
  package static let pendingByteCountMax = 64 * 1024
}

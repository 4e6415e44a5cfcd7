// The buffer between a socket and a parser.

/// Received bytes that wait to be parsed: filled at the back, consumed from the front.
///
/// The unread bytes are always one contiguous run. Consuming moves an index; the bytes are moved
/// to the front only when space is needed and at least half of the storage is dead, so each byte
/// is moved at most about once. The buffer never limits itself: what may pile up is decided by
/// the machine that parses it.
///
/// Shape: `storage[head..<tail]` is unread; below is consumed, above is spare.
///
/// *Limits*: storage above ``retainedByteCount`` is given back when the buffer becomes empty.
package struct ReceiveBuffer: Sendable {
  @usableFromInline var storage: [UInt8]
  @usableFromInline var head = 0
  @usableFromInline var tail = 0

  /// The storage an empty buffer keeps for the next bytes: 64 KiB, more than a request without a
  /// large body needs, and little enough for thousands of idle connections.
  package static let retainedByteCount = 64 * 1024

  /// The smallest storage made: one page.
  package static let initialByteCount = 4096

  /// An empty buffer, which takes no storage before bytes arrive.
  package init() {
    storage = []
  }

  /// How many bytes are unread.
  @inlinable
  package var readableCount: Int { tail &- head }

  /// Whether no byte is unread.
  @inlinable
  package var isEmpty: Bool { tail == head }

  /// How many bytes the buffer holds memory for.
  package var capacity: Int { storage.count }

  /// The unread byte at an offset from the first unread one, which must be below
  /// ``readableCount``.
  @inlinable
  package subscript(offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < readableCount, "offset beyond the unread bytes")
    return storage[head &+ offset]
  }

  /// Lends the unread bytes.
  @inlinable
  package func withReadable<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.span.extracting(head..<tail))
  }

  /// A copy of the first unread bytes, which are consumed. The count must be at most
  /// ``readableCount``.
  package mutating func take(_ count: Int) -> [UInt8] {
    precondition(count >= 0 && count <= readableCount, "take beyond the unread bytes")
    let bytes = Array(storage[head..<head + count])
    consume(count)
    return bytes
  }

  /// Drops bytes from the front. The count must be at most ``readableCount``.
  package mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= readableCount, "consume beyond the unread bytes")
    head += count
    if head == tail { removeAll() }
  }

  /// Drops all unread bytes and gives large storage back.
  package mutating func removeAll() {
    head = 0
    tail = 0
    if storage.count > Self.retainedByteCount { storage = [] }
  }

  /// Gives all storage back if no byte is unread, as for a connection that goes idle.
  package mutating func releaseStorage() {
    if isEmpty { storage = [] }
  }

  /// Adds bytes at the back.
  package mutating func append(_ bytes: Span<UInt8>) {
    unsafe withSpareCapacity(minimum: bytes.count) { spare in
      // SAFETY: reserveTail made room for all of the bytes; the source is another allocation,
      // since this buffer is held exclusively.
      unsafe bytes.withUnsafeBytes { source in unsafe spare.copyMemory(from: source) }
      return bytes.count
    }
  }

  /// Adds bytes at the back.
  package mutating func append(contentsOf bytes: [UInt8]) {
    append(bytes.span)
  }

  /// Makes room for at least so many bytes at the back.
  package mutating func reserveTail(_ byteCount: Int) {
    precondition(byteCount >= 0, "a negative reservation")
    guard storage.count - tail < byteCount else { return }
    if head >= storage.count / 2, storage.count - readableCount >= byteCount {
      moveToFront(of: storage.count)
    } else {
      let needed = readableCount + byteCount
      moveToFront(of: max(needed, storage.count * 2, Self.initialByteCount))
    }
  }

  /// Lends the spare space at the back, at least `minimum` bytes of it, to be filled from its
  /// start, and adds as many bytes as the closure says it wrote.
  ///
  /// The closure's count is returned. It is added when it is positive, so that a system call's −1
  /// passes through; it must not be above the space lent.
  @inlinable
  @discardableResult
  package mutating func withSpareCapacity<Failure: Error>(
    minimum: Int, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    reserveTail(minimum)
    let start = tail
    // SAFETY: the pointer covers storage[tail..<storage.count], is valid for the closure only and
    // nothing else touches the storage meanwhile, since `self` is held exclusively. The bytes are
    // initialised, and any bytes are a valid [UInt8].
    var span = storage.mutableSpan
    let written = try unsafe span.withUnsafeMutableBytes { bytes throws(Failure) in
      unsafe try body(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
    }
    if written > 0 {
      precondition(written <= storage.count - tail, "more bytes than the space lent")
      tail += written
    }
    return written
  }

  private mutating func moveToFront(of byteCount: Int) {
    if byteCount > storage.count {
      var larger = [UInt8](repeating: 0, count: byteCount)
      larger.replaceSubrange(0..<readableCount, with: storage[head..<tail])
      storage = larger
    } else {
      let unread = head..<tail
      // SAFETY: both ranges lie in the storage; copyMemory allows them to overlap.
      unsafe storage.withUnsafeMutableBytes { bytes in
        let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[unread])
        unsafe bytes.copyMemory(from: source)
      }
    }
    tail = readableCount
    head = 0
  }
}

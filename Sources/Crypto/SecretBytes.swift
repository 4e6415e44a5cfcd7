// Secrets: webhook secrets, bearer tokens, private keys.

import COpenSSL

/// Bytes that must not be seen: they are wiped when the last reference goes away, and no
/// description, dump or interpolation shows them.
///
/// The bytes lie in memory of their own, outside any Swift collection, so that no copy is made
/// behind our back. What ``withBytes(_:)`` hands out is for the time of the call.
@safe package final class SecretBytes: Sendable {
  // SAFETY: written by init alone and read-only afterwards; freed once, in deinit. The memory is
  // one byte longer than the secret, so that there is a pointer to pass even for an empty one.
  private nonisolated(unsafe) let memory: UnsafeMutablePointer<UInt8>

  /// The number of bytes.
  package let count: Int

  /// Copies the bytes of a secret. Wiping the original is its owner's affair.
  package init(_ bytes: some Collection<UInt8>) {
    count = bytes.count
    unsafe memory = .allocate(capacity: count + 1)
    unsafe memory.initialize(repeating: 0, count: count + 1)
    // A collection that lies about its count is cut, not overrun.
    for (offset, byte) in zip(0..<count, bytes) {
      unsafe memory[offset] = byte
    }
  }

  /// Copies a secret that is text, as UTF-8.
  package convenience init(_ text: String) {
    self.init(Array(text.utf8))
  }

  /// Copies the bytes of a secret.
  package init(copying bytes: Span<UInt8>) {
    count = bytes.count
    unsafe memory = .allocate(capacity: count + 1)
    unsafe memory.initialize(repeating: 0, count: count + 1)
    for offset in bytes.indices {
      unsafe memory[offset] = bytes[offset]
    }
  }

  deinit {
    // SAFETY: exactly the memory that init allocated; OPENSSL_cleanse is never optimised away.
    unsafe OPENSSL_cleanse(memory, count + 1)
    unsafe memory.deallocate()
  }

  /// Whether there are no bytes at all.
  package var isEmpty: Bool { count == 0 }

  /// Whether there is nothing but ASCII white space and NUL: no such secret may ever be used.
  package var isBlank: Bool {
    withBytes { bytes in
      bytes.indices.allSatisfy { [0, 9, 10, 11, 12, 13, 32].contains(bytes[$0]) }
    }
  }

  /// Lends the bytes for the time of the call. What `body` copies out of them is not wiped.
  package func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // SAFETY: `self` keeps the memory alive during the call, and a Span cannot outlive it.
    defer { withExtendedLifetime(self) {} }
    return try body(unsafe Span(_unsafeStart: UnsafePointer(memory), count: count))
  }

  /// Whether `presented` is this secret, in a time that does not depend on the content of either.
  package func matches(_ presented: Span<UInt8>) -> Bool {
    withBytes { constantTimeEqual($0, presented) }
  }

  /// Whether `presented` is this secret, in a time that does not depend on the content of either.
  package func matches(_ presented: [UInt8]) -> Bool {
    matches(presented.span)
  }

  /// Lends pointer and count to OpenSSL; the pointer is valid even for an empty secret.
  func withPointer<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
    defer { withExtendedLifetime(self) {} }
    return unsafe body(UnsafePointer(memory), count)
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "<secret>" }
  package var debugDescription: String { "<secret>" }
  package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}

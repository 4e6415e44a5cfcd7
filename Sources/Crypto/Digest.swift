// Message digests (FIPS 180-4).

import COpenSSL

/// Digests of bytes that are already together.
package enum Digest {
  /// SHA-256.
  package static func sha256(_ message: Span<UInt8>) -> [UInt8] {
    compute(.sha256, of: message)
  }

  /// SHA-256.
  package static func sha256(_ message: [UInt8]) -> [UInt8] {
    compute(.sha256, of: message.span)
  }

  /// The digest of `message`. The corresponding C function is `EVP_Digest`.
  package static func compute(_ algorithm: DigestAlgorithm, of message: Span<UInt8>) -> [UInt8] {
    var hasher = DigestHasher(algorithm)
    hasher.update(message)
    return hasher.finalize()
  }
}

/// SHA-256 of a message that comes in pieces.
package struct SHA256Hasher: ~Copyable {
  private var hasher = DigestHasher(.sha256)

  package init() {}

  /// Adds bytes to the message.
  package mutating func update(_ bytes: Span<UInt8>) {
    hasher.update(bytes)
  }

  /// Adds bytes to the message.
  package mutating func update(_ bytes: [UInt8]) {
    hasher.update(bytes.span)
  }

  /// Ends the message and returns its 32 bytes.
  package consuming func finalize() -> [UInt8] {
    hasher.finalize()
  }
}

/// Any digest of a message that comes in pieces.
///
/// It owns one `EVP_MD_CTX`.
@safe package struct DigestHasher: ~Copyable {
  private let algorithm: DigestAlgorithm
  private let context: OpaquePointer

  package init(_ algorithm: DigestAlgorithm) {
    // SAFETY: the context is freed once, in deinit. Both calls fail for want of memory only, and
    // that stops a Swift process everywhere else, too.
    guard let context = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex(context, algorithm.shared.digest, nil) == 1
    else { fatalError("\(CryptoError.draining("starting \(algorithm)"))") }
    self.algorithm = algorithm
    unsafe self.context = context
  }

  deinit {
    // SAFETY: the only free of the context that init made.
    unsafe EVP_MD_CTX_free(context)
  }

  /// Adds bytes to the message. The corresponding C function is `EVP_DigestUpdate`.
  package mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: the pointer is used within the closure only, for exactly the span's bytes.
    let done = unsafe bytes.withUnsafeBufferPointer {
      unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
    }
    precondition(done == 1, "a digest context takes bytes until it is finalized")
  }

  /// Ends the message and returns its digest. The corresponding C function is
  /// `EVP_DigestFinal_ex`.
  package consuming func finalize() -> [UInt8] {
    let byteCount = algorithm.byteCount
    return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
      // SAFETY: OpenSSL writes exactly the digest's length, which is the capacity.
      let done = unsafe EVP_DigestFinal_ex(context, output.baseAddress, nil)
      precondition(done == 1, "a digest context is finalized once")
      count = byteCount
    }
  }
}

// Keyed hashing for message authentication (RFC 2104, FIPS 198-1).

import COpenSSL

/// A key that is ready for use: the work that depends on the key alone is done once.
///
/// It owns one `EVP_MAC_CTX`, which is only ever duplicated, so any thread may use it.
@safe package final class HMACKey: Sendable {
  package let algorithm: DigestAlgorithm
  // SAFETY: written once, in init, and afterwards only read, by EVP_MAC_CTX_dup, which takes it
  // as const; freed once, in deinit, when nobody refers to the object any more.
  private nonisolated(unsafe) let context: OpaquePointer

  /// Takes a key of any length, the empty one included: whether an empty secret may be used at
  /// all is the caller's to refuse (``SecretBytes/isBlank``).
  package init(_ algorithm: DigestAlgorithm, secret: SecretBytes) {
    // SAFETY: the pointer is never NULL, not even for an empty secret: with NULL the duplicate
    // would silently keep the key it was made with.
    guard let context = unsafe EVP_MAC_CTX_dup(algorithm.shared.keyedHash),
      unsafe secret.withPointer({ unsafe EVP_MAC_init(context, $0, $1, nil) }) == 1
    else { fatalError("\(CryptoError.draining("preparing an HMAC key"))") }
    self.algorithm = algorithm
    unsafe self.context = context
  }

  deinit {
    // SAFETY: the only free; OpenSSL wipes the key first.
    unsafe EVP_MAC_CTX_free(context)
  }

  fileprivate func duplicate() -> OpaquePointer {
    guard let copy = unsafe EVP_MAC_CTX_dup(context) else {
      fatalError("\(CryptoError.draining("starting an HMAC"))")
    }
    return unsafe copy
  }
}

/// The HMAC of a message that comes in pieces.
///
/// It owns one `EVP_MAC_CTX`.
@safe package struct HMAC: ~Copyable {
  private let algorithm: DigestAlgorithm
  private let context: OpaquePointer

  package init(key: HMACKey) {
    algorithm = key.algorithm
    unsafe context = key.duplicate()
  }

  deinit {
    // SAFETY: the only free of the context that init made.
    unsafe EVP_MAC_CTX_free(context)
  }

  /// Adds bytes to the message. The corresponding C function is `EVP_MAC_update`.
  package mutating func update(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    // SAFETY: the pointer is used within the closure only, for exactly the span's bytes.
    let done = unsafe bytes.withUnsafeBufferPointer {
      unsafe EVP_MAC_update(context, $0.baseAddress, $0.count)
    }
    precondition(done == 1, "an HMAC context takes bytes until it is finalized")
  }

  /// Adds bytes to the message.
  package mutating func update(_ bytes: [UInt8]) {
    update(bytes.span)
  }

  /// Ends the message and returns its code. The corresponding C function is `EVP_MAC_final`.
  package consuming func finalize() -> [UInt8] {
    let byteCount = algorithm.byteCount
    return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
      // SAFETY: OpenSSL is given the capacity and writes no more.
      let done = unsafe EVP_MAC_final(context, output.baseAddress, &count, byteCount)
      precondition(done == 1 && count == byteCount, "an HMAC context is finalized once")
    }
  }
}

extension HMAC {
  /// The code of a message that is already together.
  package static func compute(key: HMACKey, message: Span<UInt8>) -> [UInt8] {
    var code = HMAC(key: key)
    code.update(message)
    return code.finalize()
  }

  /// HMAC-SHA256 of `message`. Where one key serves many messages, keep an ``HMACKey``.
  package static func sha256(key: SecretBytes, message: Span<UInt8>) -> [UInt8] {
    compute(key: HMACKey(.sha256, secret: key), message: message)
  }

  /// HMAC-SHA256 of `message`. Where one key serves many messages, keep an ``HMACKey``.
  package static func sha256(key: SecretBytes, message: [UInt8]) -> [UInt8] {
    sha256(key: key, message: message.span)
  }
}

// Signatures of Ed25519 (RFC 8032 §5.1), made: for trying things out.

import COpenSSL

/// A private key of Ed25519.
///
/// It owns one `EVP_PKEY`, which is only read after it was made, so any thread may use it.
@safe package final class Ed25519PrivateKey: Sendable {
  /// The length of a key in bytes.
  package static let byteCount = 32

  // SAFETY: written once, in init, and afterwards only read: EVP_DigestSignInit counts its own
  // reference atomically; freed once, in deinit, which wipes it.
  private nonisolated(unsafe) let key: OpaquePointer

  /// The key of a secret's bytes; nil when there are not ``byteCount`` of them. The corresponding C
  /// function is `EVP_PKEY_new_raw_private_key`.
  package init?(_ secret: SecretBytes) {
    guard secret.count == Self.byteCount else { return nil }
    OpenSSLErrorQueue.clear()
    // SAFETY: OpenSSL copies the bytes during the call.
    let made = unsafe secret.withPointer { bytes, count in
      unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, bytes, count)
    }
    guard let key = unsafe made else {
      OpenSSLErrorQueue.clear()
      return nil
    }
    unsafe self.key = key
  }

  deinit {
    // SAFETY: the only free of the key that init made.
    unsafe EVP_PKEY_free(key)
  }

  /// The bytes of the public half. The corresponding C function is `EVP_PKEY_get_raw_public_key`.
  package var publicKey: [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Ed25519PublicKey.byteCount) { output, count in
      count = Ed25519PublicKey.byteCount
      // SAFETY: OpenSSL is given the capacity and writes no more.
      let done = unsafe EVP_PKEY_get_raw_public_key(key, output.baseAddress, &count)
      precondition(
        done == 1 && count == Ed25519PublicKey.byteCount, "a private key has a public one")
    }
  }

  /// The signature of a message. The corresponding C function is `EVP_DigestSign`.
  package func signature(of message: Span<UInt8>) -> [UInt8] {
    OpenSSLErrorQueue.clear()
    guard let context = unsafe EVP_MD_CTX_new() else {
      fatalError("\(CryptoError.draining("starting a signature"))")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else {
      fatalError("\(CryptoError.draining("starting a signature"))")
    }
    let byteCount = Ed25519PublicKey.signatureByteCount
    return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
      count = byteCount
      // SAFETY: OpenSSL is given the capacity; the message's pointer is used within the closure only,
      // with the span's own length.
      let done = unsafe message.withUnsafeBufferPointer { message in
        unsafe EVP_DigestSign(
          context, output.baseAddress, &count, message.baseAddress, message.count)
      }
      precondition(done == 1 && count == byteCount, "Ed25519 signs every message")
    }
  }
}

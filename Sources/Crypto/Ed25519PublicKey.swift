// Signatures of Ed25519 (RFC 8032 §5.1), verified only.

import COpenSSL

/// A public key of Ed25519.
///
/// It owns one `EVP_PKEY`, which is only read after it was made, so any thread may use it.
@safe package final class Ed25519PublicKey: Sendable {
  /// The length of a key in bytes.
  package static let byteCount = 32
  /// The length of a signature in bytes.
  package static let signatureByteCount = 64

  // SAFETY: written once, in init, and afterwards only read: EVP_DigestVerifyInit counts its own
  // reference atomically; freed once, in deinit.
  private nonisolated(unsafe) let key: OpaquePointer

  /// The key of these bytes; nil when there are not ``byteCount`` of them. The corresponding C
  /// function is `EVP_PKEY_new_raw_public_key`.
  package init?(_ bytes: Span<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    OpenSSLErrorQueue.clear()
    // SAFETY: OpenSSL copies the bytes during the call.
    let made = unsafe bytes.withUnsafeBufferPointer {
      unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, $0.baseAddress, $0.count)
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

  /// Whether the signature was made over the message with this key's private half. A signature
  /// of another length, and one whose number is not reduced (RFC 8032 §5.1.7), is not.
  ///
  /// The corresponding C function is `EVP_DigestVerify`.
  package func verifies(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
    guard signature.count == Self.signatureByteCount else { return false }
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    guard let context = unsafe EVP_MD_CTX_new() else {
      fatalError("\(CryptoError.draining("starting to verify a signature"))")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else {
      fatalError("\(CryptoError.draining("starting to verify a signature"))")
    }
    // SAFETY: both pointers are used within the closures only, with the spans' own lengths. The
    // message's may be NULL only together with a length of 0, which OpenSSL accepts.
    return unsafe signature.withUnsafeBufferPointer { signature in
      unsafe message.withUnsafeBufferPointer { message in
        unsafe EVP_DigestVerify(
          context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
      }
    }
  }
}

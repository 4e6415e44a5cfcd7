// The digests that webhook senders use, fetched from OpenSSL once.

import COpenSSL

/// A hash function.
///
/// An OpenSSL without one of these is a broken installation: the first use stops the process.
package enum DigestAlgorithm: String, CaseIterable, Hashable, Sendable {
  /// Only for senders that offer nothing better; HMAC-SHA1 is still sound, SHA-1 itself is not.
  case sha1
  case sha256
  case sha384
  case sha512

  /// The length of the digest.
  package var byteCount: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha384: 48
    case .sha512: 64
    }
  }

  /// What is fetched once and shared by all threads.
  var shared: DigestResources {
    switch self {
    case .sha1: Self.sha1Resources
    case .sha256: Self.sha256Resources
    case .sha384: Self.sha384Resources
    case .sha512: Self.sha512Resources
    }
  }

  private static let sha1Resources = DigestResources("SHA1")
  private static let sha256Resources = DigestResources("SHA256")
  private static let sha384Resources = DigestResources("SHA384")
  private static let sha512Resources = DigestResources("SHA512")
}

/// One digest's implementation, and an HMAC context that names it.
///
/// Fetching walks OpenSSL's provider tables under a lock, which costs more than hashing a small
/// body, so it happens once for each digest. Neither handle is ever freed.
@safe final class DigestResources: Sendable {
  // SAFETY: both handles are written once, here, and afterwards only read: OpenSSL takes them as
  // const (EVP_DigestInit_ex, EVP_MAC_CTX_dup), and its reference counts are atomic.
  nonisolated(unsafe) let digest: OpaquePointer
  nonisolated(unsafe) let keyedHash: OpaquePointer

  init(_ name: String) {
    guard let digest = unsafe EVP_MD_fetch(nil, name, nil),
      let keyedHash = unsafe Self.makeKeyedHash(name)
    else { fatalError("\(CryptoError.draining("loading \(name) from OpenSSL"))") }
    unsafe self.digest = digest
    unsafe self.keyedHash = keyedHash
  }

  /// An HMAC context with the digest chosen and a key of one zero byte, since OpenSSL 3.0 cannot
  /// duplicate a context that never had a key. Every duplicate is given its own.
  private static func makeKeyedHash(_ name: String) -> OpaquePointer? {
    // SAFETY: the name is copied by EVP_MAC_init, before the array that lends it goes away; the
    // parameter list ends with OSSL_PARAM_construct_end; the MAC outlives this through the
    // context's own reference to it.
    guard let mac = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
    defer { unsafe EVP_MAC_free(mac) }
    guard let context = unsafe EVP_MAC_CTX_new(mac) else { return nil }
    var digestName = name.utf8CString.map { $0 }
    let done = unsafe digestName.withUnsafeMutableBufferPointer { digest in
      var parameters = unsafe [
        OSSL_PARAM_construct_utf8_string(hookline_OSSL_MAC_PARAM_DIGEST(), digest.baseAddress, 0),
        OSSL_PARAM_construct_end(),
      ]
      return unsafe EVP_MAC_init(context, [0], 1, &parameters)
    }
    guard done == 1 else {
      unsafe EVP_MAC_CTX_free(context)
      return nil
    }
    return unsafe context
  }
}

// Certificates and keys as PEM text (RFC 7468), and the handles they become.

import COpenSSL
import Crypto

/// One X.509 certificate; owns an `X509`.
@safe final class Certificate {
  let handle: OpaquePointer

  /// Takes over one reference.
  init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    // SAFETY: the reference that init took over; others keep their own.
    unsafe X509_free(handle)
  }
}

/// One private key; owns an `EVP_PKEY`.
@safe final class PrivateKey {
  let handle: OpaquePointer

  /// Takes over one reference.
  init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    // SAFETY: the reference that init took over; OpenSSL wipes the key with the last one.
    unsafe EVP_PKEY_free(handle)
  }
}

/// Bytes in OpenSSL's hands; owns a memory `BIO`, whose contents OpenSSL wipes when it is freed.
@safe struct MemoryBIO: ~Copyable {
  let handle: OpaquePointer

  /// An empty one.
  init() {
    guard let handle = unsafe BIO_new(BIO_s_mem()) else {
      fatalError("\(CryptoError.draining("allocating memory"))")
    }
    unsafe self.handle = handle
  }

  /// A copy of `contents`.
  init(_ contents: Span<UInt8>) {
    self.init()
    // SAFETY: the bytes are copied during the call.
    let written = unsafe contents.withUnsafeBytes {
      unsafe BIO_write(handle, $0.baseAddress, Int32(clamping: $0.count))
    }
    precondition(contents.isEmpty || Int(written) == contents.count, "memory takes all bytes")
  }

  deinit {
    // SAFETY: the only free of what init made.
    unsafe BIO_free(handle)
  }

  /// Lends the bytes for the time of the call.
  func withContents<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    var start: UnsafeMutablePointer<CChar>?
    let count = unsafe hookline_BIO_get_mem_data(handle, &start)
    // SAFETY: OpenSSL owns `count` bytes at `start` until the BIO is written or freed, neither of
    // which happens during the call.
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: max(0, count))
    return body(unsafe Span(_unsafeBytes: bytes))
  }
}

/// Reads and writes PEM text.
enum PEM {
  /// All certificates in `pem`, in order; blocks of other kinds are passed over.
  static func certificates(
    in pem: [UInt8], what: String
  ) throws(TLSConfigurationError) -> [Certificate] {
    OpenSSLErrorQueue.clear()
    let source = MemoryBIO(pem.span)
    var certificates: [Certificate] = []
    // SAFETY: each handle is new, and owned by its Certificate.
    while let handle = unsafe PEM_read_bio_X509(source.handle, nil, refusePassword, nil) {
      unsafe certificates.append(Certificate(owning: handle))
    }
    // The end of the text shows as "no start line"; anything else is a broken block.
    let faults = OpenSSLErrorQueue.drain()
    guard faults.allSatisfy({ $0.library == ERR_LIB_PEM && $0.reason == PEM_R_NO_START_LINE })
    else { throw .unreadable(what: what, faults: faults) }
    guard !certificates.isEmpty else { throw .noCertificate(what: what) }
    return certificates
  }

  /// The first private key in `pem`.
  static func privateKey(
    in pem: SecretBytes, what: String
  ) throws(TLSConfigurationError) -> PrivateKey {
    OpenSSLErrorQueue.clear()
    let handle = unsafe pem.withBytes { bytes in
      let source = MemoryBIO(bytes)
      // SAFETY: the handle is new, and owned by the PrivateKey below.
      return unsafe PEM_read_bio_PrivateKey(source.handle, nil, refusePassword, nil)
    }
    guard let handle = unsafe handle else {
      throw .unreadable(what: what, faults: OpenSSLErrorQueue.drain())
    }
    return unsafe PrivateKey(owning: handle)
  }

  /// The PEM form of a certificate.
  static func text(of certificate: Certificate) throws(TLSConfigurationError) -> [UInt8] {
    OpenSSLErrorQueue.clear()
    let sink = MemoryBIO()
    guard unsafe PEM_write_bio_X509(sink.handle, certificate.handle) == 1 else {
      throw .refused(.draining("writing a certificate"))
    }
    return sink.withContents { bytes in bytes.indices.map { bytes[$0] } }
  }

  /// The PEM form of a private key, unencrypted PKCS #8.
  static func text(of key: PrivateKey) throws(TLSConfigurationError) -> SecretBytes {
    OpenSSLErrorQueue.clear()
    let sink = MemoryBIO()
    // SAFETY: no cipher is given, so neither pass phrase nor callback is used.
    guard unsafe PEM_write_bio_PKCS8PrivateKey(sink.handle, key.handle, nil, nil, 0, nil, nil) == 1
    else { throw .refused(.draining("writing a private key")) }
    return sink.withContents { SecretBytes(copying: $0) }
  }
}

/// Answers that there is no pass phrase; without it OpenSSL would ask on the terminal and wait.
private func refusePassword(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ writing: Int32,
  _ context: UnsafeMutableRawPointer?
) -> Int32 {
  -1
}

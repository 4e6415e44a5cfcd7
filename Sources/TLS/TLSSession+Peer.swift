// What a finished handshake says about the peer.

import COpenSSL

/// Who the peer is, by its verified certificate.
package struct TLSPeerIdentity: Equatable, Sendable {
  /// The subject's common name; Kubernetes takes it for the user's name.
  package let commonName: String?
  /// The subject's organizations; Kubernetes takes them for the user's groups.
  package let organizations: [String]
  /// The subject's alternative names that are a DNS name, a URI or an e-mail address
  /// (RFC 5280 §4.2.1.6), as they are written; one with a NUL in it is left out, since others may
  /// read it as a shorter one.
  package let alternativeNames: [String]

  package init(commonName: String?, organizations: [String], alternativeNames: [String] = []) {
    self.commonName = commonName
    self.organizations = organizations
    self.alternativeNames = alternativeNames
  }
}

extension TLSSession {
  /// The protocol that was agreed on, such as `TLSv1.3`. The corresponding C function is
  /// `SSL_get_version`.
  package var version: String {
    // SAFETY: a constant, NUL-terminated string.
    unsafe SSL_get_version(handle).map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// Whether both sides agreed on `http/1.1` by ALPN; a peer that knows no ALPN leaves it open.
  package var hasNegotiatedHTTP11: Bool {
    var start: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(handle, &start, &count)
    // SAFETY: OpenSSL owns `count` bytes at `start` as long as the session lives.
    let name = unsafe UnsafeBufferPointer(start: start, count: Int(count))
    return unsafe name.elementsEqual(ALPN.http11)
  }

  /// Whether an earlier session was resumed.
  package var isResumed: Bool {
    unsafe SSL_session_reused(handle) == 1
  }

  /// The subject of the peer's certificate, once the handshake is complete; nil when it sent
  /// none. A certificate that does not verify fails the handshake instead.
  package var peerIdentity: TLSPeerIdentity? {
    // SAFETY: certificate and name belong to the session, which `self` keeps alive.
    guard isEstablished, let certificate = unsafe SSL_get0_peer_certificate(handle),
      let subject = unsafe X509_get_subject_name(certificate)
    else { return nil }
    return TLSPeerIdentity(
      commonName: unsafe Self.entries(of: subject, NID_commonName).last,
      organizations: unsafe Self.entries(of: subject, NID_organizationName),
      alternativeNames: unsafe Self.alternativeNames(of: certificate))
  }

  private static func alternativeNames(of certificate: OpaquePointer) -> [String] {
    // SAFETY: the stack is ours to free; its entries live as long as it does.
    guard let decoded = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
      return []
    }
    let names = OpaquePointer(decoded)
    defer { unsafe GENERAL_NAMES_free(names) }
    var texts: [String] = []
    for index in 0..<(unsafe hookline_sk_GENERAL_NAME_num(names)) {
      guard let name = unsafe hookline_sk_GENERAL_NAME_value(names, index) else { continue }
      var type: Int32 = 0
      // SAFETY: the value is the IA5String that the three types stand for, part of the entry.
      guard let value = unsafe GENERAL_NAME_get0_value(name, &type),
        [GEN_DNS, GEN_URI, GEN_EMAIL].contains(type)
      else { continue }
      let string = unsafe value.assumingMemoryBound(to: ASN1_STRING.self)
      let bytes = unsafe UnsafeBufferPointer(
        start: ASN1_STRING_get0_data(string), count: Int(max(0, ASN1_STRING_length(string))))
      guard unsafe !bytes.contains(0) else { continue }
      unsafe texts.append(String(decoding: bytes, as: UTF8.self))
    }
    return texts
  }

  private static func entries(of name: OpaquePointer, _ identifier: Int32) -> [String] {
    var texts: [String] = []
    var position = unsafe X509_NAME_get_index_by_NID(name, identifier, -1)
    while position >= 0 {
      // SAFETY: the entry and its data belong to the name; the UTF-8 copy is freed below.
      let entry = unsafe X509_NAME_get_entry(name, position)
      var copy: UnsafeMutablePointer<UInt8>?
      let count = unsafe ASN1_STRING_to_UTF8(&copy, X509_NAME_ENTRY_get_data(entry))
      if count >= 0 {
        let bytes = unsafe UnsafeBufferPointer(start: copy, count: Int(count))
        unsafe texts.append(String(decoding: bytes, as: UTF8.self))
      }
      unsafe CRYPTO_free(copy, nil, 0)
      position = unsafe X509_NAME_get_index_by_NID(name, identifier, position)
    }
    return texts
  }
}

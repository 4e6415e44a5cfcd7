// A certificate authority of our own, for the sandbox and for tests (RFC 5280).

import COpenSSL
package import Crypto

/// Issues certificates that verify against one root; keys are ECDSA on P-256.
///
/// It is not meant to be the authority of a production cluster: it keeps no list of what it
/// issued and cannot revoke.
package struct CertificateAuthority: Sendable {
  /// The root, for those who shall trust it.
  package let certificatePEM: [UInt8]
  /// The root's key, for those who shall be able to issue.
  package let privateKeyPEM: SecretBytes

  /// Makes a new root with a new key.
  package init(
    commonName: String, validity: CertificateValidity = .authority
  ) throws(TLSConfigurationError) {
    let key = try Self.makeKey()
    let builder = try CertificateBuilder(publicKey: key, validity: validity)
    try builder.setSubject(commonName: commonName, organizations: [])
    let root = try builder.sign(
      issuer: builder.certificate, key: key,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
        (NID_key_usage, "critical,keyCertSign,cRLSign"),
        (NID_subject_key_identifier, "hash"),
      ])
    certificatePEM = try PEM.text(of: root)
    privateKeyPEM = try PEM.text(of: key)
  }

  /// Goes on with a root that was made earlier.
  ///
  /// - Throws: when either is unreadable or the two do not belong together.
  package init(
    certificatePEM: [UInt8], privateKeyPEM: SecretBytes
  ) throws(TLSConfigurationError) {
    self.certificatePEM = certificatePEM
    self.privateKeyPEM = privateKeyPEM
    _ = try root()
  }

  /// Makes a key and a certificate for it.
  package func issue(_ request: CertificateRequest) throws(TLSConfigurationError) -> TLSIdentity {
    let root = try root()
    let key = try Self.makeKey()
    let builder = try CertificateBuilder(publicKey: key, validity: request.validity)
    try builder.setSubject(
      commonName: request.commonName, organizations: request.organizations)
    var extensions: [(Int32, String)] = [
      (NID_basic_constraints, "critical,CA:FALSE"),
      (NID_key_usage, "critical,digitalSignature"),
      (NID_ext_key_usage, request.use == .server ? "serverAuth" : "clientAuth"),
      (NID_subject_key_identifier, "hash"),
      (NID_authority_key_identifier, "keyid"),
    ]
    if !request.names.isEmpty {
      // A TLSPeerName holds neither comma nor colon that could begin another entry.
      let entries = request.names.map { $0.kind == .ipAddress ? "IP:\($0)" : "DNS:\($0)" }
      extensions.append((NID_subject_alt_name, entries.joined(separator: ",")))
    }
    let certificate = try builder.sign(
      issuer: root.certificate, key: root.key, extensions: extensions)
    return TLSIdentity(
      certificateChainPEM: try PEM.text(of: certificate), privateKeyPEM: try PEM.text(of: key))
  }

  private func root() throws(TLSConfigurationError) -> (certificate: Certificate, key: PrivateKey) {
    let certificates = try PEM.certificates(in: certificatePEM, what: "the CA's certificate")
    let key = try PEM.privateKey(in: privateKeyPEM, what: "the CA's private key")
    guard let certificate = certificates.first else {
      throw .noCertificate(what: "the CA's certificate")
    }
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    guard unsafe X509_check_private_key(certificate.handle, key.handle) == 1 else {
      throw .keyMismatch
    }
    return (certificate, key)
  }

  private static func makeKey() throws(TLSConfigurationError) -> PrivateKey {
    OpenSSLErrorQueue.clear()
    // SAFETY: the handle is new, and owned by the PrivateKey.
    guard let key = unsafe hookline_EVP_EC_gen("P-256") else {
      throw .refused(.draining("making a key"))
    }
    return unsafe PrivateKey(owning: key)
  }
}

/// One certificate in the making.
private struct CertificateBuilder {
  let certificate: Certificate

  /// A version 3 certificate with a random serial number and no subject yet.
  init(publicKey: PrivateKey, validity: CertificateValidity) throws(TLSConfigurationError) {
    OpenSSLErrorQueue.clear()
    guard let handle = unsafe X509_new() else { throw .refused(.draining("making a certificate")) }
    // SAFETY: the handle is new, and owned by the Certificate; what the getters answer belongs
    // to it.
    certificate = unsafe Certificate(owning: handle)
    // Positive and of full length whatever the dice say: neither leading zero nor sign bit.
    var serial = randomBytes(Self.serialByteCount)
    serial[0] = serial[0] & 0x3f | 0x40
    guard unsafe X509_set_version(handle, Int(X509_VERSION_3)) == 1,
      unsafe ASN1_STRING_set(X509_get_serialNumber(handle), serial, Int32(serial.count)) == 1,
      unsafe X509_gmtime_adj(
        X509_getm_notBefore(handle), Int(validity.notBefore.components.seconds)) != nil,
      unsafe X509_gmtime_adj(
        X509_getm_notAfter(handle), Int(validity.notAfter.components.seconds)) != nil,
      unsafe X509_set_pubkey(handle, publicKey.handle) == 1
    else { throw .refused(.draining("making a certificate")) }
  }

  func setSubject(
    commonName: String, organizations: [String]
  ) throws(TLSConfigurationError) {
    OpenSSLErrorQueue.clear()
    // SAFETY: the name belongs to the certificate; the bytes are copied.
    let name = unsafe X509_get_subject_name(certificate.handle)
    let entries = organizations.map { (NID_organizationName, $0) } + [(NID_commonName, commonName)]
    for (identifier, text) in entries {
      let bytes = Array(text.utf8)
      guard
        unsafe X509_NAME_add_entry_by_NID(
          name, identifier, MBSTRING_UTF8, bytes, Int32(clamping: bytes.count), -1, 0) == 1
      else { throw .refused(.draining("naming a certificate")) }
    }
  }

  /// Adds the extensions, in OpenSSL's configuration syntax, and signs. The issuer of a root is
  /// the certificate itself.
  func sign(
    issuer: Certificate, key: PrivateKey, extensions: [(identifier: Int32, value: String)]
  ) throws(TLSConfigurationError) -> Certificate {
    OpenSSLErrorQueue.clear()
    // SAFETY: all handles are kept alive by their owners during the calls; each extension is
    // copied into the certificate and freed here.
    guard
      unsafe X509_set_issuer_name(
        certificate.handle, X509_get_subject_name(issuer.handle)) == 1
    else { throw .refused(.draining("naming a certificate's issuer")) }
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, issuer.handle, certificate.handle, nil, nil, 0)
    for (identifier, value) in extensions {
      guard let entry = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
        throw .refused(.draining("extending a certificate"))
      }
      defer { unsafe X509_EXTENSION_free(entry) }
      guard unsafe X509_add_ext(certificate.handle, entry, -1) == 1 else {
        throw .refused(.draining("extending a certificate"))
      }
    }
    guard unsafe X509_sign(certificate.handle, key.handle, EVP_sha256()) > 0 else {
      throw .refused(.draining("signing a certificate"))
    }
    return certificate
  }

  /// 128 bits: unique without a list of what was issued.
  private static let serialByteCount = 16
}

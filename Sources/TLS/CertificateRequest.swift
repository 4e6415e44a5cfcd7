// What a certificate is asked to say.

/// What ``CertificateAuthority/issue(_:)`` is asked for.
package struct CertificateRequest: Sendable {
  /// Which end of a connection the certificate is for; at the other end it does not verify.
  package enum Use: Sendable {
    case server
    case client
  }

  package var use: Use
  /// The subject's common name: the user's name, as Kubernetes takes it. At most 64 characters.
  package var commonName: String
  /// The subject's organizations: the user's groups, as Kubernetes takes them.
  package var organizations: [String]
  /// The names and addresses that a server answers to.
  package var names: [TLSPeerName]
  package var validity: CertificateValidity

  package init(
    use: Use, commonName: String, organizations: [String] = [], names: [TLSPeerName] = [],
    validity: CertificateValidity = .leaf
  ) {
    self.use = use
    self.commonName = commonName
    self.organizations = organizations
    self.names = names
    self.validity = validity
  }
}

/// From when until when a certificate is valid, seen from the moment it is made; whole seconds.
package struct CertificateValidity: Sendable {
  package var notBefore: Duration
  package var notAfter: Duration

  package init(notBefore: Duration, notAfter: Duration) {
    self.notBefore = notBefore
    self.notAfter = notAfter
  }

  /// Five minutes back, for clocks that are slow, and a year ahead.
  package static let leaf = CertificateValidity(
    notBefore: .seconds(-300), notAfter: .seconds(365 * 24 * 3600))
  /// Five minutes back and ten years ahead.
  package static let authority = CertificateValidity(
    notBefore: .seconds(-300), notAfter: .seconds(10 * 365 * 24 * 3600))
}

// A request to the API as a value.

package import HTTPWire

/// One HTTP request, whole, with what the transport knows of the peer.
package struct APIRequest: Sendable {
  package var method: HTTPMethod
  /// Path and query as they were sent.
  package var target: String
  package var fields: HTTPFields
  package var body: [UInt8]
  /// The subject of a client certificate that the transport verified.
  package var certificate: CertificateSubject?

  package init(
    method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
    certificate: CertificateSubject? = nil
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
    self.certificate = certificate
  }
}

/// Who a client certificate is for: the common name is the user, the organisations are its groups.
package struct CertificateSubject: Sendable, Equatable {
  package var commonName: String
  package var organizations: [String]

  package init(commonName: String, organizations: [String] = []) {
    self.commonName = commonName
    self.organizations = organizations
  }
}

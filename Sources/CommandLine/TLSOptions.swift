import ArgumentParser
import Service

/// `--tls-cert` and what belongs to it, for the listener that deliveries arrive at.
struct TLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Speak TLS where deliveries arrive: the certificate and its intermediates, PEM. Renewed "
        + "files are taken into use within seconds, or at once on SIGHUP.",
      valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
  var tlsKey: String?

  @Option(
    name: .customLong("tls-client-ca"),
    help: ArgumentHelp(
      "Ask clients for a certificate that one of these CA certificates, PEM, vouches for.",
      valueName: "file"))
  var tlsClientCA: String?

  @Option(
    help: """
      Whether a client without a certificate is refused (required) or served (optional); one whose \
      certificate does not verify is always refused.
      """)
  var tlsClientAuth: CertificatePaths.ClientCertificates?

  func validate() throws {
    if (tlsCert == nil) != (tlsKey == nil) {
      throw ValidationError("--tls-cert and --tls-key go together")
    }
    if tlsClientCA != nil, tlsCert == nil {
      throw ValidationError("--tls-client-ca wants --tls-cert and --tls-key")
    }
    if tlsClientAuth != nil, tlsClientCA == nil {
      throw ValidationError("--tls-client-auth wants --tls-client-ca")
    }
  }

  /// The certificate to serve with; `nil` without `--tls-cert`.
  ///
  /// - Throws: ``CommandFailure`` when the files cannot be used.
  func load() throws -> CertificateFiles? {
    guard let tlsCert, let tlsKey else { return nil }
    do {
      return try CertificateFiles(
        CertificatePaths(
          certificate: tlsCert, key: tlsKey, clientCA: tlsClientCA,
          clients: tlsClientAuth ?? .required))
    } catch {
      throw CommandFailure.usage("TLS: \(error)")
    }
  }
}

extension CertificatePaths.ClientCertificates: ExpressibleByArgument {}

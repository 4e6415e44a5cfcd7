// The keys, certificates and tokens of one sandbox.

import Bytes
import Crypto
import Reactor
import TLS

/// What a sandbox proves itself with, and what its owner proves himself with.
struct SandboxCredentials: Sendable {
  /// Signs everything below.
  var authority: CertificateAuthority
  /// The server's own certificate and key.
  var identity: TLSIdentity
  /// The bearer token of the owner.
  var administratorToken: String
  /// Signs the tokens of service accounts.
  var signingKey: SecretBytes

  /// Makes new ones, or takes those that a folder keeps and adds what is missing there.
  ///
  /// The server's certificate is always new, since it names the host that is listened on.
  init(keptIn state: StateDirectory?, host: IPAddress) throws(SandboxError) {
    do {
      authority = try Self.authority(state)
      var names = try ["localhost", "127.0.0.1", "::1"].map { text throws(TLSConfigurationError) in
        try TLSPeerName(text)
      }
      if !host.isEveryAddress { names.append(try TLSPeerName(host.description)) }
      identity = try authority.issue(
        CertificateRequest(use: .server, commonName: "hookline-sandbox", names: names))
      let token = try Self.secret("token", state) { Array(Hex.encode(randomBytes(24)).utf8) }
      administratorToken = String(decoding: token, as: UTF8.self)
      signingKey = SecretBytes(try Self.secret("signing.key", state) { randomBytes(32) })
    } catch {
      throw SandboxError("the sandbox's keys cannot be made: \(error)")
    }
  }

  private static func authority(_ state: StateDirectory?) throws -> CertificateAuthority {
    if let certificate = try state?.read("ca.crt"), let key = try state?.read("ca.key") {
      return try CertificateAuthority(
        certificatePEM: certificate, privateKeyPEM: SecretBytes(key))
    }
    let authority = try CertificateAuthority(commonName: "hookline-sandbox-ca")
    try state?.write("ca.crt", authority.certificatePEM, readers: .everyone)
    let key = authority.privateKeyPEM.withBytes { span in span.indices.map { span[$0] } }
    try state?.write("ca.key", key, readers: .owner)
    return authority
  }

  private static func secret(
    _ name: String, _ state: StateDirectory?, _ make: () -> [UInt8]
  ) throws(FileError) -> [UInt8] {
    if let kept = try state?.read(name) { return kept }
    let made = make()
    try state?.write(name, made, readers: .owner)
    return made
  }
}

extension IPAddress {
  /// Whether it stands for all addresses of the machine, and so is none that can be dialled.
  var isEveryAddress: Bool { self == .anyV4 || self == .anyV6 }
}

/// Why a sandbox cannot run.
package struct SandboxError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

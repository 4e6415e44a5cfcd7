// What a credential program prints: an `ExecCredential`.

import Crypto
import JSON
import TLS

/// Credentials that a program gave.
struct ProgramAnswer: Sendable {
  var token: SecretBytes?
  var identity: TLSIdentity?
  /// When they end, on the wall clock; nil to use them until they are refused.
  var expiresAt: Int64?

  /// Why an answer is none.
  struct Mistake: Error, Equatable {
    let description: String
  }

  /// Reads the program's standard output. No part of it is quoted: it is a secret.
  init(parsing output: [UInt8], as version: CredentialProgram.Version) throws(Mistake) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue.parse(output)
    } catch {
      throw Mistake(description: "it printed no JSON (\(output.count) bytes)")
    }
    guard value["kind"]?.stringValue == "ExecCredential" else {
      throw Mistake(description: "it printed no ExecCredential")
    }
    guard value["apiVersion"]?.stringValue == version.rawValue else {
      throw Mistake(description: "its answer is not of \(version.rawValue), which it was asked for")
    }
    guard let status = value["status"], status.objectValue != nil else {
      throw Mistake(description: "its answer has no status")
    }
    token = try Self.token(status)
    identity = try Self.identity(status)
    guard token != nil || identity != nil else {
      throw Mistake(description: "its answer has neither a token nor a certificate with its key")
    }
    if let text = Self.text(status, "expirationTimestamp") {
      guard let seconds = Timestamp.secondsSince1970(text) else {
        throw Mistake(description: "its expirationTimestamp is no time of RFC 3339")
      }
      expiresAt = seconds
    }
  }

  private static func token(_ status: JSONValue) throws(Mistake) -> SecretBytes? {
    guard let text = text(status, "token") else { return nil }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Mistake(description: "its token has characters that no token has")
    }
    return SecretBytes(text)
  }

  private static func identity(_ status: JSONValue) throws(Mistake) -> TLSIdentity? {
    switch (text(status, "clientCertificateData"), text(status, "clientKeyData")) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      return TLSIdentity(
        certificateChainPEM: Array(certificate.utf8), privateKeyPEM: SecretBytes(key))
    default:
      throw Mistake(description: "its answer has a certificate or a key, but not both")
    }
  }

  private static func text(_ status: JSONValue, _ key: String) -> String? {
    status[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }
}

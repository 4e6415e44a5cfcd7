// What came of checking who sent a message.

/// The answer to "who sent this".
package enum Verification: Equatable, Sendable {
  /// Signed with the secret at this place.
  case verified(index: Int)
  /// Proven by a client certificate of this name alone.
  case certified(name: String)
  /// Not from anyone who knows a secret. All reasons are one answer to the sender; the reason is for
  /// logs and metrics.
  case refused(RefusalReason)
}

/// Why a signature or token was refused.
package struct RefusalReason: RawRepresentable, Error, Hashable, Sendable {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// No header with a signature, or one without a digest.
  package static let missing = RefusalReason(rawValue: "signature-missing")
  /// Only a signature of a kind that is not accepted, such as SHA-1.
  package static let weak = RefusalReason(rawValue: "signature-weak")
  /// The header is there more than once.
  package static let repeated = RefusalReason(rawValue: "signature-repeated")
  /// Not of the form that the sender documents.
  package static let malformed = RefusalReason(rawValue: "signature-malformed")
  /// Sent too long ago, or from too far in the future: a replay, or a clock that is wrong.
  package static let stale = RefusalReason(rawValue: "signature-stale")
  /// Well-formed, and not made with a secret of ours over these bytes.
  package static let wrong = RefusalReason(rawValue: "signature-wrong")
  /// We have no usable secret, so nobody can be trusted.
  package static let noSecret = RefusalReason(rawValue: "no-secret")
  /// The client showed no certificate.
  package static let certificateMissing = RefusalReason(rawValue: "certificate-missing")
  /// The client's certificate has none of the names.
  package static let certificateWrong = RefusalReason(rawValue: "certificate-wrong")
  /// No bearer token.
  package static let tokenMissing = RefusalReason(rawValue: "token-missing")
  /// More than one `Authorization` header, or one that is no bearer token.
  package static let tokenMalformed = RefusalReason(rawValue: "token-malformed")
  /// No caller has this token.
  package static let tokenWrong = RefusalReason(rawValue: "token-wrong")
}

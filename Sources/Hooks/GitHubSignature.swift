// GitHub's signature: `X-Hub-Signature-256: sha256=` and 64 hexadecimal digits, HMAC-SHA256 over the
// body. The older `X-Hub-Signature` (SHA-1) is sent beside it and is never looked at, except to name
// the reason where it comes alone.
//
// Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.

import Bytes
import Crypto

/// Verifies GitHub's deliveries.
enum GitHubSignature {
  static func verify(
    fields: HeaderLookup, body: [UInt8], secrets: [SecretBytes]
  ) -> Verification {
    let claim = claim(fields)
    // An absent or malformed claim costs as much as a wrong one: an attacker learns nothing from time.
    let claimed: [UInt8] =
      if case .digest(let digest) = claim {
        digest
      } else {
        [UInt8](repeating: 0, count: DigestAlgorithm.sha256.byteCount)
      }
    var match: Int?
    var usableCount = 0
    for (index, secret) in secrets.enumerated() where !secret.isBlank {
      usableCount += 1
      let expected = HMAC.sha256(key: secret, message: body)
      // No early exit: which secret matched must not show.
      if constantTimeEqual(expected, claimed), match == nil { match = index }
    }
    if case .refused(let reason) = claim { return .refused(reason) }
    guard usableCount > 0 else { return .refused(.noSecret) }
    guard let match else { return .refused(.wrong) }
    return .verified(index: match)
  }

  /// Why the signature cannot be right, whatever the body is; nil when it may be.
  static func problem(_ fields: HeaderLookup) -> RefusalReason? {
    if case .refused(let reason) = claim(fields) { reason } else { nil }
  }

  private enum Claim {
    case digest([UInt8])
    case refused(RefusalReason)
  }

  private static func claim(_ fields: HeaderLookup) -> Claim {
    let values = fields(header)
    guard let value = values.first else {
      return .refused(fields(weakHeader).isEmpty ? .missing : .weak)
    }
    guard values.count == 1 else { return .refused(.repeated) }
    let text = Array(value.utf8)
    guard !text.isEmpty else { return .refused(.missing) }
    guard text.starts(with: prefix) else { return .refused(.malformed) }
    let digits = text.dropFirst(prefix.count)
    guard !digits.isEmpty else { return .refused(.missing) }
    guard digits.count == 2 * DigestAlgorithm.sha256.byteCount, let digest = Hex.decode(digits)
    else {
      return .refused(.malformed)
    }
    return .digest(digest)
  }

  private static let header = "X-Hub-Signature-256"
  private static let weakHeader = "X-Hub-Signature"
  private static let prefix = Array("sha256=".utf8)
}

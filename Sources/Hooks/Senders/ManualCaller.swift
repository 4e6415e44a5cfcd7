// Who may ask for runs by hand.

import Bytes
package import Crypto

/// Someone who may start triggers with a bearer token (RFC 6750 §2.1).
package struct ManualCaller: Sendable {
  package let name: String
  package let secret: SecretReference
  /// The triggers that the caller may start.
  package let triggers: [String]
}

/// The answer to "who asks for this run".
package enum CallerVerification: Equatable, Sendable {
  /// The caller of this name, and the trigger is among theirs.
  case verified(caller: String)
  /// Nobody we know: 401.
  case refused(RefusalReason)
  /// Known, but not for this trigger: 403. A trigger that does not exist is not anyone's.
  case forbidden(caller: String)
}

extension Hook {
  /// Who asks for a run of a trigger.
  ///
  /// The work is the same whichever token matches and whether one does.
  ///
  /// - Parameters:
  ///   - authorization: the values of the `Authorization` header.
  ///   - secrets: the tokens of ``callers``, in their order.
  package func authenticate(
    authorization: [String], trigger: String, secrets: [SecretBytes]
  ) -> CallerVerification {
    let presented = authorization.count == 1 ? Self.bearerToken(authorization[0]) : nil
    let digest = Digest.sha256(presented ?? [])
    var match: ManualCaller?
    for (caller, secret) in zip(callers, secrets) where !secret.isBlank {
      // Digests, so that the time tells nothing about the token's length either.
      let expected = secret.withBytes { Digest.sha256($0) }
      if constantTimeEqual(expected, digest), match == nil { match = caller }
    }
    if let problem = Self.tokenProblem(authorization) { return .refused(problem) }
    guard let match else { return .refused(.tokenWrong) }
    let isAllowed = match.triggers.contains { $0.utf8.elementsEqual(trigger.utf8) }
    return isAllowed ? .verified(caller: match.name) : .forbidden(caller: match.name)
  }

  /// Why nobody can have sent these values of the `Authorization` header; nil when somebody may.
  package static func tokenProblem(_ authorization: [String]) -> RefusalReason? {
    guard let value = authorization.first else { return .tokenMissing }
    return authorization.count == 1 && bearerToken(value) != nil ? nil : .tokenMalformed
  }

  private static func bearerToken(_ value: String) -> [UInt8]? {
    let bytes = Array(value.utf8)
    guard bytes.count > bearer.count,
      ASCII.equalsIgnoringCase(
        String(decoding: bytes.prefix(bearer.count), as: UTF8.self), "bearer ")
    else { return nil }
    let token = Array(bytes.dropFirst(bearer.count).drop { $0 == UInt8(ascii: " ") })
    guard !token.isEmpty, token.allSatisfy(ASCII.isVisible) else {
      return nil
    }
    return token
  }

  private static let bearer = Array("Bearer ".utf8)
}

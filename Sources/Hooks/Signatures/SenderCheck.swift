// Checking a signature while the signed body arrives.

import Crypto

/// The check of one message: what its head claims, and a code over its body for each key.
///
/// The work is the same whichever secret matches, whether one does, and whether the claim can be
/// right at all: nothing shows in the time. Nothing that this returns holds a secret, a digest or
/// a part of the body.
package struct SenderCheck: ~Copyable {
  /// A code in the making, for an array to hold.
  private final class Code {
    let index: Int
    var value: HMAC?

    init(_ index: Int, _ value: consuming HMAC) {
      self.index = index
      self.value = consume value
    }
  }

  private let claim: Result<SignatureClaim, RefusalReason>
  private let codes: [Code]

  /// - Parameters:
  ///   - claim: what the head says, or why nothing that it says can be right.
  ///   - keys: those that may have signed, each with the place of its secret.
  init(_ claim: Result<SignatureClaim, RefusalReason>, keys: [(index: Int, key: HMACKey)]) {
    self.claim = claim
    let prefix = (try? claim.get())?.prefix ?? []
    codes = keys.map { index, key in
      var code = HMAC(key: key)
      code.update(prefix)
      return Code(index, code)
    }
  }

  /// Takes the next bytes of the body.
  package mutating func update(_ bytes: Span<UInt8>) {
    for code in codes { code.value?.update(bytes) }
  }

  /// Says who sent the message, now that its body is whole.
  package consuming func finish() -> Verification {
    let claimed = try? claim.get()
    var match: Int?
    for code in codes {
      guard var value = code.value.take() else { continue }
      value.update(claimed?.suffix ?? [])
      let expected = value.finalize()
      // No early exit: neither which secret matched nor which digest must show.
      let none = [UInt8](repeating: 0, count: expected.count)
      var isRight = false
      for digest in claimed?.digests ?? [none] where constantTimeEqual(expected, digest) {
        isRight = true
      }
      if isRight, match == nil { match = code.index }
    }
    if case .failure(let reason) = claim { return .refused(reason) }
    guard !codes.isEmpty else { return .refused(.noSecret) }
    guard let match else { return .refused(.wrong) }
    return .verified(index: match)
  }
}

// The check of who asks for a run by hand.

package import Crypto

/// The callers of one hook with the material of their secrets.
///
/// A call that carries any header of a signature is a signed one: a token beside a wrong signature does
/// not help.
///
/// *Concurrency.* A value without mutable state; any thread.
package struct CallerAuthentication: Sendable {
  private let callers: [ManualCaller]
  private let signed: SenderAuthentication?
  private let bearer: SenderAuthentication

  /// - Parameter secrets: the material of the callers' secrets, in their order; blank ones are never
  ///   used.
  package init(_ callers: [ManualCaller], secrets: [SecretBytes]) {
    self.callers = callers
    let nothing = SecretBytes("")
    func material(of proof: ManualCaller.Proof) -> [SecretBytes] {
      zip(callers, secrets).map { $0.proof == proof ? $1 : nothing }
    }
    let expiries = callers.map(\.secret.notAfter)
    signed =
      callers.contains { $0.proof == .signature }
      ? SenderAuthentication(
        SourceKind.standardWebhooks.profile.methods, secrets: material(of: .signature),
        expiries: expiries) : nil
    bearer = SenderAuthentication(
      [.bearer], secrets: material(of: .bearer), expiries: expiries)
  }

  /// Why nobody can have sent this call, decided from its head alone; nil when somebody may.
  package func problem(_ fields: HeaderLookup, now: Int64) -> RefusalReason? {
    (isSigned(fields) ? signed : bearer)?.problem(fields, now: now)
  }

  /// Whether a call is a signed one.
  package func isSigned(_ fields: HeaderLookup) -> Bool {
    signed != nil && Self.signatureHeaders.contains { !fields($0).isEmpty }
  }

  /// The id that a signed call covers, under which it counts once; nil for a call with a token.
  package func signedID(_ fields: HeaderLookup) -> String? {
    isSigned(fields) ? fields(Self.idHeader).first : nil
  }

  /// Who asks for a run of a trigger.
  ///
  /// The work is the same whichever secret matches and whether one does.
  package func verify(
    fields: HeaderLookup, body: [UInt8], trigger: String, now: Int64
  ) -> CallerVerification {
    let authentication = isSigned(fields) ? signed ?? bearer : bearer
    switch authentication.verify(fields: fields, body: body, now: now) {
    case .refused(.noSecret): return .refused(.tokenWrong)
    case .refused(let reason): return .refused(reason)
    case .certified: return .refused(.tokenWrong)
    case .verified(let index):
      guard callers.indices.contains(index) else { return .refused(.tokenWrong) }
      let caller = callers[index]
      let isAllowed = caller.triggers.contains { $0.utf8.elementsEqual(trigger.utf8) }
      return isAllowed ? .verified(caller: caller.name) : .forbidden(caller: caller.name)
    }
  }

  private static let idHeader = "webhook-id"
  private static let signatureHeaders = [idHeader, "webhook-timestamp", "webhook-signature"]
}

// A hook together with the secrets it verifies with.

import Crypto
import HTTPServer
package import Hooks

/// A hook that can verify who calls it. Every request holds on to one, so it is an object.
package final class ResolvedHook: Sendable {
  package let hook: Hook
  /// The check of who sent a delivery; nil for a hook without a source.
  package let authentication: SenderAuthentication?
  package let callers: CallerAuthentication
  /// The ranges that deliveries may come from; nil for any address.
  let allow: [AddressRange]?
  let metrics: HookMetrics
  /// What a delivery is answered whose signature is missing or not right.
  let badSignature: HTTPResponse
  /// What it was made with.
  let material: HookMaterial

  /// - Parameter material: what was read for it. A secret that is not there matches nothing.
  init(_ hook: Hook, _ material: HookMaterial, metrics: MetricsRegistry) {
    self.hook = hook
    authentication = hook.source.map { source in
      source.authentication(secrets: source.secrets.map { material.secret($0.reference) })
    }
    callers = CallerAuthentication(
      hook.callers, secrets: hook.callers.map { material.secret($0.secret.reference) })
    allow = hook.source.flatMap { source in
      guard !source.allow.isEmpty || !source.allowFiles.isEmpty else { return nil }
      return source.allow + source.allowFiles.flatMap { material.ranges[$0] ?? [] }
    }
    self.metrics = HookMetrics(hook, in: metrics)
    badSignature = hook.source.map(Refusal.badSignature(of:)) ?? Refusal.noDeliveries
    self.material = material
  }
}

/// What hooks need from outside of their documents, as it was last read.
package struct HookMaterial: Sendable {
  var secrets: [SecretReference: SecretBytes] = [:]
  var ranges: [AddressFile: [AddressRange]] = [:]

  /// A secret; the empty one, which is never used, when there is none.
  func secret(_ reference: SecretReference) -> SecretBytes {
    secrets[reference] ?? Self.none
  }

  private static let none = SecretBytes("")
}

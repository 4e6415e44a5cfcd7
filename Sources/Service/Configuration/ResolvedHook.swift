// A hook together with the secrets it verifies with.

package import Crypto
package import Hooks

/// A hook that can verify who calls it.
package struct ResolvedHook: Sendable {
  package let hook: Hook
  /// The check of who sent a delivery; nil for a hook without a source.
  package let authentication: SenderAuthentication?
  package let callers: CallerAuthentication

  /// - Parameters:
  ///   - sourceSecrets: the material of the source's secrets, in their order.
  ///   - callerSecrets: the material of the callers' secrets, in their order.
  package init(hook: Hook, sourceSecrets: [SecretBytes], callerSecrets: [SecretBytes]) {
    self.hook = hook
    authentication = hook.source?.authentication(secrets: sourceSecrets)
    callers = CallerAuthentication(hook.callers, secrets: callerSecrets)
  }
}

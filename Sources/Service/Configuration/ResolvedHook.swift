// A hook together with the secrets it verifies with.

package import Crypto
package import Hooks

/// A hook that can verify who calls it.
package struct ResolvedHook: Sendable {
  package let hook: Hook
  /// The material of the source's secrets, in their order.
  package let sourceSecrets: [SecretBytes]
  /// The material of the callers' secrets, in their order.
  package let callerSecrets: [SecretBytes]

  package init(hook: Hook, sourceSecrets: [SecretBytes], callerSecrets: [SecretBytes]) {
    self.hook = hook
    self.sourceSecrets = sourceSecrets
    self.callerSecrets = callerSecrets
  }
}

// Reading the secrets that could not be read at the start.

import Hooks
package import Logging
import ServiceLifecycle

/// Asks for the secrets of hooks that wait until it has them all: an API server that is away at the
/// start holds up the hooks whose Secrets it keeps, and nothing else.
///
/// *Limits.* It asks again after ``delayMin``, then after twice as long each time up to ``delayMax``.
package struct SecretWait: ServiceLifecycle.Service {
  private let table: HookTable
  private let resolver: SecretResolver
  private let state: ServiceState
  private let logger: Logger

  /// - Parameter state: where readiness finds which hooks wait.
  package init(
    _ table: HookTable, resolver: SecretResolver, state: ServiceState, logger: Logger
  ) {
    self.table = table
    self.resolver = resolver
    self.state = state
    self.logger = logger
    state.set(waitingHooks: table.waiting.map(\.name))
  }

  /// Runs until the shutdown.
  package func run() async throws {
    await untilShutdown {
      var delay = Self.delayMin
      while !Task.isCancelled, !table.waiting.isEmpty {
        // A sleep ends early only by cancellation, which the condition sees.
        try? await Task.sleep(for: delay)
        delay = min(delay * 2, Self.delayMax)
        await look()
      }
    }
  }

  /// Asks once for the secrets of every hook that waits; after the first that the API server does not
  /// answer for, no more.
  func look() async {
    for hook in table.waiting {
      do throws(SecretResolver.Problem) {
        table.serve(try await resolver.resolve(hook))
        logger.notice("secrets read, the hook is served", metadata: ["hook": "\(hook.name)"])
      } catch {
        logger.warning(
          "a hook waits for its secrets",
          metadata: ["hook": "\(hook.name)", "cause": "\(error)"])
        if error.remedy == .patience { break }
      }
    }
    state.set(waitingHooks: table.waiting.map(\.name))
  }

  private static let delayMin = Duration.seconds(1)
  private static let delayMax = Duration.seconds(30)
}

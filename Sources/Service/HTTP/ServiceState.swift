// Whether the service takes deliveries.

import Synchronization

/// What `/ready` says. Shared by all listeners.
package final class ServiceState: Sendable {
  /// The stages of a service's life, in their order.
  package enum Stage: String, Sendable {
    case starting
    case ready
    case draining
  }

  private let stage = Mutex(Stage.starting)

  package init() {}

  package var current: Stage { stage.withLock { $0 } }

  /// Moves to another stage.
  package func enter(_ next: Stage) {
    stage.withLock { $0 = next }
  }
}

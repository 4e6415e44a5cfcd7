// Whether the service takes deliveries.

import Hooks
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
  private let problem = Mutex<String?>(nil)
  private let certificateFault = Mutex<CertificateFilesError?>(nil)

  private let waiting = Mutex<[HookName]>([])

  package init() {}

  /// Hooks that take nothing until their secrets were read. The others are served, so the service is
  /// ready all the same.
  var waitingHooks: [HookName] { waiting.withLock { $0 } }

  package var current: Stage { stage.withLock { $0 } }

  /// Why the certificate's renewed files are not in use; nil when they are. The service goes on with
  /// the ones before, so it stays ready.
  package var certificateProblem: CertificateFilesError? {
    certificateFault.withLock { $0 }
  }

  /// Whether deliveries are taken. An API server that is away does not change that: they are
  /// journaled, and the runs are created when it is back.
  var isReady: Bool { current == .ready && problem.withLock { $0 == nil } }

  /// One line for people.
  var summary: String {
    current == .ready ? problem.withLock { $0 } ?? current.rawValue : current.rawValue
  }

  /// Says why no delivery can be taken although the listeners are open; nil when it can again.
  package func setProblem(_ text: String?) {
    problem.withLock { $0 = text }
  }

  /// Moves to another stage.
  package func enter(_ next: Stage) {
    stage.withLock { $0 = next }
  }

  /// Says which hooks wait for their secrets.
  func set(waitingHooks hooks: [HookName]) {
    waiting.withLock { $0 = hooks }
  }

  /// Says what became of the certificate's files.
  func set(certificateProblem problem: CertificateFilesError?) {
    certificateFault.withLock { $0 = problem }
  }
}

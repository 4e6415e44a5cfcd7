// What the journal tells of itself, and who has to know.

package import Journal
package import Logging
import Synchronization

/// Passes on what happens in the journal: work to the dispatcher, health to `/ready` and the log.
///
/// It is there before the dispatcher, which needs the open journal.
package final class JournalWatch: Sendable {
  private let state: ServiceState
  private let logger: Logger
  private let dispatcher = Mutex<Dispatcher?>(nil)

  package init(state: ServiceState, logger: Logger) {
    self.state = state
    self.logger = logger
  }

  /// For ``Journal/Journal/open(_:limits:clock:observer:)``. It keeps the watch.
  package var observer: JournalObserver {
    JournalObserver(
      workArrived: { self.dispatcher.withLock { $0 }?.lookForWork() },
      healthChanged: { self.note($0) },
      damageFound: { self.logger.error("\($0)") })
  }

  /// Says who takes the work.
  package func connect(_ dispatcher: Dispatcher) {
    self.dispatcher.withLock { $0 = dispatcher }
  }

  /// Lets go of the dispatcher, which holds the journal.
  package func disconnect() {
    dispatcher.withLock { $0 = nil }
  }

  private func note(_ health: JournalHealth) {
    switch health {
    case .healthy:
      state.setProblem(nil)
      logger.notice("journal healthy")
    case .full(let why):
      state.setProblem("journal full: \(why)")
      logger.error("journal full: deliveries are refused", metadata: ["cause": "\(why)"])
    case .failed(let why):
      state.setProblem("journal failed: \(why)")
      logger.error("journal failed: deliveries are refused", metadata: ["cause": "\(why)"])
    case .closed: break
    }
  }
}

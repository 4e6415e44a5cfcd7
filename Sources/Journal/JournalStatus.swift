// What can be seen of the journal without asking its thread.

import Synchronization

/// Who is told of what happens. Called on the journal's thread; must not block.
package struct JournalObserver: Sendable {
  /// There may be something to claim: runs were stored, revived, or had their turn come.
  package var workArrived: @Sendable () -> Void
  /// The health has changed.
  package var healthChanged: @Sendable (JournalHealth) -> Void
  /// Damage was found while the journal was open.
  package var damageFound: @Sendable (DamageReport) -> Void

  package init(
    workArrived: @escaping @Sendable () -> Void = {},
    healthChanged: @escaping @Sendable (JournalHealth) -> Void = { _ in },
    damageFound: @escaping @Sendable (DamageReport) -> Void = { _ in }
  ) {
    self.workArrived = workArrived
    self.healthChanged = healthChanged
    self.damageFound = damageFound
  }
}

/// Health and figures, as of the last transaction.
final class JournalStatus: Sendable {
  private struct State {
    var health = JournalHealth.healthy
    var retryAfter = Duration.seconds(1)
    var counts = JournalCounts()
  }

  let observer: JournalObserver
  private let state = Mutex(State())

  init(_ observer: JournalObserver) {
    self.observer = observer
  }

  var health: JournalHealth { state.withLock { $0.health } }
  var counts: JournalCounts { state.withLock { $0.counts } }

  func set(_ counts: JournalCounts) {
    state.withLock { $0.counts = counts }
  }

  /// Changes the health and tells of it.
  func set(_ health: JournalHealth, retryAfter: Duration = .seconds(1)) {
    let isChange = state.withLock { state in
      state.retryAfter = retryAfter
      defer { state.health = health }
      return state.health != health
    }
    if isChange { observer.healthChanged(health) }
  }

  /// Refuses deliveries while they cannot be stored.
  func admit() throws(JournalError) {
    let (health, wait) = state.withLock { ($0.health, $0.retryAfter) }
    switch health {
    case .healthy: return
    case .full(let why): throw JournalError(.full, why, retryAfter: wait)
    case .failed(let why): throw JournalError(.failed, why, retryAfter: wait)
    case .closed: throw JournalError(.closed, "the journal is closed")
    }
  }
}

/// What was found damaged, and what became of it.
package struct DamageReport: Sendable, Equatable, CustomStringConvertible {
  /// The folder that holds the damaged files.
  package let folder: String
  package let cause: String
  package let deliveriesKept: Int
  package let deliveriesLost: Int

  package var description: String {
    "the journal was damaged (\(cause)): \(deliveriesKept) deliveries were carried over, "
      + "\(deliveriesLost) could not be read; the damaged files are in \(folder)"
  }
}

// What is asked of the journal, and the shape of its answers.

/// A request for runs that are due.
package struct ClaimRequest: Sendable {
  /// Runs at most.
  package let limit: Int
  /// Lanes of which none are wanted now, because they fail.
  package let excludedLanes: Set<String>

  package init(limit: Int, excludedLanes: Set<String> = []) {
    self.limit = limit
    self.excludedLanes = excludedLanes
  }
}

/// Runs that now belong to the caller.
package struct ClaimedRuns: Sendable {
  package internal(set) var runs: [DueRun] = []
  /// After what time there is more to claim; zero when there is at once, nil when nothing is known of.
  package internal(set) var nextDue: Duration?
}

/// What became of a claimed run.
package enum RunResult: Sendable, Equatable {
  /// The object exists.
  case created(uid: String?)
  /// It is to be tried again after this time.
  case retry(after: Duration, RunFailureRecord)
  /// It is given up: a dead letter.
  case dead(RunFailureRecord)
  /// It is given up on purpose: a newer run takes its place.
  case superseded(RunFailureRecord)

  var event: RunEvent {
    switch self {
    case .created(let uid): .created(uid: uid)
    case .retry(let delay, let failure): .postponed(delay, failure)
    case .dead(let failure): .gaveUp(failure)
    case .superseded(let failure): .superseded(failure)
    }
  }
}

/// A place in a list, opaque to whoever asks.
package struct PageToken: Sendable, Equatable, CustomStringConvertible {
  let before: Int64

  init(before: Int64) {
    self.before = before
  }

  /// Reads the text form; nil for any other text.
  package init?(_ text: String) {
    guard let before = Int64(text), before >= 0 else { return nil }
    self.before = before
  }

  package var description: String { String(before) }
}

/// A request for a part of the list of deliveries.
package struct ListRequest: Sendable {
  /// Only deliveries of this hook.
  package var hook: String?
  /// Only deliveries in this state.
  package var state: DeliveryState?
  /// Deliveries at most; up to ``limitMax``.
  package var limit: Int
  /// Where the page before ended.
  package var page: PageToken?

  package init(
    hook: String? = nil, state: DeliveryState? = nil, limit: Int = 50, page: PageToken? = nil
  ) {
    self.hook = hook
    self.state = state
    self.limit = limit
    self.page = page
  }

  /// Deliveries on one page.
  package static let limitMax = 500
  /// Deliveries looked at for one page, so that a filter that lets little through holds up no
  /// commit: some 10 ms.
  static let scanLimit = 2000
}

/// A part of the list of deliveries, newest first.
package struct DeliveryPage: Sendable {
  package internal(set) var deliveries: [StoredDelivery]
  /// Where the next page begins; nil at the end. A page may hold fewer than asked for, or none, and
  /// not be the last.
  package internal(set) var next: PageToken?
}

/// A run that was given up.
package struct DeadLetter: Sendable {
  package let delivery: DeliveryID
  package let hook: String
  package let run: StoredRun
}

/// A part of the list of dead letters, newest first.
package struct DeadLetterPage: Sendable {
  package let letters: [DeadLetter]
  package let next: PageToken?
}

// Which run is tried next. A value: the dispatcher tells it what happened and does what it says.
//
// Runs wait in lanes, one for each namespace, so that one that fails holds up no other. A lane keeps
// a few runs in memory and leaves the rest in the journal, from which they are claimed page by page
// when there is room again.

import Kubernetes
import Reactor

/// How much a ``DispatchSchedule`` keeps.
enum DispatchLimits {
  /// How many runs are claimed at once: enough that a page costs little for each of them.
  static let pageSize = 128
  /// Runs of one lane in memory at which no more of it are claimed.
  static let laneCountMax = 32
  /// Runs in memory: as many as eight pages.
  static let heldCountMax = 1024
  /// Bytes of runs that are kept in memory from their journaling to their creation. What exceeds it
  /// is left to the journal.
  static let heldByteCountMax = 16 << 20
}

/// Schedules attempts.
///
/// *Limits.* At most ``inFlightMax`` attempts at once. A lane may have as many in flight as are free
/// for all, so that a lane whose every attempt hangs leaves room to the others (the dynamic threshold
/// of Choudhury and Hahne, 1998). At most ``DispatchLimits/heldCountMax`` runs are in memory,
/// whatever the journal has.
struct DispatchSchedule<Run: Sendable>: Sendable {
  /// What is held up together: the target's namespace.
  typealias LaneName = String

  /// A run in memory, claimed from the journal.
  struct Ticket: Sendable {
    let lane: LaneName
    let run: Run
    /// About how much memory it takes.
    let byteCount: Int
  }

  /// Runs to be claimed from the journal.
  struct PageRequest: Equatable, Sendable {
    /// How many at most.
    let limit: Int
    /// The lanes that are not to be looked at.
    let excludedLanes: Set<LaneName>
  }

  /// What to do.
  struct Plan {
    /// To be tried now.
    var starts: [Ticket] = []
    /// To be claimed.
    var page: PageRequest?
    /// To be given back to the journal: their lane has to wait.
    var releases: [Ticket] = []
  }

  /// How an attempt ended.
  enum Ending: Sendable, Equatable {
    /// The run is over.
    case over
    /// It is to be tried again after a delay.
    case again(after: Duration, KubernetesError.RetryAdvice)
  }

  let inFlightMax: Int
  private let policy: RetryPolicy
  private(set) var inFlightCount = 0
  private var lanes: [LaneName: Lane] = [:]
  /// Lanes with something to start, in turn.
  private var turn: [LaneName] = []
  /// Lanes whose breaker is open.
  private var openLanes: Set<LaneName> = []
  private var releases: [Ticket] = []
  private(set) var heldCount = 0
  private var heldByteCount = 0

  /// The journal has, or may have, runs that are due and not claimed.
  private var hasBacklog = false
  /// The page that is being claimed.
  private var page: PageRequest?
  /// Runs may have become due in the journal since the page was asked for.
  private var mustReadAgain = false
  /// When the first of the journal's other runs is due.
  private var nextDue = MonotonicInstant.distantFuture

  init(inFlightMax: Int, policy: RetryPolicy = RetryPolicy()) {
    self.inFlightMax = inFlightMax
    self.policy = policy
  }

  private struct Lane {
    /// In memory, to be tried.
    var ready: [Ticket] = []
    /// Being tried.
    var inFlightCount = 0
    var breaker = CircuitBreaker()
    var isInTurn = false
    /// The last page left it out.
    var isExcluded = false

    var isIdle: Bool {
      ready.isEmpty && inFlightCount == 0 && breaker.state == .closed && !isInTurn && !isExcluded
    }

    /// Whether more of its runs may be claimed.
    var isOpenToPages: Bool {
      switch breaker.state {
      case .closed: ready.count < DispatchLimits.laneCountMax
      case .halfOpen: ready.isEmpty && inFlightCount == 0
      case .open: false
      }
    }
  }

  /// Whether nothing is in memory, known to be in the journal, or waited for.
  var isIdle: Bool {
    lanes.isEmpty && !hasBacklog && page == nil && nextDue == .distantFuture
  }

  /// The earliest moment at which ``advance(to:)`` will have something to do that it has not now.
  var nextWake: MonotonicInstant {
    openLanes.reduce(nextDue) { min($0, lanes[$1]?.breaker.openUntil ?? .distantFuture) }
  }

  /// The lanes that are being held back, for people.
  var heldBackLanes: [LaneName] { openLanes.sorted() }
}

// MARK: - What happened

extension DispatchSchedule {
  /// Whether runs of a lane that are about to be journaled may stay in memory: nothing older waits,
  /// and there is room.
  func takes(_ name: LaneName, byteCount: Int) -> Bool {
    guard !hasBacklog, page == nil, heldCount < DispatchLimits.heldCountMax,
      heldByteCount + byteCount <= DispatchLimits.heldByteCountMax
    else { return false }
    guard let lane = lanes[name] else { return true }
    return lane.breaker.state == .closed && lane.ready.count < DispatchLimits.laneCountMax
  }

  /// Runs that are claimed: those journaled just now, or those of a page.
  mutating func add(_ tickets: [Ticket]) {
    for ticket in tickets {
      heldCount += 1
      heldByteCount += ticket.byteCount
      change(ticket.lane) { $0.ready.append(ticket) }
    }
    for name in openLanes { putBack(name) }
  }

  /// The journal has, or may have, runs that are due.
  mutating func addBacklog() {
    hasBacklog = true
    mustReadAgain = page != nil
  }

  /// The page that was asked for is here.
  ///
  /// - Parameter nextDue: when the first of the runs that it left is due; nil when there is none.
  mutating func claimed(_ tickets: [Ticket], nextDue: MonotonicInstant?, at now: MonotonicInstant) {
    page = nil
    hasBacklog = mustReadAgain
    mustReadAgain = false
    expect(nextDue ?? .distantFuture, at: now)
    add(tickets)
  }

  /// The page could not be claimed: the journal does not work at the moment.
  mutating func claimFailed(retryAt: MonotonicInstant) {
    page = nil
    hasBacklog = false
    mustReadAgain = false
    nextDue = min(nextDue, retryAt)
  }

  /// An attempt is over. The lane's breaker learns of it before the journal does.
  mutating func attempted(
    _ ticket: Ticket, _ ending: Ending, at now: MonotonicInstant,
    using random: inout some RandomNumberGenerator
  ) {
    inFlightCount -= 1
    let policy = policy
    change(ticket.lane) { lane in
      lane.inFlightCount -= 1
      switch ending {
      case .over: lane.breaker.succeeded()
      case .again(_, let advice):
        lane.breaker.failed(at: now, advice: advice, policy: policy, using: &random)
      }
    }
    putBack(ticket.lane)
  }

  /// The journal knows how the attempt ended; the run is in memory no longer.
  ///
  /// - Parameter due: when it is due again; nil when it is over.
  mutating func settled(_ ticket: Ticket, due: MonotonicInstant?) {
    release(ticket)
    if let due { nextDue = min(nextDue, due) }
  }

  private mutating func expect(_ due: MonotonicInstant, at now: MonotonicInstant) {
    if due <= now { hasBacklog = true } else { nextDue = min(nextDue, due) }
  }

  /// Gives the runs of a lane whose breaker is open back to the journal.
  private mutating func putBack(_ name: LaneName) {
    guard let lane = lanes[name], lane.breaker.openUntil != nil, !lane.ready.isEmpty else { return }
    for ticket in lane.ready { release(ticket) }
    releases += lane.ready
    change(name) { lane in
      lane.ready = []
      // Its runs are due, and must be found again.
      lane.isExcluded = true
    }
  }

  private mutating func release(_ ticket: Ticket) {
    heldCount -= 1
    heldByteCount -= ticket.byteCount
  }

  /// Changes a lane and sees to it that it is in every list that it belongs to.
  private mutating func change(_ name: LaneName, _ body: (inout Lane) -> Void) {
    var lane = lanes.removeValue(forKey: name) ?? Lane()
    body(&lane)
    if !lane.ready.isEmpty, !lane.isInTurn, lane.breaker.openUntil == nil {
      lane.isInTurn = true
      turn.append(name)
    }
    if lane.breaker.openUntil != nil { openLanes.insert(name) } else { openLanes.remove(name) }
    if lane.isExcluded, lane.isOpenToPages {
      lane.isExcluded = false
      addBacklog()
    }
    if !lane.isIdle { lanes[name] = lane }
  }
}

// MARK: - What to do

extension DispatchSchedule {
  /// The runs to try now, the page to claim, and the runs to give back.
  mutating func advance(to now: MonotonicInstant) -> Plan {
    for name in openLanes { change(name) { $0.breaker.advance(to: now) } }
    if nextDue <= now {
      nextDue = .distantFuture
      addBacklog()
    }
    let starts = starts()
    defer { releases = [] }
    return Plan(starts: starts, page: nextPage(), releases: releases)
  }

  private mutating func starts() -> [Ticket] {
    var starts: [Ticket] = []
    var full: [LaneName] = []
    var next = 0
    while next < turn.count, inFlightCount < inFlightMax {
      let name = turn[next]
      next += 1
      let free = inFlightMax - inFlightCount
      var started: Ticket?
      change(name) { lane in
        // Out of the turn; with more to do it comes to its end again.
        lane.isInTurn = false
        guard !lane.ready.isEmpty, lane.breaker.openUntil == nil else { return }
        if lane.inFlightCount < min(free, lane.breaker.limit) {
          started = lane.ready.removeFirst()
          lane.inFlightCount += 1
        } else {
          lane.isInTurn = true
          full.append(name)
        }
      }
      guard let started else { continue }
      inFlightCount += 1
      starts.append(started)
    }
    turn.replaceSubrange(..<next, with: full)
    return starts
  }

  private mutating func nextPage() -> PageRequest? {
    let room = DispatchLimits.heldCountMax - heldCount
    guard hasBacklog, page == nil, room >= DispatchLimits.pageSize else { return nil }
    var excluded: Set<LaneName> = []
    for (name, lane) in lanes where !lane.isOpenToPages { excluded.insert(name) }
    for name in excluded { lanes[name]?.isExcluded = true }
    hasBacklog = false
    page = PageRequest(limit: DispatchLimits.pageSize, excludedLanes: excluded)
    return page
  }
}

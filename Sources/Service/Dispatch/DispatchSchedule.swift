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
  static let pageSize = 32
  /// Runs in memory: pages for as many lanes as can be busy at once.
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

  /// Runs of a lane to be claimed from the journal.
  struct PageRequest: Hashable {
    let lane: LaneName
    /// How many runs at most.
    let limit: Int
  }

  /// What to do.
  struct Plan {
    /// To be tried now.
    var starts: [Ticket] = []
    /// To be claimed.
    var pages: [PageRequest] = []
    /// To be given back to the journal: their lane has to wait.
    var releases: [Ticket] = []
  }

  /// How an attempt ended.
  enum Ending: Sendable {
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
  /// Lanes that wait for a point in time.
  private var waiting: Set<LaneName> = []
  /// Lanes of which something is to be claimed, in turn.
  private var unread: [LaneName] = []
  private var releases: [Ticket] = []
  private(set) var heldCount = 0
  private var heldByteCount = 0
  /// Room that was promised to pages which are being claimed.
  private var promisedCount = 0

  init(inFlightMax: Int, policy: RetryPolicy = RetryPolicy()) {
    self.inFlightMax = inFlightMax
    self.policy = policy
  }

  /// Whether nothing is in memory, known to be in the journal, or waited for.
  var isIdle: Bool { lanes.isEmpty }

  /// The earliest moment at which ``advance(to:)`` will have something to do that it has not now.
  var nextWake: MonotonicInstant {
    waiting.reduce(.distantFuture) { earliest, name in
      guard let lane = lanes[name] else { return earliest }
      return min(earliest, lane.breaker.openUntil ?? lane.nextDue ?? .distantFuture)
    }
  }

  private struct Lane {
    /// In memory, to be tried.
    var ready: [Ticket] = []
    /// Being tried.
    var inFlightCount = 0
    /// The journal has, or may have, runs that are due and not claimed.
    var hasBacklog = false
    var isReading = false
    /// Runs may have become due in the journal since the page was asked for.
    var mustReadAgain = false
    /// When the first of the runs that wait for another attempt is due.
    var nextDue: MonotonicInstant?
    var breaker = CircuitBreaker()
    var isInTurn = false
    var isUnread = false

    var isIdle: Bool {
      ready.isEmpty && inFlightCount == 0 && !hasBacklog && !isReading && nextDue == nil
        && breaker.state == .closed && !isInTurn && !isUnread
    }

    var wantsPage: Bool {
      guard hasBacklog, !isReading else { return false }
      return switch breaker.state {
      case .closed: ready.count < DispatchLimits.pageSize / 2
      case .halfOpen: ready.isEmpty && inFlightCount == 0
      case .open: false
      }
    }

    mutating func noteBacklog() {
      if isReading { mustReadAgain = true } else { hasBacklog = true }
    }
  }
}

// MARK: - What happened

extension DispatchSchedule {
  /// Whether runs of a lane that are about to be journaled may stay in memory: the lane has nothing
  /// older to do, and there is room.
  func takes(_ name: LaneName, byteCount: Int) -> Bool {
    guard heldCount + promisedCount < DispatchLimits.heldCountMax,
      heldByteCount + byteCount <= DispatchLimits.heldByteCountMax
    else { return false }
    guard let lane = lanes[name] else { return true }
    return !lane.hasBacklog && !lane.isReading && lane.breaker.state == .closed
      && lane.ready.count < DispatchLimits.pageSize
  }

  /// A run was journaled just now, and claimed.
  mutating func add(_ ticket: Ticket) {
    hold(ticket)
    change(ticket.lane) { $0.ready.append(ticket) }
    if lanes[ticket.lane]?.breaker.openUntil != nil { putBack(ticket.lane) }
  }

  /// The journal has, or may have, runs of a lane that are due.
  mutating func addBacklog(of name: LaneName) {
    change(name) { $0.noteBacklog() }
  }

  /// A page that was asked for is here.
  ///
  /// - Parameters:
  ///   - isWhole: there were no more runs that are due.
  ///   - nextDue: when the first of the lane's other runs is due.
  mutating func claimed(
    _ tickets: [Ticket], for request: PageRequest, isWhole: Bool, nextDue: MonotonicInstant?
  ) {
    promisedCount -= request.limit
    for ticket in tickets { hold(ticket) }
    change(request.lane) { lane in
      lane.isReading = false
      lane.hasBacklog = lane.mustReadAgain || !isWhole
      lane.mustReadAgain = false
      // A run that failed meanwhile may be due before what the page knew of.
      lane.nextDue = [lane.nextDue, nextDue].compactMap(\.self).min()
      lane.ready += tickets
    }
    if lanes[request.lane]?.breaker.openUntil != nil { putBack(request.lane) }
  }

  /// A page could not be claimed: the journal does not work at the moment.
  mutating func claimFailed(_ request: PageRequest, retryAt: MonotonicInstant) {
    promisedCount -= request.limit
    change(request.lane) { lane in
      lane.isReading = false
      lane.mustReadAgain = false
      lane.nextDue = min(retryAt, lane.nextDue ?? .distantFuture)
    }
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
    if lanes[ticket.lane]?.breaker.openUntil != nil { putBack(ticket.lane) }
  }

  /// The journal knows how the attempt ended; the run is in memory no longer.
  ///
  /// - Parameter due: when it is due again; nil when it is over.
  mutating func settled(_ ticket: Ticket, due: MonotonicInstant?) {
    release(ticket)
    guard let due else { return }
    change(ticket.lane) { $0.nextDue = min(due, $0.nextDue ?? .distantFuture) }
  }

  /// Gives a lane's runs that are not being tried back to the journal.
  private mutating func putBack(_ name: LaneName) {
    guard let lane = lanes[name], !lane.ready.isEmpty else { return }
    for ticket in lane.ready { release(ticket) }
    releases += lane.ready
    change(name) { lane in
      lane.ready = []
      lane.noteBacklog()
    }
  }

  private mutating func hold(_ ticket: Ticket) {
    heldCount += 1
    heldByteCount += ticket.byteCount
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
    if lane.wantsPage, !lane.isUnread {
      lane.isUnread = true
      unread.append(name)
    }
    if lane.nextDue != nil || lane.breaker.openUntil != nil {
      waiting.insert(name)
    } else {
      waiting.remove(name)
    }
    if !lane.isIdle { lanes[name] = lane }
  }
}

// MARK: - What to do

extension DispatchSchedule {
  /// The runs to try now, the pages to claim, and the runs to give back.
  mutating func advance(to now: MonotonicInstant) -> Plan {
    for name in waiting {
      change(name) { lane in
        lane.breaker.advance(to: now)
        guard lane.breaker.openUntil == nil, let due = lane.nextDue, due <= now else { return }
        lane.nextDue = nil
        lane.noteBacklog()
      }
    }
    defer { releases = [] }
    return Plan(starts: starts(), pages: pages(), releases: releases)
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

  private mutating func pages() -> [PageRequest] {
    var pages: [PageRequest] = []
    var next = 0
    while next < unread.count {
      let room = DispatchLimits.heldCountMax - heldCount - promisedCount
      guard room >= DispatchLimits.pageSize else { break }
      let name = unread[next]
      next += 1
      var page: PageRequest?
      change(name) { lane in
        lane.isUnread = false
        guard lane.wantsPage else { return }
        lane.isReading = true
        lane.hasBacklog = false
        // One probe needs one run.
        let limit = lane.breaker.state == .halfOpen ? 1 : DispatchLimits.pageSize
        page = PageRequest(lane: name, limit: limit)
      }
      guard let page else { continue }
      promisedCount += page.limit
      pages.append(page)
    }
    unread.removeFirst(next)
    return pages
  }
}

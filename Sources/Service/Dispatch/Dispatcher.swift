// Creates journaled runs: at most so many at once, again after failures, never twice.

package import Journal
import Kubernetes
package import Logging
package import Reactor
import Synchronization

/// Takes runs from the journal, or straight from whoever journaled them, to the API server.
///
/// Whatever happens, the journal has the run until it knows that it is over: a process that ends in
/// between leaves it to the next one, which creates it again under the same name.
///
/// *Concurrency.* Any task on any thread. Attempts run on the loops: those of runs journaled just now
/// on the loop of their request, the others on the loops in turn.
package final class Dispatcher: Sendable {
  /// Attempts in flight at most: what the connections of two loops carry
  /// (``HTTPClient/HTTPClientConfiguration/connectionsPerLoop``), and a sixth of the writes that an
  /// API server lets all of its clients have in flight.
  package static let inFlightMaxDefault = 32

  typealias Schedule = DispatchSchedule<ClaimedRun>

  private struct State {
    var schedule: Schedule
    var random: any RandomNumberGenerator & Sendable
    var life = Life.notStarted
    /// Attempts and claims that are under way.
    var taskCount = 0
    /// Who waits for there to be none.
    var whenIdle: [CheckedContinuation<Void, Never>] = []
  }

  private enum Life {
    case notStarted, running, stopping
  }

  private let journal: Journal
  private let target: any RunTarget
  private let deferrals: DeferredDecisions?
  private let policy: RetryPolicy
  private let logger: Logger
  private let loops: EventLoopGroup
  private let clock: any MonotonicClock
  private let state: Mutex<State>
  private let alarm: DispatchAlarm

  /// - Parameter deferrals: takes deferred decisions; when nil, those that the journal has are given
  ///   up.
  package init(
    journal: Journal, target: any RunTarget, deferrals: DeferredDecisions? = nil,
    loops: EventLoopGroup, logger: Logger,
    inFlightMax: Int = inFlightMaxDefault, policy: RetryPolicy = RetryPolicy(),
    clock: any MonotonicClock = SystemMonotonicClock(),
    random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
  ) {
    self.journal = journal
    self.target = target
    self.deferrals = deferrals
    self.loops = loops
    self.logger = logger
    self.policy = policy
    self.clock = clock
    state = Mutex(
      State(schedule: Schedule(inFlightMax: inFlightMax, policy: policy), random: random))
    alarm = DispatchAlarm(on: loops.next())
  }

  /// Begins with what the journal has. Runs that are handed over before stay in the journal until
  /// then.
  package func start() {
    state.withLock { state in
      state.life = .running
      state.schedule.addBacklog()
    }
    alarm.start { [weak self] in self?.advance() }
    advance()
  }

  /// Starts nothing more and waits for what is in flight; the rest stays in the journal.
  ///
  /// An attempt ends within the target's time limit, which bounds the wait.
  package func stop() async {
    state.withLock { $0.life = .stopping }
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        if state.taskCount > 0 { state.whenIdle.append(continuation) }
        return state.taskCount == 0
      }
      if isIdle { continuation.resume() }
    }
    await alarm.stop()
  }

  /// Namespaces in which everything fails at the moment, sorted.
  package var heldBackNamespaces: [String] { state.withLock { $0.schedule.heldBackLanes } }

  /// Attempts that are under way.
  package var inFlightCount: Int { state.withLock { $0.schedule.inFlightCount } }
}

// MARK: - Where runs come from

extension Dispatcher {
  /// Whether runs that are about to be journaled should be claimed by whoever journals them, and
  /// given to ``add(_:)``. Otherwise the journal is told nothing, and they are found in it.
  func takes(_ runs: [NewRun]) -> Bool {
    state.withLock { state in
      state.life == .running
        && runs.allSatisfy { state.schedule.takes($0.lane, byteCount: $0.object.count) }
    }
  }

  /// Takes over runs that were journaled just now and are claimed.
  func add(_ runs: [ClaimedRun]) {
    state.withLock { $0.schedule.add(runs.map(\.ticket)) }
    advance()
  }

  /// The journal has, or may have, runs that are due.
  package func lookForWork() {
    state.withLock { $0.schedule.addBacklog() }
    advance()
  }

  private func claim(_ request: Schedule.PageRequest) async {
    do throws(JournalError) {
      let page = try await journal.claim(
        ClaimRequest(limit: request.limit, excludedLanes: request.excludedLanes))
      let now = clock.now
      let tickets = page.runs.map { ClaimedRun($0, now: now).ticket }
      state.withLock {
        $0.schedule.claimed(
          tickets, nextDue: page.nextDue.map { now.advanced(by: $0) }, at: now)
      }
    } catch {
      logger.error("runs not read", metadata: ["cause": "\(error)"])
      let retryAt = clock.now.advanced(by: Self.claimRetryDelay)
      state.withLock { $0.schedule.claimFailed(retryAt: retryAt) }
    }
  }

  /// How long a journal that does not work is left alone.
  private static let claimRetryDelay = Duration.seconds(1)
}

// MARK: - What is done with them

extension Dispatcher {
  /// Does what the schedule says.
  private func advance() {
    let now = clock.now
    let (plan, wake) = state.withLock { state -> (Schedule.Plan, MonotonicInstant) in
      guard state.life == .running else { return (Schedule.Plan(), .distantFuture) }
      let plan = state.schedule.advance(to: now)
      state.taskCount += plan.starts.count + (plan.page == nil ? 0 : 1)
      return (plan, state.schedule.nextWake)
    }
    for ticket in plan.releases { journal.release(ticket.run.id) }
    let here = loops.loops.first(where: \.isCurrent)
    if let page = plan.page {
      Task(executorPreference: here ?? loops.next()) {
        await self.claim(page)
        self.ended()
      }
    }
    for ticket in plan.starts {
      Task(executorPreference: ticket.run.isFresh ? here ?? loops.next() : loops.next()) {
        await self.attempt(ticket)
        self.ended()
      }
    }
    alarm.set(to: wake)
  }

  /// A task is over.
  private func ended() {
    advance()
    let waiting = state.withLock { state in
      state.taskCount -= 1
      guard state.taskCount == 0 else { return [CheckedContinuation<Void, Never>]() }
      defer { state.whenIdle = [] }
      return state.whenIdle
    }
    for continuation in waiting { continuation.resume() }
  }

  private func attempt(_ ticket: Schedule.Ticket) async {
    let run = ticket.run
    let verdict =
      run.task == .decide ? await decide(run) : await run.create(at: target)
    let now = clock.now
    let age = run.age(at: now)
    let (ending, result) = state.withLock { state -> (Schedule.Ending, RunResult?) in
      let (ending, result) = judge(verdict, run, age: age, using: &state.random)
      state.schedule.attempted(ticket, ending, at: now, using: &state.random)
      return (ending, result)
    }
    report(verdict, result, run)
    if let result { journal.end(run.id, result) }
    var due: MonotonicInstant?
    if case .again(let delay, _) = ending { due = now.advanced(by: delay) }
    state.withLock { $0.schedule.settled(ticket, due: due) }
  }

  /// What the journal and the schedule are told.
  private func judge(
    _ verdict: RunAttempt.Ending, _ run: ClaimedRun, age: Duration,
    using random: inout some RandomNumberGenerator
  ) -> (Schedule.Ending, RunResult?) {
    switch verdict {
    case .decided: return (.over, nil)
    case .created(let uid), .existed(let uid): return (.over, .created(uid: uid))
    case .refused(let failure): return (.over, .dead(failure.record))
    case .again(let advice, let failure):
      let delay = policy.delay(
        afterFailures: run.attemptCount + 1, advice: advice, using: &random)
      guard age + delay <= policy.ageMax else {
        // The API server did not answer, so its lane learns nothing good from that.
        return (.again(after: delay, advice), .dead(failure.expired(after: age).record))
      }
      return (.again(after: delay, advice), .retry(after: delay, failure.record))
    }
  }

  private func report(_ verdict: RunAttempt.Ending, _ result: RunResult?, _ run: ClaimedRun) {
    switch (verdict, result) {
    case (.refused, .dead(let failure)), (.again, .dead(let failure)):
      logger.error(
        "dead letter",
        metadata: run.metadata.merging(
          ["reason": "\(failure.reason)", "cause": "\(failure.message)"]) { first, _ in first })
    case (.again, .retry(let delay, let failure)):
      logger.warning(
        "\(run.task == .decide ? "not decided" : "run not created"), will be tried again",
        metadata: run.metadata.merging([
          "reason": "\(failure.reason)", "cause": "\(failure.message)", "after": "\(delay)",
          "attempt": "\(run.attemptCount + 1)",
        ]) { first, _ in first })
    case (.decided, _): logger.info("deferred decision taken", metadata: run.metadata)
    default: logger.info("run created", metadata: run.metadata)
    }
  }
}

// MARK: - Deferred decisions

extension Dispatcher {
  /// Takes a deferred decision. The try is counted first: what ends the process comes to an end itself,
  /// in the dead letters.
  private func decide(_ run: ClaimedRun) async -> RunAttempt.Ending {
    guard let deferrals, case .text(let payload) = run.object, let id = DeliveryID(run.delivery)
    else {
      return .refused(
        RunFailure(reason: "Undecidable", message: "deferred decisions are not taken here"))
    }
    guard run.interruptionCount < Self.interruptionCountMax else {
      return .refused(
        RunFailure(
          reason: "Interrupted",
          message: "\(run.interruptionCount) tries in a row ended with the process"))
    }
    do throws(JournalError) {
      guard try await journal.beginAttempt(run.id) != nil else { return .decided }
      switch await deferrals.decide(id, trigger: run.trigger, payload: payload) {
      case .again(let advice, let failure): return .again(advice, failure)
      case .refused(let failure): return .refused(failure)
      case .decision(let decision):
        if let note = decision.note {
          logger.notice("decided", metadata: run.metadata.merging(["note": "\(note)"]) { $1 })
        }
        // Whatever it makes is pending, and found in the journal.
        _ = try await journal.decide(run.id, as: decision)
        return .decided
      }
    } catch {
      return .again(.backoff, RunFailure(reason: "Journal", message: "\(error)"))
    }
  }

  /// Tries in a row that may end with the process: more than a machine that is restarted a few times
  /// would be blamed for.
  static let interruptionCountMax = 8
}

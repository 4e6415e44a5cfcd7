// Starts triggers when they are due: the clock and the journal around ``ScheduleBook``.

package import Hooks
import Journal
package import Logging
package import Reactor
import Synchronization

/// Makes a delivery of each due time.
///
/// The delivery is journaled first and the mark moved then, so a due time whose delivery is on disk is
/// known when it comes again, and one that could not be journaled is tried again. Replicas each do all
/// of it: the runs of one due time have one name, and the API server keeps one.
///
/// *Limits.* It sleeps until something is due, and at most ``recheckInterval``, to see that the clock
/// was set. Due times are counted in whole seconds.
///
/// *Concurrency.* One task on one loop, from ``start()`` until ``stop()``.
package final class Scheduler: Sendable {
  private let hooks: [Hook]
  private let deliveries: Deliveries
  private let loop: EventLoop
  private let logger: Logger
  private let wall: @Sendable () -> WallTime
  private let task = Mutex<Task<Void, Never>?>(nil)

  /// - Parameter wall: the time of day.
  package init(
    hooks: [Hook], deliveries: Deliveries, logger: Logger,
    wall: @escaping @Sendable () -> WallTime = { .now }
  ) {
    self.hooks = hooks.sorted { $0.name.description < $1.name.description }
    self.deliveries = deliveries
    self.logger = logger
    self.wall = wall
    loop = deliveries.loops.next()
  }

  package func start() {
    let task = Task(executorPreference: loop) { [self] in
      do throws(CancellationError) {
        var book = try await open()
        while true {
          try await dealWithDue(&book)
          try await loop.sleep(for: delay(until: book.next))
        }
      } catch {}
    }
    self.task.withLock { $0 = task }
  }

  /// Ends the task; a delivery that is being journaled ends first.
  package func stop() async {
    let task = task.withLock { $0.take() }
    task?.cancel()
    await task?.value
  }

  // MARK: - Opening

  /// The schedules with what the journal knows of them. New ones are noted, so that what they miss
  /// from now on is known after a restart.
  private func open() async throws(CancellationError) -> ScheduleBook {
    while true {
      do throws(JournalError) {
        let marks = try await deliveries.journal.scheduleMarks()
        let book = ScheduleBook(hooks, marks: marks, now: now)
        if Set(book.marks) != Set(marks) {
          try await deliveries.journal.replaceScheduleMarks(book.marks)
        }
        return book
      } catch {
        try await pause(after: error, "schedules not opened", [:])
      }
    }
  }

  // MARK: - Due times

  private func dealWithDue(_ book: inout ScheduleBook) async throws(CancellationError) {
    for index in book.correct(at: now) {
      logger.warning(
        "schedule begins anew: the clock was far ahead before", metadata: name(book.entries[index]))
    }
    for (index, due) in book.due(at: now) {
      let entry = book.entries[index]
      if due.omittedCount > 0 { report(due.omittedCount, of: entry) }
      for time in due.times {
        try await deliver(entry, time)
        book.handle(index, through: time)
      }
      guard let latest = due.latest else { continue }
      book.handle(index, through: latest)
      await note(book.entries[index].mark)
    }
  }

  /// Delivers a due time, however often it takes: what is not journaled must not be passed over, and
  /// while the journal takes nothing it takes nothing of other schedules either.
  private func deliver(_ entry: ScheduleBook.Entry, _ time: Int64) async throws(CancellationError) {
    let delivery = IncomingDelivery(entry.trigger, of: entry.hook, dueAt: time)
    var metadata = name(entry)
    metadata["time"] = "\(Event.scheduleTime(time))"
    while true {
      if Task.isCancelled { throw CancellationError() }
      do throws(JournalError) {
        if let acceptance = try await deliveries.accept(delivery) {
          log(acceptance, metadata, lateness: now - time)
        }
        return
      } catch {
        guard error.code != .unacceptable else {
          // It will never be taken.
          metadata["cause"] = "\(error)"
          return logger.error("schedule not delivered", metadata: metadata)
        }
        try await pause(after: error, "schedule not delivered, trying again", metadata)
      }
    }
  }

  /// A mark that is lost costs a look: the due times are known by their ids.
  private func note(_ mark: ScheduleMark) async {
    do throws(JournalError) { try await deliveries.journal.put(mark) } catch {
      logger.warning(
        "schedule not noted",
        metadata: ["hook": "\(mark.hook)", "trigger": "\(mark.trigger)", "cause": "\(error)"])
    }
  }

  // MARK: - Time

  private var now: Int64 { wall().secondsSince1970 }

  private func delay(until time: Int64?) -> Duration {
    guard let time else { return Self.recheckInterval }
    let now = wall()
    let seconds = time.subtractingReportingOverflow(now.secondsSince1970).partialValue
    let left = Duration.seconds(seconds) - .nanoseconds(now.nanoseconds)
    return min(max(left, Self.shortestDelay), Self.recheckInterval)
  }

  private func pause(
    after error: JournalError, _ message: Logger.Message, _ metadata: Logger.Metadata
  ) async throws(CancellationError) {
    var metadata = metadata
    metadata["cause"] = "\(error)"
    logger.error(message, metadata: metadata)
    try await loop.sleep(for: error.retryAfter ?? Self.retryDelay)
  }

  /// How late a due time can be when the clock is set forward, or the machine was asleep.
  static let recheckInterval = Duration.seconds(60)
  /// The clocks that sleep and that count run at slightly different speeds.
  private static let shortestDelay = Duration.milliseconds(1)
  /// As long as the journal takes to look whether it can go on again, some times over.
  private static let retryDelay = Duration.seconds(5)
}

// MARK: - What operators see

extension Scheduler {
  private func name(_ entry: ScheduleBook.Entry) -> Logger.Metadata {
    ["hook": "\(entry.hook)", "trigger": "\(entry.trigger.name)"]
  }

  private func report(_ count: Int, of entry: ScheduleBook.Entry) {
    var metadata = name(entry)
    metadata["missed"] = "\(count)\(count == Schedule.countLimit ? " or more" : "")"
    metadata["policy"] = "\(entry.schedule.missed.rawValue)"
    logger.warning("due times were missed and are left out", metadata: metadata)
  }

  private func log(_ acceptance: Acceptance, _ metadata: Logger.Metadata, lateness: Int64) {
    let stored = acceptance.delivery
    var metadata = metadata
    metadata["delivery"] = "\(stored.id)"
    metadata["event"] = "\(stored.kind)"
    metadata["decisions"] = "\(stored.decisions.map(\.summary).joined(separator: " "))"
    if lateness > Schedule.punctuality { metadata["late"] = "\(Duration.seconds(lateness))" }
    if acceptance.novelty != .new { metadata["duplicate"] = "known" }
    for decision in stored.decisions {
      guard case .fail(let message) = decision.verdict else { continue }
      metadata["cause"] = "\(message)"
      return logger.error("run not rendered", metadata: metadata)
    }
    logger.info("delivery", metadata: metadata)
  }
}

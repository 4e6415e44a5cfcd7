// A log that whoever sends requests can write to must not be theirs to fill.

package import Logging
import Reactor
import Synchronization

/// Lets through so many events at once and so many a second, and counts the others.
///
/// The first event that passes after some were dropped says how many, as `suppressed`.
///
/// *Concurrency*: any thread; copies of a handler share one allowance.
struct ThrottledLogHandler: LogHandler {
  private var base: any LogHandler
  private let allowance: LogAllowance

  init(_ base: any LogHandler, allowance: LogAllowance) {
    self.base = base
    self.allowance = allowance
  }

  var metadata: Logger.Metadata {
    get { base.metadata }
    set { base.metadata = newValue }
  }

  var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { base[metadataKey: key] }
    set { base[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    guard let suppressed = allowance.take() else { return }
    guard suppressed > 0 else { return base.log(event: event) }
    var event = event
    event.metadata = (event.metadata ?? [:]).merging(["suppressed": "\(suppressed)"]) { $1 }
    base.log(event: event)
  }
}

/// How many events may still pass: a bucket that fills with time.
final class LogAllowance: Sendable {
  /// At once: enough to see what an attack or a misconfigured sender looks like.
  static let burstDefault = 100
  /// Lines a second after that: a megabyte or two an hour.
  static let perSecondDefault = 10

  private struct State {
    var available: Int
    var filledUntil: MonotonicInstant
    var suppressed = 0
  }

  private let burst: Int
  private let interval: Int64
  private let clock: any MonotonicClock
  private let state: Mutex<State>

  init(
    burst: Int = burstDefault, perSecond: Int = perSecondDefault,
    clock: any MonotonicClock = SystemMonotonicClock()
  ) {
    precondition(burst > 0 && perSecond > 0, "an allowance lets something through")
    self.burst = burst
    interval = 1_000_000_000 / Int64(perSecond)
    self.clock = clock
    state = Mutex(State(available: burst, filledUntil: clock.now))
  }

  /// Takes one place, if there is one.
  ///
  /// - Returns: how many were refused since the last that was not; `nil` when this one is.
  func take() -> Int? {
    let now = clock.now
    return state.withLock { state in
      let elapsed = now.nanoseconds &- state.filledUntil.nanoseconds
      if elapsed >= interval {
        let gained = elapsed / interval
        state.available = Int(min(Int64(burst), Int64(state.available) &+ gained))
        state.filledUntil = state.filledUntil.advanced(byNanoseconds: gained &* interval)
      }
      guard state.available > 0 else {
        state.suppressed += 1
        return nil
      }
      state.available -= 1
      defer { state.suppressed = 0 }
      return state.suppressed
    }
  }
}

extension Logger {
  /// The same log with an allowance, for what anyone on the network can cause.
  package func throttled() -> Logger {
    let handler = ThrottledLogHandler(self.handler, allowance: LogAllowance())
    return Logger(label: label) { _ in handler }
  }
}

/// A log with an allowance that is asked first: what an event says is made only if it is said.
struct ThrottledLogger: Sendable {
  private let logger: Logger
  private let allowance: LogAllowance

  init(_ logger: Logger, allowance: LogAllowance = LogAllowance()) {
    self.logger = logger
    self.allowance = allowance
  }

  func info(_ message: Logger.Message, metadata: @autoclosure () -> Logger.Metadata) {
    log(.info, message, metadata)
  }

  func warning(_ message: Logger.Message, metadata: @autoclosure () -> Logger.Metadata) {
    log(.warning, message, metadata)
  }

  private func log(
    _ level: Logger.Level, _ message: Logger.Message, _ metadata: () -> Logger.Metadata
  ) {
    guard level >= logger.logLevel, let suppressed = allowance.take() else { return }
    var metadata = metadata()
    if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
    logger.log(level: level, message, metadata: metadata)
  }
}

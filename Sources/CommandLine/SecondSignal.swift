import Glibc
import Logging
import UnixSignals

/// Ends the process at once when it is asked to end a second time.
///
/// The first SIGTERM or SIGINT is the services': they finish what is in flight. Whoever sends
/// another does not want to wait for that.
struct SecondSignal {
  private let signals: UnixSignalsSequence

  /// Counts from here on.
  init() async {
    signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
  }

  /// Waits for the second one, and does not return from it; returns when cancelled.
  ///
  /// - Parameter cleanUp: what must not be left behind.
  func wait(logger: Logger, cleanUp: () -> Void) async {
    var count = 0
    for await signal in signals {
      count += 1
      guard count > 1 else { continue }
      logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
      cleanUp()
      // Not `exit`, whose handlers would run beside threads that still work.
      _exit(CommandFailure.failureExitCode)
    }
  }
}

extension SecondSignal {
  /// Does something for as long as it takes, or until the second signal.
  static func race(
    logger: Logger, cleanUp: @escaping @Sendable () -> Void, _ body: () async throws -> Void
  ) async throws {
    let signals = await SecondSignal()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await signals.wait(logger: logger, cleanUp: cleanUp) }
      try await body()
      group.cancelAll()
    }
  }
}

import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// SIGTERM and SIGINT: the first lets the services finish what is in flight, a second ends the
/// process at once, because whoever sends another does not want to wait for that.
enum StopSignals {
  /// Runs services until they end, by themselves or because of a signal.
  ///
  /// The group itself is to trap no signals: it stops listening after the first one, and a source
  /// of signals that goes away can take the next signal of its kind with it.
  ///
  /// - Parameters:
  ///   - services: in the opposite order of their end.
  ///   - cleanUp: removes what must not be left behind by a second signal.
  static func run(
    _ services: [any Service], logger: Logger, cleanUp: @escaping @Sendable () -> Void
  ) async throws {
    var configuration = ServiceGroupConfiguration(services: services, logger: logger)
    configuration.logger.logLevel = max(logger.logLevel, .warning)
    let group = ServiceGroup(configuration: configuration)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        var count = 0
        for await signal in signals {
          count += 1
          if count == 1 {
            await group.triggerGracefulShutdown()
          } else {
            logger.warning("stopped at once", metadata: ["signal": "\(signal)"])
            cleanUp()
            // Not `exit`, whose handlers would run beside threads that still work.
            _exit(CommandFailure.failureExitCode)
          }
        }
      }
      try await group.run()
      tasks.cancelAll()
    }
  }
}

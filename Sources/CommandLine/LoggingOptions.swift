import ArgumentParser
import Logging
import Service

/// `--log-format` and `--log-level`.
struct LoggingOptions: ParsableArguments {
  @Option(help: "text or json.")
  var logFormat: LogFormat = .text

  @Option(help: "The least severe events that are written.")
  var logLevel: Level = .info

  /// swift-log's levels, as arguments.
  enum Level: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var loggerLevel: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
  }

  /// The program's logger. Called once.
  func bootstrap() -> Logger {
    let handler = StandardErrorLogHandler(format: logFormat, logLevel: logLevel.loggerLevel)
    LoggingSystem.bootstrap { _ in handler }
    return Logger(label: "hookline")
  }
}

extension LogFormat: ExpressibleByArgument {}

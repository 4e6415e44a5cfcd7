// The log goes to standard error, as one `write` a line, so that lines of several threads never mix.

import Bytes
package import Logging
import Reactor

/// A swift-log handler that writes lines of one ``LogFormat`` to standard error.
///
/// *Concurrency*: any thread. A line is one system call; the log's reader is expected to keep up,
/// as a container runtime does.
package struct StandardErrorLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel: Logger.Level
  private let format: LogFormat

  /// - Parameters:
  ///   - format: the form of the lines.
  ///   - logLevel: the least severe level that is written.
  package init(format: LogFormat, logLevel: Logger.Level) {
    self.format = format
    self.logLevel = logLevel
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let own = event.metadata { all.merge(own) { _, new in new } }
    if let error = event.error { all["error"] = "\(error)" }
    let line = format.line(
      time: Self.now(), level: event.level, message: "\(event.message)",
      metadata: all.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") })
    StandardError.write(line)
  }

  /// The current time, RFC 3339 with milliseconds, UTC.
  private static func now() -> String {
    let time = WallTime.now
    let milliseconds = String(time.nanoseconds / 1_000_000)
    return CivilTime(secondsSince1970: time.secondsSince1970).dateAndTime + "."
      + String(repeating: "0", count: max(0, 3 - milliseconds.count)) + milliseconds + "Z"
  }
}

// A log that a test can read.

import Logging
import Synchronization

final class RecordingLog: Sendable {
  private let recorded = Mutex<[String]>([])

  var lines: [String] { recorded.withLock { $0 } }
  var handler: some LogHandler { Handler(log: self) }

  private struct Handler: LogHandler {
    let log: RecordingLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let metadata = event.metadata ?? [:]
      log.recorded.withLock { $0.append("\(event.level): \(event.message) \(metadata)") }
    }
  }
}

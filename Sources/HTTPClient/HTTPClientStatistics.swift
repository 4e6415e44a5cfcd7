// What a client did so far.

import Synchronization

/// Counts since the client was made.
package struct HTTPClientStatistics: Equatable, Sendable {
  /// Connections that were opened, TLS included.
  package var connectionCount = 0
  /// Connections that could not be opened.
  package var failedConnectionCount = 0
  /// Requests that had to wait for a connection because all that may exist were in use.
  package var queuedCount = 0
  /// Requests that were put on a connection; one that was repeated counts once.
  package var requestCount = 0
  /// Of these, the ones that went out on a kept connection at first.
  package var keptConnectionCount = 0
  /// Of these again, the ones that found it dead and were repeated.
  package var repeatCount = 0
}

/// The counters of all loops.
final class HTTPClientCounters: Sendable {
  private let counts = Mutex(HTTPClientStatistics())

  var statistics: HTTPClientStatistics { counts.withLock { $0 } }

  func countConnection() {
    counts.withLock { $0.connectionCount += 1 }
  }

  func countFailedConnection() {
    counts.withLock { $0.failedConnectionCount += 1 }
  }

  func countQueued() {
    counts.withLock { $0.queuedCount += 1 }
  }

  func countRequest(onKeptConnection isKept: Bool) {
    counts.withLock {
      $0.requestCount += 1
      if isKept { $0.keptConnectionCount += 1 }
    }
  }

  func countRepeat() {
    counts.withLock { $0.repeatCount += 1 }
  }
}

// Why the journal refused.

/// An error of the journal.
package struct JournalError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// Another process has the directory.
    case locked
    /// A newer version wrote it.
    case newerFormat
    /// The directory or a file cannot be used at all.
    case unusable
    /// No room: on the disk, or within the journal's own limit with nothing left to prune.
    case full
    /// A write or a sync failed; nothing is acknowledged until the files were reopened and checked.
    case failed
    /// It is damaged beyond what a reading can return.
    case damaged
    /// The caller gave up waiting; whether it was stored is not known.
    case abandoned
    /// The journal is closed.
    case closed
    /// The delivery breaks a limit, which the message names.
    case unacceptable
  }

  package let code: Code
  /// What was wrong, where, and what to do next. Nothing that was received.
  package let message: String
  /// After what time a sender should come back; for ``Code/full`` and ``Code/failed``.
  package let retryAfter: Duration?

  package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }

  package var description: String { message }
}

/// Whether the journal can take deliveries.
package enum JournalHealth: Sendable, Equatable {
  case healthy
  /// There is no room; what is under way goes on.
  case full(String)
  /// The disk failed; the journal is being reopened.
  case failed(String)
  case closed
}

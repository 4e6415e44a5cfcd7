// What the journal may use.

/// Limits of a journal. Each is reached in ordinary operation, and then has a defined answer.
package struct JournalLimits: Sendable {
  /// Bytes of the database in use, beyond which the oldest finished deliveries go. Default 1 GiB.
  ///
  /// Pages that become free are used again and not given back: the file keeps the largest size it had,
  /// which is ``refusalByteCount`` and what one transaction brings, beside a log of
  /// ``checkpointPageCount``. A smaller limit therefore makes no smaller file. Giving pages back
  /// (`auto_vacuum`) would move pages with every commit, to save space that the next deliveries need.
  package var byteCountMax: Int64 = 1 << 30
  /// Bytes beyond which deliveries are refused as ``JournalError/Code/full``, because too few are
  /// finished: a sixteenth more, so that pruning keeps up with a steady stream.
  var refusalByteCount: Int64 { byteCountMax + byteCountMax / 16 }
  /// Age beyond which finished deliveries go. Default 7 days, as long as senders offer redelivery.
  package var ageMax: Duration = .seconds(7 * 24 * 3600)
  /// How long a run waits for an approval before it is given up: a day less than ``ageMax``, so that
  /// the reason can be read for a day, or half of it if that is more. Six days by default.
  var holdMax: Duration { ageMax - min(ageMax / 2, .seconds(24 * 3600)) }
  /// Bytes kept in a file of their own, and given up when the disk is full so that finished work can
  /// still be marked and pruned. Default 4 MiB, a write-ahead log's usual length.
  package var reserveByteCount: Int64 = 4 << 20
  /// Requests that share one transaction. Default 256.
  package var batchCountMax = 256
  /// Bytes of deliveries that share one transaction, above one delivery. Default 8 MiB.
  package var batchByteCountMax = 8 << 20
  /// How long a mark may wait for company before it is written. Default 10 ms.
  package var markDelay: Duration = .milliseconds(10)
  /// Pages in the write-ahead log after which they are moved to the database. Default 2,000 (8 MiB).
  package var checkpointPageCount = 2000
  /// Bytes of a database up to which every row and index is checked when it is opened. Default 64 MiB,
  /// some 0.3 s. Of a larger one each row is checked when it is read, so that nothing wrong is ever
  /// given out; a damaged index of it is noticed when SQLite comes upon it.
  package var checkByteCountMax: Int64 = 64 << 20
  /// After what time a sender should come back when there is no room. Default 30 s.
  package var retryAfter: Duration = .seconds(30)
  /// How often a journal that is full or failed looks whether it can go on. Default 1 s; after
  /// failures up to 32 times that.
  package var recheckInterval: Duration = .seconds(1)

  package init() {}
}

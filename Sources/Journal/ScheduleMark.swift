// How far a trigger's schedule has been dealt with.

/// A row of `schedule`: up to when due times of a trigger are dealt with.
///
/// It outlives the deliveries, which are forgotten after some days: a schedule may be due once a year.
package struct ScheduleMark: Hashable, Sendable {
  /// `namespace/name`
  package let hook: String
  package let trigger: String
  /// The schedule as it was then. What a trigger with another one has missed nobody can know.
  package let schedule: String
  /// In seconds since 1970: every due time until then was delivered, or left out on purpose.
  package var handledThrough: Int64

  package init(hook: String, trigger: String, schedule: String, handledThrough: Int64) {
    self.hook = hook
    self.trigger = trigger
    self.schedule = schedule
    self.handledThrough = handledThrough
  }
}

extension ScheduleMark {
  var checksum: Int64 {
    var sum = RowChecksum()
    for text in [hook, trigger, schedule] { sum.add(text) }
    sum.add(handledThrough)
    return sum.value
  }

  static let columns = "hook, trigger, schedule, handled, checksum"

  /// Reads the columns of ``columns``; nil when the checksum is not that of the others.
  init?(_ row: StatementRow) {
    hook = row.text(0)
    trigger = row.text(1)
    schedule = row.text(2)
    handledThrough = row.integer(3)
    guard checksum == row.integer(4) else { return nil }
  }
}

extension Store {
  /// All marks.
  func scheduleMarks() throws(StoreFailure) -> [ScheduleMark] {
    try rows(statements.scheduleMarks, [], of: "schedule") { ScheduleMark($0) }
  }

  /// Sets the mark of a trigger.
  func put(_ mark: ScheduleMark) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in
      try statements.putScheduleMark.run(
        .text(mark.hook), .text(mark.trigger), .text(mark.schedule),
        .integer(mark.handledThrough), .integer(mark.checksum))
    }
  }

  /// Replaces all marks.
  func replaceScheduleMarks(_ marks: [ScheduleMark]) throws(StoreFailure) {
    try sqlite { () throws(SQLiteFailure) in try statements.deleteScheduleMarks.run() }
    for mark in marks { try put(mark) }
  }
}

// MARK: - For the scheduler

extension Journal {
  /// How far each schedule has been dealt with.
  package func scheduleMarks() async throws(JournalError) -> [ScheduleMark] {
    try await perform(.written) { store throws(StoreFailure) in try store.scheduleMarks() }
  }

  /// Says how far all schedules have been dealt with; those of others are forgotten. When it returns,
  /// that is on disk.
  package func replaceScheduleMarks(_ marks: [ScheduleMark]) async throws(JournalError) {
    try await perform(.synced) { store throws(StoreFailure) in
      try store.replaceScheduleMarks(marks)
    }
  }

  /// Says how far one schedule has been dealt with.
  ///
  /// It is not synced: when power loss takes it away, the due times are delivered again under the same
  /// ids, and the journal knows them.
  package func put(_ mark: ScheduleMark) async throws(JournalError) {
    try await perform(.written) { store throws(StoreFailure) in try store.put(mark) }
  }
}

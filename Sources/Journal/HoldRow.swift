// Rows of `hold` and `subject`.

/// What a run waits for before it may be created.
struct HoldRow: Equatable {
  let id: RunID
  let hook: String
  let subject: String
  let revision: String
  var approver: String?
  var approval: DeliveryID?

  var stored: StoredHold {
    StoredHold(subject: subject, revision: revision, approver: approver, approval: approval)
  }

  var key: Int64 { DeliveryKey.subject(hook: hook, subject: subject) }

  var checksum: Int64 {
    var sum = RowChecksum()
    sum.add(id.rawValue)
    for text in [hook, subject, revision] { sum.add(text) }
    sum.add(approver)
    sum.add(approval?.bytes)
    return sum.value
  }

  static let columns =
    "id, subject_key, hook, subject, revision, approver, approval, checksum"

  init(_ id: RunID, hook: String, _ hold: NewHold) {
    self.id = id
    self.hook = hook
    subject = hold.subject
    revision = hold.revision
  }

  /// Reads the columns of ``columns``; nil when the checksum is not that of the others.
  init?(_ row: StatementRow) {
    id = RunID(rawValue: row.integer(0))
    hook = row.text(2)
    subject = row.text(3)
    revision = row.text(4)
    approver = row.optionalText(5)
    approval = row.optionalBytes(6).flatMap(DeliveryID.init(bytes:))
    guard checksum == row.integer(7) else { return nil }
  }
}

/// The newest revision of a subject.
struct SubjectRow {
  let sequence: Int64
  let hook: String
  let subject: String
  let revision: String

  var key: Int64 { DeliveryKey.subject(hook: hook, subject: subject) }

  var checksum: Int64 {
    var sum = RowChecksum()
    sum.add(sequence)
    for text in [hook, subject, revision] { sum.add(text) }
    return sum.value
  }

  static let columns = "key, sequence, hook, subject, revision, checksum"

  init(_ revision: NewRevision, hook: String, sequence: Int64) {
    self.sequence = sequence
    self.hook = hook
    subject = revision.subject
    self.revision = revision.revision
  }

  /// Reads the columns of ``columns``; nil when the checksum is not that of the others.
  init?(_ row: StatementRow) {
    sequence = row.integer(1)
    hook = row.text(2)
    subject = row.text(3)
    revision = row.text(4)
    guard checksum == row.integer(5) else { return nil }
  }
}

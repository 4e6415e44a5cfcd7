// Every statement that runs more than once.

import GRDB

/// The compiled statements of one connection.
final class Statements {
  // Transactions.
  let begin, commit, rollBack, checkpoint: PreparedStatement
  // Time and figures.
  let timeBase, clearTimeBase, setTimeBase, latestTime: PreparedStatement
  let lastSequence, countDeliveries, countPending, countDead, countHeld: PreparedStatement
  let pageCount, freePageCount: PreparedStatement
  let integrityCheck, allRuns: PreparedStatement
  // Deliveries.
  let insertDelivery, insertBody, deliveriesBySender, deliveriesByBody: PreparedStatement
  let deliveryBySequence, deliveryByID, bodyBySequence, olderDeliveries: PreparedStatement
  let oldestDeliveries, deleteDelivery, deleteBody: PreparedStatement
  // Runs.
  let insertRun, insertObject, runsOfDelivery, runByID, updateRun: PreparedStatement
  let objectByID, deleteRuns, deleteObjects: PreparedStatement
  let nextLane, dueOfLane, serialOpen, serialPending, serialFirst: PreparedStatement
  let deadRuns, openRun, openRuns, deadRunIDs, heldRunIDs, expiredHolds: PreparedStatement
  // Approvals.
  let insertHold, holdByID, waitingHolds, approveHold, deleteHolds: PreparedStatement
  let subjectByKey, putSubject, deleteSubjects: PreparedStatement
  // Schedules.
  let scheduleMarks, putScheduleMark, deleteScheduleMarks: PreparedStatement

  init(_ database: Database) throws {
    func make(_ sql: String) throws -> PreparedStatement {
      try PreparedStatement(sql, in: database)
    }
    begin = try make("BEGIN IMMEDIATE")
    commit = try make("COMMIT")
    rollBack = try make("ROLLBACK")
    checkpoint = try make("PRAGMA wal_checkpoint(TRUNCATE)")

    timeBase = try make("SELECT boot, offset FROM time_base")
    clearTimeBase = try make("DELETE FROM time_base")
    setTimeBase = try make("INSERT INTO time_base VALUES (?, ?)")
    latestTime = try make(
      "SELECT max((SELECT received FROM delivery ORDER BY sequence DESC LIMIT 1))")
    lastSequence = try make("SELECT max(sequence) FROM delivery")
    countDeliveries = try make("SELECT count(*) FROM delivery")
    countPending = try make("SELECT count(*) FROM run WHERE state IN (0, 1)")
    countDead = try make("SELECT count(*) FROM run WHERE state = 3")
    countHeld = try make("SELECT count(*) FROM run WHERE state = 5")
    pageCount = try make("PRAGMA page_count")
    freePageCount = try make("PRAGMA freelist_count")

    integrityCheck = try make("PRAGMA integrity_check(1)")
    allRuns = try make("SELECT \(RunRow.columns) FROM run ORDER BY id")

    let delivery = DeliveryRow.columns
    insertDelivery = try make(
      "INSERT INTO delivery (\(delivery)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    insertBody = try make("INSERT INTO body VALUES (?, ?)")
    deliveriesBySender = try make(
      "SELECT \(delivery) FROM delivery WHERE sender_key = ? ORDER BY sequence")
    deliveriesByBody = try make(
      "SELECT \(delivery) FROM delivery WHERE body_key = ? AND received > ? ORDER BY sequence")
    deliveryBySequence = try make("SELECT \(delivery) FROM delivery WHERE sequence = ?")
    deliveryByID = try make("SELECT \(delivery) FROM delivery WHERE id = ?")
    bodyBySequence = try make("SELECT bytes FROM body WHERE sequence = ?")
    olderDeliveries = try make(
      "SELECT \(delivery) FROM delivery WHERE sequence < ? ORDER BY sequence DESC LIMIT ?")
    oldestDeliveries = try make(
      "SELECT sequence, received FROM delivery WHERE sequence >= ? ORDER BY sequence LIMIT ?")
    deleteDelivery = try make("DELETE FROM delivery WHERE sequence = ?")
    deleteBody = try make("DELETE FROM body WHERE sequence = ?")

    let run = RunRow.columns
    insertRun = try make(
      "INSERT INTO run (\(run)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    insertObject = try make("INSERT INTO object VALUES (?, ?)")
    runsOfDelivery = try make("SELECT \(run) FROM run WHERE id BETWEEN ? AND ? ORDER BY id")
    runByID = try make("SELECT \(run) FROM run WHERE id = ?")
    updateRun = try make(
      "UPDATE run SET state = ?2, due = ?3, since = ?4, attempts = ?5, changed = ?6, uid = ?7,"
        + " reason = ?8, message = ?9, verdict = ?10, checksum = ?11,"
        + " interruptions = ?12 WHERE id = ?1")
    objectByID = try make("SELECT bytes FROM object WHERE id = ?")
    deleteRuns = try make("DELETE FROM run WHERE id BETWEEN ? AND ?")
    deleteObjects = try make("DELETE FROM object WHERE id BETWEEN ? AND ?")
    nextLane = try make(
      "SELECT lane FROM run WHERE state = 0 AND lane > ? ORDER BY lane LIMIT 1")
    dueOfLane = try make(
      "SELECT id, due FROM run WHERE state = 0 AND lane = ? ORDER BY due, id")
    let ordered = "FROM run WHERE serial = ? AND serial IS NOT NULL AND state IN (0, 1)"
    serialOpen = try make("SELECT 1 \(ordered) LIMIT 1")
    serialPending = try make("SELECT 1 \(ordered) AND state = 0 LIMIT 1")
    serialFirst = try make("SELECT id \(ordered) ORDER BY id LIMIT 1")
    deadRuns = try make(
      "SELECT \(run) FROM run WHERE state = 3 AND id < ? ORDER BY id DESC LIMIT ?")
    openRun = try make(
      "SELECT 1 FROM run WHERE id BETWEEN ? AND ? AND state IN (0, 1) LIMIT 1")
    openRuns = try make("SELECT id FROM run WHERE state IN (0, 1) AND id < ? ORDER BY id DESC")
    deadRunIDs = try make("SELECT id FROM run WHERE state = 3 AND id < ? ORDER BY id DESC")
    heldRunIDs = try make("SELECT id FROM run WHERE state = 5 AND id < ? ORDER BY id DESC")
    expiredHolds = try make(
      "SELECT id FROM run WHERE state = 5 AND due <= ? ORDER BY due, id LIMIT ?")

    insertHold = try make("INSERT INTO hold (\(HoldRow.columns)) VALUES (?,?,?,?,?,?,?,?)")
    holdByID = try make("SELECT \(HoldRow.columns) FROM hold WHERE id = ?")
    waitingHolds = try make(
      "SELECT \(HoldRow.columns) FROM hold WHERE subject_key = ? AND approver IS NULL ORDER BY id")
    approveHold = try make(
      "UPDATE hold SET approver = ?2, approval = ?3, checksum = ?4 WHERE id = ?1")
    deleteHolds = try make("DELETE FROM hold WHERE id BETWEEN ? AND ?")
    subjectByKey = try make("SELECT \(SubjectRow.columns) FROM subject WHERE key = ?")
    putSubject = try make(
      "INSERT OR REPLACE INTO subject (\(SubjectRow.columns)) VALUES (?,?,?,?,?,?)")
    deleteSubjects = try make("DELETE FROM subject WHERE sequence = ?")

    scheduleMarks = try make("SELECT \(ScheduleMark.columns) FROM schedule")
    putScheduleMark = try make(
      "INSERT OR REPLACE INTO schedule (\(ScheduleMark.columns)) VALUES (?,?,?,?,?)")
    deleteScheduleMarks = try make("DELETE FROM schedule")
  }
}

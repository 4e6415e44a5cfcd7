// `benchmarks journal [DIRECTORY [DELIVERIES]]`: how many deliveries 64 committers get on disk, and how
// many rows SQLite by itself commits one by one in the same place.

import GRDB
import Glibc
import Journal
import Reactor

/// The journal's commits.
enum JournalBenchmark {
  private static let committerCount = 64
  private static let bodyByteCount = 8192
  /// Single rows; fewer, because each waits for the disk by itself.
  private static let rowCount = 2000

  static func run(_ arguments: [String]) async throws {
    let directory = arguments.first ?? "/var/tmp/hookline-benchmark-\(getpid())"
    let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 50_000
    try LocalFile.makeFolder(directory)
    let single = try singleRows(directory)
    let (grouped, processor) = try await commits("\(directory)/journal", count)
    print(
      "journal: \(Int(grouped)) commits/s of \(bodyByteCount) bytes by \(committerCount) committers,"
        + " \(microseconds(processor)) us of processor time each;"
        + " sqlite: \(Int(single)) single-row commits/s;"
        + " ratio \((grouped / single * 100).rounded() / 100)")
  }

  /// SQLite's rate for one small row in each transaction, synchronous=FULL.
  private static func singleRows(_ directory: String) throws -> Double {
    let path = "\(directory)/single.db"
    for suffix in ["", "-wal", "-shm"] { try LocalFile.remove(path + suffix) }
    let queue = try DatabaseQueue(path: path)
    return try queue.inDatabase { database in
      try database.execute(
        sql: """
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = FULL;
          CREATE TABLE row (id INTEGER PRIMARY KEY, value TEXT) STRICT;
          """)
      let insert = try database.makeStatement(sql: "INSERT INTO row (value) VALUES ('x')")
      let clock = ContinuousClock()
      let start = clock.now
      for _ in 0..<rowCount { try insert.execute() }
      return Double(rowCount) / seconds(clock.now - start)
    }
  }

  /// The journal's rate, and the processor time of the process for each delivery in seconds.
  private static func commits(
    _ directory: String, _ count: Int
  ) async throws -> (rate: Double, processor: Double) {
    let journal = try Journal.open(directory)
    defer { journal.close() }
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: bodyByteCount - 8)
    let run = "run-\(getpid())"
    let object = [UInt8](repeating: UInt8(ascii: "o"), count: 1500)
    let clock = ContinuousClock()
    let (start, used) = (clock.now, processorSeconds())
    try await withThrowingTaskGroup { group in
      for committer in 0..<committerCount {
        group.addTask {
          for number in stride(from: committer, to: count, by: committerCount) {
            let mark = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            let delivery = NewDelivery(
              hook: "ci/app", source: "github", kind: "push", senderID: "\(run)-\(number)",
              replayWindow: .seconds(86_400), head: Array(object.prefix(400)),
              event: Array(object.prefix(400)), body: mark + body,
              decisions: [
                NewDecision(
                  trigger: "build",
                  verdict: .run([
                    NewRun(
                      apiVersion: "tekton.dev/v1", kind: "PipelineRun", namespace: "ci",
                      name: "build-\(number)", object: object, lane: "ci")
                  ]))
              ])
            if case .stored(_, let claimed, _) = try await journal.commit(delivery, claim: .caller)
            {
              for id in claimed { journal.end(id, .created(uid: "u")) }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let elapsed = seconds(clock.now - start)
    return (Double(count) / elapsed, (processorSeconds() - used) / Double(count))
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  private static func microseconds(_ seconds: Double) -> Double { (seconds * 1e7).rounded() / 10 }

  /// The corresponding C function is `clock_gettime` with `CLOCK_PROCESS_CPUTIME_ID`.
  private static func processorSeconds() -> Double {
    var time = timespec()
    // SAFETY: the kernel fills the local structure.
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

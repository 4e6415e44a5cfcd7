import Foundation
import Testing

@testable import Journal

/// Every operation on the journal's files fails once, or is the last. With `HOOKLINE_EVERY_FAULT` set,
/// that is every single one; otherwise one in 29, and others for each kind of failure.
@Suite struct FaultTests {
  static let kinds = ["kill", "eio", "enospc", "eintr", "short"]
  static let deliveryCount = 8
  /// More operations than the probe makes; the loops end before.
  static let operationLimit = 2000

  @Test(arguments: kinds)
  func `what was promised is there, whichever operation fails`(kind: String) throws {
    let isComplete = getenvText("HOOKLINE_EVERY_FAULT") != nil
    let stride = isComplete ? 1 : 29
    let start = isComplete ? 1 : 1 + (Self.kinds.firstIndex(of: kind) ?? 0)
    var faults = 0
    for number in Swift.stride(from: start, to: Self.operationLimit, by: stride) {
      let directory = try TemporaryDirectory()
      let state = "\(directory.path)/state"
      let outcome = try Probe.write(
        state, count: Self.deliveryCount,
        environment: Probe.fault(kind, at: number, in: directory.path))
      try check(state, outcome, "\(kind) at \(number)")
      if try isPastTheEnd(number, outcome) { break }
      faults += 1
    }
    #expect(faults > 2)
  }

  /// Whether fewer operations are made than the number.
  private func isPastTheEnd(_ number: Int, _ outcome: Probe.Outcome) throws -> Bool {
    let directory = try TemporaryDirectory()
    let log = "\(directory.path)/log"
    var environment = Probe.fault("eio", at: 0, in: "\(directory.path)/state")
    environment["FAULT_LOG"] = log
    _ = try Probe.write(
      "\(directory.path)/state", count: Self.deliveryCount, environment: environment)
    let operations = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").count
    return !outcome.wasKilled && outcome.ids("refused").isEmpty && number > operations
  }

  /// Looks for what was acknowledged, then sends everything again: each has exactly one run.
  private func check(_ state: String, _ outcome: Probe.Outcome, _ what: String) throws {
    let promised = outcome.ids("stored")
    let first = try Probe.read(state)
    #expect(first.exitCode == 0, "\(what): \(first.lines)")
    #expect(first.ids("wrong") == [], "\(what)")
    #expect(Set(promised).subtracting(first.ids("delivery")) == [], "\(what): lost")
    let again = try Probe.write(state, count: Self.deliveryCount)
    #expect(again.ids("refused") == [], "\(what): \(again.lines)")
    #expect(Set(promised).isSubset(of: again.ids("known")), "\(what): not known again")
    let all = try Probe.read(state).ids("delivery")
    #expect(all.count == Self.deliveryCount, "\(what): \(all)")
    #expect(Set(all).count == all.count, "\(what): doubled")
  }

  /// A try that the end of the process cut short is due again after a second, so the decision is taken
  /// then and not by the process right after.
  @Test func `a deferred decision is taken once, wherever the process ends`() throws {
    let stride = getenvText("HOOKLINE_EVERY_FAULT") != nil ? 1 : 13
    var interrupted = 0
    for number in Swift.stride(from: 3, to: Self.operationLimit, by: stride) {
      let directory = try TemporaryDirectory()
      let state = "\(directory.path)/state"
      let outcome = try Probe.decide(
        state, count: 4, environment: Probe.fault("kill", at: number, in: directory.path))
      _ = try Probe.decide(state, count: 4)
      let found = try Probe.read(state)
      #expect(found.ids("wrong") == [], "kill at \(number): \(found.lines)")
      // What was promised is decided, or waits to be.
      #expect(Set(outcome.ids("stored")).isSubset(of: found.ids("delivery")))
      let decided = Set(outcome.ids("decided"))
      for line in found.lines where line.hasPrefix("delivery ") {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3 else {
          Issue.record("kill at \(number): \(line)")
          continue
        }
        let isMade = words[2] == "run-\(words[1])=created"
        if decided.contains(words[1]) { #expect(isMade, "kill at \(number): \(line)") }
        if !isMade {
          #expect(words[2] == "=pending", "kill at \(number): \(line)")
          interrupted += 1
        }
      }
      guard outcome.wasKilled else { break }
    }
    #expect(interrupted > 0)
  }

  @Test func `after a failed sync nothing is acknowledged until the files were reopened`() throws {
    let directory = try TemporaryDirectory()
    let log = "\(directory.path)/log"
    var environment = Probe.fault("eio", at: 0, in: "\(directory.path)/state")
    environment["FAULT_LOG"] = log
    _ = try Probe.write("\(directory.path)/state", count: 4, environment: environment)
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    let syncs = lines.filter { $0.contains("sync") && $0.hasSuffix("journal.db-wal") }
    let last = try #require(syncs.last?.split(separator: " ").first.flatMap { Int($0) })

    let second = try TemporaryDirectory()
    let state = "\(second.path)/state"
    // Every sync from the last one of the third delivery on fails.
    let outcome = try Probe.write(
      state, count: 40, environment: Probe.fault("eio", at: last, in: second.path, count: 9999))
    #expect(outcome.ids("refused").contains("failed"))
    let found = try Probe.read(state)
    #expect(Set(outcome.ids("stored")).isSubset(of: found.ids("delivery")))
    #expect(found.ids("wrong") == [])
  }

  @Test func `a limit on the size of files is answered as full, and loses nothing`() throws {
    let directory = try TemporaryDirectory()
    let state = "\(directory.path)/state"
    // In blocks of 512 bytes: 256 KiB, of which the tables take a third.
    let outcome = try Probe.write(state, count: 60, after: "ulimit -f 512")
    #expect(outcome.ids("stored").count > 2)
    #expect(outcome.ids("refused").contains("full"), "\(outcome.lines)")
    #expect(Set(outcome.ids("refused")).subtracting(["full", "failed"]) == [])
    let found = try Probe.read(state)
    #expect(Set(outcome.ids("stored")).isSubset(of: found.ids("delivery")))
    let again = try Probe.write(state, count: 60)
    #expect(again.ids("refused") == [])
  }
}

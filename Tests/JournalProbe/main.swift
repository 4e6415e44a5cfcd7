// A small user of the journal, which tests run as a process of its own, with system calls that fail.
//
//   JournalProbe write DIRECTORY FIRST COUNT   commits deliveries, one after the other
//   JournalProbe decide DIRECTORY COUNT        commits deferred decisions, and takes them
//   JournalProbe read DIRECTORY                prints what is there
//
// `write` prints `stored ID` or `known ID` as soon as it is promised, `refused CODE` when it is not,
// and ends every second run. `read` prints `delivery ID RUNS…` for each delivery whose body is the one
// that was sent, `wrong ID` for any other, and `damage …` for what was set aside.

import Glibc
import Journal
import Reactor

/// Writes a line at once: what is printed was promised.
func say(_ line: String) {
  let bytes = [UInt8]((line + "\n").utf8)
  // SAFETY: the pointer and the length are one array's, which outlives the call.
  _ = unsafe Glibc.write(1, bytes, bytes.count)
}

func body(_ id: String) -> [UInt8] {
  let text = "{\"id\":\"\(id)\",\"text\":\""
  return [UInt8](text.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 9000)
    + [UInt8]("\"}".utf8)
}

func delivery(_ id: String) -> NewDelivery {
  let run = NewRun(
    apiVersion: "v1", kind: "ConfigMap", namespace: "ci", name: "run-\(id)",
    object: [UInt8]("{\"name\":\"run-\(id)\"}".utf8), lane: "ci")
  return NewDelivery(
    hook: "ci/app", source: "github", kind: "push", senderID: id, replayWindow: .seconds(86_400),
    head: [], event: [], body: body(id),
    decisions: [NewDecision(trigger: "build", verdict: .run([run]))])
}

var limits = JournalLimits()
limits.recheckInterval = .milliseconds(5)
limits.reserveByteCount = 64 << 10
// Small, so that moving the log to the database is among what fails.
limits.checkpointPageCount = 16

func write(_ journal: Journal, from first: Int, count: Int) async {
  for number in first..<(first + count) {
    let id = "id-\(number)"
    do {
      switch try await journal.commit(delivery(id), claim: .caller) {
      case .stored(_, let claimed, _):
        say("stored \(id)")
        if number % 2 == 0, let run = claimed.first { journal.end(run, .created(uid: "u")) }
      case .duplicate: say("known \(id)")
      case .conflict: say("conflict \(id)")
      }
    } catch {
      say("refused \(error.code.rawValue) \(id)")
    }
  }
}

func decide(_ journal: Journal, count: Int) async throws {
  for number in 0..<count {
    let id = "id-\(number)"
    let deferred = NewDecision(
      trigger: "build", verdict: .defer(payload: [UInt8](id.utf8), lane: "net", message: ""))
    _ = try await journal.commit(
      NewDelivery(
        hook: "ci/app", source: "github", kind: "push", senderID: id, replayWindow: nil, head: [],
        event: [], body: body(id), decisions: [deferred]))
    say("stored \(id)")
  }
  while true {
    let due = try await journal.claim(ClaimRequest(limit: 2))
    for run in due.runs where run.task == .decide {
      let id = String(decoding: run.object, as: UTF8.self)
      guard let attempt = try await journal.beginAttempt(run.id) else { continue }
      say("try \(id) \(attempt)")
      let made = NewRun(
        apiVersion: "v1", kind: "ConfigMap", namespace: "ci", name: "run-\(id)",
        object: [UInt8]("{}".utf8), lane: "ci")
      _ = try await journal.decide(
        run.id, as: NewDecision(trigger: "build", verdict: .run([made])))
      say("decided \(id)")
    }
    for run in due.runs where run.task == .create { journal.end(run.id, .created(uid: nil)) }
    guard !due.runs.isEmpty else { return }
  }
}

func read(_ journal: Journal) async throws {
  for report in journal.openingReports { say("damage \(report.cause)") }
  var request = ListRequest(limit: 100)
  while true {
    let page = try await journal.list(request)
    for summary in page.deliveries {
      let id = summary.senderID ?? ""
      let whole = try await journal.delivery(summary.id)
      let states = summary.runs.map { "\($0.name)=\($0.state)" }.joined(separator: " ")
      let isRight =
        whole?.body == body(id) && summary.runs.count == 1
        && (summary.runs.first?.name == "run-\(id)" || summary.state == .failed
          || summary.runs.first?.task == .decide)
      say("\(isRight ? "delivery" : "wrong") \(id) \(states)")
    }
    guard let next = page.next else { return }
    request.page = next
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  say("usage: JournalProbe write|decide|read DIRECTORY [[FIRST] COUNT]")
  exit(2)
}
signal(SIGXFSZ, SIG_IGN)
do {
  let journal = try Journal.open(arguments[2], limits: limits)
  if arguments[1] == "write", arguments.count == 5, let first = Int(arguments[3]),
    let count = Int(arguments[4])
  {
    await write(journal, from: first, count: count)
  } else if arguments[1] == "decide", arguments.count == 4, let count = Int(arguments[3]) {
    try await decide(journal, count: count)
  } else {
    try await read(journal)
  }
  journal.close()
} catch {
  say("failed \(error)")
  exit(1)
}

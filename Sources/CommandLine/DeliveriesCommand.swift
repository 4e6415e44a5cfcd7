import ArgumentParser
import HTTPWire
import JSON
import Kubernetes
import Reactor

/// `hookline deliveries`
struct DeliveriesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries",
    abstract: "Shows what a running service has accepted, and tries it again.",
    discussion: "Dead letters are the deliveries whose state is failed.",
    subcommands: [List.self, Show.self, Replay.self])

  /// `hookline deliveries list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists deliveries, newest first.")

    @Option(help: ArgumentHelp("Only those of this hook.", valueName: "namespace/name"))
    var hook: String?

    @Option(help: "Only those in this state: pending, failed, held, done or ignored.")
    var state: String?

    @Option(help: "At most so many, up to 500.")
    var limit = 50

    @Option(help: ArgumentHelp("Where to go on, as the page before said.", valueName: "token"))
    var page: String?

    @OptionGroup var admin: AdminOptions

    func run() async throws {
      var query = ["limit=\(limit)"]
      for (name, value) in [("hook", hook), ("state", state), ("page", page)] {
        if let value { query.append("\(name)=\(PercentEncoding.encode(value))") }
      }
      let answer = try await AdminClient(options: admin).send(
        .get, "/api/v1/deliveries?\(query.joined(separator: "&"))")
      if admin.output == .json { return print(answer.json.serializedString(.pretty(indent: 2))) }
      let rows = (answer.json["deliveries"]?.arrayValue ?? []).map(DeliveryText.row)
      if rows.isEmpty {
        StandardError.print("no deliveries")
      } else {
        print(DeliveryText.table([DeliveryText.header] + rows))
      }
      if let next = answer.json["next"]?.stringValue {
        StandardError.print("there are more: --page \(next)")
      }
    }
  }

  /// `hookline deliveries show`
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows one delivery: its runs, and why something failed or did not fire.")

    @Argument(help: "The delivery's id.")
    var id: String

    @Flag(help: "The payload, too.")
    var body = false

    @OptionGroup var admin: AdminOptions

    func run() async throws {
      let answer = try await AdminClient(options: admin).send(
        .get, "/api/v1/deliveries/\(PercentEncoding.encode(id))\(body ? "?body=true" : "")")
      switch admin.output {
      case .json: print(answer.json.serializedString(.pretty(indent: 2)))
      case .text: print(DeliveryText.details(answer.json))
      }
    }
  }

  /// `hookline deliveries replay`
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tries a delivery again.",
      discussion: """
        Runs that were given up, or are not in the cluster any more, are created again under their \
        names; what exists is left alone. With --force the delivery is decided again with today's \
        configuration and makes new runs, whatever became of the first. Exit code 1 when a run \
        could not be created.
        """)

    @Argument(help: "The delivery's id.")
    var id: String

    @Flag(help: "Make a new delivery of it.")
    var force = false

    @OptionGroup var admin: AdminOptions

    func run() async throws {
      let answer = try await AdminClient(options: admin).send(
        .post,
        "/api/v1/deliveries/\(PercentEncoding.encode(id))/replay\(force ? "?force=true" : "")")
      switch admin.output {
      case .json: print(answer.json.serializedString(.pretty(indent: 2)))
      case .text:
        print(force ? DeliveryText.forced(answer.json) : DeliveryText.replayed(answer.json))
      }
      if !answer.status.isSuccess { throw ExitCode(CommandFailure.failureExitCode) }
    }
  }
}

/// Deliveries for people.
enum DeliveryText {
  static let header = ["ID", "RECEIVED", "HOOK", "EVENT", "STATE", "DECISIONS"]

  static func row(_ delivery: JSONValue) -> [String] {
    [
      text(delivery["id"]), text(delivery["receivedAt"]), text(delivery["hook"]),
      text(delivery["event"]), text(delivery["state"]),
      (delivery["decisions"]?.arrayValue ?? []).map(summary).joined(separator: " "),
    ]
  }

  /// Columns that line up, two blanks apart.
  static func table(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell + String(repeating: " ", count: widths[column] + 2 - cell.count)
      }.joined()
    }.joined(separator: "\n")
  }

  static func details(_ delivery: JSONValue) -> String {
    var rows = [
      ["delivery", text(delivery["id"])], ["hook", text(delivery["hook"])],
      ["event", text(delivery["event"])], ["received", text(delivery["receivedAt"])],
      ["from", text(delivery["peer"])], ["state", text(delivery["state"])],
    ]
    if let id = delivery["sourceDelivery"] { rows.append(["sender's id", text(id)]) }
    if let first = delivery["replayOf"] { rows.append(["replay of", text(first)]) }
    var lines = [table(rows)]
    for decision in delivery["decisions"]?.arrayValue ?? [] {
      lines.append("")
      lines.append("trigger \(text(decision["trigger"]))")
      if let skip = decision["skip"] {
        lines.append("  skipped (\(text(skip["reason"]))): \(text(skip["message"]))")
      }
      if let fail = decision["fail"] { lines.append("  failed: \(text(fail["message"]))") }
      if let note = decision["note"] { lines.append("  note: \(text(note))") }
      if let deferral = decision["deferred"] {
        lines.append("  deferred (\(text(deferral["state"]))): \(text(deferral["message"]))")
        if let fail = deferral["fail"] {
          lines.append("    \(text(fail["reason"])): \(text(fail["message"]))")
        }
      }
      if let hold = decision["held"] {
        let approver = hold["approver"].map { ", approved by \(text($0))" } ?? ""
        lines.append("  held\(approver): \(text(hold["message"]))")
      }
      for run in decision["runs"]?.arrayValue ?? [] {
        lines.append(
          "  \(text(run["kind"])) \(text(run["namespace"]))/\(text(run["name"])): "
            + "\(text(run["state"])), \(text(run["attempts"])) failed attempts")
        if let fail = run["fail"] {
          lines.append("    \(text(fail["reason"])): \(text(fail["message"]))")
        }
      }
    }
    if let body = delivery["body"] {
      lines += ["", body.stringValue ?? body.serializedString(.pretty(indent: 2))]
    }
    return lines.joined(separator: "\n")
  }

  static func replayed(_ result: JSONValue) -> String {
    var lines: [String] = []
    for (field, words) in [
      ("retried", "tried again"), ("recreated", "created again"), ("existing", "exists"),
    ] {
      for run in result[field]?.arrayValue ?? [] { lines.append("\(name(run)): \(words)") }
    }
    for entry in result["failed"]?.arrayValue ?? [] {
      lines.append("\(name(entry["run"] ?? .null)): failed: \(text(entry["fail"]?["message"]))")
    }
    return lines.isEmpty ? "nothing to do" : lines.joined(separator: "\n")
  }

  static func forced(_ reply: JSONValue) -> String {
    (["delivery \(text(reply["delivery"]))"]
      + (reply["decisions"]?.arrayValue ?? []).map { decision in
        "  "
          + (decision["run"].map { "\(text(decision["trigger"]))=\(name($0))" } ?? summary(decision))
      }).joined(separator: "\n")
  }

  /// `build=ci/build-x7:created`, `docs=skip:branch`
  private static func summary(_ decision: JSONValue) -> String {
    let trigger = text(decision["trigger"])
    if let skip = decision["skip"] { return "\(trigger)=skip:\(text(skip["reason"]))" }
    if decision["fail"] != nil { return "\(trigger)=fail" }
    if let deferral = decision["deferred"] {
      return "\(trigger)=deferred\(deferral["state"].map { ":\(text($0))" } ?? "")"
    }
    if let run = decision["held"]?["run"] { return "\(trigger)=held:\(name(run))" }
    let runs = decision["runs"]?.arrayValue ?? []
    return "\(trigger)=" + runs.map { "\(name($0)):\(text($0["state"]))" }.joined(separator: ",")
  }

  private static func name(_ run: JSONValue) -> String {
    "\(text(run["namespace"]))/\(text(run["name"]))"
  }

  private static func text(_ value: JSONValue?) -> String { PrintedText.oneLine(value) }
}

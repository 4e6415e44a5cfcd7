// What is said about a call in the end, and the exit code.

import HTTPWire
import JSON

/// The words and the exit code for how a call ended.
struct RunReport {
  private(set) var output = ""
  private(set) var errors = ""
  private(set) var exitCode: Int32 = 0

  init(_ ending: RunEnding, key: String) {
    let again = "--idempotency-key \(key) repeats this call without a second run"
    if let reply = ending.reply { describe(reply) }
    switch ending.reason {
    case .answered: break
    case .timeOver:
      fail("not finished when the time was over: it goes on; \(again)")
    case .interrupted:
      fail(
        ending.reply?.runName == nil
          ? "no answer yet; it may have been started: \(again)" : "no longer waiting: it goes on")
      exitCode = Self.interruptedExitCode
    case .unreachable(let why):
      fail("\(why): \(again)")
    }
  }

  private mutating func describe(_ reply: RunReply) {
    guard reply.json != .null else {
      return fail(
        "\(reply.status.rawValue) \(reply.status.reasonPhrase) without JSON: is --server the "
          + "public listener of the service?")
    }
    if let error = reply.json["error"] { return refuse(error, reply.status) }
    for decision in reply.decisions { describe(decision, isKnown: reply.json["duplicate"] == true) }
    if reply.decisions.isEmpty { fail("nothing was started") }
  }

  private mutating func describe(_ decision: JSONValue, isKnown: Bool) {
    if let skip = decision["skip"] {
      return fail("not started: \(PrintedText.oneLine(skip["message"]))")
    }
    let name = "\(Self.text(decision["run"]?["namespace"]))/\(Self.text(decision["run"]?["name"]))"
    let phase = decision["status"]?["phase"]?.stringValue
    if decision["run"] != nil {
      let state = phase ?? decision["state"]?.stringValue ?? (isKnown ? "known" : "accepted")
      var rows = [["run", name], ["state", PrintedText.oneLine(.string(state))]]
      for (index, way) in (decision["follow"]?.objectValue ?? [:]).enumerated() {
        rows.append([index == 0 ? "follow" : "", Self.text(way.value)])
      }
      output += (output.isEmpty ? "" : "\n") + DeliveryText.table(rows)
    }
    if let failure = decision["fail"] {
      fail("\(Self.text(failure["reason"])): \(Self.text(failure["message"]))")
    } else if phase == "failed" || phase == "gone" {
      let status = decision["status"]
      let why = [status?["reason"], status?["message"]].compactMap { $0.map { Self.text($0) } }
      fail(
        ([phase == "failed" ? "\(name) failed" : "\(name) was deleted"] + why)
          .joined(separator: ": "))
    }
  }

  private mutating func refuse(_ error: JSONValue, _ status: HTTPStatus) {
    guard let problems = error["problems"]?.arrayValue else {
      return fail("\(status.rawValue) \(status.reasonPhrase): \(Self.text(error["message"]))")
    }
    fail("the inputs are not what the trigger takes")
    for problem in problems {
      let message = Self.text(problem["message"])
      let hint =
        ["expected a number, found a string", "expected a boolean, found a string"]
          .contains { message.hasPrefix($0) } ? ": write name:=value" : ""
      errors += "\n  \(Self.text(problem["path"])): \(message)\(hint)"
    }
  }

  private mutating func fail(_ message: String) {
    errors += (errors.isEmpty ? "error: " : "\nerror: ") + message
    exitCode = CommandFailure.failureExitCode
  }

  private static func text(_ value: JSONValue?) -> String { PrintedText.oneLine(value) }

  /// What shells report for a program that SIGINT has ended.
  private static let interruptedExitCode: Int32 = 130
}

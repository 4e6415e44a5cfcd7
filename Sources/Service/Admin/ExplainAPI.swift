// The admin API's part that says what hooks would do about a delivery, and why.
//
//   POST /api/v1/explain   {"hook": "NAMESPACE/NAME", "event"?, "header"?: {…}, "payload": {…}}
//                          {"hook": "NAMESPACE/NAME", "trigger", "inputs"?: {…}}      a manual call
//                          {"delivery": "ID"}       one that is stored, with today's configuration
//
// Nothing is stored and nothing is created.

import Bytes
import HTTPServer
import HTTPWire
import Hooks
import JSON
import Journal

/// Explains decisions to operators.
struct ExplainAPI: Sendable {
  let journal: Journal
  let hooks: HookTable

  static let path = "/api/v1/explain"
  /// A delivery may have 25 MiB; what surrounds it is little.
  static let bodyByteLimit = 26 << 20

  /// Why a request is not answered.
  private struct Problem: Error {
    let response: HTTPResponse

    static func malformed(_ message: String) -> Problem {
      Problem(response: Refusal.malformed(message))
    }
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    do throws(Problem) {
      let question = try Self.question(request.body)
      return Reply.json(.ok, try await explanation(question).json)
    } catch {
      return error.response
    }
  }

  private static func question(_ bytes: [UInt8]) throws(Problem) -> JSONObject {
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.parse(bytes) } catch {
      throw .malformed("the body is not JSON: \(error)")
    }
    guard let question = value.objectValue else { throw .malformed("the body is an object") }
    for member in question where !fields.contains(member.key) {
      throw .malformed("the members are \(fields.joined(separator: ", "))")
    }
    return question
  }

  private func explanation(_ question: JSONObject) async throws(Problem) -> HookExplanation {
    if let delivery = question["delivery"] { return try await stored(delivery, question) }
    guard let name = question["hook"]?.stringValue else {
      throw .malformed("give hook as \"namespace/name\", or delivery")
    }
    let hook = try hook(named: name)
    if let trigger = question["trigger"] {
      guard let name = trigger.stringValue, question["payload"] == nil else {
        throw .malformed("trigger is the name of one, and takes inputs instead of payload")
      }
      let call = question["inputs"].map { JSONValue.object(["inputs": $0]).serialized() }
      return hook.explanation(ofCall: name, body: call, id: Self.deliveryID)
    }
    guard let payload = question["payload"] else { throw .malformed("give payload, or trigger") }
    var header: [(name: String, value: String)] = []
    for member in question["header"]?.objectValue ?? [:] {
      guard let value = member.value.stringValue else {
        throw .malformed("header is an object of texts")
      }
      header.append((member.key, value))
    }
    if let event = question["event"]?.stringValue, let profile = hook.source?.profile {
      header = profile.completing(header, event: event, delivery: Self.deliveryID)
    }
    return hook.explanation(header: header, body: payload.serialized(), id: Self.deliveryID)
  }

  private func stored(
    _ value: JSONValue, _ question: JSONObject
  ) async throws(Problem) -> HookExplanation {
    guard question.count == 1 else { throw .malformed("give nothing beside delivery") }
    guard let id = value.stringValue.flatMap({ DeliveryID($0) }) else {
      throw .malformed("delivery is the id of one")
    }
    let whole: WholeDelivery?
    do throws(JournalError) { whole = try await journal.delivery(id) } catch {
      throw Problem(response: Reply.notJournaled(error))
    }
    guard let whole, let head = StoredHead(whole.head) else {
      throw Problem(
        response: Reply.refusal(
          .notFound, "delivery", "there is no such delivery, or not any more"))
    }
    let hook = try hook(named: whole.summary.hook)
    switch whole.summary.source {
    case DueDelivery.source: throw .malformed("a schedule is due by the clock alone")
    case Intake.manualSource:
      return hook.explanation(
        ofCall: whole.summary.decisions.first?.trigger ?? "",
        body: whole.body.isEmpty ? nil : whole.body, id: id.description)
    default:
      return hook.explanation(
        header: head.headerPairs, query: head.queryPairs, body: whole.body,
        id: id.description)
    }
  }

  private func hook(named name: String) throws(Problem) -> Hook {
    guard let hook = hooks.hook(named: name) else {
      throw Problem(response: Refusal.unknownHook)
    }
    return hook
  }

  private static let fields = [
    "hook", "event", "header", "payload", "trigger", "inputs", "delivery",
  ]
  /// From which names are derived where the header gives no id.
  private static let deliveryID = "example"
}

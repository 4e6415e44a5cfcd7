// Plays a recording against a server of its own.

import Bytes
import Crypto
import Foundation
import HTTPWire
import JSON
import Synchronization

@testable import Sandbox

/// A clock that only moves when it is told to.
final class ManualClock: Sendable {
  private let microseconds = Mutex<Int64>(1_795_348_800_000_000)

  var now: Timestamp { Timestamp(microseconds: microseconds.withLock { $0 }) }

  func advance(microseconds count: Int64) {
    microseconds.withLock { $0 += count }
  }

  func advance(to moment: Timestamp) {
    microseconds.withLock { $0 = max($0, moment.microseconds) }
  }
}

/// What the server answered, in the shape of a recorded response.
struct ReplayedResponse {
  var status: Int
  var fields: HTTPFields
  var body: JSONValue?
  var text: [UInt8]?
  var events: [JSONValue]?
}

/// Sends the requests of one recording and notes which recorded value became which.
final class Replayer {
  let server: APIServer
  private let clock = ManualClock()
  private let recording: Recording
  /// Recorded versions, uids, tokens and generated names, and what they are here.
  private var known: [String: String] = [:]
  private var openWatches: [Int: (watch: Watch, events: [JSONValue])] = [:]
  private var accountTokens: [String: String] = [:]
  /// The token of the last answer that held one.
  private var lastToken = ""

  static let administratorToken = "administrator"

  init(_ recording: Recording, definitions: [ResourceDefinition]) throws {
    self.recording = recording
    let clock = clock
    server = try APIServer(
      definitions: definitions, administratorToken: Self.administratorToken,
      signingKey: SecretBytes(Array("signing key of the replay".utf8)),
      serverAddress: { "kubernetes.default.svc:443" }, clock: { clock.now })
    _ = send(
      "POST", "/api/v1/namespaces",
      body: #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"rec-ci"}}"#)
    // A real cluster's past is longer than its memory.
    for _ in 0..<3 { _ = send("POST", "/api/v1/namespaces/rec-ci/configmaps", body: "{}") }
    server.compact()
  }

  private func send(
    _ method: String, _ target: String, body: String = "", contentType: String = "application/json"
  ) -> APIResponse {
    server.handle(
      APIRequest(
        method: HTTPMethod(rawValue: method), target: target,
        fields: [
          "Authorization": "Bearer \(Self.administratorToken)", "Content-Type": contentType,
          "User-Agent": "hookline/0.1",
        ], body: Array(body.utf8)))
  }

  /// Plays everything. Gives one response for each exchange; `nil` for those that test the
  /// connection and have no counterpart here.
  func run() -> [ReplayedResponse?] {
    var responses: [ReplayedResponse?] = []
    for (index, exchange) in recording.exchanges.enumerated() {
      for setup in recording.setup where setup.beforeExchange == index { apply(setup) }
      clock.advance(microseconds: 10_000)
      if exchange.isRaw || exchange.status == nil {
        responses.append(nil)
        continue
      }
      let response = server.handle(request(exchange))
      responses.append(played(response, exchange, index))
      pollOpenWatches()
    }
    return finishWatches(responses)
  }

  private func apply(_ setup: Recording.Setup) {
    var object = setup.body.map { translated(expandingRepeats($0)) }
    if setup.method == "PUT" {
      // The answer that held these was not recorded.
      object?[["metadata", "uid"]] = nil
      object?[["metadata", "resourceVersion"]] = nil
    }
    let body = object?.serializedString() ?? ""
    _ = send(
      setup.method, translated(target: setup.target), body: body, contentType: setup.contentType)
    if setup.target.hasSuffix("/token") { accountTokens.removeAll() }
  }

  // MARK: Requests

  private func request(_ exchange: Recording.Exchange) -> APIRequest {
    var fields = HTTPFields()
    for header in exchange.headers {
      let token = header.name == "Authorization" ? credential(header.value, exchange) : nil
      fields.append(name: header.name, value: token ?? expandingRepeats(header.value))
    }
    if fields["User-Agent"] == nil, !exchange.note.contains("Without a User-Agent") {
      fields["User-Agent"] = "hookline/0.1"
    }
    var request = APIRequest(
      method: HTTPMethod(rawValue: exchange.method), target: translated(target: exchange.target),
      fields: fields, body: body(exchange.body))
    if exchange.identity.hasPrefix("client certificate O=system:masters") {
      request.certificate = CertificateSubject(
        commonName: "admin", organizations: ["system:masters"])
    }
    return request
  }

  private func credential(_ field: String, _ exchange: Recording.Exchange) -> String {
    guard field.contains("<token>") else { return field }
    let token =
      switch exchange.identity {
      case "admin": Self.administratorToken
      case "tampered token": tampered(accountToken("rec-ci", "hookline"))
      case "token for another audience": lastToken
      case let name where name.hasPrefix("system:serviceaccount:"):
        accountToken(of: name)
      default: accountToken("rec-ci", "hookline")
      }
    return field.replacingOccurrences(of: "<token>", with: token)
  }

  private func tampered(_ token: String) -> String {
    let last = token.last == "A" ? "B" : "A"
    return token.dropLast() + last
  }

  private func accountToken(of user: String) -> String {
    let parts = user.split(separator: ":").map(String.init)
    return parts.count == 4 ? accountToken(parts[2], parts[3]) : ""
  }

  private func accountToken(_ namespace: String, _ name: String) -> String {
    let key = "\(namespace)/\(name)"
    if let token = accountTokens[key] { return token }
    let response = send(
      "POST", "/api/v1/namespaces/\(namespace)/serviceaccounts/\(name)/token",
      body: #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"#)
    guard case .value(let value) = response.body else { return "" }
    let token = value[["status", "token"]]?.stringValue ?? ""
    accountTokens[key] = token
    return token
  }

  private func body(_ value: JSONValue?) -> [UInt8] {
    switch value {
    case nil: return []
    case .string(let text)?: return Array(expandingRepeats(text).utf8)
    case let value?:
      if let base64 = value["$base64"]?.stringValue { return Base64.decode(base64) ?? [] }
      return translated(expandingRepeats(value)).serialized()
    }
  }

  /// A recorded value with what the recording's server chose replaced by what this one chose.
  private func translated(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string("<token>"): return .string(accountToken("rec-ci", "hookline"))
    case .string(let text): return .string(known[text] ?? text)
    case .array(let elements): return .array(elements.map(translated))
    case .object(let object):
      return .object(
        JSONObject(
          object.map { member in
            if member.key == "resourceVersion", case .string(let text) = member.value {
              return (member.key, .string(version(text)))
            }
            return (member.key, translated(member.value))
          }))
    default: return value
    }
  }

  /// The version here that stands for a recorded one. Numbers that the recording's server could
  /// not have chosen stay.
  private func version(_ text: String) -> String {
    if let here = known[text] { return here }
    guard let number = Int(text), (10_000..<900_000).contains(number) else { return text }
    // Older than one that is known: the one before it. Newer than all: the present one.
    let later = known.keys.compactMap { Int($0) }.filter { $0 > number }.min()
    let before = later.flatMap { known[String($0)] }.flatMap { Int($0) }.map { String($0 - 1) }
    let here = before ?? currentVersion()
    known[text] = here
    return here
  }

  /// A recorded text with what the recording's server chose replaced by what this one chose.
  func translated(text: String) -> String {
    known.reduce(text) { text, pair in
      pair.key.count < 5 ? text : text.replacingOccurrences(of: pair.key, with: pair.value)
    }
  }

  private func currentVersion() -> String {
    let response = send("GET", "/api/v1/namespaces/rec-ci/secrets?limit=1")
    guard case .value(let value) = response.body else { return "" }
    return value[["metadata", "resourceVersion"]]?.stringValue ?? ""
  }

  private func translated(target: String) -> String {
    let sides = expandingRepeats(target).split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = sides[0].split(separator: "/", omittingEmptySubsequences: false).map {
      known[String($0)] ?? String($0)
    }.joined(separator: "/")
    guard sides.count > 1 else { return path }
    let query = sides[1].split(separator: "&", omittingEmptySubsequences: false).map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { return String(part) }
      switch pair[0] {
      case "resourceVersion": return "resourceVersion=" + version(String(pair[1]))
      case "continue": return "continue=" + (known[String(pair[1])] ?? String(pair[1]))
      default: return String(part)
      }
    }.joined(separator: "&")
    return path + "?" + query
  }

  // MARK: Responses

  private func played(
    _ response: APIResponse, _ exchange: Recording.Exchange, _ index: Int
  ) -> ReplayedResponse {
    var result = ReplayedResponse(status: response.status.rawValue, fields: response.fields)
    switch response.body {
    case .none: break
    case .value(let value):
      result.body = value
      if let token = value[["status", "token"]]?.stringValue { lastToken = token }
      learn(exchange.response["body"] ?? .null, value)
    case .bytes(let bytes): result.text = bytes
    case .watch(let watch):
      openWatches[index] = (watch, [])
      pollOpenWatches()
      if exchange.response["eventAfterExchange"] == nil { play(toTheEndOf: index, exchange) }
      result.events = []
    }
    return result
  }

  private func pollOpenWatches() {
    for index in openWatches.keys {
      guard var open = openWatches[index] else { continue }
      open.events += server.poll(&open.watch)
      openWatches[index] = open
    }
  }

  /// Lets the time pass for which the recorded watch was open.
  private func play(toTheEndOf index: Int, _ exchange: Recording.Exchange) {
    let seconds = exchange.response["secondsOpen"]?.doubleValue ?? 0
    let start = clock.now
    let end = Timestamp(microseconds: start.microseconds + Int64(seconds * 1_000_000) + 100_000)
    while let watch = openWatches[index]?.watch, !watch.isFinished,
      let wake = watch.wakeTime, wake <= end
    {
      clock.advance(to: wake)
      pollOpenWatches()
    }
    clock.advance(to: end)
    pollOpenWatches()
  }

  private func finishWatches(_ responses: [ReplayedResponse?]) -> [ReplayedResponse?] {
    for (index, exchange) in recording.exchanges.enumerated() where openWatches[index] != nil {
      play(toTheEndOf: index, exchange)
    }
    return responses.enumerated().map { index, response in
      guard let open = openWatches[index] else { return response }
      var response = response
      response?.events = open.events
      return response
    }
  }

  /// The same for the versions and uids that a message names.
  private func learn(message recorded: String, _ here: String) {
    func words(_ text: String) -> [Substring] {
      text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }
    }
    let (left, right) = (words(recorded), words(here))
    guard left.count == right.count else { return }
    for (recorded, here) in zip(left, right) where recorded != here {
      let isVersion = recorded.count > 4 && recorded.allSatisfy(\.isNumber)
      if isVersion || recorded.count == 36 { known[String(recorded)] = String(here) }
    }
  }

  /// Notes which recorded value became which, wherever both sides have the same shape.
  private func learn(_ recorded: JSONValue, _ here: JSONValue, key: String = "") {
    switch (recorded, here) {
    case (.object(let recorded), .object(let here)):
      for member in recorded {
        guard let value = here[member.key] else { continue }
        learn(member.value, value, key: member.key)
      }
    case (.array(let recorded), .array(let here)):
      for (left, right) in zip(recorded, here) { learn(left, right, key: key) }
    case (.string(let recorded), .string(let here)):
      if ["uid", "resourceVersion", "continue"].contains(key)
        || (key == "name" && recorded != here)
      {
        known[recorded] = here
      } else if key == "message" {
        learn(message: recorded, here)
      }
    default: break
    }
  }
}

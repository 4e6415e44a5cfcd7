// How far an answer agrees with the recorded one.

import Foundation
import HTTPWire
import JSON
import YAML

@testable import Sandbox

/// Compares answers: status, the fields that carry meaning, and the body: the same structure, and
/// the same values except those that differ from run to run.
struct RecordingComparison {
  let recording: Recording
  /// Says what a recorded text would be here.
  let translated: (String) -> String

  /// The fields that are compared. Others are about the connection, or name uids.
  private static let comparedFields = [
    "Content-Type", "Warning", "Retry-After", "X-Content-Type-Options", "Vary",
  ]

  /// What differs in one exchange.
  func differences(_ index: Int, _ response: ReplayedResponse) -> [String] {
    let recorded = recording.exchanges[index].response
    guard response.status == recorded["status"]?.intValue else {
      return ["status \(response.status), recorded \(recorded["status"]?.intValue ?? 0)"]
    }
    var result = fieldDifferences(recorded["headers"]?.objectValue ?? [:], response.fields)
    let path = "$.exchanges[\(index)].response"
    if let events = recorded["events"]?.arrayValue {
      result += differences(
        .array(events.filter(isComparable)),
        .array((response.events ?? []).filter(isComparable)), "\(path).events")
    } else if let body = recorded["body"] {
      result += bodyDifferences(body, response, "\(path).body")
    }
    return result
  }

  private func fieldDifferences(_ recorded: JSONObject, _ fields: HTTPFields) -> [String] {
    Self.comparedFields.compactMap { name in
      let expected = recorded[name].map { $0.arrayValue ?? [$0] } ?? []
      let actual = fields.values(for: name)
      if expected.compactMap(\.stringValue) == actual { return nil }
      return "\(name) \(actual), recorded \(expected.compactMap(\.stringValue))"
    }
  }

  /// The number of ordinary bookmarks is a matter of time.
  private func isComparable(_ event: JSONValue) -> Bool {
    event["type"] != "BOOKMARK" || event.serializedString().contains("initial-events-end")
  }

  private func bodyDifferences(
    _ recorded: JSONValue, _ response: ReplayedResponse, _ path: String
  ) -> [String] {
    if case .string(let text) = recorded {
      return textDifferences(text, response, path)
    }
    if recorded["$binary"] != nil { return response.text == nil ? ["not binary"] : [] }
    if response.events != nil { return onlyEventDifferences(recorded, response, path) }
    return differences(recorded, response.body ?? .null, path)
  }

  /// A watch that was recorded with a single event as its body.
  private func onlyEventDifferences(
    _ recorded: JSONValue, _ response: ReplayedResponse, _ path: String
  ) -> [String] {
    differences(recorded, response.events?.first ?? .null, path)
  }

  private func textDifferences(
    _ text: String, _ response: ReplayedResponse, _ path: String
  ) -> [String] {
    if let body = response.body {
      guard let documents = try? parseDocuments(text, file: path), let first = documents.first
      else { return ["not text"] }
      return differences(first.root.json, body, path)
    }
    let actual = String(decoding: response.text ?? [], as: UTF8.self)
    if actual == text { return [] }
    return isCheckList(text) && isCheckList(actual) && lastLine(actual) == lastLine(text)
      ? [] : ["text \(actual.debugDescription), recorded \(text.debugDescription)"]
  }

  /// Which checks there are differs between builds of a real server.
  private func isCheckList(_ text: String) -> Bool { text.hasPrefix("[+]") }

  private func lastLine(_ text: String) -> Substring? { text.split(separator: "\n").last }

  private func differences(
    _ recorded: JSONValue, _ actual: JSONValue, _ path: String
  ) -> [String] {
    switch (recorded, actual) {
    case (.object(let recorded), .object(let actual)):
      var result: [String] = []
      for member in recorded {
        guard let value = actual[member.key] else {
          result.append("\(path).\(member.key) is missing")
          continue
        }
        result += differences(member.value, value, "\(path).\(member.key)")
      }
      for key in actual.keys where recorded[key] == nil {
        result.append("\(path).\(key) is not in the recording: \(actual[key] ?? nil)")
      }
      return result
    case (.array(let recorded), .array(let actual)):
      guard recorded.count == actual.count else {
        return ["\(path) has \(actual.count) elements, recorded \(recorded.count)"]
      }
      let (left, right) =
        path.hasSuffix(".causes") ? (sorted(recorded), sorted(actual)) : (recorded, actual)
      return zip(left, right).enumerated().flatMap {
        differences($0.element.0, $0.element.1, "\(path)[\($0.offset)]")
      }
    case (.string(let recorded), .string(let actual)):
      if recorded == actual || isVolatile(path) { return [] }
      if recorded == "<token>", !actual.isEmpty { return [] }
      if translated(expandingRepeats(recorded)) == actual { return [] }
      if path.hasSuffix(".message"), parts(recorded) == parts(actual) { return [] }
      return ["\(path) is \(actual.debugDescription), recorded \(recorded.debugDescription)"]
    default:
      if recorded == actual || (isVolatile(path) && sameType(recorded, actual)) { return [] }
      return ["\(path) is \(actual), recorded \(recorded)"]
    }
  }

  private func sorted(_ values: [JSONValue]) -> [JSONValue] {
    func key(_ value: JSONValue) -> String { translated(value.serializedString()) }
    return values.sorted { key($0) < key($1) }
  }

  /// The mistakes of a message, in whatever order.
  private func parts(_ message: String) -> [String] {
    message.replacingOccurrences(of: "[", with: "").replacingOccurrences(of: "]", with: "")
      .components(separatedBy: ", metadata.").map { part in
        part.components(separatedBy: " is invalid: metadata.").joined(separator: "")
      }.sorted()
  }

  private func sameType(_ left: JSONValue, _ right: JSONValue) -> Bool {
    left.typeName == right.typeName
  }

  private func isVolatile(_ path: String) -> Bool {
    if recording.volatile.contains(path) { return true }
    // Inside YAML text single values have no paths of their own.
    let last = path.split(separator: ".").last.map(String.init) ?? ""
    return ["uid", "creationTimestamp", "time", "resourceVersion"].contains(last)
  }
}

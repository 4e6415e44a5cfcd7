// Decisions as JSON, as they lie in the database.
//
//   [{"trigger": T, "run": true} | {…, "skip": REASON, "message": M} | {…, "fail": M} | {…, "defer": M} |
//    {…, "held": M}]
//
// The first format wrote true in place of the message of a deferred decision.

import JSON

/// A decision without its runs.
struct DecisionText: Equatable, Sendable {
  let trigger: String
  let verdict: StoredDecision.Verdict

  init(trigger: String, verdict: StoredDecision.Verdict) {
    self.trigger = trigger
    self.verdict = verdict
  }

  init(_ decision: NewDecision) {
    trigger = decision.trigger
    verdict =
      switch decision.verdict {
      case .run: .run
      case .skip(let reason, let message): .skip(reason: reason, message: message)
      case .fail(let message): .fail(message: message)
      case .defer(_, _, let message): .defer(message: message)
      case .held(_, let hold): .held(message: hold.message)
      }
  }

  /// Nil for anything that this version does not write.
  init?(_ value: JSONValue) {
    guard let trigger = value["trigger"]?.stringValue else { return nil }
    self.trigger = trigger
    if value["run"] != nil {
      verdict = .run
    } else if let reason = value["skip"]?.stringValue {
      verdict = .skip(reason: reason, message: value["message"]?.stringValue ?? "")
    } else if let message = value["fail"]?.stringValue {
      verdict = .fail(message: message)
    } else if let message = value["defer"] {
      verdict = .defer(message: message.stringValue ?? "")
    } else if let message = value["held"]?.stringValue {
      verdict = .held(message: message)
    } else {
      return nil
    }
  }

  var json: JSONValue {
    switch verdict {
    case .run: ["trigger": .string(trigger), "run": true]
    case .skip(let reason, let message):
      ["trigger": .string(trigger), "skip": .string(reason), "message": .string(message)]
    case .fail(let message): ["trigger": .string(trigger), "fail": .string(message)]
    case .defer(let message): ["trigger": .string(trigger), "defer": .string(message)]
    case .held(let message): ["trigger": .string(trigger), "held": .string(message)]
    }
  }

  static func encode(_ decisions: [DecisionText]) -> [UInt8] {
    JSONValue.array(decisions.map(\.json)).serialized()
  }

  /// Nil when the bytes are not what ``encode(_:)`` makes.
  static func decode(_ bytes: [UInt8]) -> [DecisionText]? {
    do throws(JSONError) {
      guard let values = try JSONValue.parse(bytes).arrayValue else { return nil }
      let decisions = values.compactMap(DecisionText.init)
      return decisions.count == values.count ? decisions : nil
    } catch {
      return nil
    }
  }
}

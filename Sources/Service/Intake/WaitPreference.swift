// How long a caller wants to wait, and for what.
//
//   ?wait=DURATION            as Go writes durations: 30s, 2m; from 1ms to 10m
//   ?wait=DURATION&for=completion
//   Prefer: wait=SECONDS      RFC 7240 §4.3; what is too long is cut, what is no number is ignored
//
// The query is a demand, and wrong values are errors; the header is a wish.

import Bytes
import HTTPWire

/// What a caller waits for before the reply.
struct WaitPreference: Equatable, Sendable {
  /// When there is enough to tell.
  enum Goal: String, Equatable, Sendable {
    /// Every run exists, or was given up.
    case creation
    /// Every run has finished.
    case completion
  }

  let limit: Duration
  let goal: Goal
  /// Whether `Prefer` asked for it, which the response has to acknowledge.
  let isPreference: Bool

  /// Why a query cannot be obeyed.
  struct Problem: Error, Equatable {
    let message: String
  }

  /// What a request asks for; nil for an answer at once.
  static func read(
    query: [(name: String, value: String)], fields: HTTPFields
  ) -> Result<WaitPreference?, Problem> {
    let waits = query.filter { $0.name == "wait" }.map(\.value)
    let goals = query.filter { $0.name == "for" }.map(\.value)
    guard waits.count <= 1, goals.count <= 1 else {
      return .failure(Problem(message: "wait and for may be given once"))
    }
    guard let goal = Goal(rawValue: goals.first ?? Goal.creation.rawValue) else {
      return .failure(Problem(message: "for is \"creation\" or \"completion\""))
    }
    if let text = waits.first {
      do throws(GoDurationError) {
        let limit = try GoDuration(text).duration
        if limit > .zero, limit <= limitMax {
          return .success(WaitPreference(limit: limit, goal: goal, isPreference: false))
        }
      } catch {}
      return .failure(Problem(message: "wait is a duration such as 30s or 2m, at most 10m"))
    }
    if let limit = preferredLimit(fields) {
      return .success(WaitPreference(limit: limit, goal: goal, isPreference: true))
    }
    if !goals.isEmpty { return .failure(Problem(message: "for has no meaning without wait")) }
    return .success(nil)
  }

  private static func preferredLimit(_ fields: HTTPFields) -> Duration? {
    for value in fields.values(for: "Prefer") {
      for preference in value.split(separator: ",") {
        let parts = (preference.split(separator: ";").first ?? "").split(
          separator: "=", maxSplits: 1)
        guard parts.count == 2, trimmed(parts[0]).lowercased() == "wait",
          let seconds = Decimal.parse(trimmed(parts[1]).utf8), seconds > 0
        else { continue }
        return min(.seconds(Int64(clamping: min(seconds, secondsMax))), limitMax)
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text = text.dropLast() }
    return text
  }

  /// The longest wait: as long as proxies and CI systems commonly keep a silent connection.
  static let limitMax = Duration.seconds(600)
  private static let secondsMax: UInt64 = 600
}

// The recordings of a real API server, replayed against the sandbox.

import Foundation
import JSON
import TestSupport
import Testing

@testable import Sandbox

struct ReplayTests {
  /// The scenarios that the sandbox promises to reproduce.
  static let promised = [
    "create-already-exists", "create-bad-name", "create-bad-metadata", "create-generate-name",
    "create-field-validation", "create-malformed-json", "create-wrong-kind",
    "create-namespace-errors", "create-pipelinerun-v1", "get-one", "list-plain", "list-paging",
    "list-selectors", "list-table", "watch-lifecycle", "watch-start-modes", "watch-expired",
    "patch-merge", "patch-cancel", "delete-one", "secret-read", "leases",
    "auth-missing-and-invalid-credentials", "unknown-resources", "discovery",
    "version-and-health",
  ]

  /// Why exchanges do not agree, by the start of their name. What is not listed is not known.
  static let reasons = [
    (
      "secret-read[8]",
      "objects have no protobuf form here; a client that also accepts JSON gets it"
    ),
    ("discovery[7]", "only resources are listed that are served: no logs, no exec, no scale"),
    ("discovery[10]", "the index lists the paths of this server"),
    ("discovery-aggregated", "the recording is cut down to a few entries"),
    ("openapi-index", "the documents are the least that kubectl needs, so their hashes differ"),
    ("http-media-types[20]", "errors have no protobuf form here either"),
    ("http-compression", "answers are not compressed"),
    ("http-connections", "a matter of the HTTP server, which is tested by itself"),
    ("http-request-bodies", "a matter of the HTTP server, which is tested by itself"),
    ("too-many-requests", "there is no priority and fairness"),
    ("webhook-third-party", "webhooks are not called; only Tekton's rules are built in"),
    ("webhook-unavailable", "webhooks are not called, so they cannot be away"),
    ("webhook-quota[4]", "usage is not written by a manager of its own"),
    ("create-size-limits[3]", "webhooks are not called, so no size is too much for them"),
    ("create-query-parameters", "no request takes as long as a millisecond"),
    ("auth-client-certificate", "users have no credential ids; unknown certificates fail in TLS"),
    ("auth-access-reviews", "users have no credential ids; there is no OpenID configuration"),
    ("auth-impersonation", "refused fields are not marked as unsniffable"),
    ("auth-token-lifetime[8]", "tokens are not cached: they end with their account"),
  ]

  /// How one scenario went.
  struct Score {
    var name: String
    var agreeing = 0
    var total = 0
    var failures: [String] = []
  }

  static func play(_ name: String) throws -> Score {
    let recording = try Recording(named: name)
    let replayer = try Replayer(recording, definitions: TektonResources.installed)
    let responses = replayer.run()
    let comparison = RecordingComparison(recording: recording) { replayer.translated(text: $0) }
    var score = Score(name: name)
    for (index, response) in responses.enumerated() {
      guard let response else { continue }
      score.total += 1
      let differences = comparison.differences(index, response)
      if differences.isEmpty {
        score.agreeing += 1
      } else {
        let exchange = recording.exchanges[index]
        score.failures.append(
          "\(name)[\(index)] \(exchange.method) \(exchange.target.prefix(120)): "
            + differences.prefix(3).joined(separator: "; "))
      }
    }
    return score
  }

  private static func report(_ scores: [Score], showing shown: Int) {
    for score in scores {
      let name = score.name.padding(toLength: 44, withPad: " ", startingAt: 0)
      print("  \(name) \(score.agreeing)/\(score.total)")
      for failure in score.failures.prefix(shown) {
        print("      \(failure.prefix(700))")
        if let reason = Self.reasons.first(where: { failure.hasPrefix($0.0) })?.1 {
          print("        because \(reason)")
        }
      }
    }
    let agreeing = scores.map(\.agreeing).reduce(0, +)
    let total = scores.map(\.total).reduce(0, +)
    print("  \(agreeing) of \(total) exchanges agree")
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `at least 95 of 100 promised exchanges agree with a real server`() throws {
    let scores = try Self.promised.map(Self.play)
    print("Promised scenarios:")
    Self.report(scores, showing: 100)
    let agreeing = scores.map(\.agreeing).reduce(0, +)
    let total = scores.map(\.total).reduce(0, +)
    #expect(agreeing * 100 >= total * 95)
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func `the other recordings are played without a crash, and their score is printed`() throws {
    let others = try Recording.allNames().filter { !Self.promised.contains($0) }
    let scores = try others.map(Self.play)
    print("Other scenarios:")
    Self.report(scores, showing: 100)
    #expect(scores.map(\.total).reduce(0, +) > 0)
  }
}

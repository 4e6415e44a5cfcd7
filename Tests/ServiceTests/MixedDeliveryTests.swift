import Bytes
import Crypto
import Foundation
import HTTPWire
import JSON
import Journal
import Testing

@testable import Service

/// Deliveries of every kind at once: each answer and each run is that of its own delivery.
///
/// `MIXED_DELIVERIES` says how many; under the thread sanitizer 100,000 were sent
/// (`MIXED_DELIVERIES=100000 scripts/sanitize thread --filter MixedDelivery`).
@Suite struct MixedDeliveryTests {
  private static let connectionCount = 64
  private static let countDefault = 1600

  /// What one sender sends in turn.
  private enum Kind: Int, CaseIterable {
    case build, skip, forged, duplicate, manual, malformed
  }

  @Test func `no delivery is answered with another's`() async throws {
    let count =
      ProcessInfo.processInfo.environment["MIXED_DELIVERIES"].flatMap { Int($0) }
      ?? Self.countDefault
    let share = max(Kind.allCases.count, count / Self.connectionCount)
    // Two loops of 16 connections, and requests that wait for their turn on them.
    try await ServiceFixture.run(loopCount: 2) { service in
      var wanted: [String: String] = [:]
      try await withThrowingTaskGroup(of: [String: String].self) { group in
        for sender in 0..<Self.connectionCount {
          group.addTask { try await Self.sendAll(share, from: sender, to: service) }
        }
        for try await made in group { wanted.merge(made) { first, _ in first } }
      }
      while service.journal.counts.pending > 0 {
        _ = try await service.journal.list(ListRequest(limit: 1))
      }
      #expect(service.cluster.objects.count == wanted.count)
      for object in service.cluster.objects {
        let name = try #require(object[["metadata", "name"]]?.stringValue)
        let value = object[["spec", "params"]]?.arrayValue?.first?["value"]?.stringValue
        #expect(wanted[name] == value)
      }
    }
  }

  /// Sends deliveries one after the other; the runs that are to be there.
  private static func sendAll(
    _ count: Int, from sender: Int, to service: ServiceFixture
  ) async throws -> [String: String] {
    var wanted: [String: String] = [:]
    for number in 0..<count {
      guard let kind = Kind(rawValue: number % Kind.allCases.count) else { continue }
      let made = try await send(kind, "\(sender)-\(number)", to: service)
      wanted.merge(made) { first, _ in first }
    }
    return wanted
  }

  /// Sends one delivery and looks at its answer.
  ///
  /// - Returns: the runs that are to be there, by name, with what their first parameter is.
  private static func send(
    _ kind: Kind, _ id: String, to service: ServiceFixture
  ) async throws -> [String: String] {
    let revision = Hex.encode(Digest.sha256(Array(id.utf8)).prefix(20))
    switch kind {
    case .build, .duplicate:
      let body = ServiceFixture.push(to: "main", revision: revision)
      let first = try await service.deliver(body, id: id)
      #expect(first.status == 202)
      let run = first.json["decisions"]?.arrayValue?.first?["run"]
      let name = try #require(run?["name"]?.stringValue)
      if kind == .duplicate {
        let second = try await service.deliver(body, id: id)
        #expect(second.status == 200)
        #expect(second.json["delivery"] == first.json["delivery"])
        #expect(second.json["decisions"]?.arrayValue?.first?[["run", "name"]]?.stringValue == name)
      }
      return [name: revision]
    case .skip:
      let reply = try await service.deliver(
        ServiceFixture.push(to: "topic-\(id)", revision: revision), id: id)
      #expect(reply.status == 200)
      let message = reply.json["decisions"]?.arrayValue?.first?[["skip", "message"]]?.stringValue
      #expect(message?.contains("topic-\(id) ") == true, "\(reply.json)")
      return [:]
    case .forged:
      let reply = try await service.deliver(
        ServiceFixture.push(to: "main", revision: revision), id: id, secret: "guess")
      #expect(reply.status == 401 || reply.status == 429)
      return [:]
    case .manual:
      let reply = try await service.send(
        .post, "/hooks/ci/app/deploy",
        [
          "Authorization": "Bearer \(ServiceFixture.token)", "Content-Type": "application/json",
        ],
        Array("{\"inputs\": {\"environment\": \"staging\"}}".utf8))
      #expect(reply.status == 202)
      let run = reply.json["decisions"]?.arrayValue?.first?["run"]
      return [try #require(run?["name"]?.stringValue): "staging"]
    case .malformed:
      let reply = try await service.deliver(Array("{\"id\": \"\(id)".utf8), id: id)
      #expect(reply.status == 400)
      return [:]
    }
  }
}

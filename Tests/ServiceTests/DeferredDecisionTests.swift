import Hooks
import HTTPWire
import JSON
import Reactor
import Synchronization
import Testing

@testable import Journal
@testable import Service

/// Decisions that need the host's list of changed files, from the delivery to the cluster.
@Suite struct DeferredDecisionTests {
  private static func configuration(_ api: ProviderAPI, forks: String = "run") -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
        type: github
        secrets: [{ secretRef: { name: github-webhook, key: token } }]
        api: { url: "\(api.address)", token: { env: T }, caFile: "\(api.certificateAuthority ?? "")" }
      triggers:
      - name: build
        on: [pull_request]
        paths: ["api/**"]
        whenTruncated: fetch
        forks: \(forks)
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: github-webhook, namespace: ci }
    stringData: { token: "\(ServiceFixture.secret)" }
    """
  }

  private static let payload: [UInt8] = {
    let payload: JSONValue = [
      "action": "opened", "number": 7,
      "pull_request": [
        "number": 7, "title": "t", "labels": [],
        "head": [
          "ref": "topic", "sha": .string(String(repeating: "a", count: 40)),
          "repo": ["full_name": "octo/app", "id": 1],
        ],
        "base": ["ref": "main", "repo": ["full_name": "octo/app", "id": 1]],
      ],
      "repository": ["full_name": "octo/app", "id": 1], "sender": ["login": "octocat"],
    ]
    return payload.serialized()
  }()

  private static func list(_ files: String...) -> ProviderFixture.Reply {
    let entries = files.map { "{\"filename\": \"\($0)\", \"status\": \"modified\"}" }
    return .init(body: "[\(entries.joined(separator: ","))]")
  }

  /// Runs a test against a service whose host answers from the list of replies, the last one for good.
  private func run(
    _ replies: [ProviderFixture.Reply], state: StateFolder? = nil,
    _ test: (ServiceFixture, ProviderFixture) async throws -> Void
  ) async throws {
    let left = Mutex(replies)
    let host = ProviderFixture { _ in
      left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
    try await host.run { client, api in
      try await ServiceFixture.run(
        state: state, configuration: Self.configuration(api), provider: client
      ) { service in
        try await test(service, host)
      }
    }
  }

  @Test func `a pull request is decided by the files that the host lists`() async throws {
    try await run([Self.list("docs/a.md", "api/b.swift")]) { service, host in
      let reply = try await service.deliver(Self.payload, event: "pull_request")
      #expect(reply.status == 202)
      let decision = try #require(reply.json["decisions"]?.arrayValue?.first)
      #expect(decision["trigger"] == "build")
      #expect(decision[["deferred", "message"]]?.stringValue?.contains("asked") == true)
      let end = try await service.end(of: reply.json)
      #expect(end.decisions.map(\.verdict) == [.run])
      #expect(end.runs.map(\.state) == [.created])
      #expect(end.decisions.first?.note == nil)
      #expect(service.cluster.objects.count == 1)
      #expect(host.targets == ["/api/repos/octo/app/pulls/7/files?per_page=100&page=1"])
      // A repetition is known, and asks nobody.
      let again = try await service.deliver(Self.payload, event: "pull_request")
      #expect(again.status == 200 && again.json["duplicate"] == true)
      #expect(host.targets.count == 1)
    }
  }

  @Test func `files that do not count skip it, with the reason`() async throws {
    try await run([Self.list("docs/a.md")]) { service, _ in
      let reply = try await service.deliver(Self.payload, event: "pull_request")
      let end = try await service.end(of: reply.json)
      guard case .skip("path", let message) = end.decisions.first?.verdict else {
        Issue.record("\(end.decisions)")
        return
      }
      #expect(message.contains("docs/a.md"))
      #expect(service.cluster.objects.isEmpty)
    }
  }

  @Test func `a list that the host cuts lets it run, and says so`() async throws {
    let many = (0..<100).map { "docs/\($0)" }
    let entries = many.map { "{\"filename\": \"\($0)\", \"status\": \"added\"}" }
    try await run([.init(body: "[\(entries.joined(separator: ","))]")]) { service, _ in
      let reply = try await service.deliver(Self.payload, event: "pull_request")
      let end = try await service.end(of: reply.json)
      #expect(end.decisions.map(\.verdict) == [.run])
      #expect(end.decisions.first?.note?.contains("does not list all changed files") == true)
      let shown = try await service.ask(.get, "/api/v1/deliveries/\(end.id)").json
      #expect(shown["decisions"]?.arrayValue?.first?["note"] != nil)
    }
  }

  @Test func `a host that is away is asked again`() async throws {
    let away = ProviderFixture.Reply(status: .serviceUnavailable)
    try await run([away, away, Self.list("api/b.swift")]) { service, host in
      let reply = try await service.deliver(Self.payload, event: "pull_request")
      let end = try await service.end(of: reply.json)
      #expect(end.runs.map(\.state) == [.created])
      #expect(host.targets.count == 3)
    }
  }

  @Test func `what the host refuses is a dead letter, and a redelivery tries again`() async throws {
    let hidden = ProviderFixture.Reply(status: .notFound)
    try await run([hidden, Self.list("api/b.swift")]) { service, _ in
      let reply = try await service.deliver(Self.payload, event: "pull_request")
      let end = try await service.end(of: reply.json)
      #expect(end.state == .failed)
      #expect(end.runs.first?.failure?.message.contains("answered 404") == true)
      let shown = try await service.ask(.get, "/api/v1/deliveries/\(end.id)").json
      #expect(shown["decisions"]?.arrayValue?.first?[["deferred", "state"]] == "dead")
      let again = try await service.deliver(Self.payload, event: "pull_request")
      #expect(again.json["retried"] == true)
      #expect(try await service.end(of: reply.json).runs.map(\.state) == [.created])
      #expect(service.cluster.objects.count == 1)
    }
  }

  @Test func `a decision whose tries end with the process is given up`() async throws {
    let folder = try StateFolder()
    let clock = ManualClock()
    var id: DeliveryID?
    // Long ago, on another start of the machine.
    for _ in 0..<Dispatcher.interruptionCountMax {
      let journal = try Journal.open(
        folder.path,
        clock: JournalClock(
          monotonic: clock, wall: { WallTime(secondsSince1970: 1_700_000_000, nanoseconds: 0) },
          bootID: "before"))
      if id == nil {
        let deferred = NewDecision(
          trigger: "build",
          verdict: .defer(
            payload: StoredDeferral(Deferral(index: 0, deliveryKey: "d-1", message: "")).encoded,
            lane: "https://host", message: ""))
        let outcome = try await journal.commit(
          NewDelivery(
            hook: "ci/app", source: "github", kind: "pull_request", senderID: "d-1",
            replayWindow: nil, head: [], event: [], body: [], decisions: [deferred]))
        guard case .stored(let stored, _, _) = outcome else { return }
        id = stored.id
      }
      let run = try #require(try await journal.claim(ClaimRequest(limit: 1)).runs.first)
      _ = try await journal.beginAttempt(run.id)
      journal.close()
      clock.advance(by: .seconds(64))
    }
    try await run([Self.list("api/b.swift")], state: folder) { service, host in
      let id = try #require(id)
      let end = try await service.end(of: ["delivery": .string(id.description)])
      #expect(end.runs.first?.state == .dead)
      #expect(end.runs.first?.failure?.reason == "Interrupted")
      #expect(host.targets.isEmpty)
    }
  }
}

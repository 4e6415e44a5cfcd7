import HTTPServer
import HTTPWire
@testable import Hooks
import JSON
import Journal
import Testing

@testable import Service

/// Held runs and their approval, from the delivery to the cluster.
@Suite struct ApprovalFlowTests {
  private static let revision = String(repeating: "c", count: 40)

  /// Accepts a delivery as the intake does, of which a trigger holds a run.
  private func push(_ id: String, to service: ServiceFixture) async throws -> Acceptance {
    let run = RenderedRun(
      hook: HookName(namespace: "ci", name: "app"), trigger: "build", index: 0, namespace: "ci",
      name: "build-\(id)", deliveryLabel: id,
      object: [
        "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
        "metadata": [
          "name": .string("build-\(id)"), "namespace": "ci",
          "labels": [
            "hookline.dev/hook": "app", "hookline.dev/trigger": "build",
            "hookline.dev/delivery": .string(id),
          ],
        ],
      ])
    let hold = Hold(
      repository: "octo/app", pullRequest: 7, revision: Self.revision,
      message: "pull request 7 comes from a fork")
    return try #require(
      try await service.deliveries.accept(
        incoming(id, revisions: [NewRevision(subject: "octo/app#7", revision: Self.revision)]) {
          TriggerDecision(trigger: "build", decision: .held([run], hold))
        }))
  }

  private static func json(_ response: HTTPResponse) throws -> JSONValue {
    guard case .bytes(let bytes) = response.body else { return .null }
    return try JSONValue.parse(bytes)
  }

  private func incoming(
    _ id: String, revisions: [NewRevision] = [], approvals: [NewApproval] = [],
    _ decide: @escaping @Sendable () -> TriggerDecision?
  ) -> IncomingDelivery {
    let view = Delivery(id: id, sourceID: id, body: JSONDocument.emptyObject.root)
    return IncomingDelivery(
      id: DeliveryID(), hook: HookName(namespace: "ci", name: "app"), source: "github",
      events: [Event(kind: .pullRequest, provider: "github", providerEvent: "pull_request")],
      senderID: id, replayWindow: nil, replayOf: nil,
      head: StoredHead(view, peer: "127.0.0.1", caller: nil), body: Array("{}".utf8),
      revisions: revisions, approvals: approvals, decide: { _ in decide().map { [$0] } ?? [] })
  }

  @Test func `a run from a fork is created when it is approved, and not before`() async throws {
    try await ServiceFixture.run { service in
      let held = try await push("d-1", to: service)
      let reply = try Self.json(Reply.delivery(held))
      #expect(
        reply["decisions"] == [
          [
            "trigger": "build",
            "held": [
              "message": "pull request 7 comes from a fork",
              "run": ["namespace": "ci", "name": "build-d-1"],
            ],
          ]
        ])
      #expect(Reply.delivery(held).status == .accepted)
      service.dispatcher.lookForWork()
      let id = held.delivery.id.description
      #expect(try await service.ask(.post, "/api/v1/deliveries/\(id)/replay").json["retried"] == [])
      let shown = try await service.ask(.get, "/api/v1/deliveries/\(id)").json
      #expect(shown["state"] == "held")
      #expect(
        shown[["decisions"]]?.arrayValue?.first?[["held", "revision"]]?.stringValue == Self.revision
      )
      #expect(service.cluster.objects.isEmpty)

      let approval = NewApproval(
        subject: "octo/app#7", revisionPrefix: nil, triggers: ["build"], approver: "maintainer")
      let comment = try #require(
        try await service.deliveries.accept(incoming("c-1", approvals: [approval]) { nil }))
      let answer = try Self.json(Reply.delivery(comment))
      #expect(
        answer["approvals"] == [["released": [["namespace": "ci", "name": "build-d-1"]]]])
      #expect(Reply.delivery(comment).status == .accepted)
      let ended = try await service.end(of: ["delivery": .string(id)])
      #expect(ended.runs.map(\.state) == [.created])
      #expect(service.cluster.objects.count == 1)
      let after = try await service.ask(.get, "/api/v1/deliveries/\(id)").json
      let hold = try #require(after["decisions"]?.arrayValue?.first?["held"])
      #expect(hold["approver"] == "maintainer")
      #expect(hold["approval"]?.stringValue == comment.delivery.id.description)
    }
  }

  @Test func `an approval by somebody else releases nothing, and says so`() async throws {
    try await ServiceFixture.run { service in
      _ = try await push("d-1", to: service)
      let approval = NewApproval(
        subject: "octo/app#7", revisionPrefix: nil, triggers: [], approver: "stranger")
      let comment = try #require(
        try await service.deliveries.accept(incoming("c-1", approvals: [approval]) { nil }))
      let answer = try Self.json(Reply.delivery(comment))
      #expect(answer["approvals"]?.arrayValue?.first?[["refused", "reason"]] == "not-allowed")
      #expect(Reply.delivery(comment).status == .ok)
      #expect(service.cluster.objects.isEmpty)
    }
  }
}

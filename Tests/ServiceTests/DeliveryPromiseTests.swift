import HTTPWire
import Journal
import JSON
import Kubernetes
import Testing

@testable import Service

/// What is acknowledged is on disk, and becomes one run for each trigger or a dead letter.
@Suite struct DeliveryPromiseTests {
  private static let away = KubernetesError(
    .transport(.unreachable), message: "connection refused", retry: .backoff)

  private static let forbidden = KubernetesError(
    .forbidden, httpStatus: 403, reason: "Forbidden", message: "pipelineruns is forbidden")

  private static let main = ServiceFixture.push(to: "main")

  @Test func `a run whose creation was carried out but not answered is found, not made again`()
    async throws
  {
    try await ServiceFixture.run { service in
      service.cluster.behave(.losesTheAnswer)
      let reply = try await service.deliver(Self.main)
      #expect(reply.status == 202)
      let ended = try await service.end(of: reply.json)
      #expect(ended.state == .done)
      #expect(service.cluster.creationCount == 1)
      #expect(service.cluster.attemptCount >= 2)
    }
  }

  @Test func `while the API server is away deliveries are accepted, and created when it is back`()
    async throws
  {
    try await ServiceFixture.run { service in
      service.cluster.behave(.refuses(Self.away))
      var replies: [JSONValue] = []
      for index in 0..<50 {
        let body = ServiceFixture.push(
          to: "main", revision: String(repeating: "c", count: 38) + String(10 + index))
        let reply = try await service.deliver(body, id: "d-\(index)")
        #expect(reply.status == 202)
        replies.append(reply.json)
      }
      try await service.expect(200, from: "/ready")
      #expect(service.cluster.creationCount == 0)
      service.cluster.behave(.normal)
      for reply in replies { #expect(try await service.end(of: reply).state == .done) }
      #expect(service.cluster.creationCount == 50)
    }
  }

  @Test func `what one process leaves in the journal the next one creates`() async throws {
    let folder = try StateFolder()
    let cluster = FakeCluster()
    cluster.behave(.refuses(Self.away))
    var reply = JSONValue.null
    try await ServiceFixture.run(cluster: cluster, state: folder) { service in
      reply = try await service.deliver(Self.main).json
    }
    #expect(cluster.creationCount == 0)
    cluster.behave(.normal)
    try await ServiceFixture.run(cluster: cluster, state: folder) { service in
      #expect(try await service.end(of: reply).state == .done)
      let again = try await service.deliver(Self.main)
      #expect(again.status == 200)
      #expect(again.json["duplicate"] == true)
      #expect(again.json["delivery"] == reply["delivery"])
    }
    #expect(cluster.creationCount == 1)
  }

  @Test(arguments: [
    (KubernetesError.Code.forbidden, 403, "Forbidden", "pipelineruns is forbidden: no permission"),
    (.namespaceNotFound, 404, "NotFound", "namespaces \"ci\" not found"),
    (.invalid, 422, "Invalid", "PipelineRun is invalid: metadata.labels"),
    (.admissionDenied, 400, "BadRequest", "admission webhook \"x\" denied the request: no params"),
  ])
  func `what the API refuses for good is a dead letter with the API's own message`(
    code: KubernetesError.Code, status: Int, reason: String, message: String
  ) async throws {
    try await ServiceFixture.run { service in
      service.cluster.behave(
        .refuses(KubernetesError(code, httpStatus: status, reason: reason, message: message)))
      let reply = try await service.deliver(Self.main)
      #expect(reply.status == 202)
      let ended = try await service.end(of: reply.json)
      #expect(ended.state == .failed)
      #expect(ended.runs.first?.failure?.reason == reason)
      #expect(ended.runs.first?.failure?.message.contains(message) == true)
      #expect(service.cluster.attemptCount == 1)
      #expect(service.log.text.contains("error dead letter"))
      #expect(service.log.text.contains(message))

      // A redelivery of what ended so is another try.
      service.cluster.behave(.normal)
      let again = try await service.deliver(Self.main)
      #expect(again.status == 202)
      #expect(again.json["retried"] == true)
      #expect(try await service.end(of: again.json).state == .done)
      #expect(service.cluster.creationCount == 1)
    }
  }

  @Test func `an object of the run's name from another delivery is a dead letter, not a success`()
    async throws
  {
    try await ServiceFixture.run { service in
      service.cluster.behave(.refuses(Self.forbidden))
      let reply = try await service.deliver(Self.main)
      let run = try #require(try await service.end(of: reply.json).runs.first)
      service.cluster.behave(.normal)
      service.cluster.insert([
        "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
        "metadata": ["namespace": "ci", "name": .string(run.name)],
      ])
      let again = try await service.deliver(Self.main)
      let ended = try await service.end(of: again.json)
      #expect(ended.runs.first?.failure?.reason == "NameCollision")
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test func `the sender's id with another body is another delivery, and says so`() async throws {
    try await ServiceFixture.run { service in
      let first = try await service.deliver(Self.main)
      let other = ServiceFixture.push(to: "main", revision: String(repeating: "d", count: 40))
      let second = try await service.deliver(other)
      #expect(second.status == 202)
      #expect(second.json["duplicate"] == nil)
      #expect(second.json["conflict"] != nil)
      #expect(second.json["delivery"] != first.json["delivery"])
      try await service.end(of: first.json)
      try await service.end(of: second.json)
      #expect(service.cluster.creationCount == 2)
    }
  }

  @Test func `a body that comes again under another id is a replay, unless bodies may repeat`()
    async throws
  {
    try await ServiceFixture.run { service in
      let first = try await service.deliver(Self.main, id: "d-1")
      let second = try await service.deliver(Self.main, id: "d-2")
      #expect(second.status == 200)
      #expect(second.json["duplicate"] == true)
      #expect(second.json["delivery"] == first.json["delivery"])
      try await service.end(of: first.json)
      #expect(service.cluster.creationCount == 1)
    }
    let open = ServiceFixture.configuration.replacing(
      "type: github\n", with: "type: github\n    replayWindow: none\n")
    try await ServiceFixture.run(configuration: open) { service in
      for id in ["d-1", "d-2"] {
        let reply = try await service.deliver(Self.main, id: id)
        #expect(reply.status == 202)
        try await service.end(of: reply.json)
      }
      #expect(service.cluster.creationCount == 2)
    }
  }

  @Test func `a namespace in which everything fails holds up no other`() async throws {
    let configuration = ServiceFixture.configuration.replacing(
      "metadata: { generateName: docs- }", with: "metadata: { generateName: docs-, namespace: bad }"
    )
    let failing = KubernetesError(
      .webhookUnavailable, httpStatus: 500, reason: "InternalError", message: "no webhook",
      retry: .backoff)
    try await ServiceFixture.run(configuration: configuration) { service in
      service.cluster.behave(.refusesNamespace("bad", failing))
      for index in 0..<100 {
        let body = ServiceFixture.push(
          to: "docs/x", revision: String(repeating: "e", count: 37) + String(100 + index))
        #expect(try await service.deliver(body, id: "bad-\(index)").status == 202)
      }
      let good = try await service.deliver(Self.main, id: "good")
      #expect(try await service.end(of: good.json).state == .done)
      #expect(service.journal.counts.pending > 0)
    }
  }

  @Test func `a trigger that asks for it has its runs made in the order of arrival`() async throws {
    let configuration = ServiceFixture.configuration.replacing(
      "    branches: [main]\n", with: "    branches: [main]\n    order: serial\n")
    let cluster = FakeCluster()
    cluster.behave(.refuses(Self.away))
    try await ServiceFixture.run(cluster: cluster, configuration: configuration) { service in
      var expected: [String] = []
      var replies: [JSONValue] = []
      for index in 0..<20 {
        let body = ServiceFixture.push(
          to: "main", revision: String(repeating: "f", count: 38) + String(10 + index))
        let reply = try await service.deliver(body, id: "d-\(index)").json
        expected.append(try #require(reply["decisions"]?[0]?["run"]?["name"]?.stringValue))
        replies.append(reply)
      }
      cluster.behave(.normal)
      for reply in replies { try await service.end(of: reply) }
      #expect(cluster.order == expected)
    }
  }

  @Test func `two replicas with journals of their own make one run of one delivery`() async throws {
    let cluster = FakeCluster()
    try await ServiceFixture.run(cluster: cluster) { one in
      try await ServiceFixture.run(cluster: cluster) { two in
        let replies = (try await one.deliver(Self.main).json, try await two.deliver(Self.main).json)
        #expect(try await one.end(of: replies.0).state == .done)
        #expect(try await two.end(of: replies.1).state == .done)
        #expect(replies.0["decisions"]?[0] == replies.1["decisions"]?[0])
      }
    }
    #expect(cluster.creationCount == 1)
  }

  @Test func `a caller who waits is answered when the runs exist`() async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.deliver(Self.main, to: "/hooks/ci/app?wait=30s")
      #expect(reply.status == 201)
      #expect(service.cluster.creationCount == 1)
      #expect(reply.json["decisions"]?[0]?["state"] == "created")

      service.cluster.behave(.refuses(Self.forbidden))
      let body = ServiceFixture.push(to: "main", revision: String(repeating: "9", count: 40))
      let refused = try await service.deliver(body, id: "d-2", via: ["Prefer": "wait=30"])
      #expect(refused.status == 502)
      #expect(refused.fields["Preference-Applied"] == "wait=30")
      #expect(refused.json["decisions"]?[0]?["fail"]?["reason"] == "Forbidden")

      service.cluster.behave(.refuses(Self.away))
      let other = ServiceFixture.push(to: "main", revision: String(repeating: "8", count: 40))
      let late = try await service.deliver(other, id: "d-3", to: "/hooks/ci/app?wait=20ms")
      #expect(late.status == 202)
      #expect(late.json["decisions"]?[0]?["state"] == "pending")

      let nonsense = try await service.deliver(other, id: "d-4", to: "/hooks/ci/app?wait=soon")
      #expect(nonsense.status == 400)
    }
  }

  @Test func `a caller who waits for completion gets the status of the runs`() async throws {
    try await ServiceFixture.run { service in
      let first = try await service.deliver(
        Self.main, to: "/hooks/ci/app?wait=5ms&for=completion")
      #expect(first.status == 202)
      try await service.end(of: first.json)
      var run = try #require(service.cluster.objects.first)
      run["status"] = [
        "conditions": [["type": "Succeeded", "status": "False", "reason": "Failed"]]
      ]
      service.cluster.insert(run)
      let second = try await service.deliver(
        Self.main, to: "/hooks/ci/app?wait=30s&for=completion")
      #expect(second.status == 200)
      #expect(second.json["decisions"]?[0]?["status"]?["phase"] == "failed")
    }
  }

  @Test func `a journal that is closed accepts nothing`() async throws {
    try await ServiceFixture.run { service in
      service.journal.close()
      let reply = try await service.deliver(Self.main)
      #expect(reply.status == 503)
      #expect(reply.fields["Retry-After"] != nil)
      #expect(service.cluster.attemptCount == 0)
    }
  }
}

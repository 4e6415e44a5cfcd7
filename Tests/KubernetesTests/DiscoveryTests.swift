import HTTPWire
import JSON
import Reactor
import Testing

@testable import Kubernetes

@Suite struct DiscoveryTests {
  let run: JSONValue = [
    "apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": ["name": "a"],
  ]

  private func get(
    _ client: KubernetesClient, _ kind: String = "PipelineRun",
    _ apiVersion: String = "tekton.dev/v1"
  ) async throws -> JSONValue {
    try await client.get(apiVersion: apiVersion, kind: kind, namespace: "ci", name: "a")
  }

  @Test
  func `callers at the same time share one request`() async throws {
    let gate = Gate()
    let answers = Array(repeating: ScriptedTransport.Answer.json(.ok, ["a": 1]), count: 20)
    let transport = ScriptedTransport([.tektonResources] + answers, gate: gate)
    let client = client(transport)
    try await withThrowingTaskGroup { group in
      for _ in 0..<20 { group.addTask { _ = try await get(client) } }
      while transport.requests.isEmpty { await Task.yield() }
      await gate.open()
      try await group.waitForAll()
    }
    #expect(transport.targets.filter { $0 == "/apis/tekton.dev/v1" }.count == 1)
    #expect(transport.requests.count == 21)
  }

  @Test
  func `cancelling the caller that asked fails nobody else`() async throws {
    let gate = Gate()
    let transport = ScriptedTransport(
      [.tektonResources, .json(.ok, ["a": 1]), .json(.ok, ["a": 1])], gate: gate)
    let client = client(transport)
    let first = Task { try await get(client) }
    while transport.requests.isEmpty { await Task.yield() }
    first.cancel()
    let second = Task { try await get(client) }
    await gate.open()
    #expect(try await second.value == ["a": 1])
    _ = await first.result
    #expect(transport.targets.filter { $0 == "/apis/tekton.dev/v1" }.count == 1)
  }

  @Test
  func `a found resource is remembered for ten minutes`() async throws {
    let clock = ManualClock()
    let object = ScriptedTransport.Answer.json(.ok, ["a": 1])
    let transport = ScriptedTransport([.tektonResources, object, object, .tektonResources, object])
    let client = client(transport, clock: clock)
    _ = try await get(client)
    clock.advance(by: .seconds(599))
    _ = try await get(client)
    #expect(transport.requests.count == 3)
    clock.advance(by: .seconds(1))
    _ = try await get(client)
    #expect(transport.requests.count == 5)
  }

  @Test
  func `an absent group is remembered for ten seconds`() async throws {
    let clock = ManualClock()
    let transport = ScriptedTransport([
      .text(.notFound, "404 page not found\n"), .tektonResources, .json(.ok, ["a": 1]),
    ])
    let client = client(transport, clock: clock)
    for _ in 0..<3 {
      let error = await #expect(throws: KubernetesError.self) { try await get(client) }
      #expect(error?.code == .unknownResource)
      #expect(error?.message.contains("does not serve tekton.dev/v1") == true)
      clock.advance(by: .seconds(3))
    }
    #expect(transport.requests.count == 1)
    clock.advance(by: .seconds(1))
    #expect(try await get(client) == ["a": 1])
  }

  @Test
  func `an unknown kind names the one that was meant, and is asked for again later`() async throws {
    let clock = ManualClock()
    let transport = ScriptedTransport([
      .tektonResources, .tektonResources, .json(.ok, ["a": 1]),
    ])
    let client = client(transport, clock: clock)
    for kind in ["Pipelinerun", "pipelineruns"] {
      let error = await #expect(throws: KubernetesError.self) { try await get(client, kind) }
      #expect(error?.code == .unknownResource)
      #expect(error?.isPermanent == true)
      #expect(error?.message.contains("did you mean \"PipelineRun\"?") == true)
    }
    #expect(transport.requests.count == 1)
    clock.advance(by: .seconds(10))
    await #expect(throws: KubernetesError.self) { try await get(client, "Nothing") }
    #expect(transport.requests.count == 2)
  }

  @Test
  func `a kind that another group lends is not taken`() async throws {
    let client = client(ScriptedTransport([.tektonResources]))
    let error = await #expect(throws: KubernetesError.self) { try await get(client, "Scale") }
    #expect(error?.code == .unknownResource)
  }

  @Test(arguments: ["runs?x=", "runs/status", "runs/\u{301}", "../x", "a b", "a\r\nb", "%2e", "é"])
  func `a resource whose name would change the path is not taken`(name: String) async throws {
    let list: JSONValue = [
      "kind": "APIResourceList",
      "resources": [["name": .string(name), "kind": "PipelineRun", "namespaced": true]],
    ]
    let transport = ScriptedTransport([.json(.ok, list), .json(.ok, ["a": 1])])
    let error = await #expect(throws: KubernetesError.self) { try await get(client(transport)) }
    #expect(error?.code == .unknownResource && transport.requests.count == 1)
  }

  @Test
  func `a failure to ask is not remembered`() async throws {
    let transport = ScriptedTransport([
      .text(.serviceUnavailable, "starting"), .json(.ok, ["kind": "Other"]), .tektonResources,
      .json(.ok, ["a": 1]),
    ])
    let client = client(transport)
    let unavailable = await #expect(throws: KubernetesError.self) { try await get(client) }
    #expect(unavailable?.code == .unavailable)
    let other = await #expect(throws: KubernetesError.self) { try await get(client) }
    #expect(other?.code == .undecodable)
    #expect(try await get(client) == ["a": 1])
  }

  @Test
  func `a resource that vanished is looked for again`() async throws {
    let transport = ScriptedTransport([
      .tektonResources, .text(.notFound, "404 page not found\n"), .tektonResources,
      .json(.created, run),
    ])
    let client = client(transport)
    let error = await #expect(throws: KubernetesError.self) {
      try await client.create(run, namespace: "ci")
    }
    #expect(error?.code == .unknownResource)
    #expect(try await client.create(run, namespace: "ci") == run)
    #expect(transport.requests.count == 4)
  }
}

import HTTPWire
import JSON
import Journal
import Service
import Testing

@Suite struct ManualTriggerTests {
  private static let path = "/hooks/ci/app/deploy"

  private static func fields(
    token: String? = ServiceFixture.token, key: String? = nil
  )
    -> HTTPFields
  {
    var fields: HTTPFields = ["Content-Type": "application/json"]
    if let token { fields["Authorization"] = "Bearer \(token)" }
    if let key { fields["Idempotency-Key"] = key }
    return fields
  }

  @Test func `a caller with a token starts a run with the inputs`() async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, Self.path, Self.fields(),
        Array(#"{"inputs": {"environment": "staging", "replicas": 3}}"#.utf8))
      #expect(reply.status == 202)
      try await service.end(of: reply.json)
      let run = try #require(service.cluster.objects.first)
      #expect(run["spec"]?["params"]?[0]?["value"] == "staging")
      #expect(run["spec"]?["params"]?[1]?["value"] == "3 of them")
      #expect(run["metadata"]?["annotations"]?["hookline.dev/sender"] == "ops")
    }
  }

  @Test func `two calls make two runs, unless they carry one idempotency key`() async throws {
    try await ServiceFixture.run { service in
      let body = Array(#"{"inputs": {"environment": "staging"}}"#.utf8)
      for _ in 0..<2 {
        let reply = try await service.send(.post, Self.path, Self.fields(), body)
        #expect(reply.status == 202)
        try await service.end(of: reply.json)
      }
      #expect(service.cluster.creationCount == 2)
      let first = try await service.send(.post, Self.path, Self.fields(key: "k1"), body)
      let second = try await service.send(.post, Self.path, Self.fields(key: "k1"), body)
      #expect(first.status == 202)
      #expect(second.status == 200)
      #expect(second.json["duplicate"] == true)
      try await service.end(of: first.json)
      #expect(service.cluster.creationCount == 3)
    }
  }

  @Test(arguments: [nil, "a b", "wrong", ServiceFixture.token + "x"])
  func `without the right token nothing happens`(token: String?) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, Self.path, Self.fields(token: token),
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      #expect(reply.status == 401)
      #expect(reply.fields["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
      #expect(service.cluster.creationCount == 0)
      #expect(!service.log.text.contains(ServiceFixture.token))
    }
  }

  @Test(arguments: ["build", "not-by-hand", "no-such-trigger"])
  func `a caller may start only the triggers that are theirs`(trigger: String) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(.post, "/hooks/ci/app/\(trigger)", Self.fields(), [])
      #expect(reply.status == 403)
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test func `all mistakes in the inputs are named at once`() async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, Self.path, Self.fields(),
        Array(#"{"inputs": {"environment": "moon", "replicas": "3", "extra": 1}}"#.utf8))
      #expect(reply.status == 400)
      let message = try #require(reply.json["error"]?["message"]?.stringValue)
      for name in ["inputs.environment", "inputs.replicas", "inputs.extra"] {
        #expect(message.contains(name), "\(message)")
      }
      #expect(reply.json["error"]?["reason"] == "inputs")
      let problems = try #require(reply.json["error"]?["problems"]?.arrayValue)
      #expect(
        problems.contains([
          "path": "inputs.replicas", "message": "expected a number, found a string, \"3\"",
        ]))
      #expect(problems.count == 3)
    }
  }

  @Test func `a body full of mistakes is answered with the first of them`() async throws {
    try await ServiceFixture.run { service in
      let names = (0..<2000).map { "\"n\($0)\": 1" }.joined(separator: ",")
      let reply = try await service.send(
        .post, Self.path, Self.fields(), Array("{\"inputs\": {\(names)}}".utf8))
      #expect(reply.status == 400)
      #expect(reply.json["error"]?["problems"]?.arrayValue?.count == 50)
      #expect(reply.json["error"]?["message"]?.stringValue?.hasSuffix("; and 1951 more") == true)
    }
  }

  @Test func `the reply says how to follow the run`() async throws {
    let link = try DashboardLink("https://tekton.example.com/#/{namespace}/{kind}s/{name}?a=b")
    try await ServiceFixture.run(dashboard: link) { service in
      let body = Array(#"{"inputs": {"environment": "staging"}}"#.utf8)
      for path in [Self.path, Self.path + "?wait=30s"] {
        let reply = try await service.send(.post, path, Self.fields(key: "k"), body)
        let decision = try #require(reply.json["decisions"]?[0])
        let name = try #require(decision["run"]?["name"]?.stringValue)
        #expect(
          decision["follow"] == [
            "kubectl": .string("kubectl get pipelinerun.tekton.dev \(name) -n ci --watch"),
            "tkn": .string("tkn pipelinerun logs -f \(name) -n ci"),
            "dashboard": .string("https://tekton.example.com/#/ci/pipelineruns/\(name)?a=b"),
          ])
      }
      // A Git host has no use for it.
      let delivered = try await service.deliver(ServiceFixture.push(to: "main"))
      #expect(delivered.json["decisions"]?[0]?["follow"] == nil)
    }
  }

  @Test(arguments: [
    ("tekton.example.com/{name}", "it must begin with http:// or https://"),
    ("https://a/{namespace}", "it has no {name}"), ("https://a/{name", "a { has no }"),
    ("https://a/{name}/{uid}", "{uid} is none of {namespace}, {name} and {kind}"),
    ("https://a/ {name}", "it has a space or another character that no URL has"),
  ])
  func `a link that cannot lead to a run is refused`(template: String, message: String) {
    do {
      _ = try DashboardLink(template)
      Issue.record("accepted")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test(arguments: ["token=x", "a=1&access_token=x", "wait=1s&API_KEY", "Authorization=Bearer+x"])
  func `a token in the URL is refused with words, and not logged`(query: String) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, "\(Self.path)?\(query)&mark=private-mark", Self.fields(),
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      #expect(reply.status == 400)
      #expect(
        reply.json["error"]?["message"]?.stringValue?.contains("Authorization: Bearer") == true)
      #expect(service.cluster.creationCount == 0)
      #expect(!service.log.text.contains("private-mark"))
    }
  }

  @Test func `a key belongs to one body, one trigger and one spelling in quotes or without`()
    async throws
  {
    try await ServiceFixture.run { service in
      let body = Array(#"{"inputs": {"environment": "staging"}}"#.utf8)
      let first = try await service.send(.post, Self.path, Self.fields(key: "k1"), body)
      #expect(first.status == 202)
      let quoted = try await service.send(.post, Self.path, Self.fields(key: "\"k1\""), body)
      #expect(quoted.status == 200)
      #expect(quoted.json["delivery"] == first.json["delivery"])
      let other = try await service.send(
        .post, Self.path, Self.fields(key: "k1"),
        Array(#"{"inputs": {"environment": "production"}}"#.utf8))
      #expect(other.status == 422)
      #expect(other.json["error"]?["reason"] == "idempotency-key")
      try await service.end(of: first.json)
      #expect(service.cluster.creationCount == 1)
      let page = try await service.journal.list(ListRequest())
      #expect(page.deliveries.count == 1)
    }
  }

  @Test(arguments: ["", "\"\"", "a b", "a\"b", String(repeating: "k", count: 256)])
  func `what is no key is refused`(key: String) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, Self.path, Self.fields(key: key),
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      #expect(reply.status == 400)
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test(arguments: [
    ("True", "succeeded", 200), ("False", "failed", 200), ("Unknown", "running", 202),
  ])
  func `waiting for completion tells how far the run of a known call is`(
    status: String, phase: String, expected: Int
  ) async throws {
    try await ServiceFixture.run { service in
      let body = Array(#"{"inputs": {"environment": "staging"}}"#.utf8)
      let first = try await service.send(.post, Self.path, Self.fields(key: "k"), body)
      try await service.end(of: first.json)
      var run = try #require(service.cluster.objects.first)
      run["status"] = ["conditions": [["type": "Succeeded", "status": .string(status)]]]
      service.cluster.insert(run)
      let wait = phase == "running" ? "20ms" : "30s"
      let reply = try await service.send(
        .post, "\(Self.path)?wait=\(wait)&for=completion", Self.fields(key: "k"), body)
      #expect(reply.status == expected)
      #expect(reply.json["decisions"]?[0]?["status"]?["phase"] == .string(phase))
      service.cluster.remove(named: run["metadata"]?["name"]?.stringValue ?? "")
      let gone = try await service.send(
        .post, "\(Self.path)?wait=30s&for=completion", Self.fields(key: "k"), body)
      #expect(gone.json["decisions"]?[0]?["status"]?["phase"] == "gone")
    }
  }

  @Test func `a body of another type is refused with the header that is missing`() async throws {
    try await ServiceFixture.run { service in
      var fields = Self.fields()
      fields["Content-Type"] = "application/x-www-form-urlencoded"
      let reply = try await service.send(.post, Self.path, fields, Array("{}".utf8))
      #expect(reply.status == 415)
      #expect(
        reply.json["error"]?["message"]?.stringValue?.contains("Content-Type: application/json")
          == true)
    }
  }
}

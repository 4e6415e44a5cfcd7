import HTTPWire
import JSON
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

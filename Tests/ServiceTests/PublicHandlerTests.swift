import HTTPWire
import JSON
import Kubernetes
import Service
import Testing

@Suite struct PublicHandlerTests {
  @Test func `a signed push becomes a run, and the reply says what each trigger did`() async throws
  {
    try await ServiceFixture.run { service in
      let (status, _, json) = try await service.deliver(ServiceFixture.push(to: "main"))
      #expect(status == 202)
      try await service.end(of: json)
      let decisions = try #require(json["decisions"]?.arrayValue)
      let build = try #require(decisions.first { $0["trigger"] == "build" })
      let name = try #require(build["run"]?["name"]?.stringValue)
      #expect(name.hasPrefix("build-"))
      #expect(build["run"]?["namespace"] == "ci")
      let docs = try #require(decisions.first { $0["trigger"] == "docs" })
      #expect(docs["skip"]?["reason"] == "branch")
      #expect(docs["skip"]?["message"]?.stringValue?.contains("main") == true)

      let run = try #require(service.cluster.objects.first)
      #expect(run["metadata"]?["name"]?.stringValue == name)
      #expect(run["metadata"]?["labels"]?["hookline.dev/trigger"] == "build")
      #expect(
        run["spec"]?["params"]?[0]?["value"]
          == .string(String(repeating: "a", count: 40)))
    }
  }

  @Test func `a redelivery is answered 200 duplicate and makes no second run`() async throws {
    try await ServiceFixture.run { service in
      let first = try await service.deliver(ServiceFixture.push(to: "main"))
      let second = try await service.deliver(ServiceFixture.push(to: "main"))
      #expect(first.status == 202)
      #expect(first.json["duplicate"] == nil)
      #expect(second.status == 200)
      #expect(second.json["duplicate"] == true)
      #expect(second.json["delivery"] == first.json["delivery"])
      #expect(second.json["decisions"] == first.json["decisions"])
      try await service.end(of: first.json)
      #expect(service.cluster.creationCount == 1)
    }
  }

  @Test func `nothing matched is 200 with the reasons`() async throws {
    try await ServiceFixture.run { service in
      let (status, _, json) = try await service.deliver(ServiceFixture.push(to: "topic"))
      #expect(status == 200)
      #expect(json["duplicate"] == nil)
      #expect(json["decisions"]?.arrayValue?.allSatisfy { $0["skip"] != nil } == true)
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test func `an event that no trigger listens to is 200 and says so`() async throws {
    try await ServiceFixture.run { service in
      let (status, _, json) = try await service.deliver(
        Array(#"{"repository": {"full_name": "octo/app"}}"#.utf8), event: "star")
      #expect(status == 200)
      #expect(json["decisions"] == [])
      #expect(json["message"] == "no trigger of ci/app listens to github:star")
    }
  }

  @Test func `a ping is 200`() async throws {
    try await ServiceFixture.run { service in
      let (status, _, json) = try await service.deliver(Array("{}".utf8), event: "ping")
      #expect(status == 200)
      #expect(json["ping"] == true)
    }
  }

  @Test(
    arguments: [
      [:], ["X-Hub-Signature-256": ""], ["X-Hub-Signature-256": "sha256="],
      ["X-Hub-Signature-256": "sha256=zz"],
      ["X-Hub-Signature-256": "sha256=\(String(repeating: "0", count: 64))"],
      ["X-Hub-Signature": "sha1=\(String(repeating: "0", count: 40))"],
    ] as [[String: String]])
  func `every wrong signature gets the same 401 and makes nothing`(
    signature: [String: String]
  ) async throws {
    try await ServiceFixture.run { service in
      var fields: HTTPFields = ["Content-Type": "application/json", "X-GitHub-Event": "push"]
      for (name, value) in signature { fields.append(name: name, value: value) }
      let (status, headers, json) = try await service.send(
        .post, "/hooks/ci/app", fields, ServiceFixture.push(to: "main"))
      #expect(status == 401)
      #expect(headers["WWW-Authenticate"] != nil)
      #expect(json["error"]?["message"] == "the signature is missing or not right")
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test(arguments: [
    ("", 400), ("{", 400), ("[]", 400), ("7", 400), ("null", 400), ("{} x", 400),
    ("\u{FEFF}{}", 400), ("{}", 400),
  ])
  func `a signed body that is no push is answered, not crashed on`(
    body: String, expected: Int
  ) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.deliver(Array(body.utf8))
      #expect(reply.status == expected, "\(reply.json)")
      #expect(reply.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }
  }

  @Test(arguments: [
    (HTTPMethod.get, "/hooks/ci/app", 405), (.put, "/hooks/ci/app", 405),
    (.post, "/hooks/ci/none", 404), (.post, "/hooks/other/app", 404), (.post, "/hooks/ci", 404),
    (.post, "/hooks/ci/app/", 404), (.post, "/hooks/ci/app/deploy/x", 404), (.get, "/", 404),
    (.post, "/hooks//app", 404), (.post, "/hooks/ci/%61pp", 404), (.post, "/live", 405),
    (HTTPMethod(rawValue: "BREW"), "/hooks/ci/app", 501),
  ])
  func `what nobody serves is refused`(
    method: HTTPMethod, path: String, expected: Int
  ) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        method, path, ["Content-Type": "application/json"], [])
      #expect(reply.status == expected)
      if expected == 405 { #expect(reply.fields["Allow"] != nil) }
    }
  }

  @Test func `a delivery from an address that the hook does not allow is 403, whoever signed it`()
    async throws
  {
    try await ServiceFixture.run { service in
      let reply = try await service.deliver(
        ServiceFixture.push(to: "main"), to: "/hooks/ci/elsewhere")
      #expect(reply.status == 403)
      #expect(reply.json["error"]?["reason"] == "address")
      #expect(service.cluster.creationCount == 0)
    }
  }

  @Test func `form-encoded deliveries are refused with the words that fix the setting`()
    async throws
  {
    try await ServiceFixture.run { service in
      let reply = try await service.send(
        .post, "/hooks/ci/app", ["Content-Type": "application/x-www-form-urlencoded"],
        Array("payload=%7B%7D".utf8))
      #expect(reply.status == 415)
      #expect(reply.json["error"]?["message"]?.stringValue?.contains("application/json") == true)
    }
  }

  @Test func `live and ready say where the service stands`() async throws {
    try await ServiceFixture.run { service in
      try await service.expect(200, from: "/live")
      try await service.expect(200, from: "/ready")
      service.state.enter(.draining)
      try await service.expect(200, from: "/live")
      try await service.expect(503, from: "/ready")
    }
  }
}

import HTTPWire
import JSON
import Testing

/// What senders are told.
@Suite struct ReplyDetailTests {
  private static let brief = ServiceFixture.configuration.replacing(
    "  manual:\n    callers:\n    - name: ops\n",
    with: "  replies: brief\n  manual:\n    callers:\n    - name: ops\n")

  @Test func `a brief reply has the delivery and the number of runs, the admin API everything`()
    async throws
  {
    try await ServiceFixture.run(configuration: Self.brief) { service in
      let reply = try await service.deliver(ServiceFixture.push(to: "main"))
      #expect(reply.status == 202)
      #expect(reply.json.objectValue?.keys == ["delivery", "runs"])
      #expect(reply.json["runs"] == 1)
      let id = try #require(reply.json["delivery"]?.stringValue)
      let stored = try await service.ask(.get, "/api/v1/deliveries/\(id)").json
      #expect(stored["decisions"]?[0]?["runs"]?[0]?["namespace"] == "ci")
      #expect(
        stored["decisions"]?[1]?["skip"]
          == ["reason": "branch", "message": "branch main matches none of [docs/*]"])

      let silent = try await service.deliver(ServiceFixture.push(to: "topic"), id: "d-2")
      #expect(silent.status == 200)
      #expect(silent.json["runs"] == 0)
      let unheard = try await service.deliver(Array("{}".utf8), event: "watch", id: "d-3")
      #expect(unheard.json.objectValue?.keys == ["delivery", "runs"])
      let known = try await service.deliver(ServiceFixture.push(to: "main"))
      #expect(known.json == reply.json)
    }
  }

  @Test func `callers of manual triggers are told everything even so`() async throws {
    try await ServiceFixture.run(configuration: Self.brief) { service in
      let fields: HTTPFields = [
        "Content-Type": "application/json", "Authorization": "Bearer \(ServiceFixture.token)",
      ]
      let reply = try await service.send(
        .post, "/hooks/ci/app/deploy", fields,
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      #expect(reply.status == 202)
      #expect(reply.json["decisions"]?[0]?["run"]?["namespace"] == "ci")
    }
  }
}

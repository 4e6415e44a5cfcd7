import HTTPWire
import JSON
import Testing

/// `POST /api/v1/explain`
@Suite struct ExplainAPITests {
  private static func ask(
    _ service: ServiceFixture, _ question: JSONValue
  ) async throws -> (status: Int, json: JSONValue) {
    try await service.ask(.post, "/api/v1/explain", body: question.serialized())
  }

  @Test func `operators are told what every trigger would do, and nothing is done`() async throws {
    try await ServiceFixture.run { service in
      let payload = try JSONValue.parse(ServiceFixture.push(to: "main"))
      let answer = try await Self.ask(
        service, ["hook": "ci/app", "event": "push", "payload": payload])
      #expect(answer.status == 200)
      let decisions = answer.json["events"]?[0]?["decisions"]
      #expect(decisions?[0]?["runs"]?[0]?["namespace"] == "ci")
      #expect(
        decisions?[1]?["skip"]
          == ["reason": "branch", "message": "branch main matches none of [docs/*]"])
      #expect(decisions?[2]?["skip"]?["reason"] == "event")
      let call = try await Self.ask(
        service,
        ["hook": "ci/app", "trigger": "deploy", "inputs": ["environment": "staging"]])
      #expect(
        call.json["events"]?[0]?["decisions"]?[0]?["inputs"]
          == ["environment": "staging", "replicas": 1])
      #expect(service.cluster.attemptCount == 0)
      #expect(try await service.ask(.get, "/api/v1/deliveries").json["deliveries"] == [])
    }
  }

  @Test func `a stored delivery is explained with its names`() async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.deliver(ServiceFixture.push(to: "main"))
      let id = try #require(reply.json["delivery"]?.stringValue)
      let answer = try await Self.ask(service, ["delivery": .string(id)])
      #expect(answer.status == 200)
      let run = answer.json["events"]?[0]?["decisions"]?[0]?["runs"]?[0]
      #expect(run?["name"] == reply.json["decisions"]?[0]?["run"]?["name"])
    }
  }

  @Test(
    arguments: [
      (["hook": "ci/none", "payload": [:]], 404), (["hook": "ci/app"], 400),
      (["payload": [:]], 400), ([], 400), (["hook": "ci/app", "paylod": [:]], 400),
      (["delivery": "x"], 400), (["delivery": "00000000000040008000000000000000"], 404),
      (["delivery": "00000000000040008000000000000000", "hook": "ci/app"], 400),
      (["hook": "ci/app", "payload": [:], "header": ["a": 1]], 400),
      (["hook": "ci/app", "payload": [:], "trigger": "deploy"], 400),
    ] as [(JSONValue, Int)])
  func `what cannot be answered is refused`(question: JSONValue, status: Int) async throws {
    try await ServiceFixture.run { service in
      let answer = try await Self.ask(service, question)
      #expect(answer.status == status, "\(answer.json)")
      #expect(answer.json["error"]?["message"]?.stringValue?.isEmpty == false)
    }
  }

  @Test func `a page in a browser cannot ask`() async throws {
    try await ServiceFixture.run { service in
      let form = try await service.ask(
        .post, "/api/v1/explain", ["Content-Type": "text/plain"], body: Array("{}".utf8))
      #expect(form.status == 415)
      #expect(try await service.ask(.get, "/api/v1/explain").status == 405)
    }
  }
}

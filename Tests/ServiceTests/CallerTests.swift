import Crypto
import HTTPWire
import Hooks
import JSON
import Reactor
@testable import Service
import Testing

@Suite struct CallLimiterTests {
  private let hook = HookName(namespace: "ci", name: "app")

  @Test func `as many calls at once as the rate has, then one after each share of it`() throws {
    let clock = ManualClock()
    let limiter = CallLimiter(clock: clock)
    let rate = try #require(CallRate("3/m"))
    func take(_ caller: String = "ops") -> Int? { limiter.take(rate, of: caller, at: hook) }
    #expect([take(), take(), take()] == [nil, nil, nil])
    #expect(take() == 20)
    clock.advance(by: .seconds(19))
    #expect(take() == 1)
    // Who is refused does not wait longer for it.
    clock.advance(by: .seconds(1))
    #expect(take() == nil && take() == 20)
    #expect(take("other") == nil)
    clock.advance(by: .seconds(3600))
    #expect([take(), take(), take(), take()] == [nil, nil, nil, 20])
  }

  @Test(
    arguments: [
      ("1/s", 1, 1), ("10/m", 10, 60), ("10000/d", 10_000, 86_400), ("2/h", 2, 3600),
    ] as [(String, Int, Int64)])
  func `a rate is a number and a unit`(text: String, count: Int, seconds: Int64) throws {
    let rate = try #require(CallRate(text))
    #expect(rate.count == count && rate.period == .seconds(seconds))
  }

  @Test(arguments: [
    "", "10", "10/", "/m", "0/m", "-1/m", "+1/m", "1.5/m", "10/min", "10001/m", "1/m/m",
  ])
  func `what is no rate is none`(text: String) {
    #expect(CallRate(text) == nil)
  }
}

@Suite struct SignedCallTests {
  private static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let configuration = """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      manual:
        callers:
        - { name: signer, signature: standard-webhooks, secret: { env: KEY }, triggers: [deploy, other] }
        - { name: ops, secret: { env: TOKEN }, triggers: [deploy], rate: 2/h }
      triggers:
      - name: deploy
        on: [manual]
        run: { apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: { generateName: deploy- } }
      - name: other
        on: [manual]
        run: { apiVersion: tekton.dev/v1, kind: PipelineRun, metadata: { generateName: other- } }
    """

  private func run(
    clock: any MonotonicClock = SystemMonotonicClock(),
    _ test: (ServiceFixture) async throws -> Void
  ) async throws {
    try await ServiceFixture.run(
      configuration: Self.configuration, environment: ["KEY": Self.key, "TOKEN": "ops-token"],
      clock: clock, test)
  }

  private func call(
    _ service: ServiceFixture, _ trigger: String, id: String, age: Int64 = 0, key: String = key,
    adding: HTTPFields = []
  ) async throws -> (status: Int, json: JSONValue) {
    let body = Array("{}".utf8)
    let message = UnprovenMessage(
      fields: [], body: body, id: id, time: WallTime.now.secondsSince1970 - age)
    let proof = try #require(
      SourceKind.standardWebhooks.profile.proof(of: message, secret: SecretBytes(key)))
    var fields: HTTPFields = ["Content-Type": "application/json"]
    for field in proof { fields.append(name: field.name, value: field.value) }
    for field in adding { fields.append(field) }
    let reply = try await service.send(.post, "/hooks/ci/app/\(trigger)", fields, body)
    return (reply.status, reply.json)
  }

  @Test func `a signed call starts its trigger once, for whichever trigger and key it comes again`()
    async throws
  {
    try await run { service in
      #expect(try await call(service, "deploy", id: "m-1").status == 202)
      let again = try await call(service, "deploy", id: "m-1")
      #expect(again.status == 200 && again.json["duplicate"] == true)
      let elsewhere = try await call(service, "other", id: "m-1")
      #expect(elsewhere.status == 200 && elsewhere.json["duplicate"] == true)
      let renamed = try await call(
        service, "deploy", id: "m-1", adding: ["Idempotency-Key": "fresh"])
      #expect(renamed.status == 200 && renamed.json["duplicate"] == true)
      #expect(try await call(service, "deploy", id: "m-2").status == 202)
    }
  }

  @Test(arguments: [(301, 401), (290, 202), (-301, 401), (-290, 202)] as [(Int64, Int)])
  func `a signed call counts for five minutes`(age: Int64, status: Int) async throws {
    try await run { service in
      let reply = try await call(service, "deploy", id: "m-1", age: age)
      #expect(reply.status == status)
    }
  }

  @Test func `a token does not help a wrong signature, and a key is no token`() async throws {
    try await run { service in
      let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      let token: HTTPFields = ["Authorization": "Bearer ops-token"]
      let wrong = try await call(service, "deploy", id: "m-1", key: other, adding: token)
      let shown = try await service.send(
        .post, "/hooks/ci/app/deploy",
        ["Authorization": "Bearer \(Self.key)", "Content-Type": "application/json"])
      #expect(wrong.status == 401 && shown.status == 401)
      let right = try await service.send(
        .post, "/hooks/ci/app/deploy",
        ["Authorization": "Bearer ops-token", "Content-Type": "application/json"])
      #expect(right.status == 202)
    }
  }

  @Test func `a caller's rate is theirs, and nobody else's calls use it up`() async throws {
    let clock = ManualClock()
    try await run(clock: clock) { service in
      var answers: [String] = []
      func start(_ token: String) async throws {
        let reply = try await service.send(
          .post, "/hooks/ci/app/deploy",
          ["Authorization": "Bearer \(token)", "Content-Type": "application/json"])
        answers.append("\(reply.status) \(reply.fields["Retry-After"] ?? "-")")
      }
      for _ in 0..<5 { try await start("wrong") }
      #expect(answers == Array(repeating: "401 -", count: 5))
      answers = []
      for _ in 0..<3 { try await start("ops-token") }
      let signed = try await call(service, "deploy", id: "m-1")
      clock.advance(by: .seconds(1800))
      try await start("ops-token")
      #expect(answers == ["202 -", "202 -", "429 1800", "202 -"] && signed.status == 202)
    }
  }

  @Test func `the metrics tell which secret of a caller was used`() async throws {
    try await run { service in
      _ = try await call(service, "deploy", id: "m-1")
      let metrics = try await service.metrics()
      #expect(
        metrics.contains("hookline_verifications_total{hook=\"ci/app\",secret=\"env/KEY\"} 1\n"))
      #expect(
        metrics.contains("hookline_verifications_total{hook=\"ci/app\",secret=\"env/TOKEN\"} 0\n"))
    }
  }
}

import HTTPServer
import HTTPWire
import JSON
import Reactor
import Service
import Testing

/// Who may come in, and how often somebody may fail to say who they are.
@Suite struct FrontDoorTests {
  @Test(arguments: [
    (["127.0.0.0/8"], "192.0.2.7", 202), (["127.0.0.0/8"], "198.51.100.7", 403),
    (["127.0.0.0/8"], "192.0.2.7, 198.51.100.7", 403),
    (["127.0.0.0/8"], "192.0.2.7, 127.0.0.9", 202), (["10.0.0.0/8"], "192.0.2.7", 403),
    ([], "192.0.2.7", 403), (["127.0.0.0/8"], "nonsense", 403),
  ])
  func `only a trusted proxy is believed about whom it asks for`(
    proxies: [String], forwarded: String, expected: Int
  ) async throws {
    try await ServiceFixture.run(proxies: proxies) { service in
      let reply = try await service.deliver(
        ServiceFixture.push(to: "main"), to: "/hooks/ci/elsewhere",
        via: ["X-Forwarded-For": forwarded])
      #expect(reply.status == expected)
      #expect(service.log.text.contains("proxy not believed") == (forwarded == "nonsense"))
      if expected == 202 { #expect(service.log.text.contains("192.0.2.7")) }
    }
  }

  @Test func `failures beyond the allowance are 429, and a right signature is served all the same`()
    async throws
  {
    let limiter = FailureLimiter(burst: 3, perSecond: 1, clock: ManualClock())
    try await ServiceFixture.run(limiter: limiter) { service in
      let body = ServiceFixture.push(to: "main")
      var statuses: [Int] = []
      for _ in 0..<5 {
        statuses.append(try await service.deliver(body, secret: "wrong").status)
      }
      #expect(statuses == [401, 401, 401, 429, 429])
      let refused = try await service.deliver(body, secret: "wrong")
      #expect(refused.fields["Retry-After"] == "1")
      #expect(refused.fields["Connection"] == "close")
      #expect(refused.json["error"]?["reason"] == "rate")
      #expect(try await service.deliver(body).status == 202)
      let manual = try await service.send(
        .post, "/hooks/ci/app/deploy",
        ["Authorization": "Bearer \(ServiceFixture.token)", "Content-Type": "application/json"],
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      #expect(manual.status == 202)
    }
  }

  @Test func `verified senders do not use the allowance up`() async throws {
    let limiter = FailureLimiter(burst: 1, perSecond: 1, clock: ManualClock())
    try await ServiceFixture.run(limiter: limiter) { service in
      for index in 0..<20 {
        let revision = String(repeating: "a", count: 38) + String(10 + index)
        let reply = try await service.deliver(
          ServiceFixture.push(to: "main", revision: revision), id: "d-\(index)")
        #expect(reply.status == 202)
      }
      let malformed = try await service.deliver(Array("{".utf8))
      #expect(malformed.status == 400)
      let failed = try await service.deliver(ServiceFixture.push(to: "main"), secret: "wrong")
      #expect(failed.status == 401)
    }
  }

  /// The requests that can only fail, by what is wrong with their heads.
  @Test(
    arguments: [
      ("/hooks/ci/none", [:], 404), ("/hooks", [:], 404), ("/hooks/ci/elsewhere", [:], 403),
      ("/hooks/ci/app", [:], nil), ("/hooks/ci/app", ["X-Hub-Signature-256": "sha256=00"], nil),
      ("/hooks/ci/app/deploy", [:], nil),
      ("/hooks/ci/app/deploy", ["Authorization": "Basic eA=="], nil),
    ] as [(String, [String: String], Int?)])
  func `what cannot be right is refused from the head once the allowance is used up`(
    path: String, fields: [String: String], before: Int?
  ) async throws {
    let limiter = FailureLimiter(burst: 1, perSecond: 1, clock: ManualClock())
    try await ServiceFixture.run(limiter: limiter) { service in
      let head = try Self.head(path, fields)
      let peer = SocketAddress(host: .v4(0xC633_6407), port: 1)
      #expect(Self.status(service.handler.admit(head, peer: peer)) == before)
      if before == nil {
        let unknown = HTTPRequestHead(method: .post, target: "/unknown")
        #expect(Self.status(service.handler.admit(unknown, peer: peer)) == 404)
      }
      #expect(Self.status(service.handler.admit(head, peer: peer)) == 429)
      let other = SocketAddress(host: .v4(0xC633_6408), port: 1)
      #expect(Self.status(service.handler.admit(head, peer: other)) == before)
    }
  }

  @Test func `a delivery without a length is told so, a manual call needs no body`() async throws {
    try await ServiceFixture.run { service in
      let peer = SocketAddress(host: .loopbackV4, port: 1)
      func status(_ path: String) -> Int? {
        Self.status(
          service.handler.admit(HTTPRequestHead(method: .post, target: path), peer: peer))
      }
      #expect(status("/hooks/ci/app") == 411)
      #expect(status("/hooks/ci/app/deploy") == nil)
      #expect(status("/hooks/ci/none") == 404)
    }
  }

  @Test func `health is answered to who failed too often`() async throws {
    let limiter = FailureLimiter(burst: 1, perSecond: 1, clock: ManualClock())
    try await ServiceFixture.run(limiter: limiter) { service in
      for path in ["/none", "/none"] { _ = try await service.send(.get, path) }
      try await service.expect(429, from: "/none")
      try await service.expect(200, from: "/live")
    }
  }

  /// The head of a POST with a body, as a connection gives it.
  private static func head(
    _ path: String, _ fields: [String: String]
  ) throws -> HTTPRequestHead {
    let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
    let text =
      "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n"
      + "Content-Type: application/json\r\n\(lines)\r\n"
    var machine = HTTPServerMachine()
    machine.receive(text.utf8.span)
    var body: [UInt8] = []
    guard case .head(let head) = try machine.next(body: &body) else { throw NoHead() }
    return head
  }

  private struct NoHead: Error {}

  private static func status(_ admission: HTTPAdmission) -> Int? {
    if case .answer(let response) = admission { response.status.rawValue } else { nil }
  }
}

import Journal
import HTTPServer
import HTTPWire
import JSON
import Kubernetes
import Testing

@testable import Service

@Suite struct DeliveriesAPITests {
  private static let main = ServiceFixture.push(to: "main")
  private static let root = "/api/v1/deliveries"

  private static let forbidden = KubernetesError(
    .forbidden, httpStatus: 403, reason: "Forbidden", message: "pipelineruns is forbidden")

  @Test func `deliveries are listed by hook and state, page by page`() async throws {
    try await ServiceFixture.run { service in
      let made = try await service.deliver(Self.main)
      try await service.end(of: made.json)
      let ignored = try await service.deliver(ServiceFixture.push(to: "topic"), id: "d-2")
      service.cluster.behave(.refuses(Self.forbidden))
      let body = ServiceFixture.push(to: "main", revision: String(repeating: "7", count: 40))
      let dead = try await service.deliver(body, id: "d-3")
      try await service.end(of: dead.json)

      func ids(_ query: String) async throws -> [String] {
        let page = try await service.ask(.get, "\(Self.root)?\(query)")
        #expect(page.status == 200)
        return (page.json["deliveries"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
      }
      let all = [dead, ignored, made].compactMap { $0.json["delivery"]?.stringValue }
      #expect(try await ids("") == all)
      #expect(try await ids("hook=ci%2Fapp") == all)
      #expect(try await ids("hook=ci%2Felsewhere") == [])
      #expect(try await ids("state=failed") == [all[0]])
      #expect(try await ids("state=ignored") == [all[1]])
      #expect(try await ids("state=done") == [all[2]])
      let first = try await service.ask(.get, "\(Self.root)?limit=2")
      let next = try #require(first.json["next"]?.stringValue)
      #expect(try await ids("limit=2&page=\(next)") == [all[2]])
      let letter = first.json["deliveries"]?[0]
      #expect(letter?["decisions"]?[0]?["runs"]?[0]?["fail"]?["reason"] == "Forbidden")
      #expect(letter?["sourceDelivery"] == "d-3")
    }
  }

  @Test(arguments: ["state=dead", "limit=0", "limit=501", "limit=x", "page=x", "hok=ci/app"])
  func `a filter that is none is refused`(query: String) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.ask(.get, "\(Self.root)?\(query)")
      #expect(reply.status == 400)
    }
  }

  @Test func `one delivery is shown with its head and, if asked for, its body`() async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.deliver(Self.main)
      let id = try #require(reply.json["delivery"]?.stringValue)
      let shown = try await service.ask(.get, "\(Self.root)/\(id)")
      #expect(shown.json["header"]?["x-github-event"] == "push")
      #expect(shown.json["events"]?[0]?["branch"] == "main")
      #expect(shown.json["body"] == nil)
      let whole = try await service.ask(.get, "\(Self.root)/\(id)?body=true")
      #expect(whole.json["body"]?["ref"] == "refs/heads/main")
      for path in ["x", String(repeating: "0", count: 32), "\(id)/x", ""] {
        #expect(try await service.ask(.get, "\(Self.root)/\(path)").status == 404, "\(path)")
      }
    }
  }

  @Test func `a replay tries dead runs again, makes missing ones, and leaves the others alone`()
    async throws
  {
    try await ServiceFixture.run { service in
      service.cluster.behave(.refuses(Self.forbidden))
      let reply = try await service.deliver(Self.main)
      let run = try #require(try await service.end(of: reply.json).runs.first)
      let id = try #require(reply.json["delivery"]?.stringValue)
      service.cluster.behave(.normal)

      let retried = try await service.ask(.post, "\(Self.root)/\(id)/replay")
      #expect(retried.status == 202)
      #expect(retried.json["retried"]?[0]?["name"] == .string(run.name))
      #expect(try await service.end(of: reply.json).state == .done)
      let again = try await service.ask(.post, "\(Self.root)/\(id)/replay")
      #expect(again.status == 200)
      #expect(again.json["existing"]?[0]?["name"] == .string(run.name))
      #expect(service.cluster.creationCount == 1)

      service.cluster.remove(named: run.name)
      let missing = try await service.ask(.post, "\(Self.root)/\(id)/replay")
      #expect(missing.json["recreated"]?[0]?["name"] == .string(run.name))
      #expect(service.cluster.creationCount == 2)
    }
  }

  @Test func `a forced replay is a new delivery with new names`() async throws {
    try await ServiceFixture.run { service in
      let first = try await service.deliver(Self.main)
      try await service.end(of: first.json)
      let manual = try await service.send(
        .post, "/hooks/ci/app/deploy",
        ["Authorization": "Bearer \(ServiceFixture.token)", "Content-Type": "application/json"],
        Array(#"{"inputs": {"environment": "staging"}}"#.utf8))
      try await service.end(of: manual.json)
      for original in [first, manual] {
        let id = try #require(original.json["delivery"]?.stringValue)
        let reply = try await service.ask(.post, "\(Self.root)/\(id)/replay?force=true")
        #expect(reply.status == 202)
        #expect(reply.json["delivery"] != original.json["delivery"])
        let names = [reply, (original.status, original.json)].map {
          $0.json["decisions"]?[0]?["run"]?["name"]
        }
        #expect(names[0] != nil && names[0] != names[1])
        let ended = try await service.end(of: reply.json)
        #expect(ended.state == .done)
        #expect(ended.replayOf?.description == id)
      }
      #expect(service.cluster.creationCount == 4)
    }
  }

  @Test(
    arguments: [
      ("evil.example", "application/json", 403), ("evil.example:9090", "application/json", 403),
      ("localhost.evil.example", "application/json", 403),
      ("127.0.0.1.evil.example", "application/json", 403),
      ("localhost", "application/json", nil), ("LOCALHOST:80", "application/json", nil),
      ("127.0.0.1:1", "application/json", nil),
      ("[::1]:9090", "application/json; charset=utf-8", nil),
      ("hookline-admin.ci.svc:9090", "application/json", nil), ("localhost", "text/plain", 415),
      ("localhost", "application/x-www-form-urlencoded", 415), ("localhost", nil, 415),
    ] as [(String, String?, Int?)])
  func `what a page in a browser may send is refused`(host: String, type: String?, status: Int?) {
    let guardian = AdminGuard(hosts: ["Hookline-Admin.ci.svc"])
    var fields: HTTPFields = ["Host": host]
    if let type { fields.append(name: "Content-Type", value: type) }
    let post = HTTPRequestHead(method: .post, target: Self.root, fields: fields)
    #expect(guardian.refusal(of: post)?.status.rawValue == status)
    let get = HTTPRequestHead(method: .get, target: Self.root, fields: fields)
    #expect(guardian.refusal(of: get)?.status.rawValue == (status == 403 ? 403 : nil))
  }

  @Test func `a replay without the type that forms cannot have is refused`() async throws {
    try await ServiceFixture.run { service in
      let path = "\(Self.root)/\(String(repeating: "0", count: 32))/replay"
      let reply = try await service.ask(.post, path, ["Content-Type": "text/plain"])
      #expect(reply.status == 415)
    }
  }

  @Test(arguments: [(HTTPMethod.post, ""), (.get, "/\(String(repeating: "0", count: 32))/replay")])
  func `another method is refused`(method: HTTPMethod, path: String) async throws {
    try await ServiceFixture.run { service in
      let reply = try await service.ask(method, Self.root + path)
      #expect(reply.status == 405)
    }
  }
}

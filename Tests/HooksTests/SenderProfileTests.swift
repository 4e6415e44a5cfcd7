import Bytes
import Crypto
import Hooks
import JSON
import TestSupport
import Testing

@Suite struct SenderProfileTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    let kind: SourceKind
    let fields: [(String, String)]
    let body: JSONValue
    let event: String
    let id: String?

    init(
      _ kind: SourceKind, _ fields: [(String, String)], _ body: JSONValue, _ event: String,
      id: String?
    ) {
      (self.kind, self.fields, self.body, self.event, self.id) = (kind, fields, body, event, id)
    }

    var testDescription: String { "\(kind) \(event) \(fields)" }
  }

  private static let cases = [
    Case(
      .stripe, [], ["type": "invoice.paid", "id": "evt_1"], "stripe:invoice.paid", id: "evt_1"),
    Case(
      .buildkite, [("X-Buildkite-Event", "build.finished")], [:], "buildkite:build.finished",
      id: nil),
    Case(
      .shopify, [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Webhook-Id", "w-1")], [:],
      "shopify:orders/create", id: "w-1"),
    Case(
      .standardWebhooks, [("webhook-id", "msg_1")], ["type": "user.created"],
      "standard-webhooks:user.created", id: "msg_1"),
    Case(.standardWebhooks, [("webhook-id", "msg_1")], [:], "standard-webhooks:event", id: "msg_1"),
    Case(.svix, [("svix-id", "msg_2")], ["type": 7], "svix:7", id: "msg_2"),
    Case(.svix, [("webhook-id", "msg_3")], [:], "svix:event", id: "msg_3"),
    Case(
      .slack, [], ["type": "event_callback", "event": ["type": "app_mention"], "event_id": "Ev1"],
      "slack:app_mention", id: "Ev1"),
    Case(.slack, [], ["command": "/deploy", "trigger_id": "1.2"], "slack:command", id: "1.2"),
    Case(
      .sourcehut,
      [
        ("X-Webhook-Event", "repo:post-update"), ("X-Webhook-Delivery", "unsigned"),
        ("X-Payload-Nonce", "3a7c"),
      ], ["refs": []], "sourcehut:repo:post-update", id: "3a7c"),
    Case(
      .gitbucket, [("X-GitHub-Event", "issues"), ("X-GitHub-Delivery", "g-1")], [:],
      "gitbucket:issues", id: "g-1"),
    Case(.custom, [("X-Event", "push")], ["type": "push"], "custom:event", id: nil),
  ]

  @Test(arguments: cases)
  private func `a sender names its event and its delivery where it documents it`(_ example: Case) {
    let source = Source(kind: example.kind, secrets: [])
    guard
      case .events(let events, let id) = source.delivery(
        fields: Fixture.lookup(example.fields), body: example.body)
    else {
      Issue.record("no event")
      return
    }
    #expect(events.map(\.kind.rawValue) == [example.event])
    #expect(events.first?.provider == example.kind.rawValue)
    #expect(id == example.id)
  }

  /// The id that GitLab keeps over retries comes before the one that several hooks share.
  @Test(arguments: [
    (["Idempotency-Key", "webhook-id", "X-Gitlab-Event-UUID"], "Idempotency-Key"),
    (["X-Gitlab-Event-UUID", "webhook-id"], "webhook-id"),
    (["X-Gitlab-Event-UUID"], "X-Gitlab-Event-UUID"),
  ])
  func `of several ids the one that a retry repeats is taken`(names: [String], chosen: String) {
    let source = Source(kind: .gitlab, secrets: [])
    let delivery = source.delivery(
      fields: Fixture.lookup(names.map { ($0, "id-of-\($0)") }), body: ["object_kind": "wiki_page"])
    guard case .events(_, let id) = delivery else {
      Issue.record("no event")
      return
    }
    #expect(id == "id-of-\(chosen)")
  }

  @Test(
    arguments: [
      (.github, [("X-GitHub-Event", "ping")], [:], .ping),
      (.gitbucket, [("X-GitHub-Event", "ping")], [:], .ping),
      (.buildkite, [("X-Buildkite-Event", "ping")], [:], .ping),
      (.bitbucketServer, [("X-Event-Key", "diagnostics:ping")], ["test": true], .ping),
      (.slack, [], ["type": "url_verification", "challenge": "3eZb"], .challenge("3eZb")),
      (
        .slack, [], ["type": "url_verification"], .malformed("challenge is missing or no text")
      ),
      (
        .slack, [],
        ["type": "url_verification", "challenge": .string(String(repeating: "c", count: 1025))],
        .malformed("challenge is missing or no text")
      ),
      (
        .azureDevOps, [], ["id": "1"], .malformed("eventType is missing")
      ),
      (
        .azureDevOps, [], ["eventType": "git push"],
        .malformed("eventType is not the name of an event")
      ),
      (.bitbucketCloud, [], [:], .malformed("the header X-Event-Key is missing")),
      (
        .bitbucketCloud, [("X-Event-Key", "repo:push"), ("X-Request-UUID", "a/b")], [:],
        .malformed("the header X-Request-UUID is not the id of a delivery")
      ),
      (
        .stripe, [], ["type": "x", "id": "manual/ops/1"],
        .malformed("id is not the id of a delivery")
      ),
      (
        .gitea, [("X-GitHub-Event", "push")], [:], .malformed("the header X-Gitea-Event is missing")
      ),
      (
        .forgejo, [("X-Forgejo-Event", "PUSH")], [:],
        .malformed("the header X-Forgejo-Event is not the name of an event")
      ),
    ] as [(SourceKind, [(String, String)], JSONValue, SourceDelivery)])
  func `what is no event is a greeting or malformed`(
    kind: SourceKind, fields: [(String, String)], body: JSONValue, expected: SourceDelivery
  ) {
    let source = Source(kind: kind, secrets: [])
    #expect(source.delivery(fields: Fixture.lookup(fields), body: body) == expected)
  }

  @Test func `only the ping that its sender does not sign may come without a signature`() {
    let ping = Fixture.lookup([("X-Event-Key", "diagnostics:ping")])
    #expect(SourceKind.bitbucketServer.profile.isUnsignedPing(ping))
    #expect(!SourceKind.bitbucketCloud.profile.isUnsignedPing(ping))
    let two = [("X-Event-Key", "diagnostics:ping"), ("X-Event-Key", "repo:refs_changed")]
    #expect(!SourceKind.bitbucketServer.profile.isUnsignedPing(Fixture.lookup(two)))
    let push = Fixture.lookup([("X-Event-Key", "repo:refs_changed")])
    #expect(!SourceKind.bitbucketServer.profile.isUnsignedPing(push))
  }

  @Test(
    arguments: [
      (.gitea, "payload=%7B%22a%22%3A1%7D", "{\"a\":1}"),
      (.gitea, "payload=%7B%22a%22%3A1%7D&x=1", "{\"a\":1}"),
      (.gitea, "x=1", "the form has not one field payload with the payload"),
      (
        .gitea, "payload=%7B%7D&payload=%7B%7D",
        "the form has not one field payload with the payload"
      ),
      (.slack, "command=%2Fdeploy&text=a+b&text=c", "{\"command\":\"/deploy\",\"text\":\"a b\"}"),
      (.slack, "payload=%7B%22type%22%3A%22x%22%7D", "{\"type\":\"x\"}"),
      (.slack, "a=%FF", "the form is not percent-encoded UTF-8"),
      (.slack, "a=%4", "the form is not percent-encoded UTF-8"),
      (.slack, "", "{}"),
    ] as [(SourceKind, String, String)])
  func `a form holds the payload or is it`(kind: SourceKind, form: String, payload: String) {
    let source = Source(kind: kind, secrets: [])
    let fields = Fixture.lookup([("Content-Type", "application/x-www-form-urlencoded")])
    #expect(source.mediaTypeProblem(fields) == nil)
    do throws(MalformedPayload) {
      let document = try source.payload(fields: fields, body: Array(form.utf8))
      #expect(document.root.materialised.serializedString() == payload)
    } catch {
      #expect(error.message == payload)
    }
  }

  @Test(arguments: [SourceKind.github, .gitlab, .gitbucket, .azureDevOps, .stripe])
  func `a form of a sender that signs none is refused with the setting`(kind: SourceKind) throws {
    let fields = Fixture.lookup([("Content-Type", "application/x-www-form-urlencoded")])
    let problem = try #require(Source(kind: kind, secrets: []).mediaTypeProblem(fields))
    #expect(problem.contains("application/json in \(kind.profile.title)'s settings"))
  }
}

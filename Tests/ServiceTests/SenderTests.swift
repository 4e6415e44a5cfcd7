import Bytes
import Crypto
import HTTPWire
import Hooks
import JSON
import Journal
import Reactor
@testable import Service
import Testing

/// Every kind of sender over HTTP, from its signature to the run.
@Suite struct SenderTests {
  struct Sender: Sendable, CustomTestStringConvertible {
    let kind: SourceKind
    /// What is configured.
    let secret: String
    /// What the sender has, where that is not the same.
    let signingSecret: String
    let event: String
    let body: JSONValue

    init(
      _ kind: SourceKind, _ secret: String, _ event: String, _ body: JSONValue = [:],
      signingSecret: String? = nil
    ) {
      (self.kind, self.secret, self.event, self.body) = (kind, secret, event, body)
      self.signingSecret = signingSecret ?? secret
    }

    /// Whether nothing of the body is covered.
    var showsItsSecret: Bool { kind == .azureDevOps || secret == "plain-token" }

    var testDescription: String { "\(kind.rawValue) \(event)" }
  }

  private static let webhookKey = "whsec_" + Base64.encode(Array(0..<32))
  private static let seed = Base64.encode(Array(100..<132))
  private static let publicKey = Base64.encode(
    Ed25519PrivateKey(SecretBytes(Array(100..<132)))?.publicKey ?? [])

  static let senders = [
    Sender(.github, "s", "gollum"),
    Sender(.gitlab, "plain-token", "wiki_page", ["object_kind": "wiki_page"]),
    Sender(.gitlab, webhookKey, "wiki_page", ["object_kind": "wiki_page"]),
    Sender(.bitbucketCloud, "s", "repo:updated"), Sender(.bitbucketServer, "s", "repo:forked"),
    Sender(.gitea, "s", "repository"), Sender(.forgejo, "s", "repository"),
    Sender(.gogs, "s", "fork"),
    Sender(
      .azureDevOps, "user:pass", "build.complete", ["eventType": "build.complete", "id": "1"]),
    Sender(.sourcehut, publicKey, "ticket:create", signingSecret: seed),
    Sender(.gitbucket, "s", "issues"),
    Sender(.standardWebhooks, webhookKey, "user.created", ["type": "user.created"]),
    Sender(
      .standardWebhooks, "whpk_\(publicKey)", "user.created", ["type": "user.created"],
      signingSecret: "whsk_\(seed)"),
    Sender(.svix, webhookKey, "user.created", ["type": "user.created"]),
    Sender(
      .slack, "s", "app_mention",
      ["type": "event_callback", "event": ["type": "app_mention"], "event_id": "Ev1"]),
    Sender(.stripe, "whsec_as-it-is", "invoice.paid", ["type": "invoice.paid", "id": "evt_1"]),
    Sender(.buildkite, "s", "build.finished"), Sender(.shopify, "s", "orders/create"),
  ]

  private static func configuration(_ sender: Sender) -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source: { type: \(sender.kind.rawValue), secrets: [{ env: OLD }, { env: SECRET }] }
      triggers:
      - name: build
        on: ["\(sender.kind.rawValue):\(sender.event)"]
        run:
          apiVersion: tekton.dev/v1
          kind: PipelineRun
          metadata: { generateName: build- }
    """
  }

  private static func fields(
    _ sender: Sender, _ body: [UInt8], secret: String, id: String
  ) throws -> HTTPFields {
    let profile = sender.kind.profile
    let named = profile.fields(event: sender.event, delivery: id)
    let message = UnprovenMessage(
      fields: named, body: body, id: id, time: WallTime.now.secondsSince1970)
    let proof = try #require(profile.proof(of: message, secret: SecretBytes(secret)))
    var fields: HTTPFields = ["Content-Type": "application/json"]
    for field in named + proof { fields.append(name: field.name, value: field.value) }
    return fields
  }

  @Test(arguments: senders)
  func `what is proven runs, and what comes again is a duplicate`(
    sender: Sender
  ) async throws {
    try await ServiceFixture.run(
      configuration: Self.configuration(sender),
      environment: ["SECRET": sender.secret, "OLD": Self.oldSecret(sender)]
    ) { service in
      let body = sender.body.serialized()
      let fields = try Self.fields(sender, body, secret: sender.signingSecret, id: "d-1")
      let first = try await service.send(.post, "/hooks/ci/app", fields, body)
      #expect(first.status == 202, "\(first.json)")
      let again = try await service.send(.post, "/hooks/ci/app", fields, body)
      #expect(again.status == 200 && again.json["duplicate"] == true)

      let metrics = try await service.metrics()
      for line in [
        "hookline_verifications_total{hook=\"ci/app\",secret=\"env/SECRET\"} 2",
        "hookline_verifications_total{hook=\"ci/app\",secret=\"env/OLD\"} 0",
        "hookline_deliveries_total{hook=\"ci/app\",outcome=\"accepted\"} 1",
        "hookline_deliveries_total{hook=\"ci/app\",outcome=\"duplicate\"} 1",
      ] {
        #expect(metrics.contains(line + "\n"))
      }
    }
  }

  @Test(arguments: senders)
  func `what is changed, or proven with another secret or not at all, is 401`(
    sender: Sender
  ) async throws {
    try await ServiceFixture.run(
      configuration: Self.configuration(sender),
      environment: ["SECRET": sender.secret, "OLD": Self.oldSecret(sender)]
    ) { service in
      let body = sender.body.serialized()
      let fields = try Self.fields(sender, body, secret: sender.signingSecret, id: "d-1")
      if !sender.showsItsSecret {
        let changed = try await service.send(
          .post, "/hooks/ci/app", fields, body + [UInt8(ascii: " ")])
        #expect(changed.status == 401 && changed.fields["WWW-Authenticate"] != nil)
      }
      let stranger = try Self.fields(sender, body, secret: Self.strangersSecret(sender), id: "d-2")
      let wrong = try await service.send(.post, "/hooks/ci/app", stranger, body)
      let unproven = HTTPFields.unproven(fields, sender.kind)
      let missing = try await service.send(.post, "/hooks/ci/app", unproven, body)
      #expect(wrong.status == 401 && missing.status == 401)
      // One answer for all of them.
      #expect(
        wrong.json == missing.json
          && wrong.fields["Content-Length"] == missing.fields["Content-Length"])
      #expect(service.cluster.attemptCount == 0)
      let metrics = try await service.metrics()
      #expect(metrics.contains("hookline_refusals_total{hook=\"ci/app\",cause=\""))
      for secret in [sender.secret, sender.signingSecret, Self.strangersSecret(sender)]
      where secret.utf8.count > 1 {
        #expect(!service.log.text.contains(secret) && !metrics.contains(secret))
      }
      #expect(service.log.text.contains("refused"))
    }
  }

  @Test(
    arguments: [
      (
        Sender(.github, "s", "ping", ["zen": "x"]), true, 200, "ping", true
      ),
      (Sender(.github, "s", "ping", ["zen": "x"]), false, 401, "error", nil),
      (Sender(.gitbucket, "s", "ping"), true, 200, "ping", true),
      (Sender(.buildkite, "s", "ping"), true, 200, "ping", true),
      (Sender(.bitbucketServer, "s", "diagnostics:ping", ["test": true]), true, 200, "ping", true),
      (Sender(.bitbucketServer, "s", "diagnostics:ping", ["test": true]), false, 200, "ping", true),
      (Sender(.bitbucketCloud, "s", "diagnostics:ping", ["test": true]), false, 401, "error", nil),
      (
        Sender(.slack, "s", "x", ["type": "url_verification", "challenge": "3eZb"]), true, 200,
        "challenge", "3eZb"
      ),
      (
        Sender(.slack, "s", "x", ["type": "url_verification", "challenge": "3eZb"]), false, 401,
        "error", nil
      ),
    ] as [(Sender, Bool, Int, String, JSONValue?)])
  func `a ping or challenge is answered once its sender is known`(
    sender: Sender, isSigned: Bool, status: Int, member: String, value: JSONValue?
  ) async throws {
    let listening = Sender(sender.kind, sender.secret, "nothing")
    try await ServiceFixture.run(
      configuration: Self.configuration(listening), environment: ["SECRET": "s", "OLD": "old"]
    ) { service in
      let body = sender.body.serialized()
      var fields = try Self.fields(sender, body, secret: sender.secret, id: "d-1")
      if !isSigned { fields = .unproven(fields, sender.kind) }
      let reply = try await service.send(.post, "/hooks/ci/app", fields, body)
      #expect(reply.status == status)
      #expect(reply.json[member] != nil)
      if let value { #expect(reply.json[member] == value) }
      #expect(service.journal.counts.deliveries == 0)
    }
  }

  @Test func `a wrong signature on a ping that may be unsigned is refused`() async throws {
    let listening = Sender(.bitbucketServer, "s", "nothing")
    try await ServiceFixture.run(
      configuration: Self.configuration(listening), environment: ["SECRET": "s", "OLD": "old"]
    ) { service in
      let ping = Sender(.bitbucketServer, "s", "diagnostics:ping", ["test": true])
      let body = ping.body.serialized()
      let fields = try Self.fields(ping, body, secret: "wrong", id: "d-1")
      let reply = try await service.send(.post, "/hooks/ci/app", fields, body)
      #expect(reply.status == 401)
    }
  }

  @Test func `a refusal says whose delivery it looks like`() async throws {
    let listening = Sender(.github, "s", "push")
    try await ServiceFixture.run(
      configuration: Self.configuration(listening), environment: ["SECRET": "s", "OLD": "old"]
    ) { service in
      let sender = Sender(.gitea, "s", "push")
      let fields = try Self.fields(sender, [], secret: "s", id: "d-1")
      #expect(try await service.send(.post, "/hooks/ci/app", fields, []).status == 401)
      #expect(service.log.text.contains("gitea"))
    }
  }

  /// A secret of the form that the kind has.
  private static func secret(_ sender: Sender, _ fill: UInt8) -> String {
    let bytes = [UInt8](repeating: fill, count: 32)
    let key = Ed25519PrivateKey(SecretBytes(bytes))?.publicKey ?? []
    if sender.kind == .sourcehut { return Base64.encode(key) }
    if sender.secret.hasPrefix("whpk_") { return "whpk_" + Base64.encode(key) }
    if sender.secret.hasPrefix("whsec_"), sender.kind != .stripe {
      return "whsec_" + Base64.encode(bytes)
    }
    return sender.kind == .azureDevOps ? "user:\(fill)" : "secret-\(fill)"
  }

  private static func oldSecret(_ sender: Sender) -> String { secret(sender, 7) }

  /// What somebody signs with who knows no secret.
  private static func strangersSecret(_ sender: Sender) -> String {
    let seed = Base64.encode([UInt8](repeating: 9, count: 32))
    if sender.kind == .sourcehut { return seed }
    return sender.secret.hasPrefix("whpk_") ? "whsk_\(seed)" : secret(sender, 9)
  }
}

extension HTTPFields {
  /// The fields without those that prove who sent them.
  fileprivate static func unproven(_ fields: HTTPFields, _ kind: SourceKind) -> HTTPFields {
    var proofs = ["authorization"]
    for method in kind.profile.methods {
      switch method {
      case .signature(let scheme): proofs.append(scheme.header.lowercased())
      case .token(let header): proofs.append(header.lowercased())
      case .basic, .bearer: break
      }
    }
    var unproven = HTTPFields()
    for field in fields where !proofs.contains(field.name.lowercased()) {
      unproven.append(name: field.name, value: field.valueString)
    }
    return unproven
  }
}

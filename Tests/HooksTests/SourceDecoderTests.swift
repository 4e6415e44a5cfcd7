import Crypto
import Hooks
import JSON
import TestSupport
import Testing
import YAML

@Suite struct SourceDecoderTests {
  private static func document(_ source: String) -> String {
    """
    apiVersion: hookline.dev/v1alpha1
    kind: Hook
    metadata: { name: app, namespace: ci }
    spec:
      source:
    \(Fixture.indented(source, by: 4))
      triggers:
      - name: build
        on: [push]
        run:
    \(Fixture.indented(Fixture.run, by: 6))
    """
  }

  private static func source(_ text: String) throws -> Source {
    try #require(try Fixture.compiled(document(text)).source)
  }

  /// A document with the fields of a signature, and the preset that they spell.
  private static let spelled: [(String, SignatureScheme)] = [
    (
      "algorithm: hmac-sha256\nheader: X-Hub-Signature-256\nformat: \"sha256={digest}\"", .gitHub
    ),
    ("algorithm: hmac-sha1\nheader: X-Hub-Signature\nformat: sha1={digest}", .hubSHA1),
    ("algorithm: hmac-sha256\nheader: X-Gitea-Signature", .gitea),
    (
      """
      algorithm: hmac-sha256
      header: webhook-signature
      format: "v1,{digest} ..."
      encoding: base64
      content: "{header:webhook-id}.{timestamp}.{body}"
      timestamp: { header: webhook-timestamp }
      key: base64
      """, .standardWebhooks(names: "webhook")
    ),
    (
      """
      algorithm: hmac-sha256
      header: X-Slack-Signature
      format: "v0={digest}"
      content: "v0:{timestamp}:{body}"
      timestamp: { header: X-Slack-Request-Timestamp, tolerance: 5m }
      """, .slack
    ),
    (
      """
      algorithm: hmac-sha256
      header: Stripe-Signature
      format: "t={timestamp},v1={digest}"
      content: "{timestamp}.{body}"
      """, .stripe
    ),
    (
      """
      algorithm: hmac-sha256
      header: X-Buildkite-Signature
      format: "timestamp={timestamp},signature={digest}"
      content: "{timestamp}.{body}"
      """, .buildkite
    ),
    ("algorithm: hmac-sha256\nheader: X-Shopify-Hmac-Sha256\nencoding: base64", .shopify),
    (
      "algorithm: ed25519\nheader: X-Payload-Signature\ncontent: \"{body}{header:X-Payload-Nonce}\"",
      .sourceHut
    ),
    (
      "algorithm: hmac-sha512\nheader: X-Sig\nencoding: base64",
      SignatureScheme(.hmac(.sha512), header: "X-Sig", encoding: .base64)
    ),
    (
      "algorithm: hmac-sha384\nheader: X-Sig",
      SignatureScheme(.hmac(.sha384), header: "X-Sig")
    ),
  ]

  @Test(arguments: spelled)
  func `what the presets are can be written down`(text: String, preset: SignatureScheme) throws {
    let source = try Self.source(
      "type: custom\nsecrets: [{ env: S }]\nsignature:\n" + Fixture.indented(text, by: 2))
    var expected = preset
    // With one way to prove it there is nothing to choose.
    expected.markers = []
    #expect(source.profile.methods == [.signature(expected)])
  }

  @Test(
    arguments: [
      ("type: custom\nsecrets: [{ env: S }]\ntoken: X-Token", [.token(header: "X-Token")]),
      ("type: custom\nsecrets: [{ env: S }]\nauthorization: bearer", [.bearer]),
      ("type: custom\nsecrets: [{ env: S }]\nauthorization: basic", [.basic]),
      ("type: custom\nclientCertificates: [ci.example.com]", []),
      ("type: azure-devops\nsecrets: [{ env: S }]", [.basic]),
      ("type: azure-devops\nsecrets: [{ env: S }]\ntoken: X-Key", [.token(header: "X-Key")]),
      (
        "type: github\nsecrets: [{ env: S }]\nallowSHA1: true",
        [.signature(.gitHub), .signature(.hubSHA1)]
      ),
      ("type: github\nsecrets: [{ env: S }]\nallowSHA1: false", [.signature(.gitHub)]),
    ] as [(String, [AuthenticationMethod])])
  func `a source proves itself as its document says`(
    text: String, methods: [AuthenticationMethod]
  ) throws {
    #expect(try Self.source(text).profile.methods == methods)
  }

  @Test func `a custom sender names events and deliveries where its document says`() throws {
    let source = try Self.source(
      """
      type: custom
      secrets: [{ env: S }]
      token: X-Token
      event: { body: data.kind }
      delivery: { header: X-Id }
      ping: hello
      """)
    let fields = Fixture.lookup([("X-Id", "1")])
    guard
      case .events(let events, let id) = source.delivery(
        fields: fields, body: ["data": ["kind": "made"]])
    else {
      Issue.record("no event")
      return
    }
    #expect(events.map(\.kind.rawValue) == ["custom:made"] && id == "1")
    #expect(source.delivery(fields: fields, body: ["data": ["kind": "hello"]]) == .ping)
  }

  @Test(arguments: [
    ("github", Duration.seconds(86_400)), ("gitlab", .seconds(86_400)),
    ("azure-devops", .seconds(86_400)), ("sourcehut", .seconds(86_400)),
    ("slack", .seconds(600)), ("stripe", .seconds(600)), ("buildkite", .seconds(600)),
    ("standard-webhooks", nil), ("svix", nil),
  ])
  func `a body is remembered for as long as its signature can be sent again`(
    type: String, window: Duration?
  ) throws {
    let source = try Self.source("type: \(type)\nsecrets: [{ env: S }]")
    #expect(source.replayWindow == window)
    #expect(
      try Self.source("type: \(type)\nsecrets: [{ env: S }]\nreplayWindow: none").replayWindow
        == nil)
    #expect(
      try Self.source("type: \(type)\nsecrets: [{ env: S }]\nreplayWindow: 2h").replayWindow
        == .seconds(7200))
  }

  private static let wrong: [(String, String)] = [
    ("type: githup\nsecrets: [{ env: S }]", "spec.source.type: unknown source type \"githup\""),
    (
      "type: gitlab\nsecrets: [{ env: S }]\nallowSHA1: true",
      "spec.source.allowSHA1: has no meaning for a source of type gitlab"
    ),
    ("type: custom\nsecrets: [{ env: S }]", "spec.source: the sender proves nothing"),
    (
      "type: custom\nsecrets: [{ env: S }]\ntoken: X\nauthorization: bearer",
      "spec.source: give only one of signature, token, authorization"
    ),
    (
      "type: custom\nsecrets: [{ env: S }]\ntoken: \"X Y\"",
      "spec.source.token: \"X Y\" is not the name of a header"
    ),
    (
      "type: custom\nclientCertificates: [a]\nsecrets: [{ env: S }]",
      "spec.source.secrets: has no meaning without signature, token or authorization"
    ),
    ("type: github", "spec.source.secrets: missing"),
    (
      "type: github\nsecrets: [{ publicKey: abc }]",
      "spec.source.secrets[0].publicKey: unknown field"
    ),
    (
      "type: github\nsecrets: [{ env: S, notAfter: tomorrow }]",
      "spec.source.secrets[0].notAfter: \"tomorrow\" is no time"
    ),
    (
      "type: github\nsecrets: [{ env: S }]\nallow: [{ githubMeta: a, atlassianRanges: b }]",
      "spec.source.allow[0]: give exactly one of githubMeta and atlassianRanges"
    ),
    (
      "type: custom\nsecrets: [{ env: S }]\ntoken: X\nping: p",
      "spec.source.ping: has no meaning without event"
    ),
    (
      "type: custom\nsecrets: [{ env: S }]\ntoken: X\nevent: { body: a..b }",
      "spec.source.event.body: \"a..b\" is not a path"
    ),
    (
      "type: custom\nsecrets: [{ env: S }]\ntoken: X\nevent: { body: a, header: b }",
      "spec.source.event: give exactly one of header and body"
    ),
  ]

  private static let wrongSignatures: [(String, String)] = [
    ("header: X", "algorithm: missing"), ("algorithm: hmac-sha256", "header: missing"),
    ("algorithm: hmac-md5\nheader: X", "algorithm: unknown algorithm \"hmac-md5\""),
    ("algorithm: sha256\nheader: X", "algorithm: unknown algorithm \"sha256\""),
    (
      "algorithm: hmac-sha256\nheader: X\nformat: \"{sig}\"",
      "format: \"{sig}\" is none of PREFIX{digest}"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\nformat: \"{digest\"",
      "format: \"{digest\" is none of PREFIX{digest}"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\nformat: \"t={timestamp};v={digest}\"",
      "format: \"t={timestamp};v={digest}\" is none of"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{timestamp}\"",
      "content: has to have {body} exactly once"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{body}{body}\"",
      "content: has to have {body} exactly once"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{body}}\"",
      "content: \"{body}}\" has a brace without its other one"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{body}{url}\"",
      "content: {url} is unknown"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{body}{header:}\"",
      "content: {header:} is unknown"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{timestamp}{body}\"",
      "content: has {timestamp}, and neither format nor timestamp.header says where"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ntimestamp: { header: T }",
      "signature: the time is not signed"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\nformat: \"t={timestamp},v={digest}\"",
      "signature: the time is not signed"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ntimestamp: { tolerance: 5m }",
      "timestamp: says no header, and format has no {timestamp}"
    ),
    (
      "algorithm: hmac-sha256\nheader: X\ncontent: \"{timestamp}{body}\"\ntimestamp: { header: T, tolerance: 2h }",
      "timestamp.tolerance: 2h is out of bounds"
    ),
    (
      "algorithm: ed25519\nheader: X\nkey: text",
      "key: a public key of Ed25519 is written in base64"
    ),
  ]

  private static let allWrong =
    wrong
    + wrongSignatures.map { text, message in
      let isWhole = message.hasPrefix("signature:")
      return (
        "type: custom\nsecrets: [{ env: S }]\nsignature:\n" + Fixture.indented(text, by: 2),
        isWhole ? "spec.source.\(message)" : "spec.source.signature.\(message)"
      )
    }

  @Test(arguments: allWrong)
  func `what cannot be meant is refused with its place`(text: String, message: String) {
    let diagnostics = Fixture.diagnostics(Self.document(text))
    #expect(diagnostics.contains { $0.contains(message) }, "\(diagnostics)")
  }

  @Test func `a secret whose time is over is warned about when it is loaded`() throws {
    let text = Self.document(
      """
      type: github
      secrets:
      - { env: NEW }
      - { env: OLD, notAfter: 2026-11-01T00:00:00Z }
      """)
    func diagnostics(_ now: Int64) throws -> [String] {
      try HookSet.compile(parseDocuments(text, file: "app.yaml"), now: now).diagnostics.map(
        \.description)
    }
    // 2026-11-01T00:00:00Z
    #expect(try diagnostics(1_793_491_199) == [])
    #expect(
      try diagnostics(1_793_491_200) == [
        "app.yaml:9:29: warning: spec.source.secrets[1].notAfter: the secret counts no more since "
          + "2026-11-01T00:00:00Z: remove it"
      ])
  }

  @Test func `an expired secret matches nothing, and the others still do`() throws {
    let source = try Self.source(
      "type: github\nsecrets: [{ env: NEW }, { env: OLD, notAfter: 2026-11-01T00:00:00Z }]")
    let authentication = source.authentication(secrets: [SecretBytes("new"), SecretBytes("old")])
    let body = Array("{}".utf8)
    func verify(_ secret: String, at now: Int64) -> [Verification?] {
      let fields = Fixture.lookup([
        ("X-Hub-Signature-256", Fixture.signature(body, secret: secret))
      ])
      var streamed: Verification?
      if var check = authentication.check(fields: fields, now: now) {
        check.update(body.span)
        streamed = check.finish()
      }
      return [authentication.verify(fields: fields, body: body, now: now), streamed]
    }
    for now: Int64 in [0, 1_793_491_199] {
      #expect(verify("old", at: now) == [.verified(index: 1), .verified(index: 1)])
    }
    #expect(verify("old", at: 1_793_491_200) == [.refused(.wrong), .refused(.wrong)])
    #expect(verify("new", at: .max) == [.verified(index: 0), .verified(index: 0)])
  }

  @Test(
    arguments: [
      (nil, .refused(.certificateMissing)), ([], .refused(.certificateWrong)),
      (["other"], .refused(.certificateWrong)), (["CI.example.com"], .refused(.certificateWrong)),
      (["x", "ci.example.com"], .certified(name: "ci.example.com")),
      (["spiffe://acme/ci"], .certified(name: "spiffe://acme/ci")),
    ] as [([String]?, Verification)])
  func `a client certificate proves who sent it, if it has one of the names`(
    names: [String]?, expected: Verification
  ) throws {
    let source = try Self.source(
      "type: custom\nclientCertificates: [ci.example.com, \"spiffe://acme/ci\"]")
    let authentication = source.authentication(secrets: [])
    let fields = Fixture.lookup([])
    #expect(authentication.problem(fields, now: 0) == nil)
    let signature = authentication.verify(fields: fields, body: [], now: 0)
    #expect(authentication.verification(signature, certificate: names) == expected)
  }

  @Test func `a client certificate does not stand in for the signature beside it`() throws {
    let source = try Self.source(
      "type: github\nsecrets: [{ env: S }]\nclientCertificates: [ci.example.com]")
    let authentication = source.authentication(secrets: [SecretBytes("s")])
    let names = ["ci.example.com"]
    #expect(
      authentication.verification(.refused(.wrong), certificate: names) == .refused(.wrong))
    #expect(
      authentication.verification(.verified(index: 0), certificate: names) == .verified(index: 0))
    #expect(
      authentication.verification(.verified(index: 0), certificate: nil)
        == .refused(.certificateMissing))
  }
}

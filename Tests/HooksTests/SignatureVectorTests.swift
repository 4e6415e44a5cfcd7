import Bytes
import Crypto
import Hooks
import JSON
import TestSupport
import Testing

/// The shared vectors, each with the verdict of two other verifiers.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct SignatureVectorTests {
  private struct Vector {
    let id: String
    let why: String
    let isValid: Bool
    let headers: [(String, String)]
    let body: [UInt8]
    let secrets: [String]
    let now: Int64
    let config: JSONValue?

    init(_ json: JSONValue) throws {
      id = try #require(json["id"]?.stringValue)
      why = json["why"]?.stringValue ?? ""
      isValid = try #require(json["valid"]?.boolValue as Bool?)
      headers = (json["headers"]?.arrayValue ?? []).map {
        ($0[0]?.stringValue ?? "", $0[1]?.stringValue ?? "")
      }
      body = try #require(Base64.decode((json["body_b64"]?.stringValue ?? "").utf8))
      secrets =
        [json["secret"]].compactMap { $0?.stringValue }
        + (json["more_secrets"]?.arrayValue ?? []).compactMap(\.stringValue)
      now = Int64(json["now"]?.intValue ?? 0)
      config = json["config"]
    }
  }

  private static func vectors(_ scheme: String) throws -> [Vector] {
    let all = try JSONValue.parse(SharedData.bytes("signatures/signatures.json"))
    return try (all.arrayValue ?? []).filter { $0["scheme"]?.stringValue == scheme }.map(
      Vector.init)
  }

  private static func methods(_ scheme: String, _ vector: Vector) -> [AuthenticationMethod] {
    switch scheme {
    case "github": [.signature(.gitHub)]
    case "github-sha1":
      vector.config?["allow_sha1"]?.boolValue == true
        ? [.signature(.gitHub), .signature(.hubSHA1)] : [.signature(.gitHub)]
    case "bitbucket-cloud", "bitbucket-server": [.signature(.bitbucket)]
    case "gitbucket": [.signature(.hubSHA1)]
    case "gitea": [.signature(.gitea)]
    case "forgejo": [.signature(.forgejo)]
    case "gogs": [.signature(.gogs)]
    case "gitlab-token": [.token(header: "X-Gitlab-Token")]
    case "gitlab-signing": Self.gitLab
    case "azure-basic": [.basic]
    case "azure-header": [.token(header: vector.config?["header"]?.stringValue ?? "")]
    case "standard-webhooks", "standard-webhooks-ed25519":
      [
        .signature(.standardWebhooks(names: "webhook")),
        .signature(.standardWebhooksAsymmetric(names: "webhook")),
      ]
    case "svix":
      [
        .signature(.standardWebhooks(names: "svix")),
        .signature(.standardWebhooks(names: "webhook")),
      ]
    case "sourcehut": [.signature(.sourceHut)]
    case "slack": [.signature(.slack)]
    case "stripe": [.signature(.stripe)]
    case "buildkite": [.signature(.buildkite)]
    case "shopify": [.signature(.shopify)]
    // Nobody's preset: what an operator can write down.
    case "pagure":
      [.signature(SignatureScheme(.hmac(.sha256), header: "X-Pagure-Signature-256"))]
    case "telnyx":
      [
        .signature(
          SignatureScheme(
            .ed25519, header: "telnyx-signature-ed25519", encoding: .base64,
            content: [.timestamp, .literal("|"), .body],
            timestamp: .init(header: "telnyx-timestamp"), keyForm: .publicKey(prefix: "")))
      ]
    default: []
    }
  }

  private static let gitLab: [AuthenticationMethod] = [
    .signature(.standardWebhooks(names: "webhook", secretPrefix: .required)),
    .token(header: "X-Gitlab-Token"),
  ]

  @Test(
    arguments: [
      ("github", 70), ("github-sha1", 64), ("bitbucket-cloud", 61), ("bitbucket-server", 60),
      ("gitbucket", 60), ("gitea", 60), ("forgejo", 60), ("gogs", 55), ("gitlab-token", 23),
      ("gitlab-signing", 80), ("azure-basic", 28), ("azure-header", 9), ("standard-webhooks", 79),
      ("standard-webhooks-ed25519", 28), ("svix", 76), ("sourcehut", 26), ("slack", 44),
      ("stripe", 51), ("buildkite", 42), ("shopify", 23), ("pagure", 55), ("telnyx", 27),
    ])
  func `every vector gets its verdict`(scheme: String, count: Int) throws {
    let vectors = try Self.vectors(scheme)
    #expect(vectors.count == count)
    for vector in vectors {
      let token = vector.config?["token"]?.stringValue
      let secrets = (vector.secrets + [token].compactMap { $0 }).map { SecretBytes($0) }
      let isForm = ["gitea", "forgejo", "gogs"].contains(scheme)
      let authentication = SenderAuthentication(
        Self.methods(scheme, vector), secrets: secrets, formField: isForm ? "payload" : nil,
        weakHeader: "X-Hub-Signature")
      let fields = Fixture.lookup(vector.headers)
      let verdict = authentication.verify(fields: fields, body: vector.body, now: vector.now)
      let isVerified = if case .verified = verdict { true } else { false }
      #expect(isVerified == vector.isValid, "\(vector.id): \(vector.why): \(verdict)")
      if vector.isValid {
        #expect(authentication.problem(fields, now: vector.now) == nil, "\(vector.id)")
      }
    }
  }
}

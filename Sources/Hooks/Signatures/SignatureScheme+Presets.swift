// The schemes of the senders that we know, each as its maker documents it.

import Crypto

extension SignatureScheme {
  /// `X-Hub-Signature-256: sha256=<hex>` over the body.
  /// Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries.
  package static let gitHub = SignatureScheme(
    .hmac(.sha256), header: "X-Hub-Signature-256", grammar: .single(prefix: "sha256="))

  /// `X-Hub-Signature: sha1=<hex>` over the body: what GitHub sends beside the other for receivers
  /// of before 2020, and all that GitBucket sends.
  package static let hubSHA1 = SignatureScheme(
    .hmac(.sha1), header: "X-Hub-Signature", grammar: .single(prefix: "sha1="))

  /// `X-Hub-Signature: sha256=<hex>` over the body: Bitbucket, in the cloud and at home.
  /// Source: https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/.
  package static let bitbucket = SignatureScheme(
    .hmac(.sha256), header: "X-Hub-Signature", grammar: .single(prefix: "sha256="))

  /// `<header>: <hex>` over the JSON: Gitea and what it came from and led to.
  static func bare(_ header: String) -> SignatureScheme {
    SignatureScheme(.hmac(.sha256), header: header)
  }

  /// `X-Gitea-Signature`. Source: services/webhook/deliver.go.
  package static let gitea = bare("X-Gitea-Signature")
  /// `X-Forgejo-Signature`. Source: services/webhook/shared/payloader.go.
  package static let forgejo = bare("X-Forgejo-Signature")
  /// `X-Gogs-Signature`. Source: internal/database/webhook.go.
  package static let gogs = bare("X-Gogs-Signature")

  /// Standard Webhooks with a shared secret, under its own header names or Svix's.
  /// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
  package static func standardWebhooks(
    names prefix: String, secretPrefix: VerificationKey.Presence = .optional
  ) -> SignatureScheme {
    standard(
      .hmac(.sha256), version: "v1", names: prefix, keyForm: .webhookSecret(prefix: secretPrefix))
  }

  /// Standard Webhooks with a key pair.
  package static func standardWebhooksAsymmetric(names prefix: String) -> SignatureScheme {
    standard(.ed25519, version: "v1a", names: prefix, keyForm: .publicKey(prefix: "whpk_"))
  }

  private static func standard(
    _ method: Method, version: String, names: String, keyForm: VerificationKey.Form
  ) -> SignatureScheme {
    let id = "\(names)-id"
    let timestamp = "\(names)-timestamp"
    var scheme = SignatureScheme(
      method, header: "\(names)-signature", grammar: .versions(version), encoding: .base64,
      content: [.header(id), .literal("."), .timestamp, .literal("."), .body],
      timestamp: Timestamp(header: timestamp), keyForm: keyForm)
    scheme.markers = [id, timestamp]
    return scheme
  }

  /// `X-Slack-Signature: v0=<hex>` over `v0:timestamp:body`.
  /// Source: https://docs.slack.dev/authentication/verifying-requests-from-slack.
  package static let slack = SignatureScheme(
    .hmac(.sha256), header: "X-Slack-Signature", grammar: .single(prefix: "v0="),
    content: [.literal("v0:"), .timestamp, .literal(":"), .body],
    timestamp: Timestamp(header: "X-Slack-Request-Timestamp"))

  /// `Stripe-Signature: t=<time>,v1=<hex>` over `time.body`.
  /// Source: https://docs.stripe.com/webhooks/signature.
  package static let stripe = timed("Stripe-Signature", timestamp: "t", signature: "v1")

  /// `X-Buildkite-Signature: timestamp=<time>,signature=<hex>` over `time.body`.
  /// Source: https://buildkite.com/docs/apis/webhooks/pipelines#webhook-signature.
  package static let buildkite = timed(
    "X-Buildkite-Signature", timestamp: "timestamp", signature: "signature")

  private static func timed(
    _ header: String, timestamp: String, signature: String
  ) -> SignatureScheme {
    SignatureScheme(
      .hmac(.sha256), header: header, grammar: .fields(timestamp: timestamp, signature: signature),
      content: [.timestamp, .literal("."), .body], timestamp: Timestamp())
  }

  /// `X-Shopify-Hmac-Sha256: <base64>` over the body.
  /// Source: https://shopify.dev/docs/apps/build/webhooks/subscribe/https.
  package static let shopify = SignatureScheme(
    .hmac(.sha256), header: "X-Shopify-Hmac-Sha256", encoding: .base64)

  /// `X-Payload-Signature: <base64>` of Ed25519 over the body and the nonce.
  /// Source: https://man.sr.ht/api-conventions.md#webhooks.
  package static let sourceHut = SignatureScheme(
    .ed25519, header: "X-Payload-Signature", encoding: .base64,
    content: [.body, .header("X-Payload-Nonce")], keyForm: .publicKey(prefix: ""))
}

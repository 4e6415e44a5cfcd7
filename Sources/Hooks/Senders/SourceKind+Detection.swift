// Whose delivery a message looks like, by its headers alone.
//
// Nothing is decided by it: a hook's source is the one that its document names. It is for the words
// with which a refusal is logged, and for tools that are shown a message without a hook.

extension SourceKind {
  /// The sender whose headers are there. Forgejo sends Gitea's as well, Gitea Gogs's, and all three
  /// GitHub's, so the later copies are looked for first.
  package static func detected(in fields: HeaderLookup) -> SourceKind? {
    for (header, kind) in marks where !fields(header).isEmpty {
      guard kind == .bitbucketCloud, fields("X-Hook-UUID").isEmpty else { return kind }
      return .bitbucketServer
    }
    return nil
  }

  private static let marks: [(header: String, kind: SourceKind)] = [
    ("X-Forgejo-Event", .forgejo), ("X-Gitea-Event", .gitea), ("X-Gogs-Event", .gogs),
    ("X-Gitlab-Event", .gitlab), ("X-Event-Key", .bitbucketCloud), ("X-GitHub-Event", .github),
    ("X-Payload-Nonce", .sourcehut), ("X-Slack-Signature", .slack),
    ("Stripe-Signature", .stripe), ("X-Buildkite-Event", .buildkite),
    ("X-Shopify-Topic", .shopify), ("svix-id", .svix), ("webhook-id", .standardWebhooks),
  ]
}

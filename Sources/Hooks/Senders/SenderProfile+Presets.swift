// The senders that we know, each as its maker documents it. The sources of the signatures are with
// the schemes (SignatureScheme+Presets.swift).

extension SourceKind {
  /// The kind, described.
  package var profile: SenderProfile {
    switch self {
    case .github: .gitHub
    case .gitlab: .gitLab
    case .bitbucketCloud: .bitbucketCloud
    case .bitbucketServer: .bitbucketServer
    case .gitea: .gitea
    case .forgejo: .forgejo
    case .gogs: .gogs
    case .azureDevOps: .azureDevOps
    case .sourcehut: .sourceHut
    case .gitbucket: .gitBucket
    case .standardWebhooks: .standardWebhooks
    case .svix: .svix
    case .slack: .slack
    case .stripe: .stripe
    case .buildkite: .buildkite
    case .shopify: .shopify
    case .custom: .custom
    }
  }
}

// MARK: - Git hosts

extension SenderProfile {
  /// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads.
  static let gitHub = SenderProfile(
    title: "GitHub", methods: [.signature(.gitHub)],
    eventName: EventName(
      locations: [.header("X-GitHub-Event")], alphabet: .word, presence: .required)
  )
  .with(\.weakHeader, SignatureScheme.hubSHA1.header)
  .with(\.deliveryID, [.header("X-GitHub-Delivery")])
  .with(\.greeting, .ping("ping"))

  /// The name is `object_kind`, which the signature covers; system hooks have `event_name`. A retry
  /// keeps `Idempotency-Key`, which is `webhook-id` as well. `X-Gitlab-Event-UUID` stands for the
  /// event and is shared by the hooks that hear of it, so it is the last resort.
  ///
  /// Source: https://docs.gitlab.com/user/project/integrations/webhooks/ and
  /// https://docs.gitlab.com/administration/system_hooks/.
  static let gitLab = SenderProfile(
    title: "GitLab",
    methods: [
      .signature(.standardWebhooks(names: "webhook", secretPrefix: .required)),
      .token(header: "X-Gitlab-Token"),
    ],
    eventName: EventName(locations: [.body(["object_kind"]), .body(["event_name"])])
  )
  .with(
    \.deliveryID,
    [.header("Idempotency-Key"), .header("webhook-id"), .header("X-Gitlab-Event-UUID")])

  /// Source: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/.
  static let bitbucketCloud = SenderProfile(
    title: "Bitbucket", methods: [.signature(.bitbucket)],
    eventName: EventName(locations: [.header("X-Event-Key")], presence: .required)
  )
  .with(\.deliveryID, [.header("X-Request-UUID")])

  /// Source: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html.
  static let bitbucketServer = SenderProfile(
    title: "Bitbucket Data Center", methods: [.signature(.bitbucket)],
    eventName: EventName(locations: [.header("X-Event-Key")], presence: .required)
  )
  .with(\.deliveryID, [.header("X-Request-Id")])
  .with(\.greeting, .unsignedPing("diagnostics:ping"))

  /// Source: https://docs.gitea.com/usage/webhooks.
  static let gitea = giteaFamily("Gitea", .gitea, names: ["Gitea"])
  /// Source: https://forgejo.org/docs/latest/user/webhooks/.
  static let forgejo = giteaFamily("Forgejo", .forgejo, names: ["Forgejo", "Gitea"])
  /// Source: https://gogs.io/docs/features/webhook.
  static let gogs = giteaFamily("Gogs", .gogs, names: ["Gogs"])

  /// A form is signed by what its JSON is.
  private static func giteaFamily(
    _ title: String, _ scheme: SignatureScheme, names: [String]
  ) -> SenderProfile {
    SenderProfile(
      title: title, methods: [.signature(scheme)],
      eventName: EventName(
        locations: names.map { .header("X-\($0)-Event") }, alphabet: .word, presence: .required)
    )
    .with(\.body, .jsonOrForm(field: "payload", .required))
    .with(\.deliveryID, names.map { .header("X-\($0)-Delivery") })
  }

  /// Source: https://learn.microsoft.com/azure/devops/service-hooks/events.
  static let azureDevOps = SenderProfile(
    title: "Azure DevOps", methods: [.basic],
    eventName: EventName(locations: [.body(["eventType"])], presence: .required)
  )
  .with(\.deliveryID, [.body(["id"])])

  /// The nonce is signed, the id of the delivery is not: what was seen is remembered by the nonce.
  ///
  /// Source: https://man.sr.ht/api-conventions.md#webhooks.
  static let sourceHut = SenderProfile(
    title: "SourceHut", methods: [.signature(.sourceHut)],
    eventName: EventName(locations: [.header("X-Webhook-Event")])
  )
  .with(\.deliveryID, [.header("X-Payload-Nonce")])

  /// Source: https://github.com/gitbucket/gitbucket/wiki/API-WebHook.
  static let gitBucket = SenderProfile(
    title: "GitBucket", methods: [.signature(.hubSHA1)],
    eventName: EventName(
      locations: [.header("X-GitHub-Event")], alphabet: .word, presence: .required)
  )
  .with(\.deliveryID, [.header("X-GitHub-Delivery")])
  .with(\.greeting, .ping("ping"))
}

// MARK: - Other senders

extension SenderProfile {
  /// `type` is a convention of the specification, not a rule.
  ///
  /// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
  static let standardWebhooks = standard("Standard Webhooks", names: ["webhook"])
  /// Source: https://docs.svix.com/receiving/verifying-payloads/how-manual.
  static let svix = standard("Svix", names: ["svix", "webhook"])

  private static func standard(_ title: String, names: [String]) -> SenderProfile {
    SenderProfile(
      title: title,
      methods: names.flatMap {
        [
          AuthenticationMethod.signature(.standardWebhooks(names: $0)),
          .signature(.standardWebhooksAsymmetric(names: $0)),
        ]
      },
      eventName: EventName(locations: [.body(["type"])])
    )
    .with(\.deliveryID, names.map { .header("\($0)-id") })
  }

  /// The Events API sends JSON around an event of its own, slash commands and interactions come as
  /// forms: those of a command are the nameless ones.
  ///
  /// Source: https://docs.slack.dev/apis/events-api/ and
  /// https://docs.slack.dev/interactivity/implementing-slash-commands.
  static let slack = SenderProfile(
    title: "Slack", methods: [.signature(.slack)],
    eventName: EventName(locations: [.body(["event", "type"]), .body(["type"])])
  )
  .with(\.body, .jsonOrForm(field: "payload", .optional))
  .with(\.namelessEvent, "command")
  .with(\.deliveryID, [.body(["event_id"]), .body(["trigger_id"])])
  .with(\.greeting, .challenge("url_verification", member: "challenge"))

  /// Source: https://docs.stripe.com/api/events/object.
  static let stripe = SenderProfile(
    title: "Stripe", methods: [.signature(.stripe)],
    eventName: EventName(locations: [.body(["type"])], presence: .required)
  )
  .with(\.deliveryID, [.body(["id"])])

  /// Source: https://buildkite.com/docs/apis/webhooks/pipelines.
  static let buildkite = SenderProfile(
    title: "Buildkite", methods: [.signature(.buildkite)],
    eventName: EventName(locations: [.header("X-Buildkite-Event")], presence: .required)
  )
  .with(\.greeting, .ping("ping"))

  /// Source: https://shopify.dev/docs/apps/build/webhooks/subscribe/https.
  static let shopify = SenderProfile(
    title: "Shopify", methods: [.signature(.shopify)],
    eventName: EventName(locations: [.header("X-Shopify-Topic")], presence: .required)
  )
  .with(\.deliveryID, [.header("X-Shopify-Webhook-Id")])

  /// What an operator fills in.
  static let custom = SenderProfile(
    title: "the sender", methods: [], eventName: EventName(locations: []))
}

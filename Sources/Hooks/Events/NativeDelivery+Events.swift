// Which reader understands whose payloads.

extension NativeDelivery {
  /// What happened; at least one event. A sender without a reader has one of its own name.
  func events() throws(MalformedPayload) -> [Event] {
    switch kind {
    case .github, .gitbucket: try GitHubEvents(self).events()
    case .gitlab: try GitLabEvents(delivery: self).events()
    case .bitbucketCloud: try BitbucketCloudEvents(delivery: self).events()
    case .bitbucketServer: try BitbucketServerEvents(delivery: self).events()
    case .gitea, .forgejo, .gogs: try GiteaEvents(self).events()
    case .azureDevOps: try AzureDevOpsEvents(delivery: self).events()
    case .sourcehut: try SourceHutEvents(delivery: self).events()
    case .buildkite: [buildkiteEvent]
    case .slack: [slackEvent]
    case .standardWebhooks, .svix, .stripe, .shopify, .custom: [namedEvent]
    }
  }
}

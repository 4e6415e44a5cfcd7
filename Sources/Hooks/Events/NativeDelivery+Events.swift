// Which reader understands whose payloads.

extension NativeDelivery {
  /// What happened; at least one event. A sender without a reader has one of its own name.
  func events() throws(MalformedPayload) -> [Event] {
    switch kind {
    case .github, .gitbucket: try GitHubEvents(self).events()
    case .gitlab: try GitLabEvents(self).events()
    case .bitbucketCloud: try BitbucketCloudEvents(self).events()
    case .bitbucketServer: try BitbucketServerEvents(self).events()
    case .gitea, .forgejo, .gogs: try GiteaEvents(self).events()
    case .azureDevOps: try AzureDevOpsEvents(self).events()
    case .sourcehut: try SourceHutEvents(self).events()
    case .buildkite: [buildkiteEvent]
    case .slack: [slackEvent]
    case .standardWebhooks, .svix, .stripe, .shopify, .custom: [namedEvent]
    }
  }
}

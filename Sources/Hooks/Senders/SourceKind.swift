// The senders that we know by name.

/// A kind of sender.
package enum SourceKind: String, CaseIterable, Sendable {
  case github
  case gitlab
  case bitbucketCloud = "bitbucket-cloud"
  case bitbucketServer = "bitbucket-server"
  case gitea
  case forgejo
  case gogs
  case azureDevOps = "azure-devops"
  case sourcehut
  case gitbucket
  case standardWebhooks = "standard-webhooks"
  case svix
  case slack
  case stripe
  case buildkite
  case shopify
  /// A sender that the operator describes.
  case custom
}

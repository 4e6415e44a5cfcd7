// The hosts' own names of events, to find typing errors: what is not here is warned about, not refused.

extension SourceKind {
  /// The names of the sender's events; nil where anybody may make up new ones.
  var eventNames: Set<String>? {
    switch self {
    case .github, .gitbucket: Self.gitHubEvents
    case .gitlab: Self.gitLabEvents
    case .bitbucketCloud: Self.bitbucketCloudEvents
    case .bitbucketServer: Self.bitbucketServerEvents
    case .gitea, .forgejo: Self.giteaEvents
    case .gogs: Self.gogsEvents
    case .azureDevOps: Self.azureDevOpsEvents
    case .sourcehut: Self.sourceHutEvents
    case .standardWebhooks, .svix, .slack, .stripe, .buildkite, .shopify, .custom: nil
    }
  }

  /// Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads.
  private static let gitHubEvents: Set<String> = [
    "branch_protection_configuration", "branch_protection_rule", "check_run", "check_suite",
    "code_scanning_alert", "commit_comment", "create", "custom_property",
    "custom_property_values", "delete", "dependabot_alert", "deploy_key", "deployment",
    "deployment_protection_rule", "deployment_review", "deployment_status", "discussion",
    "discussion_comment", "fork", "github_app_authorization", "gollum", "installation",
    "installation_repositories", "installation_target", "issue_comment", "issue_dependencies",
    "issues", "label", "marketplace_purchase", "member", "membership", "merge_group", "meta",
    "milestone", "org_block", "organization", "package", "page_build",
    "personal_access_token_request", "project", "project_card", "project_column", "projects_v2",
    "projects_v2_item", "projects_v2_status_update", "public", "pull_request",
    "pull_request_review", "pull_request_review_comment", "pull_request_review_thread", "push",
    "registry_package", "release", "repository", "repository_advisory", "repository_dispatch",
    "repository_import", "repository_ruleset", "repository_vulnerability_alert",
    "secret_scanning_alert", "secret_scanning_alert_location", "secret_scanning_scan",
    "security_advisory", "security_and_analysis", "sponsorship", "star", "status", "sub_issues",
    "team", "team_add", "watch", "workflow_dispatch", "workflow_job", "workflow_run",
  ]

  /// `object_kind`, and `event_name` of system hooks.
  ///
  /// Source: https://docs.gitlab.com/user/project/integrations/webhook_events/ and
  /// https://docs.gitlab.com/administration/system_hooks/.
  private static let gitLabEvents: Set<String> = [
    "access_token", "build", "deployment", "emoji", "feature_flag", "group_create",
    "group_destroy", "group_rename", "issue", "key_create", "key_destroy", "member_approval",
    "merge_request", "milestone", "note", "pipeline", "project_create", "project_destroy",
    "project_rename", "project_transfer", "project_update", "push", "release",
    "repository_update", "subgroup_create", "subgroup_destroy", "tag_push", "user_add_to_group",
    "user_add_to_team", "user_create", "user_destroy", "user_failed_login",
    "user_remove_from_group", "user_remove_from_team", "user_rename", "user_update_for_group",
    "user_update_for_team", "vulnerability", "wiki_page", "work_item",
  ]

  /// Source: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/.
  private static let bitbucketCloudEvents: Set<String> = [
    "issue:comment_created", "issue:created", "issue:updated", "project:updated",
    "pullrequest:approved", "pullrequest:changes_request_created",
    "pullrequest:changes_request_removed", "pullrequest:comment_created",
    "pullrequest:comment_deleted", "pullrequest:comment_reopened", "pullrequest:comment_resolved",
    "pullrequest:comment_updated", "pullrequest:created", "pullrequest:fulfilled",
    "pullrequest:rejected", "pullrequest:unapproved", "pullrequest:updated",
    "repo:commit_comment_created", "repo:commit_status_created", "repo:commit_status_updated",
    "repo:created", "repo:deleted", "repo:fork", "repo:imported", "repo:push", "repo:transfer",
    "repo:updated",
  ]

  /// Source: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html.
  private static let bitbucketServerEvents: Set<String> = [
    "mirror:repo_synchronized", "pr:comment:added", "pr:comment:deleted", "pr:comment:edited",
    "pr:declined", "pr:deleted", "pr:from_ref_updated", "pr:merged", "pr:modified", "pr:opened",
    "pr:reviewer:approved", "pr:reviewer:changes_requested", "pr:reviewer:needs_work",
    "pr:reviewer:unapproved", "pr:reviewer:updated", "pr:to_ref_updated", "project:modified",
    "repo:comment:added", "repo:comment:deleted", "repo:comment:edited", "repo:forked",
    "repo:modified", "repo:refs_changed", "repo:secret_detected",
  ]

  /// Source: modules/webhook of Gitea and of Forgejo.
  private static let giteaEvents: Set<String> = [
    "action_run_failure", "action_run_recover", "action_run_success", "create", "delete", "fork",
    "issue_comment", "issues", "package", "pull_request", "pull_request_approved",
    "pull_request_comment", "pull_request_rejected", "push", "release", "repository", "status",
    "wiki", "workflow_job", "workflow_run",
  ]

  /// Source: https://gogs.io/docs/features/webhook.
  private static let gogsEvents: Set<String> = [
    "create", "delete", "fork", "issue_comment", "issues", "pull_request", "push", "release",
  ]

  /// Source: https://learn.microsoft.com/azure/devops/service-hooks/events.
  private static let azureDevOpsEvents: Set<String> = [
    "build.complete", "elasticagentpool.resized", "git.pullrequest.created",
    "git.pullrequest.merged", "git.pullrequest.updated", "git.push", "git.repo.created",
    "git.repo.deleted", "git.repo.forked", "git.repo.renamed", "git.repo.statuschanged",
    "message.posted", "ms.advancedsecurity.alert-created-event",
    "ms.advancedsecurity.alert-state-changed-event", "ms.advancedsecurity.alert-updated-event",
    "ms.vss-code.git-pullrequest-comment-event",
    "ms.vss-pipelinechecks-events.approval-completed",
    "ms.vss-pipelinechecks-events.approval-pending",
    "ms.vss-pipelines.job-state-changed-event", "ms.vss-pipelines.run-state-changed-event",
    "ms.vss-pipelines.stage-state-changed-event",
    "ms.vss-release.deployment-approval-completed-event",
    "ms.vss-release.deployment-approval-pending-event",
    "ms.vss-release.deployment-completed-event", "ms.vss-release.deployment-started-event",
    "ms.vss-release.release-abandoned-event", "ms.vss-release.release-created-event",
    "serviceconnection.created", "serviceconnection.updated", "tfvc.checkin", "workitem.commented",
    "workitem.created", "workitem.deleted", "workitem.restored", "workitem.updated",
  ]

  /// Source: https://man.sr.ht/git.sr.ht/api.md#webhooks and the schema of git.sr.ht's API.
  private static let sourceHutEvents: Set<String> = [
    "GIT_POST_RECEIVE", "GIT_PRE_RECEIVE", "REPO_CREATED", "REPO_DELETED", "REPO_UPDATE",
    "repo:create", "repo:delete", "repo:post-update", "repo:update",
  ]
}

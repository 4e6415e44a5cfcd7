// What happens to a pull request, in the same words for every host.

/// GitHub's words for what happens to a pull request.
///
/// The host's own word is in the body, and names the event where it is part of its name.
///
/// | action | GitHub, GitBucket | GitLab | Gitea, Forgejo, Gogs | Bitbucket Cloud | Data Center | Azure DevOps |
/// |---|---|---|---|---|---|---|
/// | opened | opened | open | opened | created | opened | created |
/// | synchronize | synchronize | update with `oldrev` | synchronized | updated | from_ref_updated | updated, see below |
/// | reopened | reopened | reopen | reopened | – | – | – |
/// | closed | closed | close, merge | closed | fulfilled, rejected | merged, declined, deleted | updated or merged, when it is completed or abandoned |
/// | edited | edited | update of anything else | edited | – | modified | updated, see below |
/// | labeled | labeled | update that adds a label | label_updated | – | – | – |
/// | unlabeled | unlabeled | update that removes labels | label_updated, label_cleared | – | – | – |
/// | ready_for_review | ready_for_review | update of `draft` | – | – | – | – |
/// | converted_to_draft | converted_to_draft | update of `draft` | – | – | – | – |
/// | review_requested | review_requested | update of `reviewers` | review_requested | – | reviewer:updated | – |
/// | merge_attempted | – | – | – | – | – | merged, when it is still open |
///
/// Whether it was merged is ``PullRequest/isMerged``.
///
/// * Bitbucket Cloud does not say what it updated. A build too many is better than one too few, so
///   each update is a synchronize.
/// * Azure DevOps says it in the message for people alone: one that says that the source branch was
///   updated is a synchronize, and so is one that is not there; any other is an edit.
/// * Approvals are reviews: `submitted` with the state `approved` or `changes_requested`, and
///   `dismissed` when they are taken back.
enum PullRequestAction {
  static let opened = "opened"
  static let synchronize = "synchronize"
  static let reopened = "reopened"
  static let closed = "closed"
  static let edited = "edited"
  static let labeled = "labeled"
  static let unlabeled = "unlabeled"
  static let readyForReview = "ready_for_review"
  static let convertedToDraft = "converted_to_draft"
  static let reviewRequested = "review_requested"
  static let reviewRequestRemoved = "review_request_removed"
  static let mergeAttempted = "merge_attempted"
}

/// GitHub's words for what happens to a review and a comment.
enum ReviewAction {
  static let submitted = "submitted"
  static let dismissed = "dismissed"
}

/// What reviews say.
enum ReviewState {
  static let approved = "approved"
  static let changesRequested = "changes_requested"
  static let commented = "commented"
  static let dismissed = "dismissed"
}

enum CommentAction {
  static let created = "created"
  static let edited = "edited"
  static let deleted = "deleted"
}

// Runs that wait for somebody's approval, as they are handed in, and the approvals.

/// What an approval of a run has to be about.
package struct NewHold: Sendable, Equatable {
  /// What is changed, as the sender names it: `octo/app#7`. It is compared, and not interpreted.
  package let subject: String
  /// The state of it that the run builds, in lower case.
  package let revision: String
  /// What is waited for, as a sentence.
  package let message: String

  package init(subject: String, revision: String, message: String) {
    self.subject = subject
    self.revision = revision
    self.message = message
  }
}

/// A delivery's word that a subject has a new revision.
package struct NewRevision: Sendable, Equatable {
  package let subject: String
  package let revision: String

  package init(subject: String, revision: String) {
    self.subject = subject
    self.revision = revision
  }
}

/// Somebody's approval.
package struct NewApproval: Sendable, Equatable {
  package let subject: String
  /// The beginning of the revision that is approved, in lower case; nil for the newest one that the
  /// journal knows when it commits the approval.
  package let revisionPrefix: String?
  /// The triggers of whose runs the approver may decide.
  package let triggers: Set<String>
  package let approver: String

  package init(
    subject: String, revisionPrefix: String?, triggers: Set<String>, approver: String
  ) {
    self.subject = subject
    self.revisionPrefix = revisionPrefix
    self.triggers = triggers
    self.approver = approver
  }
}

/// What became of an approval.
package enum ApprovalOutcome: Sendable, Equatable {
  /// These runs are to be created now.
  case released([StoredRun])
  /// No run of the subject waits.
  case nothingHeld
  /// Runs of the subject wait, and none of this revision; nil when the newest one is not known.
  case otherRevision(String?)
  /// Several revisions that wait begin so.
  case ambiguous
  /// Runs of the revision wait, and all of triggers that are not the approver's to decide.
  case notAllowed
}

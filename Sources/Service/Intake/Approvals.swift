// Pull requests whose runs are held, in the journal's terms.

import Bytes
import Hooks
import JSON
import Journal

extension NewHold {
  init(_ hold: Hold) {
    self.init(
      subject: PullRequestSubject.text(hold.repository, hold.pullRequest),
      revision: ASCII.lowercased(hold.revision), message: hold.message)
  }
}

extension IncomingDelivery {
  /// The delivery with what its events say about held runs of the hook. Only for one that its sender
  /// has just sent: what is repeated by hand is old news, and approves of nothing.
  func consideringApprovals(of hook: Hook) -> IncomingDelivery {
    guard hook.needsApprovals else { return self }
    var delivery = self
    delivery.revisions = events.compactMap { event in
      guard event.kind == .pullRequest, let request = event.pullRequest,
        let repository = event.repository, let revision = event.revision
      else { return nil }
      return NewRevision(
        subject: PullRequestSubject.text(repository, request.number),
        revision: ASCII.lowercased(revision))
    }
    delivery.approvals = events.compactMap(Approval.init).map { approval in
      NewApproval(
        subject: PullRequestSubject.text(approval.repository, approval.pullRequest),
        revisionPrefix: approval.revisionPrefix,
        triggers: hook.triggers(approvedBy: approval.approver), approver: approval.approver)
    }
    return delivery
  }
}

extension IncomingDelivery {
  /// The delivery with what its deferred decisions are held up with.
  func asking(_ api: ProviderAPI?) -> IncomingDelivery {
    var delivery = self
    // No namespace looks like an address, so that no run is held up with them.
    delivery.fetchLane = api.map { "\($0.address)" } ?? ""
    return delivery
  }
}

/// What holds and approvals are about.
enum PullRequestSubject {
  /// `octo/app#7`
  static func text(_ repository: String, _ number: Int) -> String { "\(repository)#\(number)" }
}

extension ApprovalOutcome {
  /// The runs that may be created now.
  var released: [StoredRun] {
    if case .released(let runs) = self { runs } else { [] }
  }

  /// Why nothing was released; nil when something was.
  var refusal: (reason: String, message: String)? {
    switch self {
    case .released: nil
    case .nothingHeld: ("nothing-held", "no run of this pull request waits for an approval")
    case .otherRevision(let revision?):
      ("other-revision", "no run of revision \(revision) waits for an approval")
    case .otherRevision(nil):
      ("other-revision", "the newest revision is not known: write /ok-to-test REVISION")
    case .ambiguous:
      ("ambiguous", "several revisions that wait begin so: write more digits of the one meant")
    case .notAllowed:
      ("not-allowed", "the trigger's approvers do not include whoever made the comment")
    }
  }

  /// As replies say it.
  var json: JSONValue {
    guard let refusal else { return ["released": .array(released.map(\.reference.json))] }
    return ["refused": ["reason": .string(refusal.reason), "message": .string(refusal.message)]]
  }

  /// As the log says it: `released ci/build-x7` or `not-allowed`.
  var summary: String {
    refusal?.reason ?? "released \(released.map { "\($0.reference)" }.joined(separator: ","))"
  }
}

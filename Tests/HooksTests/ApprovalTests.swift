import Testing

@testable import Hooks

@Suite struct ApprovalTests {
  private static func event(
    _ comment: String?, kind: String = "comment", action: String? = "created",
    sender: String? = "Maintainer", repository: String? = "octo/app", request: Int? = 7
  ) -> Event {
    var event = Event(
      kind: EventKind(rawValue: kind), provider: "github", providerEvent: "issue_comment")
    event.action = action
    event.comment = comment
    event.sender = sender
    event.repository = repository
    if let request {
      event.pullRequest = PullRequest(number: request)
    }
    return event
  }

  @Test(
    arguments: [
      ("/ok-to-test", nil), ("  /ok-to-test\t", nil), ("looks good\r\n/ok-to-test\r\nthanks", nil),
      ("/ok-to-test ABCDEF1", "abcdef1"),
      (
        "/ok-to-test  \(String(repeating: "a", count: 64))",
        String(repeating: "a", count: 64)
      ),
    ] as [(String, String?)])
  func `a comment with the command approves`(text: String, prefix: String?) throws {
    let approval = try #require(Approval(Self.event(text)))
    #expect(approval.repository == "octo/app" && approval.pullRequest == 7)
    #expect(approval.approver == "Maintainer")
    #expect(approval.revisionPrefix == prefix)
  }

  @Test(
    arguments: [
      "", "ok-to-test", "/ok-to-tests", "please /ok-to-test", "> /ok-to-test", "/OK-TO-TEST",
      "/ok-to-test abcdef", "/ok-to-test abcdefg", "/ok-to-test abcdef1 now",
      "/ok-to-test main", "/ok-to-test\n/ok-to-test", "/ok-to-test\u{A0}abcdef1",
      "/ok-to-test abcdef1\n/ok-to-test abcdef2",
      "/ok-to-test \(String(repeating: "a", count: 65))",
    ])
  func `any other comment does not`(text: String) {
    #expect(Approval(Self.event(text)) == nil)
  }

  @Test(
    arguments: [
      event("/ok-to-test", action: "edited"), event("/ok-to-test", action: "deleted"),
      event("/ok-to-test", action: nil), event("/ok-to-test", kind: "pull_request"),
      event("/ok-to-test", sender: nil), event("/ok-to-test", sender: ""),
      event("/ok-to-test", repository: nil), event("/ok-to-test", request: nil), event(nil),
    ])
  func `only a comment just made on a pull request approves`(event: Event) {
    #expect(Approval(event) == nil)
  }
}

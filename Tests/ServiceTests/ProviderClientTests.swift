import HTTPWire
import Kubernetes
import Testing

@testable import Hooks
@testable import Service

@Suite struct ProviderClientTests {
  static let before = String(repeating: "b", count: 40)
  static let after = String(repeating: "a", count: 40)

  private static func push(_ repository: String = "octo/app") -> Event {
    var event = Event(kind: .push, provider: "x", providerEvent: "push")
    event.repository = repository
    event.before = before
    event.revision = after
    return event
  }

  private static func pullRequest(_ repository: String = "octo/app") -> Event {
    var event = Event(kind: .pullRequest, provider: "x", providerEvent: "pull_request")
    event.repository = repository
    event.pullRequest = PullRequest(number: 7)
    return event
  }

  private static func files(
    all: [String], added: [String] = [], modified: [String] = [], removed: [String] = [],
    isTruncated: Bool = false
  ) -> ProviderClient.Answer {
    var files = ChangedFiles()
    files.all = all
    files.added = added
    files.modified = modified
    files.removed = removed
    files.isTruncated = isTruncated
    return .files(files)
  }

  struct Dialogue: Sendable, CustomTestStringConvertible {
    let kind: SourceKind
    let event: Event
    /// What is asked for, below `/api`, and answered.
    let exchanges: [(target: String, body: String)]
    let answer: ProviderClient.Answer

    var testDescription: String { "\(kind) \(event.kind.rawValue)" }
  }

  static let github = """
    {"filename": "new.swift", "status": "added"}, {"filename": "b.swift", "status": "modified"},
    {"filename": "gone", "status": "removed"},
    {"filename": "to", "status": "renamed", "previous_filename": "from"}
    """

  static let all = files(
    all: ["new.swift", "b.swift", "gone", "from", "to"], added: ["new.swift", "to"],
    modified: ["b.swift"], removed: ["gone", "from"])

  static let gitlab = """
    {"old_path": "new.swift", "new_path": "new.swift", "new_file": true},
    {"old_path": "b.swift", "new_path": "b.swift"},
    {"old_path": "gone", "new_path": "gone", "deleted_file": true},
    {"old_path": "from", "new_path": "to", "renamed_file": true}
    """

  static let cloud = """
    {"status": "added", "old": null, "new": {"path": "new.swift"}},
    {"status": "modified", "old": {"path": "b.swift"}, "new": {"path": "b.swift"}},
    {"status": "removed", "old": {"path": "gone"}, "new": null},
    {"status": "renamed", "old": {"path": "from"}, "new": {"path": "to"}}
    """

  static let server = """
    {"type": "ADD", "path": {"toString": "new.swift"}},
    {"type": "MODIFY", "path": {"toString": "b.swift"}},
    {"type": "DELETE", "path": {"toString": "gone"}},
    {"type": "MOVE", "path": {"toString": "to"}, "srcPath": {"toString": "from"}}
    """

  static let dialogues = [
    Dialogue(
      kind: .github, event: push(),
      exchanges: [
        ("/repos/octo/app/compare/\(before)...\(after)?per_page=1", "{\"files\": [\(github)]}")
      ], answer: all),
    Dialogue(
      kind: .github, event: pullRequest(),
      exchanges: [("/repos/octo/app/pulls/7/files?per_page=100&page=1", "[\(github)]")],
      answer: all),
    Dialogue(
      kind: .gitlab, event: push("group/sub/app"),
      exchanges: [
        (
          "/projects/group%2Fsub%2Fapp/repository/compare"
            + "?from=\(before)&to=\(after)&straight=true", "{\"diffs\": [\(gitlab)]}"
        )
      ], answer: all),
    Dialogue(
      kind: .gitlab, event: pullRequest(),
      exchanges: [
        ("/projects/octo%2Fapp/merge_requests/7/diffs?per_page=100&page=1", "[\(gitlab)]")
      ], answer: all),
    Dialogue(
      kind: .forgejo, event: push(),
      exchanges: [
        (
          "/repos/octo/app/compare/\(before)...\(after)",
          "{\"total_commits\": 1, \"commits\": [{\"files\": [\(github)]}]}"
        )
      ], answer: all),
    Dialogue(
      kind: .gitea, event: pullRequest(),
      exchanges: [
        ("/repos/octo/app/pulls/7/files?limit=50&page=1", "[\(github)]"),
        ("/repos/octo/app/pulls/7/files?limit=50&page=2", "[]"),
      ], answer: all),
    Dialogue(
      kind: .bitbucketCloud, event: push(),
      exchanges: [
        (
          "/repositories/octo/app/diffstat/\(after)..\(before)?pagelen=500&page=1",
          "{\"values\": [\(cloud)], \"next\": \"https://elsewhere.example/2.0/stolen\"}"
        ),
        (
          "/repositories/octo/app/diffstat/\(after)..\(before)?pagelen=500&page=2",
          "{\"values\": []}"
        ),
      ], answer: all),
    Dialogue(
      kind: .bitbucketCloud, event: pullRequest(),
      exchanges: [
        (
          "/repositories/octo/app/pullrequests/7",
          """
          {"source": {"commit": {"hash": "aaaaaaaaaaaa"}},
           "destination": {"commit": {"hash": "bbbbbbbbbbbb"}}}
          """
        ),
        (
          "/repositories/octo/app/diffstat/aaaaaaaaaaaa..bbbbbbbbbbbb?pagelen=500&page=1",
          "{\"values\": [\(cloud)]}"
        ),
      ], answer: all),
    Dialogue(
      kind: .bitbucketServer, event: push("PROJ/app"),
      exchanges: [
        (
          "/projects/PROJ/repos/app/compare/changes?from=\(after)&to=\(before)&limit=1000&start=0",
          "{\"values\": [\(server)], \"isLastPage\": true}"
        )
      ], answer: all),
    Dialogue(
      kind: .bitbucketServer, event: pullRequest("PROJ/app"),
      exchanges: [
        (
          "/projects/PROJ/repos/app/pull-requests/7/changes?limit=1000&start=0",
          "{\"values\": [\(server)], \"isLastPage\": false, \"nextPageStart\": 4}"
        ),
        (
          "/projects/PROJ/repos/app/pull-requests/7/changes?limit=1000&start=4",
          "{\"values\": [], \"isLastPage\": true}"
        ),
      ], answer: all),
    Dialogue(
      kind: .gitea, event: push(),
      exchanges: [
        (
          "/repos/octo/app/compare/\(before)...\(after)",
          """
          {"total_commits": 80,
           "commits": [{"files": [{"filename": "a", "status": "added"}]}]}
          """
        )
      ], answer: files(all: ["a"], added: ["a"], isTruncated: true)),
  ]

  @Test(arguments: dialogues)
  func `each host is asked in its own way`(_ dialogue: Dialogue) async throws {
    let exchanges = dialogue.exchanges
    let host = ProviderFixture { target in
      let found = exchanges.first { "/api\($0.target)" == target }
      return found.map { ProviderFixture.Reply(body: $0.body) }
        ?? ProviderFixture.Reply(status: .notFound)
    }
    try await host.run { client, api in
      let question = try FilesQuestion(dialogue.event)
      #expect(await client.files(question, of: dialogue.kind, at: api) == dialogue.answer)
      #expect(host.targets == exchanges.map { "/api\($0.target)" })
      let scheme = [.gitea, .forgejo].contains(dialogue.kind) ? "token" : "Bearer"
      #expect(host.authorizations.allSatisfy { $0 == "\(scheme) api-token" })
    }
  }

  private func answer(
    _ reply: ProviderFixture.Reply, trusted: Bool = true, token: String = "api-token"
  ) async throws -> (answer: ProviderClient.Answer, requestCount: Int) {
    let host = ProviderFixture { _ in reply }
    var answer = ProviderClient.Answer.files(ChangedFiles())
    try await host.run(token: token, trusted: trusted) { client, api in
      answer = await client.files(try FilesQuestion(Self.pullRequest()), of: .github, at: api)
    }
    return (answer, host.targets.count)
  }

  @Test(
    arguments: [
      (301, []), (307, ["Location": "https://elsewhere.example/"]), (403, []), (404, []),
      (422, []), (410, []),
    ] as [(Int, HTTPFields)])
  func `what the host will not say is given up at once, and no redirect followed`(
    status: Int, fields: HTTPFields
  ) async throws {
    let result = try await answer(.init(status: HTTPStatus(rawValue: status), fields: fields))
    guard case .refused(let failure) = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
    #expect(failure.message.contains("answered \(status)"))
    #expect(!failure.message.contains("api-token"))
    #expect(result.requestCount == 1)
  }

  @Test(
    arguments: [
      (401, [], .backoff), (429, ["Retry-After": "7"], .after(.seconds(7))),
      (403, ["Retry-After": "7"], .after(.seconds(7))),
      (403, ["X-RateLimit-Remaining": "0"], .after(.seconds(60))),
      (503, ["Retry-After": "999999"], .after(.seconds(3600))), (500, [], .backoff),
      (429, ["Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"], .backoff),
    ] as [(Int, HTTPFields, KubernetesError.RetryAdvice)])
  func `what may pass is tried again, when the host says so`(
    status: Int, fields: HTTPFields, advice: KubernetesError.RetryAdvice
  ) async throws {
    let result = try await answer(.init(status: HTTPStatus(rawValue: status), fields: fields))
    guard case .again(advice, _) = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
  }

  @Test(arguments: ["", "<html>", "{}", "[{}]", "[{\"filename\": 1}]", "null"])
  func `an answer that is no list is no empty list`(body: String) async throws {
    let result = try await answer(.init(body: body))
    guard case .again = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
  }

  @Test func `a list that never ends is cut`() async throws {
    let entries = (0..<100).map { "{\"filename\": \"f\($0)\", \"status\": \"added\"}" }
    let page = "[\(entries.joined(separator: ","))]"
    let result = try await answer(.init(body: page))
    guard case .files(let files) = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
    #expect(files.isTruncated && files.all.count == 100)
    #expect(result.requestCount == FilesConversation.pageLimit)
  }

  @Test func `an answer of too many bytes cuts the list`() async throws {
    let result = try await answer(.init(body: String(repeating: " ", count: 9 << 20)))
    #expect(result.answer == Self.files(all: [], isTruncated: true))
  }

  @Test func `a host that nobody vouches for gets no token`() async throws {
    let result = try await answer(.init(body: "[]"), trusted: false)
    guard case .again(_, let failure) = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
    #expect(failure.message.contains("TLS failed"))
    #expect(result.requestCount == 0)
  }

  @Test(arguments: ["a b", "a\r\nX-Evil: 1", "ä"])
  func `what is no token is not sent`(token: String) async throws {
    let result = try await answer(.init(body: "[]"), token: token)
    guard case .refused = result.answer else {
      Issue.record("\(result.answer)")
      return
    }
    #expect(result.requestCount == 0)
  }

  @Test(
    arguments: [
      "app", "", "/app", "octo/", "octo/..", "./app", "octo/a b", "octo/a\nb",
      String(repeating: "x/", count: 30) + "y", "octo/" + String(repeating: "x", count: 256),
    ])
  func `a name that would leave its place in a path is not asked for`(repository: String) {
    #expect(throws: FilesQuestion.Obstacle.repository) {
      try FilesQuestion(Self.push(repository))
    }
  }

  @Test func `names are escaped, and revisions are digits`() throws {
    let question = try FilesQuestion(Self.push("octo/a?b#c%2F"))
    #expect(FilesDialect.github.target(question, page: nil).contains("/octo/a%3Fb%23c%252F/"))
    var event = Self.push()
    event.revision = "main"
    #expect(throws: FilesQuestion.Obstacle.revision) { try FilesQuestion(event) }
    event = Self.push()
    event.before = nil
    #expect(throws: FilesQuestion.Obstacle.newBranch) { try FilesQuestion(event) }
  }
}

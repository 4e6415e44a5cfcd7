import Bytes
import Hooks
import JSON
import TestSupport
import Testing

/// Every payload of every host against a table that was written from the payloads, and broken in every
/// field.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct HostPayloadTests {
  private static let files = Fixture.hosts.flatMap { kind in
    Fixture.payloads(of: kind.rawValue).map { "\(kind.rawValue)/\($0)" }
  }

  private static func part(_ file: String) throws -> (kind: SourceKind, file: String) {
    let parts = file.split(separator: "/").map(String.init)
    return (try #require(SourceKind(rawValue: parts[0])), parts[1])
  }

  private static func delivery(_ file: String, _ body: JSONValue) throws -> SourceDelivery {
    let (kind, name) = try part(file)
    let headers = try Fixture.headers(of: name, provider: kind.rawValue)
    return Source(kind: kind, secrets: []).delivery(fields: Fixture.lookup(headers), body: body)
  }

  @Test(arguments: files)
  func `a payload gives the events that its host documents`(file: String) throws {
    let expected = try #require(EventLine.expected[file])
    let (kind, name) = try Self.part(file)
    switch try Self.delivery(file, Fixture.payload(name, of: kind.rawValue)) {
    case .ping: #expect(expected == ["ping"])
    case .events(let events, let id):
      #expect(events.map(EventLine.text) == expected)
      #expect(id?.isEmpty == false)
      for event in events { #expect(Self.inconsistency(of: event) == nil) }
    case let other: Issue.record("\(other)")
    }
  }

  @Test func `the table names no payload that is not there`() {
    #expect(Set(EventLine.expected.keys) == Set(Self.files))
  }

  @Test func `the hosts' own names of all events can be listened to without a warning`() throws {
    var entries: Set<String> = []
    for file in Self.files {
      let (kind, name) = try Self.part(file)
      guard
        case .events(let events, _) = try Self.delivery(
          file, Fixture.payload(name, of: kind.rawValue))
      else { continue }
      for event in events {
        entries.formUnion(event.providerEvent.map { ["\"\(kind.rawValue):\($0)\""] } ?? [])
      }
    }
    #expect(entries.count > 50)
    let trigger = "on: [\(entries.sorted().joined(separator: ", "))]"
    let found = Fixture.diagnostics(Fixture.hook(trigger))
    #expect(found.filter { !$0.contains(" never comes to ") } == [])
  }

  /// The events of one name share their fields; each field is broken where it is met first. GitHub's
  /// are broken in `PayloadTests`.
  @Test(arguments: Set(files.filter { !$0.hasPrefix("github/") }.map(eventName)).sorted())
  func `a payload broken in any field gives consistent events or is refused with the field's path`(
    name: String
  ) throws {
    var mutation = Mutation()
    var problems: Set<String> = []
    for file in Self.files where Self.eventName(file) == name {
      let (kind, name) = try Self.part(file)
      let headers = Fixture.lookup(try Fixture.headers(of: name, provider: kind.rawValue))
      let source = Source(kind: kind, secrets: [])
      let payload = Self.lean(try Fixture.payload(name, of: kind.rawValue))
      mutation.forEach(in: payload) { body in
        switch source.delivery(fields: headers, body: body) {
        case .events(let events, _):
          #expect(!events.isEmpty)
          problems.formUnion(events.compactMap(Self.inconsistency))
        case .malformed(let message):
          let isNamed = [" is missing", ", an object is expected", " is not the "]
            .contains { message.contains($0) }
          if !isNamed { problems.insert(message) }
        case .ping, .challenge: break
        }
      }
    }
    #expect(problems.isEmpty)
    #expect(mutation.count > 0)
  }

  /// `host/event` of `host/event.variant.json`.
  private static func eventName(_ file: String) -> String {
    file.split(separator: ".").first.map(String.init) ?? file
  }

  /// The payload without the links that no event has, which are most of it.
  private static func lean(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var object):
      for member in object {
        let isLink = member.key.hasSuffix("_url") && !usedLinks.contains(member.key)
        object[member.key] = isLink || unusedKeys.contains(member.key) ? nil : lean(member.value)
      }
      return .object(object)
    case .array(let items): return .array(items.prefix(2).map(lean))
    default: return value
    }
  }

  private static let usedLinks: Set<String> = [
    "clone_url", "html_url", "git_http_url", "http_url", "web_url",
  ]
  private static let unusedKeys: Set<String> = [
    "permissions", "description", "avatar", "reviewers", "participants", "assignees", "milestone",
    "internal_tracker", "resourceContainers", "detailedMessage", "_links",
  ]

  /// What contradicts itself in an event, nil when nothing does.
  private static func inconsistency(of event: Event) -> String? {
    for text in [event.revision, event.before] {
      guard let text else { continue }
      let isCommit =
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { ASCII.isHexDigit($0) }
        && !text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
      if !isCommit { return "\(text) is no commit" }
    }
    switch event.kind {
    case .push, .branchDelete:
      guard let branch = event.branch else { break }
      if event.ref != "refs/heads/\(branch)" || event.tag != nil { return "branch \(branch)" }
    case .tag, .tagDelete:
      guard let tag = event.tag else { break }
      if event.ref != "refs/tags/\(tag)" || event.branch != nil { return "tag \(tag)" }
    case .pullRequest, .review:
      if event.pullRequest?.target != event.branch { return "target \(event.branch ?? "-")" }
    default: break
    }
    let isDeletion = event.kind == .branchDelete || event.kind == .tagDelete
    if isDeletion && event.revision != nil { return "a revision of what is deleted" }
    if event.kind == .push && event.revision == nil { return "a push without a revision" }
    return nil
  }

  /// What is the same in all payloads of a host, from one of them.
  @Test(
    arguments: [
      (
        "github/push.update.json", "binkkatal", "https://github.com/binkkatal/sample_app.git",
        "https://github.com/binkkatal/sample_app"
      ),
      (
        "gitlab/merge_request.open.json", "gitlabhq", "http://example.com/gitlabhq/gitlab-test.git",
        "http://example.com/gitlabhq/gitlab-test"
      ),
      (
        "gitlab/build.json", nil, "http://192.168.64.1:3005/gitlab-org/gitlab-test.git",
        "http://192.168.64.1:3005/gitlab-org/gitlab-test"
      ),
      (
        "bitbucket-cloud/repo-push.branch-updated.json", "cloudbeers",
        "https://bitbucket.org/cloudbeers/temp.git", "https://bitbucket.org/cloudbeers/temp"
      ),
      (
        "bitbucket-server/pr-opened.json", "~gopher",
        "https://server.bitbucket.local/scm/~gopher/webhook-test.git",
        "https://server.bitbucket.local/users/gopher/repos/webhook-test/browse"
      ),
      (
        "gitea/push.json", "example", "http://localhost:3000/example/example.git",
        "http://localhost:3000/example/example"
      ),
      (
        "forgejo/push.json", "gordon", "http://forgejo.golang.org/gordon/hello-world.git",
        "http://forgejo.golang.org/gordon/hello-world"
      ),
      (
        "gogs/push.json", "unknwon", "http://localhost:3000/unknwon/webhooks.git",
        "http://localhost:3000/unknwon/webhooks"
      ),
      (
        "azure-devops/git.pullrequest.created.json", "Fabrikam",
        "https://dev.azure.com/fabrikam/DefaultCollection/_git/Fabrikam",
        "https://dev.azure.com/fabrikam/DefaultCollection/_git/Fabrikam"
      ),
    ] as [(String, String?, String, String)])
  func `a payload says where the repository is`(
    file: String, owner: String?, cloneURL: String, webURL: String
  ) throws {
    let (kind, name) = try Self.part(file)
    guard
      case .events(let events, _) = try Self.delivery(
        file, Fixture.payload(name, of: kind.rawValue)), let event = events.first
    else {
      Issue.record("no event")
      return
    }
    #expect(event.owner == owner && event.cloneURL == cloneURL && event.webURL == webURL)
  }
}

// How each host is asked for changed files, and how it answers.
//
//   GitHub         GET /repos/O/R/compare/B...A, /repos/O/R/pulls/N/files
//   GitLab         GET /projects/ID/repository/compare, /projects/ID/merge_requests/N/diffs
//   Gitea, Forgejo GET /repos/O/R/compare/B...A, /repos/O/R/pulls/N/files
//   Bitbucket      GET /repositories/W/R/diffstat/A..B; of a pull request its two ends first, since
//                  its own diffstat is a redirect
//   Bitbucket DC   GET /projects/K/repos/R/compare/changes, /projects/K/repos/R/pull-requests/N/changes
//
// Sources: https://docs.github.com/en/rest/commits/commits#compare-two-commits,
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files,
// https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits,
// https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs,
// https://docs.gitea.com/api, https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commits/,
// https://developer.atlassian.com/server/bitbucket/rest/

import HTTPWire
import Hooks
import JSON
import Kubernetes

/// One host's way.
enum FilesDialect: Sendable {
  case github, gitlab, gitea, bitbucketCloud, bitbucketServer

  /// Nil for a sender whose API we do not know.
  init?(_ kind: SourceKind) {
    switch kind {
    case .github: self = .github
    case .gitlab: self = .gitlab
    case .gitea, .forgejo: self = .gitea
    case .bitbucketCloud: self = .bitbucketCloud
    case .bitbucketServer: self = .bitbucketServer
    default: return nil
    }
  }

  /// Where a page is, below the API's root.
  ///
  /// - Parameter page: what the page before said under ``Page/next``; nil for the first.
  func target(_ question: FilesQuestion, page: Int?) -> String {
    let names = question.repository.map(PercentEncoding.encode)
    let path = names.joined(separator: "/")
    let number = page ?? 1
    switch (self, question.subject) {
    case (.github, .range(let before, let after)):
      // Pages are of commits; all the files that there are, up to 300, come with the first.
      return "/repos/\(path)/compare/\(before)...\(after)?per_page=1"
    case (.github, .pullRequest(let id)):
      return "/repos/\(path)/pulls/\(id)/files?per_page=100&page=\(number)"
    case (.gitlab, .range(let before, let after)):
      let id = names.joined(separator: "%2F")
      return "/projects/\(id)/repository/compare?from=\(before)&to=\(after)&straight=true"
    case (.gitlab, .pullRequest(let id)):
      let project = names.joined(separator: "%2F")
      return "/projects/\(project)/merge_requests/\(id)/diffs?per_page=100&page=\(number)"
    case (.gitea, .range(let before, let after)):
      return "/repos/\(path)/compare/\(before)...\(after)"
    case (.gitea, .pullRequest(let id)):
      return "/repos/\(path)/pulls/\(id)/files?limit=50&page=\(number)"
    case (.bitbucketCloud, .range(let before, let after)):
      return "/repositories/\(path)/diffstat/\(after)..\(before)?pagelen=500&page=\(number)"
    case (.bitbucketCloud, .pullRequest(let id)):
      return "/repositories/\(path)/pullrequests/\(id)"
    case (.bitbucketServer, .range(let before, let after)):
      return "/projects/\(names[0])/repos/\(names[1])/compare/changes"
        + "?from=\(after)&to=\(before)&limit=1000&start=\(page ?? 0)"
    case (.bitbucketServer, .pullRequest(let id)):
      return "/projects/\(names[0])/repos/\(names[1])/pull-requests/\(id)/changes"
        + "?limit=1000&start=\(page ?? 0)"
    }
  }

  /// The `Authorization` field for a token.
  func authorization(_ token: [UInt8]) -> [UInt8] {
    Array((self == .gitea ? "token " : "Bearer ").utf8) + token
  }

  /// What a page says.
  struct Page: Equatable {
    var changes: [FileChange] = []
    /// The next page; nil when this is the last.
    var next: Int?
    /// Whether files are missing that no page has.
    var isCut = false
  }

  /// Reads a page; nil when it is none.
  ///
  /// - Parameter number: which page was asked for, nil for the first.
  func page(
    _ body: JSONView, fields: HTTPFields, of question: FilesQuestion, number: Int?
  ) -> Page? {
    switch (self, question.subject) {
    case (.github, .range):
      guard let files = body["files"].flatMap({ list($0, FileChange.github) }) else {
        return nil
      }
      return Page(
        changes: files.flatMap(\.self), isCut: files.count >= Self.githubCompareLimit)
    case (.github, .pullRequest):
      guard let files = list(body, FileChange.github) else { return nil }
      return numbered(files.flatMap(\.self), number, isLast: files.count < 100)
    case (.gitlab, .range):
      guard let files = body["diffs"].flatMap({ list($0, FileChange.gitlab) }) else {
        return nil
      }
      let isCut = body["compare_timeout"]?.boolValue ?? false
      return Page(changes: files.flatMap(\.self), isCut: isCut || files.count >= Self.gitlabLimit)
    case (.gitlab, .pullRequest):
      guard let files = list(body, FileChange.gitlab) else { return nil }
      return numbered(files.flatMap(\.self), number, isLast: files.count < 100)
    case (.gitea, .range):
      guard let commits = body["commits"].flatMap({ list($0) { $0 } }) else { return nil }
      let files = commits.map { $0["files"].flatMap { list($0, FileChange.github) } }
      let isCut = (body["total_commits"]?.intValue ?? 0) > commits.count
      return Page(
        changes: files.flatMap { $0 ?? [] }.flatMap(\.self),
        isCut: isCut || files.contains { $0 == nil })
    case (.gitea, .pullRequest):
      guard let files = list(body, FileChange.github) else { return nil }
      let isLast = files.isEmpty || fields["X-HasMore"]?.lowercased() == "false"
      return numbered(files.flatMap(\.self), number, isLast: isLast)
    case (.bitbucketCloud, _):
      guard let files = body["values"].flatMap({ list($0, FileChange.bitbucketCloud) })
      else { return nil }
      // `next` is an address, which is not followed; pages are numbered.
      return numbered(files.flatMap(\.self), number, isLast: body["next"] == nil)
    case (.bitbucketServer, _):
      guard let files = body["values"].flatMap({ list($0, FileChange.bitbucketServer) })
      else { return nil }
      let isLast = body["isLastPage"]?.boolValue ?? true
      return Page(
        changes: files.flatMap(\.self), next: isLast ? nil : body["nextPageStart"]?.intValue,
        isCut: !isLast && body["nextPageStart"]?.intValue == nil)
    }
  }

  /// For Bitbucket Cloud: the two ends of a pull request; nil when the answer does not have them.
  func ends(_ body: JSONView, of question: FilesQuestion) -> FilesQuestion? {
    guard let after = body[["source", "commit", "hash"]]?.stringValue,
      let before = body[["destination", "commit", "hash"]]?.stringValue
    else { return nil }
    return FilesQuestion(question.repository, before: before, after: after)
  }

  /// Whether a pull request's ends have to be asked for first.
  func asksForEnds(_ question: FilesQuestion) -> Bool {
    if case (.bitbucketCloud, .pullRequest) = (self, question.subject) { true } else { false }
  }

  private func numbered(_ changes: [FileChange], _ number: Int?, isLast: Bool) -> Page {
    Page(changes: changes, next: isLast ? nil : (number ?? 1) + 1)
  }

  /// Reads a list; nil when it is none, or an element is not what it should be.
  private func list<Element>(_ view: JSONView, _ read: (JSONView) -> Element?) -> [Element]? {
    guard let elements = view.elements else { return nil }
    var list: [Element] = []
    for element in elements {
      guard let element = read(element) else { return nil }
      list.append(element)
    }
    return list
  }

  /// GitHub's comparison names so many files and no more.
  private static let githubCompareLimit = 300
  /// GitLab's comparison has at most so many by default (`diff_max_files`).
  private static let gitlabLimit = 1000
}

/// What happened to a file.
struct FileChange: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case added, modified, removed
  }

  let name: String
  let kind: Kind

  init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// Both names of what may have been renamed.
  fileprivate static func changes(from old: String?, to new: String?) -> [FileChange]? {
    switch (old, new) {
    case (nil, nil): nil
    case (nil, let new?): [FileChange(new, .added)]
    case (let old?, nil): [FileChange(old, .removed)]
    case (let old?, let new?) where old == new: [FileChange(new, .modified)]
    case (let old?, let new?): [FileChange(old, .removed), FileChange(new, .added)]
    }
  }
}

extension FileChange {
  /// Gitea's and Forgejo's way, too.
  fileprivate static func github(_ view: JSONView) -> [FileChange]? {
    guard let name = view["filename"]?.stringValue else { return nil }
    return switch view["status"]?.stringValue {
    case "added", "copied": changes(from: nil, to: name)
    case "removed", "deleted": changes(from: name, to: nil)
    case "renamed": changes(from: view["previous_filename"]?.stringValue, to: name)
    default: changes(from: name, to: name)
    }
  }

  fileprivate static func gitlab(_ view: JSONView) -> [FileChange]? {
    let isNew = view["new_file"]?.boolValue ?? false
    let isDeleted = view["deleted_file"]?.boolValue ?? false
    return changes(
      from: isNew ? nil : view["old_path"]?.stringValue,
      to: isDeleted ? nil : view["new_path"]?.stringValue)
  }

  fileprivate static func bitbucketCloud(_ view: JSONView) -> [FileChange]? {
    changes(
      from: view[["old", "path"]]?.stringValue, to: view[["new", "path"]]?.stringValue)
  }

  fileprivate static func bitbucketServer(_ view: JSONView) -> [FileChange]? {
    guard let path = view[["path", "toString"]]?.stringValue else { return nil }
    let source = view[["srcPath", "toString"]]?.stringValue
    return switch view["type"]?.stringValue {
    case "ADD", "COPY": changes(from: nil, to: path)
    case "DELETE": changes(from: path, to: nil)
    case "MOVE": changes(from: source ?? path, to: path)
    default: changes(from: path, to: path)
    }
  }
}

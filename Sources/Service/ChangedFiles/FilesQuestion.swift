// Which files an event changed, as a question to the host's API. No socket, no clock.

import Bytes
import Hooks

/// What is asked of a Git host.
///
/// It comes from a payload, so nothing of it becomes part of a request before it was looked at: names
/// are percent-encoded, and what could leave its place in a path is refused.
struct FilesQuestion: Equatable, Sendable {
  enum Subject: Equatable, Sendable {
    /// What differs between two commits.
    case range(before: String, after: String)
    /// What a pull request changes.
    case pullRequest(Int)
  }

  /// The parts of the repository's full name, at least two.
  let repository: [String]
  let subject: Subject

  /// Why there is nothing to ask.
  enum Obstacle: Error, Equatable, CustomStringConvertible {
    /// The event does not say, or says something that cannot be one.
    case repository
    /// The branch is new, so that there is nothing to compare with.
    case newBranch
    case revision

    var description: String {
      switch self {
      case .repository: "the event names no repository that can be asked for"
      case .newBranch: "the branch is new, so that there is no commit to compare with"
      case .revision: "the event does not say which commits to compare"
      }
    }
  }

  init(_ event: Event) throws(Obstacle) {
    guard let name = event.repository, let parts = Self.parts(of: name) else { throw .repository }
    repository = parts
    if event.kind == .pullRequest, let request = event.pullRequest, request.number > 0 {
      subject = .pullRequest(request.number)
      return
    }
    guard let after = event.revision, Self.isRevision(after) else { throw .revision }
    guard let before = event.before else { throw .newBranch }
    guard Self.isRevision(before) else { throw .revision }
    subject = .range(before: before, after: after)
  }

  /// The same question about two commits that the host named; nil when they are none.
  init?(_ repository: [String], before: String, after: String) {
    guard Self.isCommit(before), Self.isCommit(after) else { return nil }
    self.repository = repository
    subject = .range(before: before, after: after)
  }

  private static func parts(of name: String) -> [String]? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (2...partLimit).contains(parts.count) else { return nil }
    // A server takes `.` and `..` for steps in the path, encoded or not.
    let areNames = parts.allSatisfy { part in
      !part.isEmpty && part != "." && part != ".." && part.utf8.count <= partByteLimit
        && part.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
    return areNames ? parts : nil
  }

  /// A commit as a host names it: Bitbucket's answers have the first 12 digits.
  private static func isCommit(_ text: String) -> Bool {
    (12...64).contains(text.utf8.count) && text.utf8.allSatisfy { ASCII.hexValue($0) != nil }
  }

  private static func isRevision(_ text: String) -> Bool {
    [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { ASCII.hexValue($0) != nil }
  }

  /// GitLab allows 20 groups within each other.
  private static let partLimit = 21
  private static let partByteLimit = 255
}

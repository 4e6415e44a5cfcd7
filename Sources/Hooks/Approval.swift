// Approving, in a comment, of runs that are held.
//
//   approval = a comment that has just been made on a pull request, of which exactly one line is a command
//   command  = "/ok-to-test" [ 1*blank revision ]
//   revision = 7*64 hexadecimal digits: the beginning of the commit that is approved
//
// Blanks around the line count for nothing. A comment that is edited approves of nothing, nor does one
// with a command that is not well-formed, or with two.

import Bytes

/// Somebody's word that the runs of a pull request's revision may be created.
package struct Approval: Equatable, Sendable {
  /// The full name of the repository that the pull request wants to go to.
  package let repository: String
  package let pullRequest: Int
  /// The beginning of the revision, in lower case; nil for the newest that is known.
  package let revisionPrefix: String?
  /// Who made the comment.
  package let approver: String

  /// The approval that an event is; nil for any other event.
  package init?(_ event: Event) {
    guard event.kind == .comment, event.action == Self.action,
      let request = event.pullRequest, let repository = event.repository,
      let approver = event.sender, !approver.isEmpty, let text = event.comment,
      let command = Self.command(in: text)
    else { return nil }
    self.repository = repository
    pullRequest = request.number
    revisionPrefix = command.revisionPrefix
    self.approver = approver
  }

  private struct Command {
    let revisionPrefix: String?
  }

  private static func command(in text: String) -> Command? {
    var found: Command?
    for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
      guard let first = words.first, first.elementsEqual(word.utf8) else { continue }
      guard found == nil, words.count <= 2 else { return nil }
      guard words.count == 2 else {
        found = Command(revisionPrefix: nil)
        continue
      }
      let digits = words[1]
      guard revisionLengths.contains(digits.count),
        digits.allSatisfy({ ASCII.hexValue($0) != nil })
      else { return nil }
      found = Command(revisionPrefix: ASCII.lowercased(String(decoding: digits, as: UTF8.self)))
    }
    return found
  }

  private static let word = "/ok-to-test"
  private static let action = "created"
  /// Git's own shortest abbreviation, and a whole SHA-256.
  private static let revisionLengths = 7...64
}

extension Hook {
  /// Whether a trigger has runs held until somebody approves.
  package var needsApprovals: Bool { triggers.contains { !$0.approvers.isEmpty } }

  /// The triggers of whose runs somebody may decide, as the configuration says now.
  package func triggers(approvedBy approver: String) -> Set<String> {
    let name = ASCII.lowercased(approver)
    return Set(
      triggers.filter { $0.approvers.contains { ASCII.lowercased($0) == name } }.map(\.name))
  }
}

// The files of a push, from the commits that GitHub, GitLab, Gitea and their like list with it.

import JSON

extension ChangedFiles {
  /// The files of a list of commits with `added`, `modified` and `removed`; nil when there is no list
  /// and when none of its commits says its files.
  ///
  /// - Parameters:
  ///   - hasMore: whether there are commits that are not listed.
  ///   - fileLimit: how many files of one commit the host lists at most.
  init?(commits: JSONView?, hasMore: Bool, fileLimit: Int = .max) {
    guard let commits, let list = commits.elements else { return nil }
    isTruncated = hasMore
    var seen: [FileName: UInt8] = [:]
    var spoken = 0
    for commit in list {
      var count = 0
      var saysFiles = false
      for change in Change.allCases {
        guard let names = commit[change.rawValue], let elements = names.elements else { continue }
        saysFiles = true
        count += names.count
        for element in elements {
          guard let name = element.stringValue else { continue }
          add(name, change, &seen)
        }
      }
      if saysFiles { spoken += 1 } else { isTruncated = true }
      if count >= fileLimit { isTruncated = true }
    }
    if spoken == 0 && commits.count > 0 { return nil }
  }

  private enum Change: String, CaseIterable {
    case added
    case modified
    case removed

    var bit: UInt8 {
      switch self {
      case .added: 1
      case .modified: 2
      case .removed: 4
      }
    }
  }

  private mutating func add(_ name: String, _ change: Change, _ seen: inout [FileName: UInt8]) {
    let before = Self.insert(change, into: &seen[FileName(text: name), default: 0])
    guard before & change.bit == 0 else { return }
    if before == 0 { all.append(name) }
    switch change {
    case .added: added.append(name)
    case .modified: modified.append(name)
    case .removed: removed.append(name)
    }
  }

  /// What was in the set before.
  private static func insert(_ change: Change, into set: inout UInt8) -> UInt8 {
    defer { set |= change.bit }
    return set
  }
}

/// The name of a file: bytes, not characters, since two compositions of one letter are two files.
private struct FileName: Hashable {
  let text: String

  static func == (left: FileName, right: FileName) -> Bool {
    left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
  }

  // Names of the same bytes are the same texts, so they have the same hash.
  func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension JSONView {
  /// The commit of a list that has a name, searched from the end, where the newest mostly is.
  ///
  /// *Limits:* the last ``commitSearchLimit`` are looked at.
  func commit(named name: String, key: String = "id") -> JSONView? {
    var index = count
    let end = max(0, index - Self.commitSearchLimit)
    while index > end {
      index -= 1
      if let commit = self[index], commit[key]?.text?.equals(name) == true { return commit }
    }
    return nil
  }

  /// Far more than the hosts list that do not name the newest apart. Where each of 1000 refs is
  /// searched for in vain, it takes ten milliseconds.
  private static var commitSearchLimit: Int { 256 }
}

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
    var collector = Collector(commitCount: commits.count)
    var isTruncated = hasMore
    var spoken = 0
    for commit in list {
      let before = collector.nameCount
      let hasAdded = collector.add(commit["added"], as: .added)
      let hasModified = collector.add(commit["modified"], as: .modified)
      let hasRemoved = collector.add(commit["removed"], as: .removed)
      if hasAdded || hasModified || hasRemoved { spoken += 1 } else { isTruncated = true }
      if collector.nameCount - before >= fileLimit { isTruncated = true }
    }
    if spoken == 0 && commits.count > 0 { return nil }
    self = collector.files
    self.isTruncated = isTruncated
  }
}

/// Gathers the names of files, each list's once.
private struct Collector {
  /// What a commit did to a file, as a bit of what is known about it.
  enum Change: UInt8 {
    case added = 1
    case modified = 2
    case removed = 4
  }

  private(set) var files = ChangedFiles()
  /// How many names there were, with those that repeat.
  private(set) var nameCount = 0
  private var seen: [FileName: UInt8] = [:]

  init(commitCount: Int) {
    // Two files of a commit, as most have; the tables of more grow as they come.
    let expected = min(2 * commitCount, Self.expectedLimit)
    seen.reserveCapacity(expected)
    files.all.reserveCapacity(expected)
    files.modified.reserveCapacity(expected)
  }

  /// Adds a list; whether it is one.
  mutating func add(_ names: JSONView?, as change: Change) -> Bool {
    guard let names, let elements = names.elements else { return false }
    nameCount += names.count
    for element in elements {
      guard let name = element.stringValue else { continue }
      let before = Self.insert(change, into: &seen[FileName(text: name), default: 0])
      guard before & change.rawValue == 0 else { continue }
      if before == 0 { files.all.append(name) }
      switch change {
      case .added: files.added.append(name)
      case .modified: files.modified.append(name)
      case .removed: files.removed.append(name)
      }
    }
    return true
  }

  /// What was in the set before.
  private static func insert(_ change: Change, into set: inout UInt8) -> UInt8 {
    defer { set |= change.rawValue }
    return set
  }

  private static let expectedLimit = 256
}

/// The name of a file: bytes, not characters, since two compositions of one letter are two files.
private struct FileName: Hashable {
  let text: String

  static func == (left: FileName, right: FileName) -> Bool {
    let (left, right) = (left.text.utf8.span, right.text.utf8.span)
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
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

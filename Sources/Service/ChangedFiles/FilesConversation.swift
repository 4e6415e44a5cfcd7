// Asking a host for changed files, page by page. A value: the driver sends what it says.

import HTTPWire
import Hooks
import JSON

/// One question and the answers so far.
///
/// *Limits.* ``pageLimit`` answers, ``fileLimit`` files and ``nameByteLimit`` bytes of their names; a
/// list that goes beyond is cut, and says so.
struct FilesConversation {
  enum Step: Equatable {
    /// Ask for this, below the API's root.
    case get(String)
    case done(ChangedFiles)
  }

  private let dialect: FilesDialect
  private var question: FilesQuestion
  private var isAboutEnds: Bool
  private var page: Int?
  private var pageCount = 0
  private var files = ChangedFiles()
  private var known: Set<String> = []
  private var kinds: [FileChange.Kind: Set<String>] = [:]
  private var nameByteCount = 0

  /// Nil when the host has no such repositories.
  init?(_ dialect: FilesDialect, _ question: FilesQuestion) {
    guard question.repository.count == 2 || dialect == .gitlab else { return nil }
    self.dialect = dialect
    self.question = question
    isAboutEnds = dialect.asksForEnds(question)
  }

  /// The first step.
  var begin: Step { .get(dialect.target(question, page: page)) }

  /// Takes an answer; nil when it is not what the host's documentation says.
  mutating func answered(_ body: JSONView, fields: HTTPFields) -> Step? {
    if isAboutEnds {
      guard let ends = dialect.ends(body, of: question) else { return nil }
      question = ends
      isAboutEnds = false
      return begin
    }
    guard let answer = dialect.page(body, fields: fields, of: question, number: page) else {
      return nil
    }
    pageCount += 1
    if answer.isCut { files.isTruncated = true }
    for change in answer.changes where !add(change) {
      files.isTruncated = true
      return .done(files)
    }
    guard let next = answer.next else { return .done(files) }
    guard pageCount < Self.pageLimit, next > page ?? 0 else { return cut }
    page = next
    return begin
  }

  /// What there is, when the rest cannot be had.
  var cut: Step {
    var files = files
    files.isTruncated = true
    return .done(files)
  }

  /// - Returns: false when there is no room.
  private mutating func add(_ change: FileChange) -> Bool {
    if known.insert(change.name).inserted {
      nameByteCount += change.name.utf8.count
      guard known.count <= Self.fileLimit, nameByteCount <= Self.nameByteLimit else { return false }
      files.all.append(change.name)
    }
    guard kinds[change.kind, default: []].insert(change.name).inserted else { return true }
    switch change.kind {
    case .added: files.added.append(change.name)
    case .modified: files.modified.append(change.name)
    case .removed: files.removed.append(change.name)
    }
    return true
  }

  /// GitHub has 30 pages of a pull request's files at most.
  static let pageLimit = 30
  /// What those hold.
  static let fileLimit = 3000
  /// Far more than so many names need.
  static let nameByteLimit = 2 << 20
}

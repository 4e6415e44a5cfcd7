// `paths`, `ignorePaths` and `whenTruncated`.
//
// The filter is about pushes to branches and about pull requests; tags, deletions, comments, releases
// and manual calls change no file and pass it. An event passes when one of its changed files is covered
// by `paths` and not by `ignorePaths`.
//
// Not every event says all its files: GitHub's pull requests and Bitbucket's pushes list none, GitLab's
// pushes those of 20 commits, and a push that only moves a branch to commits that are elsewhere already
// lists no commit. A known file that passes decides all the same; otherwise `whenTruncated` does. Its
// default is `run`: a run too many costs minutes, one too few goes unnoticed.

/// What happens when the list of changed files is not known to be whole and no known file passes.
package enum TruncationPolicy: String, CaseIterable, Sendable {
  case run
  case skip
  /// The host is asked, after the reply.
  case fetch
}

/// Which changed files count.
struct PathFilter: Sendable {
  /// What must cover a file; nil where any file will do.
  var included: GlobList?
  /// What must not cover it.
  var ignored: GlobList?
  var whenTruncated = TruncationPolicy.run

  /// What the files of an event say.
  enum Finding: Equatable {
    /// One counts.
    case match
    /// None counts, for this reason.
    case noMatch(String)
    /// None that is known counts, and there may be others.
    case unknown(String)
  }

  /// Whether the filter is about such events.
  static func applies(to event: Event) -> Bool {
    switch event.kind {
    case .push, .pullRequest: true
    default: false
    }
  }

  /// What the filter says about an event.
  enum Verdict: Equatable {
    /// A note says why, where no file does.
    case pass(note: String?)
    case skip(FilterObjection)
    /// The complete list decides.
    case fetch(String)
  }

  func verdict(on event: Event, phase: DecisionPhase) -> Verdict {
    guard Self.applies(to: event) else { return .pass(note: nil) }
    switch finding(event.files) {
    case .match: return .pass(note: nil)
    case .noMatch(let message): return .skip(FilterObjection(.path, message))
    case .unknown(let message):
      switch (whenTruncated, phase) {
      case (.run, _): return .pass(note: "\(message) and whenTruncated is run")
      case (.fetch, .afterReply): return .pass(note: "\(message), even when asked")
      case (.skip, _):
        return .skip(FilterObjection(.files, "\(message) and whenTruncated is skip"))
      case (.fetch, .reply): return .fetch("\(message): the host is asked for them")
      }
    }
  }

  func finding(_ files: ChangedFiles?) -> Finding {
    guard let files, !files.all.isEmpty else {
      return .unknown("the event lists no changed files")
    }
    var room = Self.workLimit
    let weight = max(1, (included?.weight ?? 0) + (ignored?.weight ?? 0))
    for file in files.all {
      room -= (file.utf8.count + 1) * weight
      guard room >= 0 else {
        return .unknown("the event lists more changed files than are compared")
      }
      if included?.matches(file) ?? true, !(ignored?.matches(file) ?? false) { return .match }
    }
    guard files.isTruncated else { return .noMatch("\(rule): \(summary(files.all))") }
    return .unknown("the list of changed files is cut, \(rule): \(summary(files.all))")
  }

  private var rule: String {
    switch (included, ignored) {
    case (let included?, nil): "no changed file matches \(included)"
    case (let included?, let ignored?):
      "no changed file matches \(included) outside ignorePaths \(ignored)"
    case (nil, let ignored?): "every changed file matches ignorePaths \(ignored)"
    case (nil, nil): "no changed file counts"
    }
  }

  /// `3 files, first docs/a.md`
  private func summary(_ files: [String]) -> String {
    let first = files.first.map { ", first \(excerpt($0))" } ?? ""
    return files.count == 1 ? "1 file\(first)" : "\(files.count) files\(first)"
  }

  /// The most bytes of names times ``GlobList/weight`` that are compared for one event, such as 20,000
  /// files of 80 bytes with 10 patterns: a tenth of a second of a loop's time at most.
  static let workLimit = 16 << 20
}

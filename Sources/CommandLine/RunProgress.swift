// What is shown while somebody waits for a run.

import JSON
import Reactor
import Synchronization

/// One line on standard error: at a terminal rewritten each second, elsewhere a new one when something
/// has changed.
///
/// *Concurrency:* from any task.
final class RunProgress: Sendable {
  private struct State {
    var last: RunReply?
    var shown = ""
    var isOnScreen = false
  }

  private let subject: String
  private let isShown: Bool
  private let start = ContinuousClock().now
  private let state = Mutex(State())

  /// - Parameters:
  ///   - subject: what was started.
  ///   - isShown: false shows nothing.
  init(_ subject: String, isShown: Bool) {
    self.subject = subject
    self.isShown = isShown
  }

  /// The last answer.
  var last: RunReply? { state.withLock { $0.last } }

  /// An answer has come.
  func show(_ reply: RunReply) {
    state.withLock { $0.last = reply }
    draw(isNews: true)
  }

  /// A second has passed.
  func tick() { draw(isNews: false) }

  /// Something happened that is worth a line of its own.
  func note(_ text: String) {
    clear()
    StandardError.print(text)
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      if state.isOnScreen { StandardError.write(Array(Self.lineStart.utf8)) }
      state.isOnScreen = false
    }
  }

  private func draw(isNews: Bool) {
    guard isShown else { return }
    let seconds = start.duration(to: ContinuousClock().now).components.seconds
    state.withLock { state in
      let text = "\(state.last?.runName ?? subject): \(state.last?.state ?? "asking")"
      guard let columns = Terminal.errorColumns else {
        guard isNews, text != state.shown else { return }
        state.shown = text
        return StandardError.print("\(text) after \(seconds) s")
      }
      let line = Self.fitted("\(text) \(seconds) s", into: columns)
      StandardError.write(Array((Self.lineStart + line).utf8))
      state.isOnScreen = true
    }
  }

  /// A line that a terminal never wraps: ASCII, of which every character has one column, and one
  /// column less than there are.
  static func fitted(_ text: String, into columns: Int) -> String {
    let plain = text.unicodeScalars.map { $0.isASCII ? Character($0) : "?" }
    let room = max(0, columns - 1)
    guard plain.count > room else { return String(plain) }
    // The end, which changes, is worth more than the start.
    return room > 1 ? "<" + String(plain.suffix(room - 1)) : ""
  }

  /// To the start of the line, and clears it.
  private static let lineStart = "\r\u{1B}[K"
}

extension RunReply {
  /// `namespace/name` of the first run.
  var runName: String? {
    decisions.first?["run"].map {
      "\(PrintedText.oneLine($0["namespace"]))/\(PrintedText.oneLine($0["name"]))"
    }
  }
}

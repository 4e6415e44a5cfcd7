// Expressions one after the other.

import CEL
import Reactor

/// Asks for expressions and prints their values, until there are no more.
///
/// At a terminal a line can be edited, earlier ones come back, and tab completes names. Elsewhere
/// lines are read as they come.
struct CelPrompt {
  let inputs: CelInputs
  let isExplaining: Bool

  func run() {
    guard Terminal.isInteractive else {
      while let line = readLine() { evaluate(line) }
      return
    }
    let environment = inputs.environment
    var editor = LineEditor(
      names: (environment.variables.keys + environment.functionNames).sorted())
    while let line = Self.line(&editor) { evaluate(line) }
  }

  private func evaluate(_ line: String) {
    guard line.contains(where: { !$0.isWhitespace }) else { return }
    CelEvaluation(line, with: inputs).print(withParts: isExplaining)
  }

  /// One line; nil at the end. The terminal is given back in between, so that a long evaluation can
  /// be interrupted.
  private static func line(_ editor: inout LineEditor) -> String? {
    guard let terminal = Terminal.takeOver() else { return readLine() }
    draw(editor, on: terminal)
    while let byte = terminal.readByte() {
      switch editor.take(byte) {
      case .none: break
      case .changed: draw(editor, on: terminal)
      case .choices(let names):
        terminal.write("\n" + names.prefix(choiceLimit).joined(separator: "  ") + "\n")
        draw(editor, on: terminal)
      case .dropped:
        terminal.write("^C\n")
        draw(editor, on: terminal)
      case .line(let text):
        terminal.write("\n")
        return text
      case .end:
        terminal.write("\n")
        return nil
      }
    }
    return nil
  }

  private static func draw(_ editor: LineEditor, on terminal: borrowing Terminal) {
    // To the start of the line, clear it, and remember where the cursor belongs (DECSC, DECRC): how
    // wide the characters after it are is the terminal's business.
    terminal.write(
      "\r\u{1B}[K" + prompt + String(editor.before) + "\u{1B}7" + String(editor.after) + "\u{1B}8")
  }

  private static let prompt = "cel> "
  /// How many names are shown.
  private static let choiceLimit = 60
}

import Foundation
import Testing

/// The prompt of `hookline cel`, at a terminal.
@Suite struct CelPromptTests {
  /// What is printed between the lines that are typed.
  private static func answers(to keys: String) async throws -> (values: [String], exitCode: Int32) {
    let terminal = try PseudoTerminal()
    let program = try Program(["cel"], at: terminal)
    terminal.type(keys)
    let outcome = await program.end()
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: true)
    return (lines.map(String.init).filter { !$0.contains("\u{1B}[K") }, outcome.exitCode)
  }

  private static let enter = "\r"
  private static let up = "\u{1B}[A"
  private static let down = "\u{1B}[B"
  private static let right = "\u{1B}[C"
  private static let left = "\u{1B}[D"
  private static let home = "\u{1B}[H"
  private static let end = "\u{1B}OF"
  private static let delete = "\u{1B}[3~"
  private static let backspace = "\u{7F}"

  private static func control(_ letter: Unicode.Scalar) -> String {
    String(Character(Unicode.Scalar(UInt8(letter.value & 0x1F))))
  }

  @Test(arguments: [
    ("a line", "1 + 2" + enter, ["3"]),
    ("two lines", "1" + enter + "'a'" + enter, ["1", "\"a\""]),
    ("a line of history", "1 + 2" + enter + up + enter, ["3", "3"]),
    ("one before", "1" + enter + "2" + enter + up + up + enter, ["1", "2", "1"]),
    ("back to the draft", "1" + enter + "4" + up + down + "2" + enter, ["1", "42"]),
    (
      "^P and ^N", "1" + enter + "2" + enter + control("P") + control("P") + control("N") + enter,
      ["1", "2", "2"]
    ),
    ("history can be changed", "1" + enter + up + "0" + enter, ["1", "10"]),
    ("left and right", "13" + left + "2" + right + "4" + enter, ["1234"]),
    ("^B and ^F", "13" + control("B") + "2" + control("F") + "4" + enter, ["1234"]),
    ("home and end", "23" + home + "1" + end + "4" + enter, ["1234"]),
    ("^A and ^E", "23" + control("A") + "1" + control("E") + "4" + enter, ["1234"]),
    ("backspace", "12" + backspace + "3" + enter, ["13"]),
    ("backspace at the start", backspace + "1" + enter, ["1"]),
    ("delete", "12" + home + delete + enter, ["2"]),
    ("^D in a line deletes", "12" + control("A") + control("D") + enter, ["2"]),
    ("^K to the end", "1234" + left + left + control("K") + enter, ["12"]),
    ("^U to the start", "1234" + left + left + control("U") + enter, ["34"]),
    ("^W a word", "1 + 'a b'" + control("W") + control("W") + "2" + enter, ["3"]),
    ("^C drops the line", "1 +" + control("C") + "2" + enter, ["2"]),
    ("two bytes", "'é'.size()" + enter, ["1"]),
    ("four bytes", "'😀😀'.size()" + enter, ["2"]),
    (
      "a wide character goes as one", "'日本'" + left + backspace + "x" + end + ".size()" + enter,
      ["2"]
    ),
    (
      "a combining mark goes with its letter",
      "'e\u{301}'" + left + backspace + end + ".size()" + enter, ["0"]
    ),
    ("a family goes as one", "'👨‍👩‍👧'" + left + backspace + end + ".size()" + enter, ["0"]),
    ("bytes that are no text are dropped", "1" + enter, ["1"]),
    ("unknown keys do nothing", "\u{1B}[24~\u{1B}OP1\u{1B}[1;5C" + enter, ["1"]),
    ("completion", "size(bod\t)" + enter, ["0"]),
    ("completion as far as it is sure", "'a,b'.spl\t(',').size()" + enter, ["2"]),
    ("empty lines are passed over", enter + "  " + enter + "1" + enter, ["1"]),
    ("a tab without a word does nothing", "\t1" + enter, ["1"]),
  ])
  func `keys do what they do in a shell`(
    title: String, keys: String, values: [String]
  ) async throws {
    let answers = try await Self.answers(to: keys + Self.control("D"))
    #expect(answers.values == values)
    #expect(answers.exitCode == 0)
  }

  @Test func `several completions are shown`() async throws {
    let answers = try await Self.answers(
      to: "bo\t" + Self.control("U") + "1" + Self.enter + Self.control("D"))
    #expect(answers.values == ["body  bool", "1"])
  }

  @Test func `an error does not end the prompt`() async throws {
    let terminal = try PseudoTerminal()
    let program = try Program(["cel"], at: terminal)
    terminal.type("nope" + Self.enter + "1" + Self.enter + Self.control("D"))
    let outcome = await program.end()
    #expect(outcome.errors.contains("undeclared reference to 'nope'"))
    #expect(outcome.output.contains("\n1\n"))
    #expect(outcome.exitCode == 0)
  }
}

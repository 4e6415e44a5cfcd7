import JSON
import Logging
import Testing

@testable import Service

@Suite struct LogFormatTests {
  private func line(_ format: LogFormat, _ message: String, _ value: String) -> String {
    String(
      decoding: format.line(
        time: "2026-11-24T13:45:01.123Z", level: .info, message: message,
        metadata: [(key: "branch", value: value)]),
      as: UTF8.self)
  }

  @Test(arguments: [
    ("main", "branch=main"), ("", #"branch="""#), ("a b", #"branch="a b""#),
    ("a=b", #"branch="a=b""#), ("a\"b", #"branch="a\"b""#), ("a\nb", #"branch="a\nb""#),
    ("a\u{1B}[31m", #"branch="a\u001b[31m""#), ("\u{202E}x", #"branch="\u202ex""#),
    ("é漢", #"branch="é漢""#), ("\u{2028}", #"branch="\u2028""#),
    ("\u{E0041}", #"branch="\udb40\udc41""#),
  ])
  func `a text line quotes what could be taken for something else`(value: String, text: String) {
    #expect(line(.text, "push", value) == "2026-11-24T13:45:01.123Z info push \(text)\n")
  }

  @Test(arguments: ["main", "a\"b\\c", "a\r\nlevel=error", "\u{0}\u{7F}\u{202E}", "é漢😀"])
  func `a JSON line is one line and reads back as what was logged`(value: String) throws {
    let text = line(.json, "push", value)
    #expect(text.hasSuffix("}\n"))
    #expect(!text.dropLast().contains { $0.isNewline })
    let json = try JSONValue.parse(Array(text.utf8))
    #expect(json["branch"] == .string(value))
    #expect(json["level"] == "info")
    #expect(json["message"] == "push")
  }
}

// The text of an expression and places in it.

/// The source of an expression.
package struct CELSource: Sendable, Equatable {
  /// The text.
  package let text: String
  /// What errors call it.
  package let name: String

  /// A source; cel-go's name for it is the default.
  package init(_ text: String, name: String = "<input>") {
    self.text = text
    self.name = name
  }

  /// A place for people.
  package struct Location: Hashable, Sendable {
    /// From 1. Lines end with a line feed.
    package let line: Int
    /// From 1, in code points.
    package let column: Int
  }

  /// Where a byte of the UTF-8 text is; offsets beyond the end are at the end.
  package func location(of offset: Int) -> Location {
    var line = 1
    var column = 1
    for byte in text.utf8.prefix(max(0, offset)) {
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return Location(line: line, column: column)
  }

  /// The line at a location and below it a caret at the column, each after ` | `, as cel-go prints
  /// them: dots lead to the caret, full-width ones below characters outside of ASCII.
  package func snippet(at location: Location) -> String {
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.indices.contains(location.line - 1) else { return "" }
    var line = String.UnicodeScalarView()
    var pointer = ""
    for (index, scalar) in lines[location.line - 1].enumerated() {
      let shown: Unicode.Scalar = scalar == "\t" ? " " : scalar
      line.append(shown)
      if index < location.column - 1 {
        pointer += shown.isASCII ? "." : "\u{FF0E}"
      } else if index == location.column - 1 {
        pointer += shown.isASCII ? "^" : "\u{FF3E}"
      }
    }
    if line.count < location.column { pointer += "^" }
    return " | \(String(line))\n | \(pointer)"
  }
}

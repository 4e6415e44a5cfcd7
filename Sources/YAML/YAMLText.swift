// The three ways to write a string.

import JSON

/// Spells strings as YAML scalars.
enum YAMLText {
  /// Whether the string may stand without quotes.
  static func isPlain(_ string: String) -> Bool {
    let scalars = string.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, last != " ", last != ":" else {
      return false
    }
    let startsWell =
      isLetterOrDigit(first) || "_/$(".unicodeScalars.contains(first) || first.value >= 0xA1
      || (first == "." || first == "-") && scalars.dropFirst().first.map(isLetterOrDigit) == true
    guard startsWell, scalars.allSatisfy(isPrintable) else { return false }
    var previous: Unicode.Scalar = " "
    for scalar in scalars {
      if scalar == " ", previous == ":" { return false }
      if scalar == "#", previous == " " { return false }
      previous = scalar
    }
    return isString(string)
  }

  /// A literal block with its header, nil when the string is a single line or would not survive.
  static func literal(_ string: String, indent: Int) -> String? {
    let scalars = string.unicodeScalars
    guard scalars.contains("\n"), let first = scalars.first,
      !" \t\n".unicodeScalars.contains(first),
      scalars.allSatisfy({ isPrintable($0) || $0 == "\n" || $0 == "\t" })
    else { return nil }
    var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
    let header: String
    if lines.last?.isEmpty == true {
      lines.removeLast()
      header = lines.last?.isEmpty == true ? "|+" : "|"
    } else {
      header = "|-"
    }
    // A last line of blanks alone is lost by some readers.
    guard lines.last?.allSatisfy({ $0 == " " || $0 == "\t" }) != true || lines.last?.isEmpty == true
    else { return nil }
    let margin = String(repeating: " ", count: indent)
    return lines.reduce(into: header) { text, line in
      text += line.isEmpty ? "\n" : "\n\(margin)\(String(String.UnicodeScalarView(line)))"
    }
  }

  /// The string in double quotes, on one line.
  static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where isPrintable(scalar): text.unicodeScalars.append(scalar)
      default: text += escape(scalar.value)
      }
    }
    return text + "\""
  }

  private static func escape(_ value: UInt32) -> String {
    let (mark, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
    let digits = String(value, radix: 16, uppercase: true)
    return "\\\(mark)\(String(repeating: "0", count: width - digits.count))\(digits)"
  }

  /// Whether a plain scalar of this text is a string to every reader that may see it.
  private static func isString(_ string: String) -> Bool {
    guard YAMLResolution.resolve(string)?.stringValue != nil else { return false }
    let bytes = string.utf8
    // Other readers know sexagesimal numbers (1:30) and dates (2001-01-01).
    let isNumeric = bytes.allSatisfy { digitsAndMarks.contains($0) }
    let isDate =
      bytes.prefix(4).filter(isDigit).count == 4 && bytes.dropFirst(4).first == UInt8(ascii: "-")
    return !isNumeric && !isDate
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Whether a character may stand for itself: it prints, YAML allows it, and it neither breaks a
  /// line nor turns the direction of text.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: true
    case 0xA0...0x200A, 0x2010...0x2027, 0x202F...0x2065, 0x206A...0xD7FF: true
    case 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private static let digitsAndMarks = Set("0123456789:._-+".utf8)
}

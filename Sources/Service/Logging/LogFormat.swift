// How a log line looks: one line an event, text for people or JSON for collectors.

import Logging

/// The form of the log lines.
package enum LogFormat: String, Sendable, CaseIterable {
  /// `2026-11-24T13:45:01.123Z info listening address=127.0.0.1:8080`
  case text
  /// `{"time":"2026-11-24T13:45:01.123Z","level":"info","message":"listening","address":"127.0.0.1:8080"}`
  case json
}

extension LogFormat {
  /// One line, with its line feed.
  ///
  /// Text from outside (a branch name, an API server's message) cannot forge a line or drive a
  /// terminal: control characters and what is not plain text are written as escapes.
  ///
  /// - Parameter time: the moment, already formatted (RFC 3339, UTC).
  func line(
    time: String, level: Logger.Level, message: String, metadata: [(key: String, value: String)]
  ) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(160)
    switch self {
    case .text:
      line.append(contentsOf: time.utf8)
      line.append(UInt8(ascii: " "))
      line.append(contentsOf: level.rawValue.utf8)
      line.append(UInt8(ascii: " "))
      Self.appendEscaped(message, to: &line)
      for (key, value) in metadata {
        line.append(UInt8(ascii: " "))
        line.append(contentsOf: key.utf8)
        line.append(UInt8(ascii: "="))
        Self.appendTextValue(value, to: &line)
      }
    case .json:
      line.append(UInt8(ascii: "{"))
      Self.appendMember("time", time, to: &line)
      line.append(UInt8(ascii: ","))
      Self.appendMember("level", level.rawValue, to: &line)
      line.append(UInt8(ascii: ","))
      Self.appendMember("message", message, to: &line)
      for (key, value) in metadata {
        line.append(UInt8(ascii: ","))
        Self.appendMember(key, value, to: &line)
      }
      line.append(UInt8(ascii: "}"))
    }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private static func appendMember(_ key: String, _ value: String, to line: inout [UInt8]) {
    appendQuoted(key, to: &line)
    line.append(UInt8(ascii: ":"))
    appendQuoted(value, to: &line)
  }

  /// Bare where that is unambiguous, otherwise quoted.
  private static func appendTextValue(_ value: String, to line: inout [UInt8]) {
    let isBare =
      !value.isEmpty
      && value.utf8.allSatisfy {
        $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
          && $0 != UInt8(ascii: "\\")
      }
    if isBare {
      line.append(contentsOf: value.utf8)
    } else {
      appendQuoted(value, to: &line)
    }
  }

  private static func appendQuoted(_ text: String, to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    appendEscaped(text, to: &line, escapingQuotes: true)
    line.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(
    _ text: String, to line: inout [UInt8], escapingQuotes: Bool = false
  ) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": line.append(contentsOf: "\\n".utf8)
      case "\r": line.append(contentsOf: "\\r".utf8)
      case "\t": line.append(contentsOf: "\\t".utf8)
      case "\"" where escapingQuotes: line.append(contentsOf: "\\\"".utf8)
      case "\\" where escapingQuotes: line.append(contentsOf: "\\\\".utf8)
      default:
        if isHarmless(scalar) {
          line.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
        } else {
          appendUnicodeEscape(scalar, to: &line)
        }
      }
    }
  }

  /// Whether a terminal shows the character as it is: no controls, no format characters (which
  /// hold the bidirectional overrides), no line separators.
  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return false
    default: return true
    }
  }

  /// `\uXXXX`, beyond the basic plane as a surrogate pair: JSON's form, in text lines too.
  private static func appendUnicodeEscape(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
    for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] {
      line.append(contentsOf: "\\u".utf8)
      for shift in [12, 8, 4, 0] {
        let digit = UInt8(truncatingIfNeeded: (unit >> UInt16(shift)) & 0xF)
        line.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}

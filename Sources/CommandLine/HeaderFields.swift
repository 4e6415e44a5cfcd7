// `--header 'Name: value'`, for the commands that look at deliveries without taking them.

import Bytes

/// Header fields from the command line.
enum HeaderFields {
  /// - Throws: ``CommandFailure`` for what is no field.
  static func parse(_ texts: [String]) throws -> [(name: String, value: String)] {
    try texts.map { text in
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, ASCII.isToken(parts[0].utf8) else {
        throw CommandFailure.usage("--header \(text): expected 'Name: value'")
      }
      let value = parts[1].drop { $0 == " " || $0 == "\t" }
      return (String(parts[0]), String(value))
    }
  }
}

// The query of a target: `name=value` pairs, percent-encoded, as forms and clients write them.
// Source: WHATWG URL §5.1 (application/x-www-form-urlencoded parsing).

import Bytes

/// Reads queries.
package enum QueryString {
  /// The parameters in their order. A pair that is not percent-encoded properly is kept as it came:
  /// nothing is lost, and nothing that somebody compares with is made up.
  package static func parameters(_ query: String) -> [(name: String, value: String)] {
    query.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        name: decoded(parts[0]), value: parts.count == 2 ? decoded(parts[1]) : ""
      )
    }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard rest.count >= 2, let escaped = Hex.decode(rest.prefix(2))?.first else {
          return String(text)
        }
        bytes.append(escaped)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? String(text)
  }
}

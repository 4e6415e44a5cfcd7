// Names of header fields in documents.

import Bytes
import YAML

/// Names of header fields.
enum HeaderName {
  /// Whether a text is one: a token (RFC 9110 §5.6.2).
  static func isValid(_ text: String) -> Bool {
    text.utf8.count <= lengthLimit && ASCII.isToken(text.utf8)
  }

  /// Reads one from a document.
  static func read(_ value: PlacedNode?, reader: inout DocumentReader) -> String? {
    guard let value, let name = reader.text(value) else { return nil }
    guard isValid(name) else {
      reader.error(value.place, "\"\(name)\" is not the name of a header")
      return nil
    }
    return name
  }

  private static let lengthLimit = 128
}

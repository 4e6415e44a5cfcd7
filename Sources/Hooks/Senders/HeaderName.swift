// Names of header fields in documents.

import Bytes
import YAML

/// Names of header fields.
enum HeaderName {
  /// Whether a text is one: a token (RFC 9110 §5.6.2).
  static func isValid(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= lengthLimit && text.utf8.allSatisfy(isTokenByte)
  }

  static func isTokenByte(_ byte: UInt8) -> Bool {
    ASCII.isVisible(byte) && !delimiters.contains(byte)
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

  private static let delimiters = Array("(),/:;<=>?@[\\]{}\"".utf8)
  private static let lengthLimit = 128
}

// One header or trailer field.

import Bytes

/// A field line: a name, which is compared without regard to case, and a value of bytes.
///
/// The value is what stood between the colon and the line's end, without the white space around
/// it. It need not be UTF-8 (RFC 9110 §5.5).
package struct HTTPField: Sendable, Equatable {
  package var name: String
  package var value: [UInt8]

  package init(name: String, value: [UInt8]) {
    self.name = name
    self.value = value
  }

  package init(name: String, value: String) {
    self.init(name: name, value: Array(value.utf8))
  }

  /// The value as text; bytes that are not UTF-8 become U+FFFD.
  package var valueString: String { String(decoding: value, as: UTF8.self) }

  package static func == (left: HTTPField, right: HTTPField) -> Bool {
    ASCII.equalsIgnoringCase(left.name, right.name) && left.value == right.value
  }
}

extension HTTPField: CustomStringConvertible {
  /// The name and how long the value is, which may be secret.
  package var description: String { "\(name): \(value.count) bytes" }
}

// Keys that occur more than once.

/// An object's key that occurs more than once.
///
/// RFC 8259 §4 leaves the meaning open, and two programs that read one text differently is a
/// way around a check; so the parser settles it (the last value counts) and can report it.
package struct JSONDuplicateKey: Equatable, Sendable {
  /// Where the object is, as in `spec.triggers[0]`; empty for the outermost value.
  package let path: String
  /// The key.
  package let key: String
  /// The offset of the repeated key's opening quote, from 0.
  package let offset: Int

  /// A repeated key.
  package init(path: String, key: String, offset: Int) {
    self.path = path
    self.key = key
    self.offset = offset
  }

  /// How many are reported for one text at the most, so that a hostile text cannot make the
  /// report larger than itself.
  package static let greatestReportCount = 100

  /// How many bytes the paths and keys of one report have at the most: a path repeats the keys
  /// around it, which may be as long as the text.
  package static let greatestReportByteCount = 64 * 1024
}

/// The repeated keys of one text, and the way to the value being parsed.
struct DuplicateReport {
  enum Step {
    case key(String)
    case index(Int)
  }

  var path: [Step] = []
  private(set) var keys: [JSONDuplicateKey] = []
  private var room = JSONDuplicateKey.greatestReportByteCount

  mutating func add(_ key: String, at offset: Int) {
    guard keys.count < JSONDuplicateKey.greatestReportCount else { return }
    room -= path.reduce(key.utf8.count) { sum, step in
      if case .key(let key) = step { sum + key.utf8.count } else { sum }
    }
    guard room >= 0 else { return }
    var text = ""
    for step in path {
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .index(let index): text += "[\(index)]"
      }
    }
    keys.append(JSONDuplicateKey(path: text, key: key, offset: offset))
  }
}

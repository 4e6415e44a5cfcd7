// A YAML document as a tree that knows where each part stands.
//
// What it holds is what a Kubernetes document can say: strings, numbers, booleans, nulls, lists, and
// mappings from strings. What YAML can say besides has been refused or resolved by the parser.

package import JSON

/// A place in a text. Lines and columns start at 1; a column counts Unicode scalars.
package struct YAMLPosition: Hashable, Sendable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

extension YAMLPosition: CustomStringConvertible {
  package var description: String { "\(line):\(column)" }
}

/// One document of a YAML text.
package struct YAMLDocument: Sendable {
  /// The file it was read from, as the person who named it wrote it.
  package let file: String
  /// Its content, never a lone null: empty documents are skipped.
  package let root: YAMLNode
}

/// A value with its position. A part reached through an alias stands where its anchor stands.
package struct YAMLNode: Sendable {
  /// What the value is.
  package enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  package let content: Content
  package let position: YAMLPosition

  package init(_ content: Content, at position: YAMLPosition) {
    self.content = content
    self.position = position
  }
}

/// A scalar: its text, and the value that the text and the way it was quoted stand for.
package struct YAMLScalar: Sendable {
  /// The text without quotes and escapes.
  package let text: String
  /// A string, number, boolean or null.
  package let value: JSONValue
}

/// One member of a mapping.
package struct YAMLEntry: Sendable {
  package let key: String
  package let keyPosition: YAMLPosition
  package let value: YAMLNode
}

/// A mapping in the order of the text, each key once.
package struct YAMLMapping: Sendable, RandomAccessCollection {
  private let entries: [YAMLEntry]
  /// Where each key is, by its bytes; empty for a small mapping, which is searched.
  private let positions: [[UInt8]: Int]

  /// *Precondition:* no key is there twice; the parser has refused that.
  init(_ entries: [YAMLEntry]) {
    self.entries = entries
    positions =
      entries.count > Self.searchedCount
      ? Dictionary(
        uniqueKeysWithValues: entries.enumerated().map { (Array($1.key.utf8), $0) }) : [:]
  }

  package var startIndex: Int { entries.startIndex }
  package var endIndex: Int { entries.endIndex }
  package subscript(position: Int) -> YAMLEntry { entries[position] }

  /// The member with a key.
  package func entry(_ key: String) -> YAMLEntry? {
    if !positions.isEmpty { return positions[Array(key.utf8)].map { entries[$0] } }
    return entries.first { $0.key.utf8.elementsEqual(key.utf8) }
  }

  /// Members that are searched one by one: about as many as objects people write have.
  private static let searchedCount = 16
}

extension YAMLNode {
  /// The value of a member of a mapping; nil when this is none or has no such key.
  package subscript(key: String) -> YAMLNode? {
    mapping?.entry(key)?.value
  }

  package var mapping: YAMLMapping? {
    if case .mapping(let mapping) = content { mapping } else { nil }
  }

  package var sequence: [YAMLNode]? {
    if case .sequence(let items) = content { items } else { nil }
  }

  /// The text of a scalar that stands for a string.
  package var string: String? {
    if case .scalar(let scalar) = content { scalar.value.stringValue } else { nil }
  }

  /// Whether this is a null, written or left out.
  package var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.value.isNull } else { false }
  }

  /// The value without positions.
  package var json: JSONValue {
    switch content {
    case .scalar(let scalar): return scalar.value
    case .sequence(let items): return .array(items.map(\.json))
    case .mapping(let entries):
      var object = JSONObject()
      for entry in entries { object[entry.key] = entry.value.json }
      return .object(object)
    }
  }

  /// What kind of value this is, for a message: "a string", "a list", ….
  package var kind: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "an object"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: "null"
      case .bool: "a boolean"
      case .number: "a number"
      default: "a string"
      }
    }
  }
}

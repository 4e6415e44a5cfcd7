// JSON values as YAML for people.
//
// Block style as `kubectl get -o yaml` prints it: two columns for a level, lists at the column of
// their key, members in their own order. A string is plain where it would be read back as itself,
// here, by kubectl and by a YAML 1.2 reader; a literal block where it has several lines; quoted
// otherwise, with every character escaped that does not print or that could mislead a terminal.

package import JSON

extension JSONValue {
  /// This value as one YAML document that ends with a line feed.
  ///
  /// The text depends on the value alone, and ``parseDocuments(_:file:)`` reads the same value back
  /// but for the spelling of numbers.
  package func yaml() -> String {
    var printer = YAMLPrinter()
    printer.document(self)
    return printer.text
  }
}

private struct YAMLPrinter {
  private(set) var text = ""

  mutating func document(_ value: JSONValue) {
    switch value {
    case .object(let object) where !object.isEmpty: members(of: object, indent: 0)
    case .array(let items) where !items.isEmpty: list(items, indent: 0)
    default:
      leaf(value, indent: 0)
      text += "\n"
    }
  }

  /// Prints members, the first of them where the cursor is.
  private mutating func members(of object: JSONObject, indent: Int) {
    var isFirst = true
    for member in object {
      if !isFirst { margin(indent) }
      isFirst = false
      key(member.key, indent: indent)
      switch member.value {
      case .object(let object) where !object.isEmpty:
        text += "\n"
        margin(indent + Self.step)
        members(of: object, indent: indent + Self.step)
      case .array(let items) where !items.isEmpty:
        text += "\n"
        margin(indent)
        list(items, indent: indent)
      default:
        text += " "
        leaf(member.value, indent: indent)
        text += "\n"
      }
    }
  }

  /// Prints items, the first of them where the cursor is.
  private mutating func list(_ items: [JSONValue], indent: Int) {
    var isFirst = true
    for item in items {
      if !isFirst { margin(indent) }
      isFirst = false
      text += "- "
      switch item {
      case .object(let object) where !object.isEmpty:
        members(of: object, indent: indent + Self.step)
      case .array(let items) where !items.isEmpty:
        list(items, indent: indent + Self.step)
      default:
        leaf(item, indent: indent)
        text += "\n"
      }
    }
  }

  private mutating func key(_ key: String, indent: Int) {
    let plain = YAMLText.isPlain(key) ? key : YAMLText.quoted(key)
    if plain.utf8.count <= Self.simpleKeyLimit {
      text += "\(plain):"
    } else {
      text += "? \(plain)\n"
      margin(indent)
      text += ":"
    }
  }

  /// Prints a scalar or an empty collection.
  private mutating func leaf(_ value: JSONValue, indent: Int) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let number): text += number.text
    case .object: text += "{}"
    case .array: text += "[]"
    case .string(let string):
      if YAMLText.isPlain(string) {
        text += string
      } else if let block = YAMLText.literal(string, indent: indent + Self.step) {
        text += block
      } else {
        text += YAMLText.quoted(string)
      }
    }
  }

  private mutating func margin(_ columns: Int) {
    text += String(repeating: " ", count: columns)
  }

  /// Columns for one level.
  private static let step = 2
  /// YAML allows 1024 characters before the colon of a simple key.
  private static let simpleKeyLimit = 1000
}

// JSON texts.

import JSON

extension FuzzTarget {
  static let json = FuzzTarget(
    name: "json",
    property:
      "a text that is accepted reads the same through views and when it is printed, and then "
      + "prints the same"
  ) { input in
    guard let value = try? JSONValue.parse(input) else {
      if (try? JSONDocument.parse(input)) != nil { violated("a document is accepted, a value not") }
      return
    }
    guard let document = try? JSONDocument.parse(input) else { violated("no document") }
    compare(document.root, value)
    var duplicates: [JSONDuplicateKey] = []
    guard (try? JSONValue.parse(input, duplicates: &duplicates)) == value else {
      violated("looking for duplicate keys changes what is read")
    }
    for style in [JSONStyle.compact, .pretty, .compact([.sortedKeys, .escapeHTML])] {
      let printed = value.serialized(style)
      do throws(JSONError) {
        let again = try JSONValue.parse(printed)
        guard again == value else { violated("printed as \(style) it is another value") }
        guard again.serialized(style) == printed else { violated("\(style) is not stable") }
      } catch {
        violated("printed as \(style) it is refused: \(error)")
      }
    }
  }
}

/// Reads a value through views alone.
private func compare(_ view: JSONView, _ value: JSONValue) {
  let isSame: Bool
  switch value {
  case .null: isSame = view.isNull
  case .bool(let value): isSame = view.boolValue == value
  case .number(let number): isSame = view.numberValue == number && view.intValue == number.int
  case .string(let text): isSame = view.text?.equals(text) == true && view.text?.string == text
  case .array(let elements):
    isSame = view.kind == .array && view.count == elements.count && view[elements.count] == nil
    for (index, element) in elements.enumerated() {
      guard let view = view[index] else { violated("no element \(index)") }
      compare(view, element)
    }
  case .object(let object):
    isSame = view.count == object.count
    var members = view.members
    for member in object {
      guard let (key, next) = members?.next(), key.equals(member.key) else {
        violated("\(member.key) is not the next key")
      }
      compare(next, member.value)
      guard view[member.key]?.materialised == member.value else {
        violated("\(member.key) is not found")
      }
    }
  }
  if !isSame { violated("\(value) is another value as a view") }
}

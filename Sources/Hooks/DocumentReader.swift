// Reading a document field by field, so that one reading finds every error.
//
// A reading method that meets something wrong records a diagnostic and returns nil; the caller goes on
// with the next field. Nothing is repaired: whoever compiles looks at the diagnostics in the end.

import Bytes
import JSON
import YAML

/// A path in a document, and where it stands in the file.
struct Place {
  let path: String
  let position: YAMLPosition

  func member(_ key: String, at position: YAMLPosition) -> Place {
    let isName = key.utf8.allSatisfy { isNameByte($0) } && !key.isEmpty
    let step = isName ? (path.isEmpty ? key : ".\(key)") : "[\"\(key)\"]"
    return Place(path: path + step, position: position)
  }

  func item(_ index: Int, at position: YAMLPosition) -> Place {
    Place(path: "\(path)[\(index)]", position: position)
  }
}

private func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
    true
  default: false
  }
}

/// A value with its place.
struct PlacedNode {
  let node: YAMLNode
  let place: Place
}

/// An object with its place.
struct PlacedObject {
  let mapping: YAMLMapping
  let place: Place

  subscript(key: String) -> PlacedNode? {
    mapping.entry(key).map {
      PlacedNode(node: $0.value, place: place.member(key, at: $0.value.position))
    }
  }
}

/// A text with its place.
struct PlacedText {
  let text: String
  let place: Place
}

/// Reads one document and collects what is wrong with it.
struct DocumentReader {
  let file: String
  private(set) var diagnostics: [Diagnostic] = []

  init(file: String) {
    self.file = file
  }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  mutating func error(_ place: Place, _ message: String, suggestion: String? = nil) {
    diagnostics.append(
      Diagnostic(
        .error, file: file, position: place.position, path: place.path, message: message,
        suggestion: suggestion))
  }

  mutating func warning(_ place: Place, _ message: String, suggestion: String? = nil) {
    diagnostics.append(
      Diagnostic(
        .warning, file: file, position: place.position, path: place.path, message: message,
        suggestion: suggestion))
  }

  /// Reads an object. A field that is neither known nor among those that come later is an error.
  mutating func object(
    _ value: PlacedNode?, fields known: [String], later: Set<String> = []
  ) -> PlacedObject? {
    guard let object = anyObject(value) else { return nil }
    for entry in object.mapping where !known.contains(entry.key) {
      let place = object.place.member(entry.key, at: entry.keyPosition)
      if later.contains(entry.key) {
        error(place, "not supported yet")
      } else {
        let nearest = Suggestion.nearest(to: entry.key, among: known)
        error(place, "unknown field", suggestion: nearest)
      }
    }
    return object
  }

  /// Reads an object with whatever fields.
  mutating func anyObject(_ value: PlacedNode?) -> PlacedObject? {
    guard let value else { return nil }
    guard let mapping = value.node.mapping else {
      mismatch(value, expected: "an object")
      return nil
    }
    return PlacedObject(mapping: mapping, place: value.place)
  }

  /// The value of a field that must be there.
  mutating func required(_ object: PlacedObject?, _ key: String) -> PlacedNode? {
    guard let object else { return nil }
    guard let value = object[key] else {
      error(object.place.member(key, at: object.place.position), "missing")
      return nil
    }
    return value
  }

  /// Reads a string that is not empty.
  mutating func text(_ value: PlacedNode?) -> String? {
    guard let value, let text = string(value) else { return nil }
    guard !text.isEmpty else {
      error(value.place, "is empty")
      return nil
    }
    return text
  }

  /// Reads a string, the empty one included.
  mutating func string(_ value: PlacedNode?) -> String? {
    guard let value else { return nil }
    guard let text = value.node.string else {
      mismatch(value, expected: "a string")
      return nil
    }
    return text
  }

  /// Reads a string that no finding may show.
  mutating func secretText(_ value: PlacedNode) -> String? {
    if let text = value.node.string { return text }
    error(value.place, "expected a string, found \(value.node.kind): write it in quotes")
    return nil
  }

  mutating func flag(_ value: PlacedNode?) -> Bool? {
    guard let value else { return nil }
    guard case .scalar(let scalar) = value.node.content, let flag = scalar.value.boolValue else {
      mismatch(value, expected: "a boolean")
      return nil
    }
    return flag
  }

  /// Reads a list that is not empty.
  mutating func list(_ value: PlacedNode?) -> [PlacedNode]? {
    guard let value else { return nil }
    guard let items = value.node.sequence else {
      mismatch(value, expected: "a list")
      return nil
    }
    guard !items.isEmpty else {
      error(value.place, "is empty")
      return nil
    }
    return items.enumerated().map { index, node in
      PlacedNode(node: node, place: value.place.item(index, at: node.position))
    }
  }

  /// Reads a list of strings, none empty and none twice. Those that are wrong are left out.
  mutating func texts(_ value: PlacedNode?) -> [PlacedText]? {
    guard let items = list(value) else { return nil }
    var texts: [PlacedText] = []
    var seen: Set<[UInt8]> = []
    for item in items {
      guard let text = text(item) else { continue }
      if seen.insert(Array(text.utf8)).inserted {
        texts.append(PlacedText(text: text, place: item.place))
      } else {
        error(item.place, "\"\(text)\" is given twice")
      }
    }
    return texts
  }

  /// Reads a string that is one of few.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ value: PlacedNode?, of type: Choice.Type, what: String
  ) -> Choice? where Choice.RawValue == String {
    guard let value, let text = text(value) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue)
      error(
        value.place, "unknown \(what) \"\(text)\": expected \(names.joined(separator: ", "))",
        suggestion: Suggestion.nearest(to: text, among: names))
      return nil
    }
    return choice
  }

  private mutating func mismatch(_ value: PlacedNode, expected: String) {
    guard !value.node.isNull else {
      return error(value.place, "is empty: give it \(expected) or remove it")
    }
    var hint = ""
    if case .scalar(let scalar) = value.node.content {
      if expected == "a string" { hint = ": write \"\(scalar.text)\" in quotes" }
      if expected == "a list" { hint = ": write [\(scalar.text)]" }
    }
    error(value.place, "expected \(expected), found \(value.node.kind)\(hint)")
  }
}

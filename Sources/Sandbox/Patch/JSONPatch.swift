// JSON patches (RFC 6902).

import JSON

/// An operation that cannot be carried out. The API says no more about it than that.
struct JSONPatchError: Error, Equatable {}

/// `application/json-patch+json`.
struct JSONPatch {
  private let operations: [JSONValue]

  init(_ operations: [JSONValue]) {
    self.operations = operations
  }

  /// The value after all operations, or none of them.
  func apply(to value: JSONValue) throws(JSONPatchError) -> JSONValue {
    var result = value
    for operation in operations { try apply(operation, to: &result) }
    return result
  }

  private func apply(
    _ operation: JSONValue, to value: inout JSONValue
  ) throws(JSONPatchError) {
    let path = try pointer(operation["path"])
    switch operation["op"]?.stringValue {
    case "add":
      try Self.add(try given(operation), at: path[...], to: &value)
    case "remove":
      _ = try Self.remove(at: path[...], from: &value)
    case "replace":
      _ = try Self.value(at: path, in: value)
      try Self.replace(at: path[...], in: &value, with: try given(operation))
    case "move":
      let source = try pointer(operation["from"])
      let moved = try Self.remove(at: source[...], from: &value)
      try Self.add(moved, at: path[...], to: &value)
    case "copy":
      let copied = try Self.value(at: try pointer(operation["from"]), in: value)
      try Self.add(copied, at: path[...], to: &value)
    case "test":
      guard try Self.value(at: path, in: value) == (operation["value"] ?? .null) else {
        throw JSONPatchError()
      }
    default:
      throw JSONPatchError()
    }
  }

  private func given(_ operation: JSONValue) throws(JSONPatchError) -> JSONValue {
    guard let value = operation["value"] else { throw JSONPatchError() }
    return value
  }

  /// The segments of a JSON pointer (RFC 6901).
  private func pointer(_ value: JSONValue?) throws(JSONPatchError) -> [String] {
    guard let text = value?.stringValue else { throw JSONPatchError() }
    if text.isEmpty { return [] }
    guard text.hasPrefix("/") else { throw JSONPatchError() }
    return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      unescaped($0)
    }
  }

  private func unescaped(_ segment: Substring) -> String {
    var result = ""
    var rest = segment
    while let character = rest.popFirst() {
      if character == "~", rest.first == "1" || rest.first == "0" {
        result.append(rest.popFirst() == "1" ? "/" : "~")
      } else {
        result.append(character)
      }
    }
    return result
  }

  private static func value(
    at path: [String], in value: JSONValue
  ) throws(JSONPatchError) -> JSONValue {
    var current = value
    for key in path {
      switch current {
      case .object(let object):
        guard let next = object[key] else { throw JSONPatchError() }
        current = next
      case .array(let elements):
        current = elements[try index(key, below: elements.count)]
      default: throw JSONPatchError()
      }
    }
    return current
  }

  private static func index(_ key: String, below count: Int) throws(JSONPatchError) -> Int {
    guard let index = Int(key), index >= 0, index < count else { throw JSONPatchError() }
    return index
  }

  /// Changes the value that the path's last segment names within its parent.
  private static func change(
    at path: ArraySlice<String>, in value: inout JSONValue,
    _ change: (String, inout JSONValue) throws(JSONPatchError) -> Void
  ) throws(JSONPatchError) {
    guard let key = path.first else { throw JSONPatchError() }
    if path.count == 1 {
      try change(key, &value)
      return
    }
    switch value {
    case .object(var object):
      guard var child = object[key] else { throw JSONPatchError() }
      try self.change(at: path.dropFirst(), in: &child, change)
      object[key] = child
      value = .object(object)
    case .array(var elements):
      let index = try index(key, below: elements.count)
      try self.change(at: path.dropFirst(), in: &elements[index], change)
      value = .array(elements)
    default: throw JSONPatchError()
    }
  }

  private static func add(
    _ new: JSONValue, at path: ArraySlice<String>, to value: inout JSONValue
  ) throws(JSONPatchError) {
    if path.isEmpty {
      value = new
      return
    }
    try change(at: path, in: &value) { (key, parent) throws(JSONPatchError) in
      switch parent {
      case .object(var object):
        object[key] = new
        parent = .object(object)
      case .array(var elements):
        let index = key == "-" ? elements.count : try index(key, below: elements.count + 1)
        elements.insert(new, at: index)
        parent = .array(elements)
      default: throw JSONPatchError()
      }
    }
  }

  private static func replace(
    at path: ArraySlice<String>, in value: inout JSONValue, with new: JSONValue
  ) throws(JSONPatchError) {
    if path.isEmpty {
      value = new
      return
    }
    try change(at: path, in: &value) { (key, parent) throws(JSONPatchError) in
      switch parent {
      case .object(var object):
        object[key] = new
        parent = .object(object)
      case .array(var elements):
        elements[try index(key, below: elements.count)] = new
        parent = .array(elements)
      default: throw JSONPatchError()
      }
    }
  }

  private static func remove(
    at path: ArraySlice<String>, from value: inout JSONValue
  ) throws(JSONPatchError) -> JSONValue {
    var removed = JSONValue.null
    try change(at: path, in: &value) { (key, parent) throws(JSONPatchError) in
      switch parent {
      case .object(var object):
        guard let old = object.removeValue(forKey: key) else { throw JSONPatchError() }
        removed = old
        parent = .object(object)
      case .array(var elements):
        removed = elements.remove(at: try index(key, below: elements.count))
        parent = .array(elements)
      default: throw JSONPatchError()
      }
    }
    return removed
  }
}

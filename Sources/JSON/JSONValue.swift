// JSON as a tree of values.

/// A JSON value (RFC 8259 §3).
///
/// Numbers keep their text and objects the order of their keys, so a text that was parsed and
/// printed has lost its white space and its repeated keys only. Strings and keys are equal when
/// their code points are; objects are equal in any order of keys.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

// MARK: - Accessors

extension JSONValue {
  /// Whether the value is null.
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The truth value, nil when the value is of another type.
  package var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The number, nil when the value is of another type.
  package var numberValue: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The number when it is written as an integer and fits, nil when it is not and when the value
  /// is of another type.
  package var intValue: Int? { numberValue?.int }

  /// The double nearest to the number, nil when the value is of another type.
  package var doubleValue: Double? { numberValue?.double }

  /// The string, nil when the value is of another type.
  package var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements, nil when the value is of another type.
  package var arrayValue: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The object, nil when the value is of another type.
  package var objectValue: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// What the value is.
  package var kind: JSONKind {
    switch self {
    case .null: .null
    case .bool: .bool
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  /// The type's name with its article, for messages.
  package var typeName: String { kind.typeName }
}

// MARK: - Lookup and change

extension JSONValue {
  /// The value of an object's key, nil when the value is no object or has no such key.
  ///
  /// Setting replaces the value in its place or adds the key at the end, and makes an object of
  /// null; setting nil removes the key. On a value of another type setting does nothing.
  package subscript(key: String) -> JSONValue? {
    get { objectValue?[key] }
    set {
      switch self {
      case .object(var object):
        self = .null  // Leaves one reference to the members, so that they are not copied.
        object[key] = newValue
        self = .object(object)
      case .null:
        if let newValue { self = .object([key: newValue]) }
      default:
        break
      }
    }
  }

  /// The element of an array, nil when the value is no array or is shorter.
  package subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The value that a path of object keys leads to, nil when there is none. The empty path leads
  /// to the value itself.
  ///
  /// Setting makes the objects on the way where there is nothing or null, and does nothing where a
  /// value of another type is in the way. Setting nil removes the last key, and makes nothing;
  /// at the empty path it makes the value null.
  package subscript(path: [String]) -> JSONValue? {
    get {
      var value = self
      for key in path {
        guard let next = value[key] else { return nil }
        value = next
      }
      return value
    }
    set {
      if newValue == nil, self[path] == nil { return }
      set(newValue, at: path[...])
    }
  }

  private mutating func set(_ newValue: JSONValue?, at path: ArraySlice<String>) {
    guard let key = path.first else {
      self = newValue ?? .null
      return
    }
    if path.count == 1 {
      self[key] = newValue
      return
    }
    switch self {
    case .object(var object):
      self = .null
      object.modifyValue(forKey: key) { $0.set(newValue, at: path.dropFirst()) }
      self = .object(object)
    case .null:
      var child = JSONValue.null
      child.set(newValue, at: path.dropFirst())
      self = .object([key: child])
    default:
      break
    }
  }
}

// MARK: - Equality

extension JSONValue: Equatable {
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): sameText(left, right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

// What an object breaks of its schema.
//
// Source: k8s.io/kube-openapi/pkg/validation, k8s.io/apiextensions-apiserver/pkg/apiserver/validation.

package import JSON
import RE2

extension ObjectSchema {
  /// All mistakes of a value, worded as the API server words them.
  ///
  /// Unknown fields are no mistakes: they were dropped before.
  ///
  /// - Parameters:
  ///   - value: the whole object, or the part of it that is looked at alone.
  ///   - path: the place of that part in the object, empty for the whole. Messages name fields
  ///     from there on, while ``FieldError/field`` names them from the root.
  package func violations(of value: JSONValue, at path: String) -> [FieldError] {
    var review = SchemaReview(root: path)
    review.check(value, self, at: "")
    return review.mistakes
  }
}

private struct SchemaReview {
  let root: String
  private(set) var mistakes: [FieldError] = []

  init(root: String) {
    self.root = root
  }

  mutating func check(_ value: JSONValue, _ schema: ObjectSchema, at path: String) {
    if value.isNull, schema.isNullable { return }
    if schema.type == nil, !schema.isIntegerOrString, value.isNull { return }
    guard hasType(value, schema) else {
      let kind = Self.typeName(value)
      let expected = schema.type?.rawValue ?? "integer"
      mistakes.append(
        .typeInvalid(
          field(path), .string(kind),
          "\(path) in body must be of type \(expected): \(quoted(kind))"))
      return
    }
    if !schema.enumeration.isEmpty, !schema.enumeration.contains(value) {
      let supported = schema.enumeration.map { $0.stringValue ?? $0.serializedString() }
      mistakes.append(.notSupported(field(path), value, supported: supported))
    }
    switch value {
    case .string(let text): checkText(text, schema, at: path)
    case .number(let number): checkNumber(number, schema, at: path)
    case .array(let elements): checkList(elements, schema, at: path)
    case .object(let object): checkObject(object, schema, at: path)
    case .null, .bool: break
    }
  }

  private mutating func invalid(_ path: String, _ value: JSONValue, _ rule: String) {
    mistakes.append(.invalid(field(path), value, "\(path) in body \(rule)"))
  }

  private func field(_ path: String) -> String {
    if root.isEmpty || path.isEmpty { return root + path }
    return path.hasPrefix("[") ? root + path : "\(root).\(path)"
  }

  // MARK: Types

  private func hasType(_ value: JSONValue, _ schema: ObjectSchema) -> Bool {
    if schema.isIntegerOrString { return value.stringValue != nil || Self.isInteger(value) }
    switch schema.type {
    case nil: return true
    case .object: return value.objectValue != nil
    case .array: return value.arrayValue != nil
    case .string: return value.stringValue != nil
    case .boolean: return value.boolValue != nil
    case .number: return value.numberValue != nil
    case .integer: return Self.isInteger(value)
    }
  }

  private static func isInteger(_ value: JSONValue) -> Bool {
    guard let number = value.doubleValue, number.isFinite else { return false }
    return number == number.rounded()
  }

  private static func typeName(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .number: isInteger(value) ? "integer" : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  // MARK: Values

  private mutating func checkText(_ text: String, _ schema: ObjectSchema, at path: String) {
    let length = text.unicodeScalars.count
    if let limit = schema.maximumLength, length > limit {
      mistakes.append(.tooLong(field(path), byteLimit: limit))
    }
    if let limit = schema.minimumLength, length < limit {
      invalid(path, .string(text), "should be at least \(limit) chars long")
    }
    if let pattern = schema.pattern, !Self.matches(text, pattern) {
      invalid(path, .string(text), "should match '\(pattern)'")
    }
    if schema.format == "date-time", !Self.isTime(text) {
      mistakes.append(
        .typeInvalid(
          field(path), .string(text),
          "\(path) in body must be of type date-time: \(quoted(text))"))
    }
  }

  /// A pattern that RE2 does not know fits everything, since it cannot have been accepted.
  private static func matches(_ text: String, _ pattern: String) -> Bool {
    do { return try RE2Pattern(pattern).matchesPartially(text) } catch { return true }
  }

  private static func isTime(_ text: String) -> Bool {
    do {
      _ = try parseGoTime(text, .seconds)
      return true
    } catch {
      return false
    }
  }

  private mutating func checkNumber(_ number: JSONNumber, _ schema: ObjectSchema, at path: String) {
    let value = JSONValue.number(number)
    if let limit = schema.maximum {
      let isOver = schema.isMaximumExclusive ? number.double >= limit : number.double > limit
      let words = schema.isMaximumExclusive ? "less than" : "less than or equal to"
      if isOver { invalid(path, value, "should be \(words) \(Self.shown(limit))") }
    }
    if let limit = schema.minimum {
      let isUnder = schema.isMinimumExclusive ? number.double <= limit : number.double < limit
      let words = schema.isMinimumExclusive ? "greater than" : "greater than or equal to"
      if isUnder { invalid(path, value, "should be \(words) \(Self.shown(limit))") }
    }
  }

  private static func shown(_ limit: Double) -> String {
    Int(exactly: limit).map(String.init) ?? "\(limit)"
  }

  private mutating func checkList(
    _ elements: [JSONValue], _ schema: ObjectSchema, at path: String
  ) {
    if let limit = schema.maximumItems, elements.count > limit {
      mistakes.append(.tooMany(field(path), count: elements.count, limit: limit))
    }
    if let limit = schema.minimumItems, elements.count < limit {
      invalid(path, .array(elements), "should have at least \(limit) items")
    }
    if let items = schema.items {
      for (index, element) in elements.enumerated() {
        check(element, items, at: "\(path)[\(index)]")
      }
    }
    checkKeys(elements, schema, at: path)
  }

  /// The elements of a set differ, those of a map differ in their keys.
  private mutating func checkKeys(
    _ elements: [JSONValue], _ schema: ObjectSchema, at path: String
  ) {
    var seen: [JSONValue] = []
    for (index, element) in elements.enumerated() {
      let identity: JSONValue
      switch schema.listType {
      case .atomic: return
      case .set: identity = element
      case .map(let keys):
        identity = .object(JSONObject(keys.compactMap { key in element[key].map { (key, $0) } }))
      }
      if seen.contains(identity) {
        mistakes.append(.duplicate(field("\(path)[\(index)]"), identity))
      } else {
        seen.append(identity)
      }
    }
  }

  private mutating func checkObject(
    _ object: JSONObject, _ schema: ObjectSchema, at path: String
  ) {
    if let limit = schema.maximumProperties, object.count > limit {
      mistakes.append(.tooMany(field(path), count: object.count, limit: limit))
    }
    if let limit = schema.minimumProperties, object.count < limit {
      invalid(path, .object(object), "should have at least \(limit) properties")
    }
    for name in schema.required where !object.contains(name) {
      mistakes.append(.required(field(path.isEmpty ? name : "\(path).\(name)")))
    }
    for member in object {
      guard let inner = schema.properties[member.key] ?? schema.additionalProperties else {
        continue
      }
      check(member.value, inner, at: path.isEmpty ? member.key : "\(path).\(member.key)")
    }
  }
}

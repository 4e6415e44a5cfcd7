// Reads a JSON value into a Go type: drops what the type does not know, fills in zero values, and
// reports the first mismatch in Go's words.

import Bytes
import JSON

/// What came of reading a value into a Go type.
struct GoDecoding {
  /// The value as Go would write it again.
  var value: JSONValue
  /// The fields that the type does not have, in the order in which they were found.
  var unknownFields: [String] = []
}

/// Go's message for a value that does not fit its type.
struct GoDecodingError: Error, Equatable {
  let description: String
}

/// Decodes as `sigs.k8s.io/json` does: names are case sensitive, the first mismatch is reported
/// after everything was looked at, and a failing unmarshaller (a time) is reported at once.
struct GoDecoder {
  private var unknownFields: [String] = []
  private var firstMismatch: String?

  private struct Context {
    /// The path from the object's root, for unknown fields.
    var path: String
    /// The innermost struct, and the names of the fields that led to the value.
    var structure: String?
    var fields: [String]
  }

  /// Decodes a value whose path in the whole object is `path`.
  static func decode(
    _ value: JSONValue, as type: GoType, at path: String = ""
  ) throws(GoDecodingError) -> GoDecoding {
    var decoder = GoDecoder()
    let context = Context(path: path, structure: nil, fields: [])
    let result = try decoder.read(value, type, context) ?? zero(of: type)
    if let mismatch = decoder.firstMismatch { throw GoDecodingError(description: mismatch) }
    return GoDecoding(value: result, unknownFields: decoder.unknownFields)
  }

  /// The decoded value; `nil` for null and for a mismatch, which leave the zero value in place.
  private mutating func read(
    _ value: JSONValue, _ type: GoType, _ context: Context
  ) throws(GoDecodingError) -> JSONValue? {
    if value.isNull { return nil }
    switch type {
    case .raw: return value
    case .string, .named: if case .string = value { return value }
    case .bool: if case .bool = value { return value }
    case .integer(let bits): return integer(value, bits: bits, type, context)
    case .float: if case .number = value { return value }
    case .bytes: return bytes(value, type, context)
    case .time: return try time(value, .seconds)
    case .microTime: return try time(value, .microseconds)
    case .scalar: return try scalar(value, type)
    case .list(let element, _): return try list(value, element, type, context)
    case .map(let element): return try map(value, element, type, context)
    case .structure(let structure):
      return try self.structure(value, structure, type, context)
    }
    mismatch(value, type, context)
    return nil
  }

  private mutating func integer(
    _ value: JSONValue, bits: Int, _ type: GoType, _ context: Context
  ) -> JSONValue? {
    guard case .number(let number) = value else {
      mismatch(value, type, context)
      return nil
    }
    if let exact = number.int, bits == 64 || Int32(exactly: exact) != nil { return .int(exact) }
    mismatch(described: "number \(number.text)", type, context)
    return nil
  }

  private mutating func bytes(
    _ value: JSONValue, _ type: GoType, _ context: Context
  ) -> JSONValue? {
    guard case .string(let text) = value else {
      mismatch(value, type, context)
      return nil
    }
    if let fault = goBase64Fault(text) {
      firstMismatch = firstMismatch ?? fault
      return nil
    }
    return .string(text.filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
  }

  private func time(
    _ value: JSONValue, _ layout: GoTimeLayout
  ) throws(GoDecodingError) -> JSONValue {
    guard case .string(let text) = value else {
      throw GoDecodingError(
        description: "json: cannot unmarshal \(goKind(value)) into Go value of type string")
    }
    do throws(GoTimeError) {
      let moment = try parseGoTime(text, layout)
      return .string(layout == .seconds ? moment.text : moment.microText)
    } catch {
      throw GoDecodingError(description: error.description)
    }
  }

  private func scalar(
    _ value: JSONValue, _ type: GoType
  ) throws(GoDecodingError) -> JSONValue {
    switch value {
    case .string, .number: return value
    default:
      throw GoDecodingError(
        description: "json: cannot unmarshal \(goKind(value)) into Go value of type \(type.name)")
    }
  }

  private mutating func list(
    _ value: JSONValue, _ element: GoType, _ type: GoType, _ context: Context
  ) throws(GoDecodingError) -> JSONValue? {
    guard case .array(let elements) = value else {
      mismatch(value, type, context)
      return nil
    }
    var result: [JSONValue] = []
    for (index, item) in elements.enumerated() {
      var inner = context
      inner.path += "[\(index)]"
      result.append(try read(item, element, inner) ?? Self.zero(of: element))
    }
    return .array(result)
  }

  private mutating func map(
    _ value: JSONValue, _ element: GoType, _ type: GoType, _ context: Context
  ) throws(GoDecodingError) -> JSONValue? {
    guard case .object(let object) = value else {
      mismatch(value, type, context)
      return nil
    }
    var result = JSONObject()
    for member in object.sorted(by: { $0.key < $1.key }) {
      var inner = context
      inner.path = joined(context.path, member.key)
      result[member.key] = try read(member.value, element, inner) ?? Self.zero(of: element)
    }
    return .object(result)
  }

  private mutating func structure(
    _ value: JSONValue, _ structure: GoStructure, _ type: GoType, _ context: Context
  ) throws(GoDecodingError) -> JSONValue? {
    guard case .object(let object) = value else {
      mismatch(value, type, context)
      return nil
    }
    var given: [String: JSONValue] = [:]
    var kept: [JSONObject.Member] = []
    for member in object {
      guard let field = structure.field(member.key) else {
        if structure.keepsUnknownFields {
          kept.append(member)
        } else {
          unknownFields.append(joined(context.path, member.key))
        }
        continue
      }
      let inner = Context(
        path: joined(context.path, member.key), structure: structure.name,
        fields: context.fields + [member.key])
      given[member.key] = try read(member.value, field.type, inner)
    }
    var result = JSONObject()
    for field in structure.fields {
      result[field.key] = Self.written(given[field.key], field)
    }
    for member in kept where !member.value.isNull { result[member.key] = member.value }
    return .object(result)
  }

  /// The value of a field as it is written; `nil` when it is not.
  private static func written(_ value: JSONValue?, _ field: GoField) -> JSONValue? {
    switch field.presence {
    case .always: return value ?? zero(of: field.type)
    case .whenGiven: return value
    case .whenNotEmpty:
      guard let value else { return nil }
      if isZero(value) { return nil }
      return value
    }
  }

  private static func isZero(_ value: JSONValue) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .number(let number): number.double == 0
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.isEmpty
    }
  }

  static func zero(of type: GoType) -> JSONValue {
    switch type {
    case .string, .named, .bytes: return ""
    case .bool: return false
    case .integer, .float: return 0
    case .time, .microTime, .raw, .list, .map: return .null
    case .scalar: return 0
    case .structure(let structure):
      var result = JSONObject()
      for field in structure.fields where field.presence == .always {
        result[field.key] = zero(of: field.type)
      }
      return .object(result)
    }
  }

  private mutating func mismatch(_ value: JSONValue, _ type: GoType, _ context: Context) {
    mismatch(described: goKind(value), type, context)
  }

  private mutating func mismatch(described: String, _ type: GoType, _ context: Context) {
    guard firstMismatch == nil else { return }
    if let structure = context.structure {
      let field = context.fields.joined(separator: ".")
      firstMismatch =
        "json: cannot unmarshal \(described) into Go struct field \(structure).\(field) "
        + "of type \(type.name)"
    } else {
      firstMismatch = "json: cannot unmarshal \(described) into Go value of type \(type.name)"
    }
  }
}

private func joined(_ path: String, _ key: String) -> String {
  path.isEmpty ? key : "\(path).\(key)"
}

/// The kind of a JSON value in Go's errors.
func goKind(_ value: JSONValue) -> String {
  switch value {
  case .null: "null"
  case .bool: "bool"
  case .number: "number"
  case .string: "string"
  case .array: "array"
  case .object: "object"
  }
}

/// Go's message for a text that is not standard base64; `nil` when it is.
///
/// Line ends are skipped, as Go does. *Source:* `encoding/base64` of Go, `CorruptInputError`.
func goBase64Fault(_ text: String) -> String? {
  let bytes = Array(text.utf8)
  func fault(_ index: Int) -> String { "illegal base64 data at input byte \(index)" }
  var index = 0
  while true {
    var digits = 0
    while digits < 4 {
      while index < bytes.count, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 }
      guard index < bytes.count else { return digits == 0 ? nil : fault(index - digits) }
      let byte = bytes[index]
      index += 1
      if isBase64Digit(byte) {
        digits += 1
        continue
      }
      guard byte == 0x3D, digits >= 2 else { return fault(index - 1) }
      return paddingFault(bytes, from: index, digits: digits, fault)
    }
  }
}

/// Checks what follows the first `=` after two or three digits of a group.
private func paddingFault(
  _ bytes: [UInt8], from start: Int, digits: Int, _ fault: (Int) -> String
) -> String? {
  var index = start
  func skipLineEnds() {
    while index < bytes.count, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 }
  }
  skipLineEnds()
  if digits == 2 {
    guard index < bytes.count else { return fault(bytes.count) }
    guard bytes[index] == 0x3D else { return fault(index) }
    index += 1
    skipLineEnds()
  }
  return index < bytes.count ? fault(index) : nil
}

private func isBase64Digit(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, 0x2F: true
  default: false
  }
}

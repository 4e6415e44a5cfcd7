// What becomes of an object that passes through Go structures.

import Bytes
import JSON

/// Decodes an object as Go's `encoding/json` would, refusing unknown fields, and writes it out
/// again.
///
/// Decoding goes on after a mistake, and the first one is reported; a value with a reader of its
/// own (a duration, a time, a quantity) ends it at once, and its mistake takes precedence. Keys are
/// taken in the order of their bytes, for that is how the API server sends objects to a webhook.
///
/// *Source:* `encoding/json` of Go 1.24 and later, where paths name embedded structures too.
struct WebhookRoundTrip {
  /// What happens to a field that the structure does not have.
  enum UnknownFields {
    case refused
    case dropped
  }

  private let unknownFields: UnknownFields
  private var firstMistake: String?
  private var writingMistake: String?
  private var structureName = ""
  private var path: [String] = []

  private init(_ unknownFields: UnknownFields) {
    self.unknownFields = unknownFields
  }

  /// The object as it comes out again.
  ///
  /// *Errors:* the text of the error is Go's.
  static func pass(
    _ object: JSONValue, through structure: WebhookStructure,
    unknownFields: UnknownFields = .refused
  ) throws(RoundTripError) -> JSONValue {
    var trip = WebhookRoundTrip(unknownFields)
    let result: JSONValue
    do {
      result = try trip.read(object, as: .structure(structure))
    } catch {
      throw .unreadable(error.message)
    }
    if let mistake = trip.firstMistake { throw .unreadable(mistake) }
    if let mistake = trip.writingMistake { throw .unwritable(mistake) }
    return result
  }

  // MARK: Reading

  /// The value as its type writes it.
  private mutating func read(_ value: JSONValue, as type: WebhookType) throws(Abort) -> JSONValue {
    if value.isNull { return empty(type) }
    switch type {
    case .text:
      if value.stringValue != nil { return value }
    case .flag:
      if value.boolValue != nil { return value }
    case .integer:
      // The API server has written 1.0 as 1 before the webhook sees it.
      if let integer = value.intValue ?? value.doubleValue.flatMap(Int.init(exactly:)) {
        return .number(JSONNumber(integer))
      }
      if let number = value.numberValue {
        note(value, type, shown: "number \(number.text)")
        return empty(type)
      }
    case .list(let element, _):
      if let elements = value.arrayValue { return try readList(elements, of: element) }
    case .map(let element, _):
      if let object = value.objectValue { return try readMap(object, of: element) }
    case .structure(let structure):
      if let object = value.objectValue { return try readStructure(object, as: structure) }
    case .recursive(let structure):
      return try read(value, as: .structure(structure()))
    case .pointer(let target):
      return try read(value, as: target)
    case .raw, .opaque:
      return value
    case .parameterValue:
      return Self.parameterValue(value)
    case .duration, .time, .quantity, .integerOrString:
      return try readLeaf(value, as: type)
    }
    note(value, type)
    return empty(type)
  }

  private mutating func readList(
    _ elements: [JSONValue], of type: WebhookType
  ) throws(Abort) -> JSONValue {
    var result: [JSONValue] = []
    for element in elements { result.append(try read(element, as: type)) }
    return .array(result)
  }

  private mutating func readMap(
    _ object: JSONObject, of type: WebhookType
  ) throws(Abort) -> JSONValue {
    var result = JSONObject()
    for member in Self.sorted(object) { result[member.key] = try read(member.value, as: type) }
    return .object(result)
  }

  private mutating func readStructure(
    _ object: JSONObject, as structure: WebhookStructure
  ) throws(Abort) -> JSONValue {
    var values: [Int: JSONValue] = [:]
    for member in Self.sorted(object) {
      guard let index = structure.index(ofKey: member.key) else {
        if unknownFields == .refused { note("json: unknown field \(quoted(member.key))") }
        continue
      }
      let field = structure.fields[index]
      let (outerName, outerPath) = (structureName, path)
      structureName = structure.localName
      path += field.embeddedPath + [field.name]
      values[index] = try read(member.value, as: field.type)
      (structureName, path) = (outerName, outerPath)
    }
    return write(structure, values)
  }

  private mutating func readLeaf(
    _ value: JSONValue, as type: WebhookType
  ) throws(Abort) -> JSONValue {
    if case .quantity = type {
      guard let text = value.stringValue ?? value.numberValue?.text,
        let canonical = ResourceQuantity.canonical(text)
      else { throw Abort(message: ResourceQuantity.complaint) }
      return .string(canonical)
    }
    if case .integerOrString = type {
      if value.intValue != nil || value.stringValue != nil { return value }
      throw Abort(message: mismatch(value, .int32))
    }
    guard let text = value.stringValue else { throw Abort(message: mismatch(value, .string)) }
    if case .time = type {
      do { return .string(try parseGoTime(text, .seconds).text) } catch {
        throw Abort(message: error.description)
      }
    }
    do { return .string(try GoDuration(text).description) } catch {
      throw Abort(message: error.description)
    }
  }

  /// A parameter's value: strings, lists of strings and maps of strings stay what they are,
  /// everything else becomes the JSON text of it.
  private static func parameterValue(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements):
      if let texts = texts(elements) { return .array(texts) }
    case .object(let object):
      if let texts = texts(object.values) { return .object(JSONObject(zip(object.keys, texts))) }
    case .string: return value
    default: break
    }
    return .string(value.serializedString(.compact([.sortedKeys, .escapeHTML])))
  }

  /// The values as strings, with empty ones for nulls, if there is nothing else among them.
  private static func texts(_ values: [JSONValue]) -> [JSONValue]? {
    var result: [JSONValue] = []
    for value in values {
      guard value.isNull || value.stringValue != nil else { return nil }
      result.append(.string(value.stringValue ?? ""))
    }
    return result
  }

  private static func sorted(_ object: JSONObject) -> [JSONObject.Member] {
    object.sorted { precedes($0.key, $1.key) }
  }

  // MARK: Writing

  private mutating func write(
    _ structure: WebhookStructure, _ values: [Int: JSONValue]
  ) -> JSONValue {
    var result = JSONObject()
    for (index, field) in structure.fields.enumerated() {
      let value = values[index] ?? empty(field.type)
      if field.presence == .unlessEmpty, Self.isOmitted(value, field.type) { continue }
      result[field.name] = value
    }
    return .object(result)
  }

  /// The value of a variable that nothing was assigned to.
  private mutating func empty(_ type: WebhookType) -> JSONValue {
    switch type {
    case .text: return ""
    case .flag: return false
    case .integer, .integerOrString: return 0
    case .list, .map, .pointer, .time, .raw: return .null
    case .structure(let structure): return write(structure, [:])
    case .recursive(let structure): return write(structure(), [:])
    case .duration: return "0s"
    case .quantity: return "0"
    case .opaque: return [:]
    case .parameterValue(let name):
      if writingMistake == nil {
        writingMistake =
          "json: error calling MarshalJSON for type \(name): impossible ParamValues.Type: \"\""
      }
      return ""
    }
  }

  private static func isOmitted(_ value: JSONValue, _ type: WebhookType) -> Bool {
    switch type {
    case .text: value == ""
    case .flag: value == false
    case .integer: value == 0
    case .list: value.arrayValue?.isEmpty ?? true
    case .map: value.objectValue?.isEmpty ?? true
    case .pointer, .time: value.isNull
    case .structure, .recursive, .duration, .quantity, .integerOrString, .raw, .opaque,
      .parameterValue:
      false
    }
  }

  // MARK: Mistakes

  private struct Abort: Error {
    var message: String
  }

  private mutating func note(_ message: String) {
    if firstMistake == nil { firstMistake = message }
  }

  private mutating func note(_ value: JSONValue, _ type: WebhookType, shown: String? = nil) {
    note(mismatch(value, type, shown: shown))
  }

  private func mismatch(_ value: JSONValue, _ type: WebhookType, shown: String? = nil) -> String {
    let place =
      path.isEmpty ? "value" : "struct field \(structureName).\(path.joined(separator: "."))"
    return "json: cannot unmarshal \(shown ?? goKind(value)) into Go \(place) of type \(type.name)"
  }
}

/// Why an object does not pass.
enum RoundTripError: Error, Equatable, CustomStringConvertible {
  /// It does not fit the types.
  case unreadable(String)
  /// It fits, but has a value that cannot be written.
  case unwritable(String)

  /// What the webhook says of it.
  var description: String {
    switch self {
    case .unreadable(let text): "cannot decode incoming new object: \(text)"
    case .unwritable(let text):
      "cannot create patch for round tripped newBytes: cannot marshal interface: \(text)"
    }
  }
}

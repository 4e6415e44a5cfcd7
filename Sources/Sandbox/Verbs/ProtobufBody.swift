// Bodies in Kubernetes' protobuf encoding, which kubectl uses for built-in types.
//
// Layout: the bytes `k8s\0`, then a message `Unknown` with `typeMeta` (1: apiVersion, 2: kind) as
// field 1 and the object's own message as field 2. Field numbers are those of
// k8s.io/api/**/generated.proto.

import Bytes
import JSON

/// Turns a protobuf body into JSON, for the few kinds that kubectl sends without a file.
enum ProtobufBody {
  private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// *Errors:* 415 for kinds that are not known here, with what to do; 400 for broken bytes.
  static func decode(_ body: [UInt8]) throws(StatusError) -> JSONValue {
    guard body.starts(with: magic) else {
      throw .badRequest("provided data does not appear to be a protobuf message, expected prefix")
    }
    let envelope = try ProtobufMessage(body[4...])
    let typeMeta = try ProtobufMessage(envelope.bytes(1) ?? [])
    let apiVersion = text(typeMeta.bytes(1) ?? [])
    let kind = text(typeMeta.bytes(2) ?? [])
    guard let shape = shapes[kind] else {
      throw StatusError(
        415, "UnsupportedMediaType",
        "\(kind) is not read in application/vnd.kubernetes.protobuf by the sandbox; "
          + "send it as JSON, for example with kubectl create -f FILE. accepted media types "
          + "include: application/json, application/yaml")
    }
    var object: JSONValue = ["kind": .string(kind), "apiVersion": .string(apiVersion)]
    let content = try read(ProtobufMessage(envelope.bytes(2) ?? []), shape)
    for member in content.objectValue ?? JSONObject() { object[member.key] = member.value }
    return object
  }

  // MARK: Shapes

  private indirect enum Shape: Sendable {
    case string
    case bytes
    case integer
    case bool
    case time
    case list(Shape)
    case map(Shape)
    case message([Int: (name: String, shape: Shape)])
  }

  private static let metadata = Shape.message([
    1: ("name", .string), 2: ("generateName", .string), 3: ("namespace", .string),
    5: ("uid", .string), 6: ("resourceVersion", .string), 7: ("generation", .integer),
    8: ("creationTimestamp", .time), 11: ("labels", .map(.string)),
    12: ("annotations", .map(.string)), 14: ("finalizers", .list(.string)),
  ])

  private static let localReference = Shape.message([1: ("name", .string)])

  private static let objectReference = Shape.message([
    1: ("kind", .string), 2: ("namespace", .string), 3: ("name", .string), 4: ("uid", .string),
    5: ("apiVersion", .string),
  ])

  private static let resourceAttributes = Shape.message([
    1: ("namespace", .string), 2: ("verb", .string), 3: ("group", .string),
    4: ("version", .string), 5: ("resource", .string), 6: ("subresource", .string),
    7: ("name", .string),
  ])

  private static let nonResourceAttributes = Shape.message([
    1: ("path", .string), 2: ("verb", .string),
  ])

  private static let accessSpec = Shape.message([
    1: ("resourceAttributes", resourceAttributes),
    2: ("nonResourceAttributes", nonResourceAttributes),
  ])

  private static let tokenSpec = Shape.message([
    1: ("audiences", .list(.string)), 4: ("expirationSeconds", .integer),
  ])

  private static let shapes: [String: Shape] = [
    "Namespace": .message([
      1: ("metadata", metadata), 2: ("spec", .message([1: ("finalizers", .list(.string))])),
    ]),
    "Secret": .message([
      1: ("metadata", metadata), 2: ("data", .map(.bytes)), 3: ("type", .string),
      4: ("stringData", .map(.string)), 5: ("immutable", .bool),
    ]),
    "ConfigMap": .message([
      1: ("metadata", metadata), 2: ("data", .map(.string)), 3: ("binaryData", .map(.bytes)),
      4: ("immutable", .bool),
    ]),
    "ServiceAccount": .message([
      1: ("metadata", metadata), 2: ("secrets", .list(objectReference)),
      3: ("imagePullSecrets", .list(localReference)),
      4: ("automountServiceAccountToken", .bool),
    ]),
    "SelfSubjectAccessReview": .message([1: ("metadata", metadata), 2: ("spec", accessSpec)]),
    "SelfSubjectRulesReview": .message([
      1: ("metadata", metadata), 2: ("spec", .message([1: ("namespace", .string)])),
    ]),
    "SelfSubjectReview": .message([1: ("metadata", metadata)]),
    "TokenRequest": .message([1: ("metadata", metadata), 2: ("spec", tokenSpec)]),
    "DeleteOptions": .message([
      1: ("gracePeriodSeconds", .integer),
      2: ("preconditions", .message([1: ("uid", .string), 2: ("resourceVersion", .string)])),
      3: ("orphanDependents", .bool), 4: ("propagationPolicy", .string),
      5: ("dryRun", .list(.string)),
    ]),
  ]

  // MARK: Reading

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static func read(
    _ message: ProtobufMessage, _ shape: Shape
  ) throws(StatusError) -> JSONValue {
    guard case .message(let members) = shape else { return .null }
    var object = JSONObject()
    for field in message.fields {
      guard let member = members[field.number] else { continue }
      switch member.shape {
      case .list(let element):
        let value = try self.value(field, element)
        object[member.name] = .array((object[member.name]?.arrayValue ?? []) + [value])
      case .map(let element):
        let entry = try ProtobufMessage(field.bytes)
        var map = object[member.name]?.objectValue ?? JSONObject()
        let content = entry.fields.first { $0.number == 2 } ?? .init(number: 2, bytes: [])
        map[text(entry.bytes(1) ?? [])] = try value(content, element)
        object[member.name] = .object(map)
      default:
        object[member.name] = try value(field, member.shape)
      }
    }
    return .object(object)
  }

  private static func value(
    _ field: ProtobufMessage.Field, _ shape: Shape
  ) throws(StatusError) -> JSONValue {
    switch shape {
    case .string: return .string(text(field.bytes))
    case .bytes: return .string(Base64.encode(field.bytes))
    case .integer: return .int(Int(truncatingIfNeeded: field.number64))
    case .bool: return .bool(field.number64 != 0)
    case .time:
      let seconds = try ProtobufMessage(field.bytes).fields.first { $0.number == 1 }?.number64
      guard let seconds, seconds != 0 else { return .null }
      return .string(Timestamp(seconds: Int64(bitPattern: seconds)).text)
    case .message: return try read(ProtobufMessage(field.bytes), shape)
    case .list, .map: return .null
    }
  }
}

/// The fields of one protobuf message, in order.
struct ProtobufMessage {
  /// One field.
  struct Field {
    var number: Int
    /// The value of a varint or a fixed number.
    var number64: UInt64 = 0
    /// The value of a length-delimited field.
    var bytes: ArraySlice<UInt8>
  }

  private(set) var fields: [Field] = []

  /// Reads a message. *Errors:* 400 for bytes that are none.
  init(_ message: ArraySlice<UInt8>) throws(StatusError) {
    var rest = message
    while !rest.isEmpty {
      let tag = try Self.varint(&rest)
      var field = Field(number: Int(truncatingIfNeeded: tag >> 3), bytes: [])
      switch tag & 7 {
      case 0: field.number64 = try Self.varint(&rest)
      case 1: try Self.take(8, &rest, &field)
      case 5: try Self.take(4, &rest, &field)
      case 2:
        let count = try Self.varint(&rest)
        guard count <= UInt64(rest.count) else { throw Self.fault }
        field.bytes = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
      default: throw Self.fault
      }
      fields.append(field)
    }
  }

  /// The bytes of the last field of that number.
  func bytes(_ number: Int) -> ArraySlice<UInt8>? {
    fields.last { $0.number == number }?.bytes
  }

  private static let fault = StatusError.badRequest("unexpected EOF")

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws(StatusError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
      if shift > 63 { break }
    }
    throw fault
  }

  private static func take(
    _ count: Int, _ rest: inout ArraySlice<UInt8>, _ field: inout Field
  ) throws(StatusError) {
    guard rest.count >= count else { throw fault }
    for (index, byte) in rest.prefix(count).enumerated() {
      field.number64 |= UInt64(byte) << UInt64(index * 8)
    }
    rest = rest.dropFirst(count)
  }
}

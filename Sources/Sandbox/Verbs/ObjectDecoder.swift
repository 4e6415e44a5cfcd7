// Reads the body of a write into an object of the resource.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/create.go and the serializers below it.

import Bytes
import HTTPWire
import JSON

/// An object that was read, and what it lost on the way.
struct DecodedObject {
  var object: JSONValue
  /// `unknown field "spec.x"`, `duplicate field "spec.y"`.
  var complaints: [String]
}

/// A value that is JSON but cannot be an object of the resource.
struct UnfitObject: Error {
  var kind: String
  var apiVersion: String
  /// In Go's words.
  var why: String
}

/// The media types that bodies come in.
enum BodyEncoding {
  case json
  case yaml
  case protobuf

  /// Reads Content-Type; JSON where there is none.
  init(_ fields: HTTPFields) throws(StatusError) {
    let type = mediaType(fields["Content-Type"] ?? "")
    switch type {
    case "", "application/json": self = .json
    case "application/yaml": self = .yaml
    case "application/vnd.kubernetes.protobuf": self = .protobuf
    default: throw .unsupportedMediaType(Representation.mediaTypes)
    }
  }
}

/// A media type without its parameters, in lower case.
func mediaType(_ field: String) -> String {
  trimmed(field.split(separator: ";", omittingEmptySubsequences: false).first ?? "").lowercased()
}

/// Reads objects of one resource version.
struct ObjectDecoder {
  let context: RequestContext

  private var kind: String { context.definition.names.kind }

  /// Reads a body. Unknown fields are complaints; what cannot be an object of the resource is
  /// refused.
  func decode(_ body: [UInt8]) throws(StatusError) -> DecodedObject {
    let (json, text) = try json(body)
    if let fault = GoJSONScanner.fault(in: text) {
      throw unrecognized("couldn't get version/kind; json parse error: \(fault)", text)
    }
    var duplicates: [JSONDuplicateKey] = []
    let value = if let json { json } else { try parse(text, &duplicates) }
    let (kind, version) = try typeMeta(value, text)
    if kind.isEmpty, context.definition.origin == .custom {
      let body = String(decoding: text, as: UTF8.self)
      throw unrecognized("Object 'Kind' is missing in '\(body)'", text)
    }
    do throws(UnfitObject) {
      return try decode(value, kind, version, duplicates)
    } catch {
      throw cannotBeHandled(error.kind, error.apiVersion, error.why)
    }
  }

  /// Reads an object that is a value already, such as a patched one.
  func decode(_ value: JSONValue) throws(UnfitObject) -> DecodedObject {
    guard value.objectValue != nil else {
      throw UnfitObject(
        kind: kind, apiVersion: context.apiVersion,
        why: "json: cannot unmarshal \(goKind(value)) into Go value of type "
          + "map[string]interface {}")
    }
    return try decode(value, value.kindName, value.apiVersionName, [])
  }

  private func decode(
    _ value: JSONValue, _ kind: String, _ version: String, _ duplicates: [JSONDuplicateKey]
  ) throws(UnfitObject) -> DecodedObject {
    switch context.definition.origin {
    case .custom: try custom(value, kind, version, duplicates)
    case .builtIn: try builtIn(value, kind, version, duplicates)
    }
  }

  /// The body as JSON text, converted where it is something else.
  private func json(_ body: [UInt8]) throws(StatusError) -> (JSONValue?, [UInt8]) {
    switch try BodyEncoding(context.request.fields) {
    case .json: return (nil, body)
    case .yaml:
      let value = try yamlBody(body)
      return (value, value.serialized())
    case .protobuf:
      let value = try ProtobufBody.decode(body)
      return (value, value.serialized())
    }
  }

  private func yamlBody(_ body: [UInt8]) throws(StatusError) -> JSONValue {
    do throws(YAMLBodyError) {
      return try YAMLBody.decode(body)
    } catch {
      throw unrecognized(
        "couldn't get version/kind; json parse error: \(error.description)", body)
    }
  }

  private func parse(
    _ text: [UInt8], _ duplicates: inout [JSONDuplicateKey]
  ) throws(StatusError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue.parse(
        repairedForStrictParsing(text), limits: StorageLimits.json,
        duplicates: &duplicates)
    } catch {
      throw unrecognized("couldn't get version/kind; json parse error: \(error)", text)
    }
  }

  /// `kind` and `apiVersion`, read before anything else.
  private func typeMeta(
    _ value: JSONValue, _ text: [UInt8]
  ) throws(StatusError) -> (kind: String, version: String) {
    if let fault = Self.typeMetaFault(value) { throw unrecognized(fault, text) }
    return (value.kindName, value.apiVersionName)
  }

  /// What is wrong with the members that say what an object is; `nil` when nothing is.
  static func typeMetaFault(_ value: JSONValue) -> String? {
    let start = "couldn't get version/kind; json parse error: json: cannot unmarshal "
    guard value.isNull || value.objectValue != nil else {
      return start + goKind(value) + " into Go value of type struct { APIVersion string "
        + "\"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }"
    }
    for key in ["kind", "apiVersion"] {
      guard let member = value[key], !member.isNull, member.stringValue == nil else { continue }
      return start + goKind(member) + " into Go struct field .\(key) of type string"
    }
    let version = value.apiVersionName
    return version.split(separator: "/", omittingEmptySubsequences: false).count > 2
      ? "unexpected GroupVersion string: \(version)" : nil
  }

  // MARK: Custom resources

  private func custom(
    _ value: JSONValue, _ kind: String, _ version: String, _ duplicates: [JSONDuplicateKey]
  ) throws(UnfitObject) -> DecodedObject {
    var complaints = duplicates.map(complaint)
    var object = value
    if let given = value["metadata"], !given.isNull {
      let metadata = try metadata(given, kind, version)
      complaints += metadata.unknownFields.map { "unknown field \(quoted($0))" }
      object["metadata"] = metadata.value
    } else {
      object["metadata"] = [:]
    }
    let (group, name) = splitVersion(version)
    if group == context.definition.group, kind == self.kind {
      // A version that is not served has no schema, so nothing of it is known.
      let schema = context.definition.version(name)?.schema ?? ObjectSchema(type: .object)
      let pruned = schema.prune(object)
      complaints += pruned.unknownFields.map { "unknown field \(quoted($0))" }
      object = schema.withDefaults(pruned.value)
    }
    return DecodedObject(object: object, complaints: complaints)
  }

  private func metadata(
    _ value: JSONValue, _ kind: String, _ version: String
  ) throws(UnfitObject) -> GoDecoding {
    do throws(GoDecodingError) {
      return try GoDecoder.decode(
        sortedKeys(value), as: .structure(ObjectMeta.structure), at: "metadata")
    } catch {
      throw UnfitObject(kind: kind, apiVersion: version, why: error.description)
    }
  }

  /// Keys in order, since a real server reads custom resources through a map.
  private func sortedKeys(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      return .object(
        JSONObject(
          object.sorted { precedes($0.key, $1.key) }.map { ($0.key, sortedKeys($0.value)) }))
    case .array(let elements): return .array(elements.map(sortedKeys))
    default: return value
    }
  }

  // MARK: Built-in resources

  private func builtIn(
    _ value: JSONValue, _ givenKind: String, _ givenVersion: String,
    _ duplicates: [JSONDuplicateKey]
  ) throws(UnfitObject) -> DecodedObject {
    let kind = givenKind.isEmpty ? self.kind : givenKind
    let version = givenVersion.isEmpty ? context.apiVersion : givenVersion
    guard BuiltInResources.isRegistered(kind: kind, apiVersion: version) else {
      throw UnfitObject(
        kind: kind, apiVersion: version,
        why: "no kind \(quoted(kind)) is registered for version \(quoted(version)) in scheme "
          + "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"")
    }
    guard kind == self.kind, splitVersion(version).group == context.definition.group else {
      let package = context.definition.group.isEmpty ? "core" : internalPackage
      throw UnfitObject(
        kind: kind, apiVersion: version,
        why: "converting (\(splitVersion(version).name).\(kind)) to (\(package).\(self.kind)): "
          + "unknown conversion")
    }
    guard let structure = context.version.goType else {
      return DecodedObject(object: value, complaints: [])
    }
    let decoding: GoDecoding
    do throws(GoDecodingError) {
      decoding = try GoDecoder.decode(value, as: .structure(structure))
    } catch {
      throw UnfitObject(kind: kind, apiVersion: version, why: error.description)
    }
    var object: JSONValue = ["kind": .string(kind), "apiVersion": .string(version)]
    for member in decoding.value.objectValue ?? JSONObject() {
      if member.key != "kind", member.key != "apiVersion" { object[member.key] = member.value }
    }
    if let defaults = context.version.defaults { object = defaults(object) }
    let complaints =
      duplicates.map(complaint)
      + decoding.unknownFields.map { "unknown field \(quoted($0))" }
    return DecodedObject(object: object, complaints: complaints)
  }

  private var internalPackage: String {
    String(context.definition.group.split(separator: ".").first ?? "core")
  }

  // MARK: Refusals

  private func complaint(_ duplicate: JSONDuplicateKey) -> String {
    let path = duplicate.path.isEmpty ? duplicate.key : "\(duplicate.path).\(duplicate.key)"
    return "duplicate field \(quoted(path))"
  }

  func cannotBeHandled(_ kind: String, _ version: String, _ why: String) -> StatusError {
    let name = splitVersion(version).name
    return .badRequest(
      "\(kind) in version \(quoted(name)) cannot be handled as a \(self.kind): \(why)")
  }

  private func unrecognized(_ why: String, _ body: [UInt8]) -> StatusError {
    .badRequest(
      "the object provided is unrecognized (must be of type \(kind)): \(why) (\(summary(of: body)))"
    )
  }

  /// The start of a body, for messages: as text when it looks like an object, else in hexadecimal.
  private func summary(of body: [UInt8]) -> String {
    let limit = 30
    guard let first = body.first else { return "<empty>" }
    let start = body.prefix(limit)
    let text = first == 0x7B ? String(decoding: start, as: UTF8.self) : Hex.encode(start)
    return body.count > limit ? text + " ..." : text
  }
}

/// Group and version of an `apiVersion`.
func splitVersion(_ apiVersion: String) -> (group: String, name: String) {
  guard let slash = apiVersion.firstIndex(of: "/") else { return ("", apiVersion) }
  return (
    String(apiVersion[..<slash]), String(apiVersion[apiVersion.index(after: slash)...])
  )
}

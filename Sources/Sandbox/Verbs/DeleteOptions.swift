// What a deletion asks for.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/delete.go.

import HTTPWire
import JSON

/// The options of a deletion, from its body or, without one, from its query.
struct DeleteOptions: Sendable {
  var isDryRun = false
  var propagationPolicy: String?
  var orphanDependents: Bool?
  var uid: String?
  var resourceVersion: String?

  /// Reads the options. A body makes the query's options count for nothing.
  init(_ context: RequestContext) throws(StatusError) {
    var dryRun: [String]
    if context.request.body.isEmpty {
      let query = context.query
      dryRun = query.values(for: "dryRun")
      _ = try integer(query["gracePeriodSeconds"])
      propagationPolicy = query["propagationPolicy"]
      orphanDependents = query["orphanDependents"].map { isTrue($0) }
    } else {
      let value = try Self.body(context)
      dryRun = value["dryRun"]?.arrayValue?.compactMap(\.stringValue) ?? []
      propagationPolicy = value["propagationPolicy"]?.stringValue
      orphanDependents = value["orphanDependents"]?.boolValue
      uid = value[["preconditions", "uid"]]?.stringValue
      resourceVersion = value[["preconditions", "resourceVersion"]]?.stringValue
    }
    let mistakes =
      Self.policyMistakes(propagationPolicy, orphanDependents)
      + WriteOptions.dryRunMistakes(dryRun)
    if !mistakes.isEmpty { throw .invalidOptions("DeleteOptions", mistakes) }
    isDryRun = !dryRun.isEmpty
  }

  private static func policyMistakes(_ policy: String?, _ orphan: Bool?) -> [FieldError] {
    var mistakes: [FieldError] = []
    if let policy, orphan != nil {
      mistakes.append(
        .invalid(
          "propagationPolicy", .string(policy),
          "orphanDependents and deletionPropagation cannot be both set"))
    }
    if let policy, !["Foreground", "Background", "Orphan"].contains(policy) {
      mistakes.append(
        .notSupported(
          "propagationPolicy", .string(policy),
          supported: ["Foreground", "Background", "Orphan", "nil"]))
    }
    return mistakes
  }

  private static func body(_ context: RequestContext) throws(StatusError) -> JSONValue {
    let body = context.request.body
    let value: JSONValue
    switch try BodyEncoding(context.request.fields) {
    case .protobuf: value = try ProtobufBody.decode(body)
    case .yaml:
      do throws(YAMLBodyError) {
        value = try YAMLBody.decode(body)
      } catch {
        throw .badRequest("couldn't get version/kind; json parse error: \(error.description)")
      }
    case .json: value = try json(body)
    }
    try checkKind(value)
    do throws(GoDecodingError) {
      return try GoDecoder.decode(value, as: .structure(structure)).value
    } catch {
      throw .badRequest(error.description)
    }
  }

  private static func json(_ body: [UInt8]) throws(StatusError) -> JSONValue {
    if let fault = GoJSONScanner.fault(in: body) {
      throw .badRequest("couldn't get version/kind; json parse error: \(fault)")
    }
    do throws(JSONError) {
      return try JSONValue.parse(repairedForStrictParsing(body), limits: StorageLimits.json)
    } catch {
      throw .badRequest("couldn't get version/kind; json parse error: \(error)")
    }
  }

  private static func checkKind(_ value: JSONValue) throws(StatusError) {
    if let fault = ObjectDecoder.typeMetaFault(value) { throw .badRequest(fault) }
    let kind = value.kindName
    guard !kind.isEmpty, kind != "DeleteOptions" else { return }
    throw .badRequest(
      "no kind \(quoted(kind)) is registered for version \(quoted(value.apiVersionName)) in scheme "
        + "\"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"")
  }

  private static let structure = GoStructure(
    "DeleteOptions",
    [
      GoField("kind", .string), GoField("apiVersion", .string),
      GoField("gracePeriodSeconds", .integer64, .whenGiven),
      GoField(
        "preconditions",
        .structure(
          GoStructure(
            "Preconditions",
            [
              GoField("uid", .named("types.UID"), .whenGiven),
              GoField("resourceVersion", .string, .whenGiven),
            ])), .whenGiven),
      GoField("orphanDependents", .bool, .whenGiven),
      GoField("propagationPolicy", .named("v1.DeletionPropagation"), .whenGiven),
      GoField("dryRun", .list(.string)),
      GoField("ignoreStoreReadErrorWithClusterBreakingPotential", .bool, .whenGiven),
    ])
}

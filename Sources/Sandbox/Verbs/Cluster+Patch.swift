// patch.
//
// Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.

import HTTPWire
import JSON

extension Cluster {
  /// The forms of a patch.
  enum PatchForm: String {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"

    static func offered(for origin: ResourceOrigin) -> [PatchForm] {
      origin == .custom ? [.json, .merge, .apply] : [.json, .merge, .strategicMerge, .apply]
    }
  }

  mutating func patch(_ context: inout RequestContext) throws(StatusError) -> APIResponse {
    let name = context.path.name
    guard !name.isEmpty else { throw .badRequest("name must be provided") }
    let representation = try context.representation()
    let form = try patchForm(context)
    let options = try WriteOptions(context.query, .patch)
    if form == .apply { return try apply(&context, options, representation) }
    if options.force != nil {
      throw .invalidOptions(
        "PatchOptions", [.forbidden("force", "may not be specified for non-apply patch")])
    }
    let body = context.request.body
    let changed = try change(name, &context, options) { (old, context) throws(StatusError) in
      let patched = try Self.patched(old, by: body, form, context)
      try StorageLimits.check(depthOf: patched)
      var object = try Self.decoded(patched, &context, options)
      if !object.namespace.isEmpty, object.namespace != context.namespace {
        throw .badRequest(
          "the namespace of the provided object does not match the namespace sent on the request")
      }
      if !context.namespace.isEmpty {
        object.setMetadata("namespace", .string(context.namespace))
      }
      if object.name != name {
        throw .badRequest(
          object.name.isEmpty
            ? "the name of the object (\(name) based on URL) was undeterminable: name must be provided"
            : "the name of the object (\(object.name)) does not match the name on the URL (\(name))"
        )
      }
      return object
    }
    return try context.answer(changed, representation)
  }

  private func patchForm(_ context: RequestContext) throws(StatusError) -> PatchForm {
    let offered = PatchForm.offered(for: context.definition.origin)
    let type = mediaType(context.request.fields["Content-Type"] ?? "")
    guard let form = PatchForm(rawValue: type), offered.contains(form) else {
      throw .unsupportedMediaType(offered.map(\.rawValue))
    }
    return form
  }

  private static func patched(
    _ old: JSONValue, by body: [UInt8], _ form: PatchForm, _ context: RequestContext
  ) throws(StatusError) -> JSONValue {
    let patch = try patchValue(body)
    switch form {
    case .json:
      guard let operations = patch.arrayValue else {
        throw .badRequest(
          "error decoding patch: json: cannot unmarshal \(goKind(patch)) into Go value of type "
            + "[]handlers.jsonPatchOp")
      }
      do throws(JSONPatchError) {
        return try JSONPatch(operations).apply(to: old)
      } catch {
        throw StatusError(
          422, "Invalid", "the server rejected our request due to an error in our request",
          details: .init())
      }
    case .merge, .strategicMerge, .apply:
      guard patch.objectValue != nil || patch.isNull else {
        throw .badRequest(
          "error decoding patch: json: cannot unmarshal \(goKind(patch)) into Go value of type "
            + "map[string]interface {}")
      }
      if patch.isNull { return old }
      return form == .merge
        ? MergePatch.apply(patch, to: old)
        : StrategicMergePatch.apply(patch, to: old, bookkeepingSchema(context))
    }
  }

  private static func patchValue(_ body: [UInt8]) throws(StatusError) -> JSONValue {
    if let fault = GoJSONScanner.fault(in: body) {
      throw .badRequest("error decoding patch: \(fault)")
    }
    do throws(JSONError) {
      return try JSONValue.parse(repairedForStrictParsing(body), limits: StorageLimits.json)
    } catch {
      throw .badRequest("error decoding patch: \(error)")
    }
  }

  /// The patched object as the resource's type reads it.
  private static func decoded(
    _ patched: JSONValue, _ context: inout RequestContext, _ options: WriteOptions
  ) throws(StatusError) -> JSONValue {
    func refusal(_ why: String) -> StatusError {
      let text = patched.serializedString(.compact([.sortedKeys, .escapeHTML]))
      return .invalid(
        group: "", kind: "", name: "", [.invalid("patch", .string(text), why)])
    }
    let decoded: DecodedObject
    do throws(UnfitObject) {
      decoded = try ObjectDecoder(context: context).decode(patched)
    } catch {
      throw refusal(error.why)
    }
    switch options.fieldValidation {
    case .ignore: break
    case .warn: context.warnings += decoded.complaints
    case .strict:
      if !decoded.complaints.isEmpty {
        throw refusal(
          "strict decoding error: " + decoded.complaints.joined(separator: ", "))
      }
    }
    return decoded.object
  }
}
